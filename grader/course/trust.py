"""Which course is in use: the one that is named, the one a workspace was begun with, or the grader's own.

A workspace remembers its course as a path in ``.grade/course``. The checks of a course run with all
rights of whoever grades, and a folder may come from anybody, so that the path counts only where the
same person has once named that course: those are listed in ``~/.config/grade/courses``.
"""

import os
import shlex
from pathlib import Path
from typing import Final

from grader.course.loading import default_root, exercise_ids
from grader.errors import UsageError
from grader.text import printable

FOLDER: Final = ".grade"
"""What makes a folder a workspace; all that is kept is in it."""
_NAME: Final = "course"
_LONGEST: Final = 4096
"""Bytes of a path, as Linux has it."""


def root(folder: Path, named: Path | None = None) -> Path:
    """The course for who is at work in ``folder``: ``named``, in the environment, remembered, or the grader's own."""
    if named is None and (name := os.environ.get("GRADE_COURSE")):
        named = Path(name)
    return named or _remembered(folder) or default_root()


def remember(folder: Path, root: Path) -> None:
    """Let the workspace ``folder`` belong to the course at ``root`` from now on."""
    exercise_ids(root)  # or it says that this is none
    root = root.resolve()
    note = folder / FOLDER / _NAME
    try:
        if root == default_root().resolve():
            note.unlink(missing_ok=True)
            return
        _trust(root)
        note.write_bytes(os.fsencode(root) + b"\n")
    except OSError as error:
        raise UsageError(
            f"{error.filename}: cannot be written ({error.strerror}), so that this folder does not remember its "
            "course; name it each time with --course, or in GRADE_COURSE"
        ) from None


def _remembered(folder: Path) -> Path | None:
    """What ``folder`` says, if it says anything and that can be used."""
    note = folder / FOLDER / _NAME
    if not note.is_file():
        return None
    try:
        with note.open("rb") as file:
            written = os.fsdecode(file.read(_LONGEST)).removesuffix("\n")
    except OSError as error:
        raise UsageError(
            f"{note}: cannot be read ({error.strerror}); mend that, or name a course with --course"
        ) from None
    if written not in _trusted():
        shown = printable(written)
        raise UsageError(
            f"this folder names the course {shown}, which you never named yourself. Its checks run as you do: if you "
            f"trust it, type `grade start --course {shlex.quote(shown)}`; if not, remove {note}"
        )
    root = Path(written)
    if not (root / "exercises").is_dir():
        raise UsageError(
            f"{written}: the course of this folder is not there any more; say where it is now with "
            f"`grade start --course FOLDER`, or remove {note} for the course that came with grade"
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
    """The courses that this person has named, by path."""
    try:
        return os.fsdecode(_list().read_bytes()).split("\n")[:-1]
    except OSError:
        return []


def _list() -> Path:
    """Where they are listed (specifications.freedesktop.org/basedir-spec)."""
    folder = os.environ.get("XDG_CONFIG_HOME", "")
    return Path(
        folder if os.path.isabs(folder) else os.path.expanduser("~/.config"), "grade", "courses"
    )
