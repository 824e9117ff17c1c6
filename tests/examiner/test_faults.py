"""Faults on our side never give a learner a zero; faults on their side do. Grading goes on."""

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from grader.course.loading import load_exercise
from grader.errors import ExaminerLostError
from grader.examiner.client import Examiner
from grader.examiner.protocol import Examine
from grader.grades.grade import Grade
from grader.submission.files import Submission
from tests.grading import SMALL_COURSE, descendants, is_dead, learner_process, open_files, until

GOOD = b"def double(x):\n    return x * 2\n"
PATIENT = b"import time\n\n\ndef double(x):\n    time.sleep(0.6)\n    return x * 2\n"


def grade(examiner: Examiner, source: bytes, seconds: float = 2.0) -> Grade:
    """Grade ``source`` as a submission for ``target``."""
    exercise = load_exercise(SMALL_COURSE, "target")
    limits = msgspec.structs.replace(exercise.code.limits, seconds=seconds)
    spec = msgspec.structs.replace(exercise.code, limits=limits)
    exercise = msgspec.structs.replace(exercise, spec=spec)
    return examiner.grade(Examine(exercise, Submission("target.py", source), "ada", 1))


def grade_while(
    examiner: Examiner, source: bytes, meanwhile: Callable[[int], object], seconds: float = 2.0
) -> Grade:
    """Grade ``source``; call ``meanwhile(pid)`` when its process runs."""

    def watch() -> None:
        until(lambda: is_confined(learner_process(examiner.pid)))
        time.sleep(0.2)  # it has said so, and runs
        meanwhile(learner_process(examiner.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    graded = grade(examiner, source, seconds)
    watcher.join()
    return graded


@pytest.fixture
def examiner(pool):
    """An examiner of the pool that has graded before. It survives these tests, or is replaced."""
    with pool.borrow() as warm:
        assert grade(warm, GOOD).passed
        yield warm


def is_confined(pid: int | None) -> bool:
    """Whether a learner process has its system call filter, the last layer (proc(5), status)."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return pid is not None and "Seccomp:\t2" in Path(f"/proc/{pid}/status").read_text()
    return False


def summary(graded: Grade) -> tuple[str, str]:
    """Return the status and the outcome of the only check."""
    return graded.status, graded.checks[0].outcome.value


@pytest.mark.parametrize(
    "which", [pytest.param(0, marks=pytest.mark.slow), -1], ids=["outermost", "innermost"]
)
def test_fork_server_killed_meanwhile(which, examiner):
    """If the fork server dies during a submission, that submission is ungraded."""
    server = descendants(examiner.pid)[which]
    graded = grade_while(examiner, PATIENT, lambda _: os.kill(server, signal.SIGKILL))
    assert summary(graded) == ("ungraded", "ungraded")
    assert "the fork server ended" in graded.checks[0].message
    assert grade(examiner, GOOD).passed


def test_examiner_killed_meanwhile(examiner):
    """If an examiner dies, another one grades the submission; no process of the first is left."""
    first = [examiner.pid, *descendants(examiner.pid)]
    graded = grade_while(examiner, PATIENT, lambda _: os.kill(first[0], signal.SIGKILL))
    assert graded.passed
    assert examiner.pid != first[0]
    until(lambda: all(map(is_dead, first)))


@pytest.mark.slow
def test_examiner_killed_under_the_command(tmp_path):
    """The command, too, starts another examiner if one dies."""
    (tmp_path / "target.py").write_bytes(PATIENT)
    command = [Path(sys.executable).parent / "grade", "target", "--course", str(SMALL_COURSE)]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        until(lambda: descendants(process.pid))
        first = descendants(process.pid)[0]
        until(lambda: learner_process(first))
        os.kill(first, signal.SIGKILL)
        page, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (0, "")
    assert "All checks passed" in page


LAST_WORDS = {
    "os.write(2, b'Fatal: no room\\n  secret = 7\\n'); os._exit(7)": "ended (exit status "
    "7): Fatal: no room;",
    "os.kill(os.getpid(), 15)": "was ended by SIGTERM: its log is empty;",
    # The pipe is closed for a moment before the process is gone.
    "os.closerange(3, 99); os.close(1); time.sleep(0.4); os._exit(7)": "ended (exit status 7): ",
    "os.closerange(3, 99); os.close(1); time.sleep(60)": "did not answer and was stopped: ",
}


# Each of the last three takes seconds.
@pytest.mark.parametrize(
    "end",
    [
        pytest.param(end, marks=[pytest.mark.slow] * (number > 0))
        for number, end in enumerate(LAST_WORDS)
    ],
    ids=["exit", "signal", "late", "never"],
)
def test_last_words(end, tmp_path, pool):
    """The error for a lost examiner says how it ended, and quotes no line of a check."""
    shutil.copytree(SMALL_COURSE, tmp_path / "course")
    checks = tmp_path / "course/solutions/target/checks.py"
    checks.write_text(f"import os, time\n{end}\n" + checks.read_text())
    examine = Examine(
        load_exercise(tmp_path / "course", "target"), Submission("target.py", GOOD), "ada", 1
    )
    with pool.borrow() as running, pytest.raises(ExaminerLostError) as caught:
        # Not wanted any more: one loss is enough.
        running.grade(examine, is_wanted=lambda: False)
    assert f"the examiner {LAST_WORDS[end]}" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.slow
def test_learner_stopped_from_outside(examiner):
    """A learner process that is stopped from outside runs out of time, and gets another try."""
    stop = lambda pid: os.kill(pid, signal.SIGSTOP)  # noqa: E731
    # All its calls together sleep for longer than this, but the clock allows more.
    brief = PATIENT.replace(b"0.6", b"0.3")
    graded = grade_while(examiner, brief, stop, seconds=0.6)
    assert summary(graded) == ("graded", "passed")
    assert grade(examiner, GOOD).passed


def test_learner_killed_from_outside(examiner):
    """A learner process that is killed, as by the kernel without memory, has crashed."""
    graded = grade_while(examiner, PATIENT, lambda pid: os.kill(pid, signal.SIGKILL))
    assert summary(graded) == ("graded", "crashed")
    assert grade(examiner, GOOD).passed


@pytest.mark.skipif(os.getuid() != 0, reason="only root may limit an examiner")
@pytest.mark.parametrize("whose", ["examiner", pytest.param("fork server", marks=pytest.mark.slow)])
def test_descriptors_used_up(whose, examiner):
    """If our side cannot open more files, a submission is ungraded, and the next one is graded."""
    pid = examiner.pid if whose == "examiner" else descendants(examiner.pid)[-1]
    used = max(int(name) for name in os.listdir(f"/proc/{pid}/fd")) + 1
    _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (used, hard))
    graded = grade(examiner, GOOD)
    assert summary(graded) == ("ungraded", "ungraded")
    assert "no process for the submission could be created" in graded.checks[0].message
    assert grade(examiner, GOOD).passed


@pytest.mark.slow
def test_scratch_full_before_the_first_line(examiner):
    """A submission that cannot be written to disk is ungraded, because no learner code ran."""
    exercise = load_exercise(SMALL_COURSE, "target")
    helpers = {f"helper{number}.py": b"#" * 2**20 for number in range(14)}
    server = descendants(examiner.pid)[-1]
    resource.prlimit(server, resource.RLIMIT_FSIZE, (2**19, 2**19))
    graded = examiner.grade(Examine(exercise, Submission("target.py", GOOD, helpers), "ada", 1))
    assert summary(graded) == ("ungraded", "ungraded")
    assert "no process for the submission could be started" in graded.checks[0].message
    assert grade(examiner, GOOD).passed


def test_scratch_full_by_the_learner(examiner):
    """A submission that fills its folder fails, and the next one gets an empty folder."""
    fill = (
        b"def double(x):\n    for number in range(100):\n"
        b"        with open(str(number), 'wb') as file:\n            file.write(bytes(1 << 20))\n"
    )
    graded = grade(examiner, fill)
    assert graded.checks[0].outcome.value in ("raised", "crashed")
    check_empty = b"import os\nassert os.listdir() == ['target.py']\n" + GOOD
    assert grade(examiner, check_empty).passed


def test_a_submission_runs_on_the_cpu_of_its_examiner(examiner):
    """Both have one CPU while the submission is graded; then the examiner has all of them again."""
    allowed = os.sched_getaffinity(examiner.pid)
    graded = grade(examiner, b"import os\nprint(len(os.sched_getaffinity(0)))\n" + GOOD)
    assert graded.stdout.split() == ["1"]
    assert graded.passed
    assert os.sched_getaffinity(examiner.pid) == allowed


def test_a_hundred_deaths(examiner):
    """After a hundred dead processes, the examiner has the same fork server and descriptors."""
    before = descendants(examiner.pid), open_files(examiner.pid)
    for number in range(100):
        source = (b"import os; os._exit(0)", b"import os; os.abort()", b"x = 1 / 0", GOOD)[
            number % 4
        ]
        grade(examiner, source)
    # After its reply, the examiner reads how much memory it has, from a file.
    until(lambda: (descendants(examiner.pid), open_files(examiner.pid)) == before)


@pytest.mark.slow
def test_closing_removes_everything():
    """A closed examiner leaves no process and no file, even in the middle of a submission."""
    with Examiner() as running:
        folder = os.readlink(f"/proc/{running.pid}/cwd")
        running.request(
            Examine(
                load_exercise(SMALL_COURSE, "target"), Submission("target.py", PATIENT), "ada", 1
            )
        )
        until(lambda: learner_process(running.pid))
        started = descendants(running.pid)
    until(lambda: all(map(is_dead, started)))
    with contextlib.suppress(FileNotFoundError):
        assert os.listdir(folder) == []
    assert not os.path.exists(folder)
