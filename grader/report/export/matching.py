"""Which row is which learner, and which column is which exercise, in an exported file."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from grader import text
from grader.errors import UsageError
from grader.grades.class_results import ClassResults, GradedExercise, Learner

SHOWN_NAMES: Final = 20
Keys = Sequence[frozenset[str]]
"""What identifies a row, the strongest first; each key may be written in several forms."""
# ``Exercise (4711)`` in Canvas, ``Assignment: Exercise (Real)`` in Moodle.
_AROUND_A_TITLE: Final = re.compile(r"^Assignment: |\s*\((?:\d+|Real)\)$")


class Matches(msgspec.Struct, frozen=True):
    """Row numbers with their learners, and what is left over."""

    found: dict[int, Learner]
    ambiguous: list[str]
    """Names of learners whom several rows fit, or who share a row."""
    missing: list[str]
    """Names of learners whom no row fits."""


def forms(*texts: str) -> frozenset[str]:
    """``texts`` for comparison: case, Unicode form and extra spaces don't count.

    An empty text has no form, so it matches nothing.
    """
    return frozenset(map(_form, texts)) - {""}


def name_forms(name: str) -> frozenset[str]:
    """The forms of a person's name.

    ``Doe, Jane`` is also ``Jane Doe``, and ``doejane`` in the names of downloaded files.
    """
    last, _, first = name.partition(",")
    swapped = f"{first} {last}"
    joined = re.sub(r"[\W_]+", "", name)
    return forms(name, swapped, joined)


def match(rows: Mapping[int, Keys], learners: Iterable[Learner]) -> Matches:
    """Find the row of each learner by the strongest key that a row shares with the learner.

    A learner whom several rows fit, or who shares a row with another, gets none.
    """
    found: dict[int, Learner] = {}
    ambiguous: list[str] = []
    left = list(learners)
    levels = max(map(len, rows.values()), default=0)
    for level in range(levels):
        # A row that a stronger key has found is taken.
        free = {row: keys[level] for row, keys in rows.items() if row not in found}
        candidates = [(learner, _fitting(free, learner)) for learner in left]

        # All learners choose at the same time, so that their order does not matter.
        claims: Counter[int] = Counter()
        for _, fitting in candidates:
            claims.update(fitting)

        left = []
        for learner, fitting in candidates:
            if not fitting:
                # A weaker key may find the row.
                left.append(learner)
            elif len(fitting) == 1 and claims[fitting[0]] == 1:
                found[fitting[0]] = learner
            else:
                ambiguous.append(learner.name)

    return Matches(found, ambiguous, [learner.name for learner in left])


def _fitting(rows: Mapping[int, frozenset[str]], learner: Learner) -> list[int]:
    # A key of another system may be the name here, and the other way round.
    names = forms(learner.name, *learner.keys)
    return [row for row, key in rows.items() if key & names]


def exercise_columns(
    results: ClassResults, titles: Mapping[int, str], chosen: Mapping[str, str], where: str
) -> dict[int, GradedExercise]:
    """Column number to the exercise whose points it takes.

    ``titles`` are the columns that may be filled in. ``chosen`` maps the id of an exercise to
    the title of its column; other columns are found by the exercise's id or title.
    """
    known = [exercise.id for exercise in results.exercises]
    for exercise_id in chosen:
        if exercise_id not in known:
            raise UsageError(
                f"--column {exercise_id}=…: the class has no grades for `{exercise_id}`; "
                f"choose from {_listing(known)}"
            )

    columns: dict[int, GradedExercise] = {}
    for exercise in results.exercises:
        # The instructor's choice overrides a match by title.
        if exercise.id in chosen:
            numbers = _titled(titles, chosen[exercise.id])
        else:
            numbers = _columns_of(exercise, titles)

        # Do not guess: points in a wrong column are worse than no points.
        if len(numbers) > 1:
            several = _listing(titles[number] for number in numbers)
            raise UsageError(
                f"{where}: several columns could be {exercise.id}: {several}; "
                f"choose one with --column '{exercise.id}=TITLE'"
            )

        if not numbers and exercise.id in chosen:
            raise UsageError(
                f"{where}: no column `{chosen[exercise.id]}`; choose from "
                f"{_listing(titles.values())}"
            )
        columns |= dict.fromkeys(numbers, exercise)
    return columns


def _titled(titles: Mapping[int, str], wanted: str) -> list[int]:
    # The title may be given with or without what the system adds to it.
    form = _form(wanted)
    columns = []
    for column, title in titles.items():
        if form in (_form(title), _bare(title)):
            columns.append(column)
    return columns


def _columns_of(exercise: GradedExercise, titles: Mapping[int, str]) -> list[int]:
    """The columns whose title is the exercise's id or title, or else has the id as a word."""
    bare = {column: _bare(title) for column, title in titles.items()}
    name, title = exercise.id, exercise.title
    wanted = forms(
        name,
        title,
        f"{name} {title}",
        f"{name}: {title}",
    )
    exact = [column for column, form in bare.items() if form in wanted]
    if exact:
        return exact

    # ``exercise1`` must not find the column of ``exercise10``.
    word = re.compile(rf"(?<!\w){re.escape(_form(name))}(?!\w)")
    return [column for column, form in bare.items() if word.search(form)]


def scaled(points: int, exercise: GradedExercise, maximum: str) -> str:
    """Points for a cell that is worth ``maximum``: in proportion, with at most two decimals."""
    worth = number(maximum)
    if not worth or worth == exercise.max_points:
        return str(points)

    written = f"{points * worth / exercise.max_points:.2f}"
    written = written.rstrip("0").rstrip(".")

    # The file may use the decimal comma of the instructor's language.
    if "," in maximum:
        written = written.replace(".", ",")
    return written


def number(cell: str) -> float | None:
    """A number written with a decimal point or a comma; None if the cell is not a number."""
    # A cell may be empty, or say why there are no points.
    try:
        return float(cell.strip().replace(",", "."))
    except ValueError:
        return None


def sentence(what: str, names: Sequence[str]) -> list[str]:
    """``what: name, name, …`` if there are any names, else nothing."""
    return [f"{what}: {_listing(names)}"] if names else []


def _listing(names: Iterable[str]) -> str:
    quoted = [f"`{text.one_line(name, 80)}`" for name in names]
    if not quoted:
        return "none"

    listed = ", ".join(quoted[:SHOWN_NAMES])
    more = len(quoted) - SHOWN_NAMES
    if more > 0:
        listed += f" and {more} more"
    return listed


def _form(source: str) -> str:
    # NFKC unites full-width and composed characters, which look the same to a person.
    normal = unicodedata.normalize("NFKC", source)
    return " ".join(normal.casefold().split())


def _bare(title: str) -> str:
    """The form of a title without what the system adds to it."""
    return _form(_AROUND_A_TITLE.sub("", title.strip()))
