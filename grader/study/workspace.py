"""Start and reset the files that a learner works on, without ever losing work."""

import contextlib
import getpass
import itertools
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from grader.course.loading import starter
from grader.course.records import Exercise
from grader.errors import GraderError, UsageError
from grader.files import replace_file
from grader.submission import answer_sheet
from grader.submission.answer_sheet import sheet
from grader.submission.files import exact_submission, submission_name

_NEXT_STEP: Final = "change to a folder of your own"


def login() -> str:
    """The default name of the learner: ``$GRADE_LEARNER`` or the login name."""
    if name := os.environ.get("GRADE_LEARNER"):
        return name

    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        # Many containers run as a user id without a name.
        return "learner"


def start(exercise: Exercise, folder: Path, learner: str, attempts: Mapping[str, int] = {}) -> Path:
    """Write the starter, or the answer sheet of a quiz, into ``folder``; return the file's path.

    ``attempts`` maps questions of a quiz to the attempt that asks.
    Raises ``UsageError`` if the file exists or cannot be written.
    """
    path = folder / submission_name(exercise)
    content = beginning(exercise, learner, attempts)
    try:
        with path.open("x", encoding="utf-8") as file, _removed_on_failure(path):
            file.write(content)
            # A full disk must show here, while the file can still be removed.
            file.flush()
    except FileExistsError:
        if not path.exists():
            raise UsageError(f"{path}: a link to a missing file; remove the link") from None

        raise UsageError(
            f"{path}: exists already and was not changed; grade it with `grade {exercise.id}`"
        ) from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}); {_NEXT_STEP}") from None

    _copy_data(exercise, folder)
    return path


def _copy_data(exercise: Exercise, folder: Path) -> None:
    """Write the data of ``exercise`` into ``folder``. A file that exists stays as it is."""
    for name in exercise.spec.files:
        path = folder / name
        try:
            content = (exercise.public / name).read_bytes()
            with path.open("xb") as file, _removed_on_failure(path):
                file.write(content)
                file.flush()
        except FileExistsError:
            continue
        except OSError as error:
            raise UsageError(
                f"{path}: cannot be written ({error.strerror})",
                advice=f"copy it from {exercise.public}",
            ) from None


def beginning(exercise: Exercise, learner: str, attempts: Mapping[str, int] = {}) -> str:
    """The first content of a submission: the starter, or the answer sheet of a quiz."""
    if exercise.spec.runs_code:
        return starter(exercise)

    return sheet(exercise, learner, attempts=attempts)


def has_first_content(exercise: Exercise, path: Path, learner: str) -> bool:
    """Whether the file at ``path`` still has its first content."""
    # Reading a pipe or a device might never end.
    if not path.is_file():
        return False

    try:
        content = path.read_bytes()
    except OSError:
        # Grading this file reports the reason.
        return False

    # An editor on Windows can save other line ends.
    content = content.replace(b"\r\n", b"\n")
    return content == beginning(exercise, learner).encode()


def reset(
    exercise: Exercise, folder: Path, learner: str, attempts: Mapping[str, int] = {}
) -> tuple[Path, Path | None]:
    """Start ``exercise`` again in ``folder``: the path of its file, and that of the backup.

    The new sheet of a quiz has new numbers for each question that was answered before;
    ``attempts`` maps questions to the first attempt that still counts.
    The file is complete at every moment. There is no backup if the file still
    has its first content.
    Raises ``UsageError`` for a notebook, a link, and a file that cannot be replaced.
    """
    path = exact_submission(exercise, folder)
    if path is None:
        return start(exercise, folder, learner, attempts), None
    if path.suffix == ".ipynb":
        raise UsageError(
            f"{path}: a notebook can contain other exercises too; clear the cell yourself"
        )

    # A link may lead to any other file, and a device has no end.
    if path.is_symlink() or not path.is_file():
        raise UsageError(
            f"{path}: not a regular file; move it away, then type `grade start {exercise.id}`"
        )

    attempts = _renewed(exercise, path, attempts)
    content = beginning(exercise, learner, attempts).encode()
    try:
        before = path.read_bytes()
        if before == content:
            return path, None

        backup = _back_up(path, before)
        replace_file(path, content)
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be reset ({error.strerror}); the file was not changed"
        ) from None

    return path, backup


def _renewed(exercise: Exercise, path: Path, attempts: Mapping[str, int]) -> Mapping[str, int]:
    """The attempt at each question of a quiz that follows on the sheet at ``path``."""
    if exercise.spec.runs_code:
        return attempts

    renewed = dict(attempts)
    # A file that is no answer sheet has no answers.
    with contextlib.suppress(GraderError):
        asked = answer_sheet.attempts(exercise, path)
        answered = answer_sheet.answers(exercise, path)
        for question in exercise.spec.questions:
            attempt = asked.get(question.name, 1)
            if question.name in answered and question.draw:
                attempt += 1

            renewed[question.name] = max(attempt, renewed.get(question.name, 1))

    return renewed


def _back_up(path: Path, content: bytes) -> Path:
    """Write ``content`` next to ``path`` under the first free number; return the backup's path."""
    for number in itertools.count(1):
        backup = path.with_name(f"{path.name}.backup{number}")
        # Opening with "x" takes the number, even against another command at the same time.
        with (
            contextlib.suppress(FileExistsError),
            backup.open("xb") as file,
            _removed_on_failure(backup),
        ):
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            return backup

    raise AssertionError  # the numbers never end


@contextlib.contextmanager
def _removed_on_failure(path: Path) -> Iterator[None]:
    """Remove ``path`` on an ``OSError``: half a starter would look like the learner's own work."""
    try:
        yield
    except OSError:
        path.unlink(missing_ok=True)
        raise
