"""Decide which course is in use, and which courses this person trusts.

A workspace keeps the path of its course in ``.grade/course``. The checks of a course run with all
rights of the person who grades, and anybody can write such a file into a folder that they share.
So the path counts only if the same person has named that course before:
``~/.config/grade/courses`` lists those.
"""

import os
import shlex
from pathlib import Path
from typing import Final

from grader.course.location import default_root, exercise_ids
from grader.errors import UsageError, os_errors_as
from grader.files import private_files, write_file
from grader.text import printable

FOLDER: Final = ".grade"
"""The folder that makes its parent a workspace, and that contains all that a workspace keeps."""
_NAME: Final = "course"
_LONGEST: Final = 4096
"""Bytes of the longest path: ``PATH_MAX`` in Linux' ``limits.h``."""


def root(folder: Path, named: Path | None = None) -> Path:
    """The course for a person who works in ``folder``.

    This is ``named``, or the one that ``GRADE_COURSE`` names, or the one that the workspace
    remembers, or the one that comes with the grader. Raises ``UsageError`` where the workspace
    names a course that this person does not trust, or that is missing.
    """
    if named is not None:
        return named
    if name := os.environ.get("GRADE_COURSE"):
        return Path(name)

    return _remembered(folder) or default_root()


def remember(folder: Path, root: Path) -> None:
    """Make the course at ``root`` the course of the workspace ``folder``, and trust it.

    Raises ``CourseError`` where ``root`` is no course, ``UsageError`` where nothing can be written.
    """
    exercise_ids(root)  # raises where this is no course
    root = root.resolve()
    note = folder / FOLDER / _NAME
    try:
        # No path, so that the workspace still works after an update moved the default course.
        if root == default_root().resolve():
            note.unlink(missing_ok=True)
            return

        # Anybody who can write these files could make this user run any checks.
        with private_files():
            _trust(root)
            # A downloaded folder can contain a link at this place.
            write_file(note, os.fsencode(root) + b"\n")
    except OSError as error:
        raise UsageError(
            f"cannot be written ({error.strerror}), so this folder does not remember its course",
            place=str(error.filename),
            advice="name the course each time with --course or in GRADE_COURSE",
        ) from None


def _remembered(folder: Path) -> Path | None:
    note = folder / FOLDER / _NAME
    # A named pipe there would block the read for ever.
    if not note.is_file():
        return None

    advice = "check its permissions, or name a course with --course"
    with (
        os_errors_as(UsageError, "cannot be read", note, advice),
        note.open("rb") as file,
    ):
        written = os.fsdecode(file.read(_LONGEST)).removesuffix("\n")

    if written not in _trusted():
        # The path is a stranger's text, and the learner may copy the command.
        shown = printable(written)
        command = f"grade start --course {shlex.quote(shown)}"
        raise UsageError(
            f"this folder names the course {shown}, which you never named yourself. "
            f"Its checks run with all your rights: if you trust it, type `{command}`",
            advice=f"if not, remove {note}",
        )

    root = Path(written)
    if not (root / "exercises").is_dir():
        raise UsageError(
            "the course of this folder is missing",
            place=written,
            advice="say where it is now with `grade start --course FOLDER`, "
            f"or remove {note} for the course that comes with grade",
        )

    return root


def _trust(root: Path) -> None:
    if str(root) in _trusted():
        return

    known = _list()
    known.parent.mkdir(parents=True, exist_ok=True)
    with known.open("ab") as file:
        file.write(os.fsencode(root) + b"\n")


def _trusted() -> list[str]:
    try:
        return os.fsdecode(_list().read_bytes()).split("\n")[:-1]
    except OSError:
        # Without the list nothing is trusted, so a failure cannot run a stranger's code.
        return []


def _list() -> Path:
    """The list of trusted courses (specifications.freedesktop.org/basedir-spec)."""
    folder = os.environ.get("XDG_CONFIG_HOME", "")
    # The specification says to ignore a relative path.
    if not os.path.isabs(folder):
        home = os.path.expanduser("~")
        # Without HOME and an entry in passwd, this stays "~", a folder of whoever made this one.
        if not os.path.isabs(home):
            raise UsageError(
                "you have no home folder, so nobody knows which courses you trust",
                advice="set HOME, or name the course with --course",
            )

        folder = os.path.join(home, ".config")

    return Path(folder, "grade", "courses")
