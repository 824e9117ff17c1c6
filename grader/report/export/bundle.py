"""What an autograder takes along: the grader's own wheel, others, and one exercise of a course.

A wheel is a zip of a package and its metadata with a list of digests
(packaging.python.org, "Binary distribution format").
"""

import base64
import hashlib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Final

import grader
from grader.course.records import Exercise
from grader.errors import UsageError
from grader.report.export.gradescope import zipped

DISTRIBUTION: Final = "torch-exercise-grader"
_LEFT_OUT: Final = ("_course", "__pycache__")


def own_wheel() -> tuple[str, bytes]:
    """File name and content of a wheel of the grader as it is installed here, without its course."""
    distribution = metadata.distribution(DISTRIBUTION)
    stem = f"{DISTRIBUTION.replace('-', '_')}-{distribution.version}"
    package = Path(grader.__file__).parent
    files = {
        f"grader/{path.relative_to(package).as_posix()}": path.read_bytes()
        for path in sorted(package.rglob("*"))
        if path.is_file() and not set(path.relative_to(package).parts) & set(_LEFT_OUT)
    }
    info = f"{stem}.dist-info"
    for name in ("METADATA", "entry_points.txt"):
        files[f"{info}/{name}"] = (distribution.read_text(name) or "").encode()
    files[f"{info}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: grade\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    record = "".join(
        f"{path},{_digest(content)},{len(content)}\n" for path, content in files.items()
    )
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    return f"{stem}-py3-none-any.whl", zipped(files)


def course_files(exercise: Exercise) -> dict[str, bytes]:
    """A course of this one exercise: path in it to content; links are left out."""
    root = Path(exercise.root)
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for folder in (exercise.public, exercise.hidden)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and "__pycache__" not in path.parts
    }


def read_wheels(folder: Path) -> dict[str, bytes]:
    """The wheels in ``folder``, with which the grader can be installed offline.

    ``UsageError`` where one that the grader needs itself is missing; those that these need
    in turn are for pip to find.
    """
    wheels = (
        {path.name: path.read_bytes() for path in sorted(folder.glob("*.whl"))}
        if folder.is_dir()
        else {}
    )
    have = {_project(name.partition("-")[0]) for name in wheels}
    if missing := sorted(set(_needed()) - have):
        names = " ".join(sorted(_needed()))
        raise UsageError(
            f"{folder}: no wheel of {', '.join(missing)}; fill it for the machine that will grade: "
            f"pip download --only-binary=:all: --dest {folder} {names} (docs/exports.md has the whole line)"
        )
    return wheels


def _needed() -> Iterable[str]:
    required = metadata.requires(DISTRIBUTION) or []
    for requirement in required:
        if "extra ==" not in requirement:
            name = requirement.split(";")[0]
            yield _project(
                "".join(c if c.isalnum() or c in "-_." else " " for c in name).split()[0]
            )


def _project(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def _digest(content: bytes) -> str:
    return (
        f"sha256={base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b'=').decode()}"
    )
