"""Which row is which learner, and which column is which exercise, in an exported file."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from grader import text
from grader.errors import UsageError
from grader.grades.class_results import ClassResults, GradedExercise
from grader.grades.learner import Learner
from grader.submission.filenames import PLAIN, Names
from grader.submission.roster import form, learner_name_forms, name_forms

SHOWN_NAMES: Final = 20
Keys = Sequence[frozenset[str]]
"""What identifies a row, the strongest first; each key may be written in several forms.

The last two are ``name_keys``.
"""
# ``Exercise (4711)`` in Canvas. ``moodle`` takes off what Moodle adds.
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
    return frozenset(map(form, texts)) - {""}


def name_keys(name: str) -> list[frozenset[str]]:
    """The keys of a row for a person's name: as it is written, then in every order."""
    return [forms(name), frozenset(name_forms(name))]


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
        # Li Wei can be Wei Li, unless there is also somebody with that name.
        known = _known if level == levels - 1 else _written
        candidates = [(learner, _fitting(free, known(learner))) for learner in left]

        # All learners choose at the same time, so that their order does not matter.
        claims: Counter[int] = Counter()
        for _, fitting in candidates:
            claims.update(fitting)

        left = []
        for learner, fitting in candidates:
            if not fitting:
                # A weaker key may find the row.
                left.append(learner)
                continue

            row = fitting[0]
            is_clear = len(fitting) == 1 and claims[row] == 1
            if is_clear and not _names_another(rows, row, learner):
                found[row] = learner
            else:
                ambiguous.append(learner.name)

    missing = [learner.name for learner in left]
    return Matches(found, ambiguous, missing)


def _fitting(rows: Mapping[int, frozenset[str]], known: frozenset[str]) -> list[int]:
    return [row for row, key in rows.items() if key & known]


def _written(learner: Learner) -> frozenset[str]:
    # A key of another system may be the name here, and the other way round.
    return forms(learner.name, learner.email, learner.person, *learner.keys)


def _known(learner: Learner) -> frozenset[str]:
    return _written(learner) | learner_name_forms(learner) | name_forms(learner.person)


def _names_another(rows: Mapping[int, Keys], row: int, learner: Learner) -> bool:
    """Whether the name is not in ``row`` but in another row: then the number is somebody else's.

    A number can be that of a participant here, and of a student there.
    """
    known = _known(learner)
    *_, name = rows[row]
    if name & known:
        return False

    for other, keys in rows.items():
        if other != row and keys[-1] & known:
            return True

    return False


def exercise_columns(
    results: ClassResults,
    titles: Mapping[int, str],
    chosen: Mapping[str, str],
    where: str,
    ranks: Mapping[int, int] | None = None,
) -> dict[int, GradedExercise]:
    """Column number to the exercise whose points it takes.

    ``titles`` are the columns that may be filled in. ``chosen`` maps the id of an exercise to
    the title of its column; other columns are found by the exercise's id or title. Of several
    that fit, those with the lowest of ``ranks`` count.
    """
    columns: dict[int, GradedExercise] = {}
    for exercise in results.exercises:
        # The instructor's choice overrides a match by title.
        if exercise.id in chosen:
            numbers = titled(titles, chosen[exercise.id])
        else:
            numbers = _columns_of(exercise, titles, results)

        if not numbers and exercise.id in chosen:
            present = _listing(titles.values())
            wanted = chosen[exercise.id]
            raise UsageError(f"{where}: no column `{wanted}`; choose from {present}")

        if numbers and ranks:
            best = min(ranks[number] for number in numbers)
            numbers = [number for number in numbers if ranks[number] == best]

        _require_certain(numbers, exercise, columns, titles, where)
        columns |= dict.fromkeys(numbers, exercise)

    return columns


def _require_certain(
    numbers: Sequence[int],
    exercise: GradedExercise,
    taken: Mapping[int, GradedExercise],
    titles: Mapping[int, str],
    where: str,
) -> None:
    """Raise ``UsageError`` for several columns, and for the column of another exercise.

    Points in a wrong column are worse than no points.
    """
    choose = f"with --column '{exercise.id}=TITLE'"
    if len(numbers) > 1:
        several = _listing(titles[number] for number in numbers)
        raise UsageError(
            f"{where}: several columns could be {exercise.id}: {several}; choose one {choose}"
        )

    for number in numbers:
        if number in taken:
            raise UsageError(
                f"{where}: the column `{titles[number]}` could be {taken[number].id} or "
                f"{exercise.id}; choose {choose}"
            )


