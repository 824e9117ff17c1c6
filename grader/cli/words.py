"""Which exercise the words after ``grade`` mean: ``exercise1.py``, ``1``, ``ex1``, ``.``."""

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from grader.cli.ahead import option_value
from grader.course import loading, location
from grader.errors import GraderError, UsageError
from grader.study import progress
from grader.submission.filenames import PLAIN, SUFFIXES, Names, suffix_of
from grader.submission.files import find_submission, submission_name
from grader.submission.work import defines
from grader.text import printable

VERBS: Final = ("check", "run", "grade", "test", "submit")
"""Words that people put before an exercise, although ``grade`` needs none."""
_MAX_LOOKED_AT: Final = 1024 * 1024
"""Bytes of a file to look at, to find out what it defines."""


def exercise_meant(ids: Sequence[str], word: str) -> str | None:
    """The exercise among ``ids`` that ``word`` means: its id, another spelling, or its number."""
    if word in ids:
        return word
    if word.isdecimal():
        number = str(int(word))
        numbered = [each for each in ids if location.numbered(each)[1] == number]
        return numbered[0] if len(numbered) == 1 else None

    named = Names(ids).find(word)
    # A name with other words in it is too vague for a command line.
    if named is None or named.mark != PLAIN or named.number:
        return None

    return named.exercise


def command_line(root: Path, folder: Path, words: list[str]) -> list[str]:
    """The words after ``grade`` with the id of an exercise as the first one.

    If the words name no exercise of the course at ``root``, they come back as they are.
    ``folder`` is the current folder.
    """
    first, *rest = words
    ids = location.exercise_ids(root)
    if first in ids:
        return words
    if rest and first in VERBS:
        meant = command_line(root, folder, rest)
        return meant if meant[0] in ids else words

    # Not `grade 1 3`, which names two exercises.
    if rest and rest[0].isdecimal() and not first.isdecimal():
        # `grade exercise 1`
        joined = f"{first}{rest[0]}"
        known = exercise_meant(ids, joined)
        stems = {location.numbered(each)[0] for each in ids}
        # With a number that no exercise has, the error must name that number.
        if known is not None or first in stems:
            return [known or joined, *rest[1:]]

    if _is_path(first, folder):
        exercise_id = _exercise_at(root, ids, folder, first)
        if exercise_id is None:
            return words
        if _is_own_file(root, exercise_id, folder, first):
            return [exercise_id, *rest]

        return [exercise_id, first, *rest]

    meant_id = exercise_meant(ids, first)
    if meant_id is None:
        return words

    return [meant_id, *rest]


def _is_path(word: str, folder: Path) -> bool:
    if os.sep in word or suffix_of(word) in SUFFIXES:
        return True
    return os.path.exists(folder / word) and not word.isdecimal()


def _exercise_at(root: Path, ids: Sequence[str], folder: Path, word: str) -> str | None:
    """The exercise that the file or the folder ``word`` is a submission for."""
    path = folder / word
    if os.path.isdir(path):
        return _exercise_in(root, path)

    name = os.path.basename(word)
    named = Names(ids).of_file(name)
    if named is not None:
        return named.exercise

    return _defined_in(root, path)


def _exercise_in(root: Path, folder: Path) -> str | None:
    """The exercise to grade in ``folder``: the next that is not passed and has a file there."""
    exercises = loading.listed(root)
    present = [each for each in exercises if find_submission(each, folder) is not None]
    if len(present) == 1:
        return present[0].id

    following = progress.next_standing(progress.standings(progress.around(folder), present))
    if following is None:
        return present[-1].id if present else None

    return following.exercise.id


def _defined_in(root: Path, path: Path) -> str | None:
    """The only exercise for which the file at ``path`` defines everything."""
    if not os.path.isfile(path):
        return None

    try:
        with path.open("rb") as file:
            source = file.read(_MAX_LOOKED_AT)
    except OSError:
        return None

    found = [each.id for each in loading.listed(root) if defines(each, source)]
    return found[0] if len(found) == 1 else None


def _is_own_file(root: Path, exercise_id: str, folder: Path, word: str) -> bool:
    """Whether ``word`` is the file that `grade EXERCISE` takes by itself."""
    if os.path.isdir(folder / word):
        return os.path.samefile(folder / word, folder)

    exercise = loading.load_exercise(root, exercise_id)
    found = find_submission(exercise, folder)
    if found is not None:
        return os.path.normpath(folder / word) == str(found)

    return word == submission_name(exercise)


def first_of_several(root: Path, folder: Path, words: Sequence[str]) -> str | None:
    """The exercise that ``words`` mean first, if they name a second one or its file."""
    first, *rest = words
    if not rest or rest[0].startswith("-"):
        return None
    if first in VERBS:
        return first_of_several(root, folder, rest)

    second = rest[0]
    ids = location.exercise_ids(root)
    if first not in ids and _is_path(first, folder):
        # As in `grade *.py`.
        are_several = _is_path(second, folder)
        meant = _exercise_at(root, ids, folder, first)
    else:
        # Any other word is the file to grade, as in `grade EXERCISE FILE`.
        is_file = os.path.lexists(folder / second)
        are_several = not is_file and exercise_meant(ids, second) is not None
        meant = exercise_meant(ids, first)

    return meant if are_several else None


def refuse_missing(folder: Path, word: str) -> None:
    """Raise ``UsageError`` if ``word``, which names no exercise, is a file that does not exist."""
    if suffix_of(word) in SUFFIXES and not os.path.exists(folder / word):
        raise UsageError(
            f"there is no file {printable(word)}",
            advice="`grade EXERCISE FILE` grades a file of any name",
        )


def course_named(words: Sequence[str]) -> Path | None:
    """The course that ``--course`` names among ``words``; None if it is not there."""
    named = option_value(words, "--course")
    return Path(named) if named else None


def looked_up(root: Path, word: str) -> str:
    """The id that ``word`` means in the course at ``root``, or ``word`` itself."""
    # The command reports a course that cannot be read.
    with contextlib.suppress(GraderError):
        return exercise_meant(location.exercise_ids(root), word) or word

    return word
