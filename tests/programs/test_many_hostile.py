"""Many submissions through one ``Grader``, a tenth of them hostile, with nothing lost or left."""

import itertools
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import grader
from grader.grades.grade import Outcome
from grader.sandbox import kernel
from tests.grading import SMALL_COURSE, is_dead, open_files, until

# What hangs ends after half a second by the clock, five times its CPU time.
LIMITS = "limits: {seconds: 0.1, load_seconds: 0.1, total_seconds: 0.2, memory_mib: 256}"
RIGHT = "def double(x):\n    return x * 2\n"
WRONG = "def double(x):\n    return x * 3\n"
RAISES = "def double(x):\n    raise ValueError('this is {number}')\n"
BROKEN = "this is ( {number}\n"
HARMLESS = (RIGHT, WRONG, RIGHT, RAISES, RIGHT, BROKEN, RIGHT, WRONG, RIGHT)
# A text times a number is a text again, so RIGHT and WRONG lose the point for refusing texts.
REWARDS = {RIGHT: 0.8, WRONG: 0.2, RAISES: 0.2, BROKEN: 0}
HOSTILE = {
    "loops": ("def double(x):\n    while True: pass\n", (Outcome.TIMEOUT,)),
    "sleeps": ("import time\ndef double(x):\n    time.sleep(1000)\n", (Outcome.TIMEOUT,)),
    "loops while it is loaded": ("while True: pass\n", (Outcome.TIMEOUT,)),
    "ends by a signal": ("import os\ndef double(x):\n    os.abort()\n", (Outcome.CRASHED,)),
    "reads no memory": (
        "import ctypes\ndef double(x):\n    ctypes.string_at(0)\n",
        (Outcome.CRASHED,),
    ),
    "exits": ("import os\ndef double(x):\n    os._exit(0)\n", (Outcome.CRASHED,)),
    "floods the output": (
        "def double(x):\n    while True: print('x' * 60_000)\n",
        (Outcome.TIMEOUT, Outcome.CRASHED),
    ),
    "floods the reply": ("def double(x):\n    return [[x] * 100] * 10_000\n", (Outcome.FAILED,)),
    "uses up the memory": ("def double(x):\n    return x.new_ones(2**30)\n", (Outcome.MEMORY,)),
    "forks": (
        "import os\ndef double(x):\n    while True: os.fork()\n",
        (Outcome.RAISED, Outcome.TIMEOUT, Outcome.CRASHED),
    ),
    "starts threads": (
        "from threading import *\ndef double(x):\n    while x is x: Timer(99, print).start()\n",
        (Outcome.RAISED, Outcome.TIMEOUT, Outcome.CRASHED),
    ),
}


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """The small course with short limits."""
    folder = tmp_path / "course"
    shutil.copytree(SMALL_COURSE, folder)
    definition = folder / "exercises/double/exercise.yaml"
    lines = definition.read_text().splitlines()
    changed = [LIMITS if line.startswith("limits:") else line for line in lines]
    definition.write_text("\n".join(changed) + "\n")
    return folder


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of all temporary files."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


@pytest.fixture
def _adopted() -> Iterator[None]:
    """Make every process that loses its parent a child of this one, so that none is missed."""
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    yield
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 0)


def submission(number: int) -> str:
    """The submission with this number; no two are the same."""
    code = HARMLESS[number % 10] if number % 10 < 9 else HOSTILE[hostile_name(number)][0]
    return f"print('this is {number}')\n" + code.replace("{number}", str(number))


def hostile_name(number: int) -> str:
    """What is hostile about every tenth submission."""
    names = list(HOSTILE)
    return names[number // 10 % len(names)]


def check_grade(number: int, grade: grader.Grade) -> None:
    """Fail unless ``grade`` is the one of the submission with this number."""
    where = f"submission {number}: {submission(number)!r}: {grade.checks}"
    assert grade.status == "graded", where
    outcome = grade.outcomes["value"]
    if number % 10 == 9:
        assert outcome in HOSTILE[hostile_name(number)][1], where
        # One that returns leaves its input as it was, which is worth a point.
        assert grade.reward in (0, 0.2), where
        return

    code = HARMLESS[number % 10]
    assert grade.reward == REWARDS[code], where
    if code == BROKEN:
        # It cannot print. Its message quotes the line.
        assert f"this is ( {number}" in str(grade.checks[0]), where
    else:
        assert grade.stdout.startswith(f"this is {number}\n"), where


class Moment(NamedTuple):
    """The trusted processes after some submissions."""

    examiners: set[int]
    memory: float
    files: int


def children() -> set[int]:
    """The processes that this one started, or adopted."""
    found: set[int] = set()
    for task in Path("/proc/self/task").iterdir():
        found |= set(map(int, (task / "children").read_text().split()))
    # One that was adopted and has ended stays a zombie.
    return {pid for pid in found if not is_dead(pid)}


def own_memory(pid: int) -> float:
    """MiB that a process has written, so without the libraries that others share."""
    status = Path(f"/proc/{pid}/status").read_text()
    [kibibytes] = re.findall(r"^RssAnon:\s+(\d+) kB$", status, re.MULTILINE)
    return int(kibibytes) / 1024


def grade_many(count: int, course: Path) -> list[Moment]:
    """Grade ``count`` submissions, and look at the trusted processes after each hundred."""
    moments = []
    before = children()
    with grader.Grader(workers=2, course=course, seed=1) as warm:
        sources = map(submission, range(count))
        numbers = itertools.count()
        for grade in warm.map("double", sources):
            number = next(numbers)
            check_grade(number, grade)
            if number % 100 == 99:
                examiners = children() - before
                processes = [os.getpid(), *examiners]
                memory = sum(map(own_memory, processes))
                moments.append(Moment(examiners, memory, sum(map(open_files, processes))))
            if number % 500 == 499:
                print(f"{number + 1} submissions, {memory:.0f} MiB, {time.ctime()}", flush=True)
    assert next(numbers) == count
    return moments


@pytest.mark.usefixtures("_adopted")
@pytest.mark.parametrize("count", [pytest.param(10_000, marks=pytest.mark.slow), 110])
def test_many_submissions(count, course, scratch):
    """No grade is lost or mixed up, the trusted processes keep their size, and nothing is left."""
    before = children()
    moments = grade_many(count, course)
    until(lambda: children() <= before)
    assert list(scratch.iterdir()) == []
    # No examiner had to be replaced.
    assert all(moment.examiners == moments[0].examiners for moment in moments)
    for moment in moments[5:]:
        # Learner processes come and go, and each of them has a few pipes.
        assert moment.files <= moments[4].files + 20
        assert moment.memory < 1.1 * moments[4].memory
