"""Who is who, and which column is which exercise: a class beside a file that another system exported."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from grader import text
from grader.errors import UsageError
from grader.grades.class_results import ClassResults, GradedExercise, Learner

SHOWN_NAMES: Final = 20
Keys = Sequence[frozenset[str]]
"""What names a row, the strongest first; each may be written in several forms."""


class Matches(msgspec.Struct, frozen=True):
    """Row numbers with the learner that each is about, and who or what is left over."""

    found: dict[int, Learner]
    ambiguous: list[str]
    """Names of learners whom several rows could mean, or who share a row."""
    missing: list[str]
    """Names of learners whom no row means."""


def forms(*texts: str) -> frozenset[str]:
    """``texts`` as they are compared: without case, accents' spelling and extra spaces; empty ones never match."""
    return frozenset(form for each in texts if (form := _form(each)))


def name_forms(name: str) -> frozenset[str]:
    """The forms of a person's name: ``Doe, Jane`` is ``Jane Doe`` too, and ``doejane`` in names of files."""
    last, comma, first = name.partition(",")
    swapped = f"{first.strip()} {last.strip()}" if comma else name
    return forms(name, swapped, re.sub(r"[\W_]+", "", name))


def match(rows: Mapping[int, Keys], learners: Iterable[Learner]) -> Matches:
    """Find the row of each learner: by the strongest key that any row has in common with their name or keys."""
    found: dict[int, Learner] = {}
    ambiguous, missing = [], []
    left = [(learner, forms(learner.name, *learner.keys)) for learner in learners]
    for level in range(max(map(len, rows.values()), default=0)):
        meant = [(learner, names, _meant(rows, found, level, names)) for learner, names in left]
        left = []
        for learner, names, numbers in meant:
            rivals = [
                other
                for other, _, theirs in meant
                if other is not learner and set(theirs) & set(numbers)
            ]
            if len(numbers) == 1 and not rivals:
                found[numbers[0]] = learner
            elif numbers:
                ambiguous.append(learner.name)
            else:
                left.append((learner, names))
    missing = [learner.name for learner, _ in left]
    return Matches(found, ambiguous, missing)


def exercise_columns(
    results: ClassResults, titles: Mapping[int, str], chosen: Mapping[str, str], where: str
) -> dict[int, GradedExercise]:
    """Column number to the exercise whose points it takes.

    ``titles`` are the columns that may be filled. ``chosen`` maps an exercise's id to the
    title of its column; the rest is found by the exercise's id or title.
    """
    known = {exercise.id: exercise for exercise in results.exercises}
    for exercise_id in chosen:
        if exercise_id not in known:
            raise UsageError(
                f"--column {exercise_id}=…: nobody was graded on `{exercise_id}`; {_listing(known)} were"
            )
    columns: dict[int, GradedExercise] = {}
    for exercise in results.exercises:
        numbers = _columns_of(exercise, titles, chosen.get(exercise.id))
        if len(numbers) > 1:
            raise UsageError(
                f"{where}: several columns could be {exercise.id}: {_listing(titles[number] for number in numbers)}; "
                f"say which with --column '{exercise.id}=TITLE'"
            )
        if not numbers and exercise.id in chosen:
            raise UsageError(
                f"{where}: no column `{chosen[exercise.id]}`; there are {_listing(titles.values())}"
            )
        columns |= dict.fromkeys(numbers, exercise)
    return columns


def scaled(points: int, exercise: GradedExercise, possible: float | None) -> str:
    """Points as a column worth ``possible`` takes them: in proportion, at most two decimals."""
    if not possible or possible == exercise.max_points or not exercise.max_points:
        return str(points)
    return f"{points * possible / exercise.max_points:.2f}".rstrip("0").rstrip(".")


def number(cell: str) -> float | None:
    """A number written with a point or a comma; None where it is none."""
    try:
        return float(cell.strip().replace(",", "."))
    except ValueError:
        return None


def sentence(what: str, names: Sequence[str]) -> list[str]:
    """``what: name, name, …`` where there are any names, else nothing."""
    return [f"{what}: {_listing(names)}"] if names else []


def _listing(names: Iterable[str]) -> str:
    every = [f"`{text.one_line(name, 80)}`" for name in names]
    more = len(every) - SHOWN_NAMES
    return (
        ", ".join(every[:SHOWN_NAMES]) + (f" and {more} more" if more > 0 else "")
        if every
        else "none"
    )


def _form(source: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", source).casefold().split())


def _meant(
    rows: Mapping[int, Keys], found: Mapping[int, Learner], level: int, names: frozenset[str]
) -> list[int]:
    return [
        row
        for row, keys in rows.items()
        if row not in found and level < len(keys) and keys[level] & names
    ]


def _columns_of(
    exercise: GradedExercise, titles: Mapping[int, str], chosen: str | None
) -> list[int]:
    if chosen is not None:
        return [
            column
            for column, title in titles.items()
            if _form(chosen) in (_form(title), _form(_untagged(title)))
        ]
    wanted = forms(
        exercise.id,
        exercise.title,
        f"{exercise.id} {exercise.title}",
        f"{exercise.id}: {exercise.title}",
    )
    exact = [column for column, title in titles.items() if _form(_untagged(title)) in wanted]
    word = re.compile(rf"(?<!\w){re.escape(_form(exercise.id))}(?!\w)")
    return exact or [
        column for column, title in titles.items() if word.search(_form(_untagged(title)))
    ]


def _untagged(title: str) -> str:
    """A title without what systems put around it: ``Exercise (4711)``, ``Assignment: Exercise (Real)``."""
    return re.sub(r"^Assignment: |\s*\((?:\d+|Real)\)$", "", title.strip())
