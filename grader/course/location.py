"""Find a course: its folder, and the ids of its exercises."""

import re
from pathlib import Path

from grader.errors import CourseError, UsageError


def default_root() -> Path:
    """The course that comes with the grader: the checkout's, or the copy in an installation."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_course"  # pyproject.toml puts it into the wheel
    if installed.is_dir():
        return installed
    return package.parent


def own_root() -> Path:
    """The course that new exercises go to. Raises ``UsageError`` in an installation."""
    root = default_root()
    # An update of the grader would delete what is written into the installed copy.
    if root.name == "_course":
        raise UsageError(
            "the exercise needs a course to go to",
            advice="name the course's folder with --course DIR, the current one with --course .",
        )
    return root


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


def _natural_order(exercise_id: str) -> list[int | str]:
    parts = re.split(r"(\d+)", exercise_id)
    # `isdecimal`, because `isdigit` also accepts `²`, which `int` refuses.
    return [int(part) if part.isdecimal() else part for part in parts]
