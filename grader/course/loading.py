"""Read the exercises of a course into frozen records, and check them.

``grader.course.records`` defines the format of ``exercise.yaml``.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from grader.course import yaml_reader
from grader.course.conversion import convert
from grader.course.location import exercise_ids, numbered
from grader.course.records import ID, CodeExercise, Equivalent, Exercise, Spec, WrongAnswer
from grader.course.validation import (
    check_code,
    check_files,
    check_names,
    check_plot,
    check_questions,
    check_wrong_answers,
)
from grader.course.yaml_reader import Document
from grader.errors import CourseError, UsageError
from grader.files import digest_of
from grader.text import closest

RECORDED: Final = "recorded.msgpack"
"""The file of a handout's exercise that has what its visible checks did with the solution."""


def load_exercise(root: Path, exercise_id: str, *, also_known: Sequence[str] = ()) -> Exercise:
    """Read one exercise, and check that its public and hidden sides agree.

    ``also_known`` are more names that the caller could have meant by an unknown id.
    Raises ``UsageError`` for an unknown id and ``CourseError`` for a broken exercise.
    """
    # The id comes from a command line: one that is not in the list never becomes a path.
    ids = exercise_ids(root)
    if exercise_id not in ids:
        _check_definition(root, exercise_id)
        raise _unknown(exercise_id, ids, also_known)

    exercise, document = _read(root, exercise_id)
    spec = exercise.spec
    if isinstance(spec, CodeExercise):
        checks = exercise.hidden / "checks.py"
        needed = [exercise.public / "starter.py", checks]
        if not is_handout(exercise):
            needed.append(exercise.hidden / "solution.py")

        for path in needed:
            if not path.is_file():
                raise CourseError(
                    "missing",
                    place=exercise.place(path),
                    advice="an exercise of kind code needs it",
                )

        _raise_all(check_plot(spec, document))
        _raise_all(check_files(exercise, document))
        _raise_all(check_code(spec, document, checks, f"solutions/{exercise_id}/checks.py"))
    else:
        _raise_all(check_questions(spec, document))
        answers = read_wrong_answers(exercise)
        _raise_all(check_wrong_answers(spec, _by_question(answers), answers))

    return exercise


def _raise_all(found: Iterable[CourseError]) -> None:
    """Raise all errors as one, if there are any."""
    errors = list(found)
    if errors:
        raise CourseError.of_all(errors)


def some_ids(root: Path) -> list[str]:
    """The ids of all exercises; raises ``CourseError`` if there are none."""
    ids = exercise_ids(root)
    if not ids:
        raise CourseError(
            "this course has no exercises", place=str(root), advice="add one with `grade new`"
        )

    return ids


def load_course(root: Path) -> dict[str, Exercise]:
    """Every exercise of the course at ``root``, by id. Raises ``CourseError``."""
    return {exercise_id: load_exercise(root, exercise_id) for exercise_id in some_ids(root)}


def listed(root: Path) -> list[Exercise]:
    """The exercises of the course at ``root``, without reading the solutions side.

    Parsing every ``checks.py`` would take most of the time of ``grade list``.
    Raises ``CourseError``.
    """
    exercises, errors = readable(root)
    for error in errors.values():
        raise error

    return list(exercises.values())


def readable(root: Path) -> tuple[dict[str, Exercise], dict[str, CourseError]]:
    """The exercises as ``listed``, by id, and why each of the others cannot be read."""
    exercises = {}
    errors = {}
    for exercise_id in some_ids(root):
        try:
            exercises[exercise_id] = _read(root, exercise_id)[0]
        except CourseError as error:
            errors[exercise_id] = error

    return exercises, errors


def read_definition(exercise: Exercise) -> Document:
    """The ``exercise.yaml`` of ``exercise``, which gives the lines of its parts."""
    return _definition(exercise.public, exercise.id)


def starter(exercise: Exercise) -> str:
    """The text of ``starter.py``, for an exercise of kind code. Raises ``CourseError``."""
    return text_of(exercise, exercise.public / "starter.py")


def text_of(exercise: Exercise, path: Path) -> str:
    """The text of one of the exercise's files. Raises ``CourseError``."""
    place = exercise.place(path)
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        # The error has the position only in bytes.
        line = error.object[: error.start].count(b"\n") + 1
        raise CourseError(
            "not UTF-8", place=place, line=line, advice="save the file as UTF-8"
        ) from None
    except OSError as error:
        raise CourseError.unreadable(place, error) from None


def is_handout(exercise: Exercise) -> bool:
    """Whether this is an exercise as learners get it, with recordings in place of its solution."""
    return (exercise.hidden / RECORDED).is_file()


def solution(exercise: Exercise) -> str:
    """The text of ``solution.py``.

    Raises ``UsageError`` for a handout, which has none, and ``CourseError`` if it cannot be read.
    """
    if is_handout(exercise):
        raise UsageError(
            f"the solution of {exercise.id} cannot be shown: this course is a handout",
            advice="ask your instructor",
        )

    return text_of(exercise, exercise.hidden / "solution.py").rstrip()


def wrong_solutions(exercise: Exercise) -> dict[str, Path]:
    """Name of each misconception to its file in ``wrong/``, for an exercise of kind code."""
    return {path.stem: path for path in sorted((exercise.hidden / "wrong").glob("*.py"))}


def wrong_answers(exercise: Exercise) -> dict[str, list[WrongAnswer]]:
    """Name of each question to its misconceptions, for a quiz. Raises ``CourseError``."""
    return _by_question(read_wrong_answers(exercise))


