"""Grade through the real thing: a real examiner process, its fork server, learner processes."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from unittest import mock

from click.testing import CliRunner, Result

from grader.cli.app import cli
from grader.course.loading import load_exercise
from grader.course.records import Check
from grader.examiner.client import Examiner
from grader.examiner.pool import ExaminerPool
from grader.examiner.protocol import Examine
from grader.examiner.settings import Settings
from grader.grades.grade import Case, CheckResult, Frame, Grade, Outcome
from grader.submission.files import read_submission
from grader.system import SPAWNED, SYSTEM

SMALL_COURSE = Path(__file__).parent / "sample_course"
"""A course for tests: exercise ``double`` with short limits and quiz ``sizes``."""
HAS_GPU = Path("/dev/nvidiactl").exists()
"""Whether the tests that need one can run."""


def grade_source(
    examiner: Examiner, source: str | bytes, folder: Path, *, name: str = "double.py", seed: int = 1
) -> Grade:
    """Grade ``source`` as a submission for ``double``."""
    path = folder / name
    path.write_bytes(source if isinstance(source, bytes) else source.encode())
    return grade_file(examiner, "double", path, seed=seed)


def grade_file(
    examiner: Examiner, exercise_id: str, path: Path, *, course: Path = SMALL_COURSE, seed: int = 1
) -> Grade:
    """Grade the file at ``path``."""
    exercise = load_exercise(course, exercise_id)
    # Without a sandbox, only a person's own code is graded.
    own = SYSTEM.learners == SPAWNED
    examine = Examine(exercise, read_submission(exercise, path), "ada", seed, own=own)
    return examiner.grade(examine)


def run_grade(*words: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command ``grade`` as a person would, in ``folder``."""
    return subprocess.run(
        [Path(sys.executable).parent / "grade", *words],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def invoke_grade(*words: str, folder: Path, **environment: str) -> Result:
    """Run the command ``grade`` within this process, in ``folder``."""
    with contextlib.chdir(folder):
        return CliRunner().invoke(cli, words, env=environment, prog_name="grade")


@contextlib.contextmanager
def lent_to_commands(pool: ExaminerPool) -> Iterator[None]:
    """Let ``grade verify`` in this process use ``pool`` instead of starting its own examiners."""

    def lend(settings: Settings, size: int) -> contextlib.AbstractContextManager[ExaminerPool]:
        return contextlib.nullcontext(pool)

    with mock.patch("grader.examiner.pool.ExaminerPool", lend):
        yield


def check_result(
    name: str,
    title: str,
    outcome: Outcome,
    points: int,
    max_points: int,
    message: str = "",
    seconds: float = 0.0,
    case: Case | None = None,
    *,
    frames: Sequence[Frame] = (),
    visible: bool = True,
) -> CheckResult:
    """A result and the check in it, on one line."""
    check = Check(name, title, max_points, visible)
    return CheckResult(check, outcome, points, message, seconds, case, frames=list(frames))


def outcomes(grade: Grade) -> dict[str, str]:
    """Check name to outcome."""
    return {check.name: check.outcome.value for check in grade.checks}


def load_json(text: str) -> dict[str, object]:
    """A JSON grade without what differs from run to run: the times."""
    grade: dict[str, object] = json.loads(text)
    return without_times(grade)


def without_times(value: object) -> object:
    """``value`` with every ``seconds`` set to zero."""
    if isinstance(value, dict):
        return {key: 0 if key == "seconds" else without_times(item) for key, item in value.items()}
    return [without_times(item) for item in value] if isinstance(value, list) else value


def is_dead(pid: int) -> bool:
    """Whether no process ``pid`` runs any more."""
    try:
        os.kill(pid, 0)
        status = Path(f"/proc/{pid}/stat").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return True
    return status.rpartition(")")[2].split()[0] == "Z"


def descendants(pid: int) -> list[int]:
    """Ids of all processes that ``pid`` started, directly or indirectly."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [found for child in map(int, children) for found in (child, *descendants(child))]


def learner_process(examiner: int) -> int | None:
    """The id of the learner process below an examiner: the one with a session of its own."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return next((pid for pid in descendants(examiner) if os.getsid(pid) == pid), None)
    return None


def open_files(pid: int) -> int:
    """The number of descriptors of a process; if only root may count them, its room for them."""
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except PermissionError:
        # An examiner hides its memory, and with it this folder, from its own user.
        status = Path(f"/proc/{pid}/status").read_text()
        return int(status.partition("FDSize:")[2].split()[0])


def until(holds: Callable[[], bool], seconds: float = 15.0) -> None:
    """Wait until ``holds()``."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        time.sleep(0.02)
