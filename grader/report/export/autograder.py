"""The zip of an autograder for Gradescope: two scripts, the grader, and a course of one exercise.

The grader goes in as the files that are installed here, which works from a checkout as well as
from a wheel. ``setup.sh`` copies them into the environment that it makes.
"""

import io
import stat
import zipfile
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

import grader
from grader.course.records import Exercise
from grader.errors import UsageError
from grader.report.text_templates import file_with

DISTRIBUTION: Final = "torch-exercise-grader"
SCRIPTS: Final = ("setup.sh", "run_autograder")
_LEFT_OUT: Final = {"_course", "__pycache__"}


def autograder_zip(exercise: Exercise, wheels: Mapping[str, bytes]) -> bytes:
    """The zip to upload; ``wheels`` maps file names to wheels, for machines without a network.

    The same parts give the same bytes.
    """
    files = {name: script(name, exercise.id) for name in SCRIPTS}

    files["requirements.txt"] = requirements_file(exercise)
    files |= grader_and_course("", exercise)
    for name in sorted(wheels):
        files[f"wheels/{name}"] = wheels[name]

    return zipped(files)


def script(name: str, exercise_id: str) -> bytes:
    """One of ``SCRIPTS`` for ``exercise_id``."""
    return file_with(f"gradescope/{name}", EXERCISE=exercise_id).encode()


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip of ``files``, path to content, without times and owners."""
    archive = io.BytesIO()
    # ZipInfo without a time means 1980, on every machine.
    with zipfile.ZipFile(archive, "w") as into:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path)
            if not path.endswith(".whl"):
                # A wheel is compressed already.
                entry.compress_type = zipfile.ZIP_DEFLATED

            mode = 0o755 if path in SCRIPTS else 0o644
            entry.create_system = 3  # Unix: without it, unzip ignores the mode
            entry.external_attr = (stat.S_IFREG | mode) << 16
            into.writestr(entry, content)

    return archive.getvalue()


def read_wheels(folder: Path, exercise: Exercise) -> dict[str, bytes]:
    """The wheels in ``folder``, file name to content.

    Raises ``UsageError`` if a direct requirement of the grader or a package of ``exercise`` is
    missing. pip finds out whether the requirements of these are complete.
    """
    wheels = {path.name: path.read_bytes() for path in sorted(folder.glob("*.whl"))}

    present = set()
    for name in wheels:
        try:
            package, *_ = parse_wheel_filename(name)
        except InvalidWheelFilename as error:
            raise UsageError(f"{folder / name}: {error}; download it again") from None

        present.add(package)

    needed = {canonicalize_name(requirement.name) for requirement in requirements(exercise)}
    missing = sorted(needed - present)
    if missing:
        packages = " ".join(sorted(needed))
        raise UsageError(
            f"{folder}: no wheel of {', '.join(missing)}; download the wheels for the machine "
            f"that grades: pip download --only-binary=:all: --dest {folder} {packages} "
            "(docs/exports.md has the whole command)"
        )

    return wheels


def requirements(exercise: Exercise | None = None) -> list[Requirement]:
    """What the grader requires, without its extras, and the ``packages`` of ``exercise``."""
    lines = metadata.requires(DISTRIBUTION) or []
    every = [Requirement(line) for line in lines]
    # An extra, such as the cluster, is of no use in an autograder.
    needed = [each for each in every if "extra" not in str(each.marker)]
    if exercise is None:
        return needed

    present = {canonicalize_name(each.name) for each in needed}
    for name in exercise.spec.packages:
        distribution = _distribution(name)
        if canonicalize_name(distribution) not in present:
            needed.append(Requirement(distribution))

    return needed


def requirements_file(exercise: Exercise) -> bytes:
    """The content of ``requirements.txt``."""
    return "".join(f"{requirement}\n" for requirement in requirements(exercise)).encode()


def _distribution(package: str) -> str:
    """What pip calls a package that submissions import: ``scikit-learn`` for ``sklearn``."""
    found = metadata.packages_distributions().get(package)
    # A package that is not installed here most likely has the same name.
    if not found:
        return package

    return found[0]


def grader_and_course(prefix: str, exercise: Exercise) -> dict[str, bytes]:
    """The grader in ``grader/`` and a course in ``course/``, path below ``prefix`` to content."""
    files = tree(f"{prefix}grader", Path(grader.__file__).parent)
    # The files leave this machine, so the other exercises of the course stay out.
    for folder in (exercise.public, exercise.hidden):
        inside = exercise.place(folder)
        files |= tree(f"{prefix}course/{inside}", folder)

    return files


def tree(prefix: str, folder: Path) -> dict[str, bytes]:
    """The files below ``folder``, path below ``prefix`` to content; links are left out."""
    files = {}
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        is_left_out = not _LEFT_OUT.isdisjoint(inside.parts)
        # A link could lead to a file that nobody meant to upload.
        if path.is_file() and not path.is_symlink() and not is_left_out:
            files[f"{prefix}/{inside.as_posix()}"] = path.read_bytes()

    return files
