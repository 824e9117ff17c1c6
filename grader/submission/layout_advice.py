"""What to type if the layout of a class was not recognized, or taken for another one."""

import shlex
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from grader.submission import layouts
from grader.submission.class_folder import ClassFolder
from grader.submission.filenames import Names
from grader.submission.folder_names import is_exercise, is_own
from grader.text import count, printable

A_FILE_PER_LEARNER: Final = "{learner}.*"
# The names in flat folders of other systems, to suggest a pattern.
_FLAT_PATTERNS: Final = (
    "{learner} - {exercise}.*",
    "{exercise} - {learner}.*",
    "{learner}_{exercise}.*",
    "{exercise}_{learner}.*",
    "{learner}-{exercise}.*",
    "{exercise}-{learner}.*",
    "{learner}_*_{exercise}.*",
)
# Folders around or in place of those of the learners.
_DEEP_PATTERNS: Final = (
    "*/{learner}/{exercise}.*",
    "*/*/{learner}/{exercise}.*",
    "*/{learner}_{exercise}.*",
    "*/{learner} - {exercise}.*",
    "*/*/{learner} - {exercise}.*",
    "{exercise}/{learner}.*",
    A_FILE_PER_LEARNER,
)
_DESCRIBE: Final = "describe the layout of the folder with --pattern"

Find = Callable[[str], ClassFolder]
"""Finds the same class with a pattern."""


def layout_advice(
    folder: Path, contents: ClassFolder, names: Names, pattern: str | None, find: Find
) -> str:
    """What to type if ``contents`` are not those of the class in ``folder``; empty if they may be.

    ``names`` are those of the exercises, and ``pattern`` the one that was typed.
    """
    if not contents.found:
        return _advice_for_none(folder, contents, names, pattern, find)
    if not pattern and _looks_wrong(contents, names):
        return _better_pattern(folder, contents, names, find)

    return ""


def or_demo(folder: Path) -> str:
    """The end of an advice: how to fill a folder that is missing or empty with a made-up class."""
    return f", or try a made-up class: `grade demo {shlex.quote(str(folder))}`"


def _advice_for_none(
    folder: Path, contents: ClassFolder, names: Names, pattern: str | None, find: Find
) -> str:
    """What to type if ``folder`` has no submission of anybody."""
    if not contents.paths:
        return _advice_for_empty(folder)

    at_top = [path for path in contents.paths if "/" not in path]
    flat = _flat_pattern(at_top, names)
    if flat:
        return f"type {_command(folder, flat)}"
    if pattern:
        return _DESCRIBE
    if not any(names.of_file(path) for path in at_top):
        return _better_pattern(folder, contents, names, find) or _DESCRIBE

    above = folder.absolute().parent
    return (
        f"if this is the folder of one learner, type {_command(above)} for the class; "
        f"or {_DESCRIBE}"
    )


def _looks_wrong(contents: ClassFolder, names: Names) -> bool:
    """Whether folders of exercises or weeks may have been taken for learners."""
    if any(found.is_undecided for found in contents.found):
        return True

    return any(_is_of_work(learner.name, names) for learner in contents.learners)


def _better_pattern(folder: Path, contents: ClassFolder, names: Names, find: Find) -> str:
    """The command with the pattern that finds the most learners, if more than ``contents`` has.

    With as many learners, more submissions decide.
    """
    # A single learner proves nothing, because anything can be in a folder.
    most = (1, len(contents.paths))
    if contents.found:
        most = (_people((each.name for each in contents.learners), names), len(contents.found))

    best = ""
    for pattern in _DEEP_PATTERNS:
        found = [each for each in find(pattern).found if each.problem is None]
        learners = _people({each.learner for each in found}, names)
        if (learners, len(found)) > most:
            most = (learners, len(found))
            best = (
                f"type {_command(folder, pattern)}, which "
                f"finds {count(len(found), 'submission')} of {count(learners, 'learner')}"
            )

    return best


def _advice_for_empty(folder: Path) -> str:
    arrange = "put files into it as LEARNER/EXERCISE.py"
    if folder.is_dir() and not any(folder.iterdir()):
        return f"the folder is empty: {arrange}{or_demo(folder)}"

    return f"`{printable(folder.name)}` contains no file that could be one; {arrange}"


def _command(folder: Path, pattern: str = "") -> str:
    """The command that grades ``folder``, as a message shows it."""
    command = f"grade batch {shlex.quote(str(folder))}"
    if pattern:
        command += f' --pattern "{pattern}"'

    return f"`{command}`"


def _flat_pattern(paths: Iterable[str], names: Names) -> str:
    """The pattern with which several names of files have an exercise; empty if there is none."""
    paths = list(paths)
    for pattern in _FLAT_PATTERNS:
        layout = layouts.of_pattern(pattern)
        matches = filter(None, map(layout.match, paths))
        exercises = [match["exercise"] for match in matches]
        if len(exercises) > 1 and all(is_exercise(name, names) for name in exercises):
            return pattern

    return ""


def _people(learners: Iterable[str], names: Names) -> int:
    """How many of these learners can be people, and are no folders of exercises."""
    return sum(not _is_of_work(learner, names) for learner in learners)


def _is_of_work(name: str, names: Names) -> bool:
    """Whether a folder has the name of an exercise or a week, which is nobody's name."""
    # A student number has no letters.
    has_letter = any(letter.isalpha() for letter in name)
    return (has_letter and is_own(name)) or is_exercise(name, names)