def _by_question(document: Document) -> dict[str, list[WrongAnswer]]:
    # In two steps, because msgspec's errors do not name the keys of a plain dictionary.
    questions = convert(document, dict[str, Any])
    return {name: convert(document, list[WrongAnswer], name) for name in questions}


def read_wrong_answers(exercise: Exercise) -> Document:
    """The ``wrong.yaml`` of a quiz, which gives the lines of its parts."""
    place = f"solutions/{exercise.id}/wrong.yaml"
    path = exercise.hidden / "wrong.yaml"
    if not path.is_file():
        raise CourseError(
            "missing",
            place=place,
            advice="list the misconceptions of the quiz there, or write {} if there are none",
        )

    return yaml_reader.read(path, place)


def equivalent_mutants(exercise: Exercise) -> list[Equivalent]:
    """Mutants of the solution that behave like it, as the author says. Raises ``CourseError``."""
    path = exercise.hidden / "equivalent.yaml"
    if not path.is_file():
        return []

    document = yaml_reader.read(path, f"solutions/{exercise.id}/equivalent.yaml")
    mutants: list[Equivalent] = convert(document, list[Equivalent])
    return mutants


def digest(exercise: Exercise) -> str:
    """A digest of everything a grade depends on: names and contents of both sides' files."""
    parts = []
    for path in files(exercise):
        parts += [exercise.place(path).encode(), path.read_bytes()]

    return digest_of(parts)


def files(exercise: Exercise) -> list[Path]:
    """Every file of the exercise's public and hidden side, in order."""
    found = []
    for folder in (exercise.public, exercise.hidden):
        for path in sorted(folder.rglob("*")):
            # Python writes files into __pycache__ when an examiner imports the checks.
            if path.is_file() and path.parent.name != "__pycache__":
                found.append(path)

    return found


def _unknown(exercise_id: str, ids: list[str], also_known: Sequence[str]) -> UsageError:
    problem = f"there is no exercise `{exercise_id}`"
    stem, number = numbered(exercise_id)
    row = _row_of(ids)
    # A number that the course does not have is no typing mistake: exercise13 is not exercise3.
    # Without a number, no exercise of them is nearer than the others.
    if row and row[0] in (stem if number else None, exercise_id):
        return UsageError(f"{problem}; there are {row[0]}1 to {row[0]}{row[1]}")

    names = [*ids, *also_known]
    near = closest(exercise_id, names, cutoff=0.65)
    longer = [name for name in names if exercise_id and name.startswith(exercise_id)]
    # The beginning of one name only is nearer than any other name.
    if len(longer) == 1:
        near = longer[0]
    if near:
        return UsageError(problem, advice=f"did you mean `grade {near}`?")

    advice = "`grade list` shows them all"
    if also_known:
        advice += ", and `grade help` the commands"

    return UsageError(problem, advice=advice)


def _check_definition(root: Path, exercise_id: str) -> None:
    """Raise ``CourseError`` if there is a folder for this exercise, but no definition in it."""
    for side in ("exercises", "solutions"):
        # The id never becomes a path.
        folders = {path.name for path in (root / side).glob("*/")}
        if exercise_id in folders:
            definition = root / "exercises" / exercise_id / "exercise.yaml"
            raise CourseError(
                "missing",
                place=f"exercises/{exercise_id}/exercise.yaml",
                advice=yaml_reader.to_rename(definition)
                or f"write it, or remove the folder {side}/{exercise_id}",
            )


def _row_of(ids: Sequence[str]) -> tuple[str, int] | None:
    """``("exercise", 12)`` if the ids are exercise1 to exercise12; None for other ids."""
    if len(ids) < 2:
        return None

    stem, _ = numbered(ids[0])
    last = len(ids)
    expected = {f"{stem}{number}" for number in range(1, last + 1)}
    # One id with another name, and the ids are no row.
    if expected != set(ids):
        return None

    return stem, last


def _read(root: Path, exercise_id: str) -> tuple[Exercise, Document]:
    """Read the public side, and check it without the solutions side."""
    root = root.resolve()
    place = f"exercises/{exercise_id}"
    if not re.fullmatch(ID, exercise_id):
        raise CourseError(
            "the id must be lower-case letters, digits and _",
            place=place,
            advice="rename the folder",
        )

    # Both sides, although only one is read: a course without solutions cannot grade.
    for side in ("exercises", "solutions"):
        _check_folder(root, side, exercise_id)

    document = _definition(root / place, exercise_id)
    spec: Spec = convert(document, Spec)
    # Here and not with the checks: who lists exercises also reads their entries.
    if isinstance(spec, CodeExercise):
        _raise_all(check_names(spec, document))

    return Exercise(exercise_id, str(root), spec), document


def _definition(folder: Path, exercise_id: str) -> Document:
    return yaml_reader.read(folder / "exercise.yaml", f"exercises/{exercise_id}/exercise.yaml")


def _check_folder(root: Path, side: str, exercise_id: str) -> None:
    place = f"{side}/{exercise_id}"
    folder = root / side / exercise_id
    if not folder.is_dir():
        raise CourseError(
            f"no such folder in {root}", place=place, advice="an exercise needs both sides"
        )

    # A link could put any folder of the machine on the side that learners may read.
    if not folder.resolve().is_relative_to(root):
        raise CourseError(
            f"leads out of the course {root}", place=place, advice="put a real folder there"
        )