def require_known(results: ClassResults, chosen: Iterable[str], option: str) -> None:
    """Raise ``UsageError`` if the class has no grades for an exercise in ``chosen``.

    ``option`` says where it stands on the command line, with ``{}`` for the exercise.
    """
    known = [exercise.id for exercise in results.exercises]
    for exercise_id in chosen:
        if exercise_id not in known:
            raise UsageError(
                f"{option.format(exercise_id)}: the class has no grades for `{exercise_id}`; "
                f"choose from {_listing(known)}"
            )


def titled(titles: Mapping[int, str], wanted: str) -> list[int]:
    """The columns with this title, which may lack what the system adds to it."""
    shown = form(wanted)
    exact = [column for column, title in titles.items() if form(title) == shown]
    if exact:
        return exact

    return [column for column, title in titles.items() if _bare(title) == shown]


def _columns_of(
    exercise: GradedExercise, titles: Mapping[int, str], results: ClassResults
) -> list[int]:
    """The columns whose title is the exercise's id or title, contains it, or spells it freely."""
    bare = {column: _bare(title) for column, title in titles.items()}
    name, title = exercise.id, exercise.title
    wanted = forms(
        name,
        title,
        f"{name} {title}",
        f"{name}: {title}",
    )
    exact = [column for column, shown in bare.items() if shown in wanted]
    if exact:
        return exact

    # ``exercise1`` must not find the column of ``exercise10``.
    word = re.compile(rf"(?<!\w){re.escape(form(name))}(?!\w)")
    containing = [column for column, shown in bare.items() if word.search(shown)]
    if containing:
        return containing

    # ``Exercise 1`` and ``Ex. 01`` are exercise1, as in the names of files.
    names = Names(each.id for each in results.exercises)
    spelled = []
    for column, shown in bare.items():
        meant = names.find(shown)
        if meant is not None and meant.exercise == name and meant.mark == PLAIN:
            spelled.append(column)

    return spelled


def scaled(points: float, of: float, worth: float, sign: str = ".") -> str:
    """``points`` of ``of`` for a cell that is worth ``worth``, with at most two decimals.

    A cell that is worth 0 takes the points as they are. ``sign`` is the decimal sign.
    """
    value = points
    if worth and of:
        value = points * worth / of

    written = f"{value:.2f}"
    return written.rstrip("0").rstrip(".").replace(".", sign)


def number(cell: str) -> float | None:
    """A number written with a decimal point or a comma; None if the cell is not a number.

    Signs between thousands are read too (``1.000,00``). ``1,000`` can be two numbers, so it is
    none.
    """
    # Some languages separate thousands by a space or an apostrophe.
    digits = re.sub(r"(?<=\d)[ \u00a0\u202f'\u2019](?=\d{3}(?!\d))", "", cell.strip())
    digits = digits.replace("\u066b", ".")
    if "," in digits and "." in digits:
        # The sign that comes last is the decimal sign.
        thousands = min(",.", key=digits.rfind)
        digits = digits.replace(thousands, "")
    elif re.fullmatch(r"\d{1,3}([.,]\d{3}){2,}", digits):
        digits = re.sub("[.,]", "", digits)
    elif re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", digits):
        return None

    # A cell may be empty, or say why there are no points.
    try:
        value = float(digits.replace(",", "."))
    except ValueError:
        return None

    if not math.isfinite(value):
        return None

    return value


def sentence(what: str, names: Sequence[str]) -> list[str]:
    """``what: name, name, …`` if there are any names, else nothing. No name is left out."""
    if not names:
        return []

    listed = _listing(names, len(names))
    return [f"{what}: {listed}"]


def _listing(names: Iterable[str], most: int = SHOWN_NAMES) -> str:
    quoted = [f"`{text.one_line(name, 80)}`" for name in names]
    if not quoted:
        return "none"

    listed = ", ".join(quoted[:most])
    more = len(quoted) - most
    if more > 0:
        listed += f" and {more} more"

    return listed


def _bare(title: str) -> str:
    """The form of a title without what the system adds to it."""
    return form(_AROUND_A_TITLE.sub("", title.strip()))
