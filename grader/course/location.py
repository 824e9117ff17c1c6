"""Find a course: its folder, and the ids of its exercises."""

import re
import sys
from pathlib import Path
from typing import Final

from grader.errors import CourseError

_COMMANDS: Final = """
batch check completion demo doctor export grade help hint list new next report reset run schema
show solution start status stop stream submit test verify watch
"""
RESERVED: Final = frozenset(_COMMANDS.split())
"""Words after ``grade`` that mean something else, so no exercise can have one as its id."""

LIBRARIES: Final = sys.stdlib_module_names | {"numpy", "torch"}
"""Modules that a learner's ID.py would hide, so no new exercise with code gets such an id."""


def default_root() -> Path:
    """The course that comes with the grader: the checkout's, or the copy in an installation."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_course"  # pyproject.toml puts it into the wheel
    if installed.is_dir():
        return installed

    return package.parent


def is_course(folder: Path) -> bool:
    """Whether ``folder`` has both sides of a course."""
    return (folder / "exercises").is_dir() and (folder / "solutions").is_dir()


def exercise_ids(root: Path) -> list[str]:
    """Ids of the course at ``root``, in the order of its ``course.yaml``.

    Without that file the order is natural: ``exercise2`` before ``exercise10``.
    Raises ``CourseError`` where ``root`` is no course or cannot be read.
    """
    folder = root / "exercises"
    if not folder.is_dir():
        raise CourseError(
            "not a course, it has no folder exercises/",
            place=str(root),
            advice="name one with --course",
        )

    try:
        ids = [entry.name for entry in folder.iterdir() if (entry / "exercise.yaml").is_file()]
    except OSError as error:
        raise CourseError.unreadable(str(error.filename), error) from None

    # Reading YAML is the longest import. A command finds the course before it needs that.
    from grader.course.order import in_order

    return in_order(root, sorted(ids, key=_natural_order))


def numbered(exercise_id: str) -> tuple[str, str]:
    """``("exercise", "12")`` for ``exercise12``; the second is empty without a number."""
    stem = exercise_id.rstrip("0123456789")
    return stem, exercise_id[len(stem) :]


def _natural_order(exercise_id: str) -> list[int | str]:
    parts = re.split(r"(\d+)", exercise_id)
    # `isdecimal`, because `isdigit` also accepts `²`, which `int` refuses.
    return [int(part) if part.isdecimal() else part for part in parts]
