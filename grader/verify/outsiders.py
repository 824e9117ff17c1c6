"""Submissions by people who read only the statement, in ``outsiders/{wrong,right}``.

The first line of a wrong one names the checks in which it must lose points, and what is wrong.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from grader.course.loading import text_of
from grader.course.records import Exercise
from grader.verify.records import Finding, Rule

_FAILS: Final = re.compile(r"# fails: (?P<checks>[a-z0-9_]+(?:, [a-z0-9_]+)*): \S.*")


class Outsiders(NamedTuple):
    """The files of an exercise: wrong ones with the checks that must fail, and right ones."""

    wrong: dict[Path, list[str]]
    right: list[Path]


def outsiders(exercise: Exercise) -> Outsiders:
    """Return the outsiders' submissions; a file without a proper first line has no checks."""
    folder = exercise.hidden / "outsiders"
    wrong = sorted((folder / "wrong").glob("*.py"))
    right = sorted((folder / "right").glob("*.py"))
    return Outsiders({path: _checks(exercise, path) for path in wrong}, right)


def check_files(exercise: Exercise) -> Iterator[Finding]:
    """Check the first line of each wrong submission, and that nothing else is in the folders."""
    folder = exercise.hidden / "outsiders"
    for path in sorted(folder.glob("*")) + sorted(folder.glob("*/*")):
        is_known = path.suffix == ".py" and path.parent.parent == folder
        if not is_known and path.name not in ("wrong", "right", "__pycache__"):
            yield Finding(
                Rule.FILES,
                exercise.place(path),
                "The grader does not use this file.",
                "Remove it; outsiders/ has wrong/*.py and right/*.py only.",
            )

    known = [check.name for check in exercise.spec.checks]
    for path, checks in outsiders(exercise).wrong.items():
        unknown = [f"`{name}`" for name in checks if name not in known]
        problem = ""
        # Without the names, nothing could be proven about the file.
        if not checks:
            problem = "It does not name the checks that must fail."
        elif unknown:
            problem = f"It names {', '.join(unknown)}, and there is no such check."

        if problem:
            yield Finding(
                Rule.OUTSIDERS,
                f"{exercise.place(path)} line 1",
                problem,
                f"Write `# fails: NAME, NAME: what is wrong`, with names of {', '.join(known)}.",
            )


def _checks(exercise: Exercise, path: Path) -> list[str]:
    """The checks that the first line names."""
    first, _, _ = text_of(exercise, path).partition("\n")
    match = _FAILS.fullmatch(first)
    if match is None:
        return []

    return match["checks"].split(", ")
