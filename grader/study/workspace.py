"""Where a learner works: submissions are begun here, begun again, and answered; nothing that is there is ever lost."""

import contextlib
import getpass
import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from grader.course.loading import starter
from grader.course.records import Exercise
from grader.errors import UsageError
from grader.files import replace_file
from grader.submission.answer_sheet import sheet
from grader.submission.files import find_submission, submission_name

_ELSEWHERE: Final = "go to a folder of your own"


def login() -> str:
    """Who is at work, as far as the machine knows; a sheet of a quiz may know better."""
    if name := os.environ.get("GRADE_LEARNER"):
        return name
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "learner"  # a user id without a name, as in many containers


def start(exercise: Exercise, folder: Path, learner: str) -> Path:
    """Write the starter, or a quiz's sheet of questions, into ``folder``; the file's path."""
    path = folder / submission_name(exercise)
    content = beginning(exercise, learner)
    try:
        with path.open("x", encoding="utf-8") as file, _removed_if_unfinished(path):
            file.write(content)
            file.flush()
    except FileExistsError:
        if not path.exists():
            raise UsageError(f"{path}: a link that leads to no file; remove the link") from None
        raise UsageError(
            f"{path}: exists already and stays as it is; grade it with `grade {exercise.id}`"
        ) from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}); {_ELSEWHERE}") from None
    return path


def beginning(exercise: Exercise, learner: str) -> str:
    """What a submission begins as: the starter, or a quiz's sheet of questions."""
    return starter(exercise) if exercise.spec.runs_code else sheet(exercise, learner)


def reset(exercise: Exercise, folder: Path, learner: str) -> tuple[Path, Path | None]:
    """Begin ``exercise`` again in ``folder``: the file's path, and where what was in it is kept.

    There is always a whole file under that name. Without a backup, it was as it is begun already.
    """
    path = find_submission(exercise, folder)
    if path is None:
        return start(exercise, folder, learner), None
    if path.suffix == ".ipynb":
        raise UsageError(
            f"{path}: a notebook, which holds more than this exercise; empty its cell yourself"
        )
    content = beginning(exercise, learner).encode()
    if (
        path.is_symlink() or not path.is_file()
    ):  # a link could lead to any file there is, a device to no end
        raise UsageError(
            f"{path}: not a regular file; move it away, and `grade start {exercise.id}` begins another"
        )
    try:
        before = path.read_bytes()
        if before == content:
            return path, None
        backup = _keep(path, before)
        replace_file(path, content)
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be begun again ({error.strerror}); nothing was changed in it"
        ) from None
    return path, backup


def _keep(path: Path, content: bytes) -> Path:
    """Write ``content`` beside ``path`` under the first number that is free; the file's path."""
    for number in itertools.count(1):
        backup = path.with_name(f"{path.name}.backup{number}")
        with (
            contextlib.suppress(FileExistsError),
            backup.open("xb") as file,
            _removed_if_unfinished(backup),
        ):
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            return backup
    raise AssertionError  # numbers do not end


@contextlib.contextmanager
def _removed_if_unfinished(path: Path) -> Iterator[None]:
    """On a full disk half a starter would be taken for the learner's own the next time."""
    try:
        yield
    except OSError:
        path.unlink(missing_ok=True)
        raise
