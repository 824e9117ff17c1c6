"""One submission changes no other one's grade, and no trusted process takes much memory for it."""

import contextlib
import os

import pytest

from grader.course.loading import load_exercise
from grader.errors import WireError
from grader.examiner import server
from grader.examiner.client import Examiner
from grader.examiner.pool import ExaminerPool, grade_all
from grader.examiner.protocol import Examine
from grader.examiner.tasks import Done, Task
from grader.grades.grade import Outcome
from grader.sandbox import values, wire
from grader.submission.files import Submission
from tests.grading import SMALL_COURSE

EXERCISE = load_exercise(SMALL_COURSE, "target")
HONEST = b"""
import fcntl, os, time, torch
with open(torch.__file__, "rb") as shared, open("own", "w") as own:
    fcntl.flock(shared, fcntl.LOCK_EX)
    fcntl.lockf(own, fcntl.LOCK_EX)
def double(x):
    with open("own", "w") as own:
        own.write("x" * 1000)
    end = time.process_time() + 0.05
    while time.process_time() < end:
        pass
    return x * 2
"""
# Each begins its harm at once and keeps it up for as long as it may run.
HARMS = {
    "locks": """
import fcntl
kept = open(torch.__file__, "rb")
fcntl.flock(kept, fcntl.LOCK_EX)
fcntl.lockf(kept, fcntl.LOCK_SH)
time.sleep(0.8)
""",
    "threads": """
import threading
def spin():
    while True: torch.ones(300, 300) @ torch.ones(300, 300)
for _ in range(61):
    threading.Thread(target=spin, daemon=True).start()
""",
    "processes": """
while True:
    try: os.fork()
    except OSError: time.sleep(0.01)
""",
    "disk": """
kept = []
while True:
    with open(f"{len(kept)}", "wb") as file: file.write(bytes(1 << 20))
    kept.append(1)
""",
    "memory": "kept = []\nwhile True: kept.append(bytearray(1 << 24))\n",
}


def graded_beside(harms, size):
    """Grade an honest submission beside harmful ones, with ``size`` examiners."""
    sources = [f"import os, time, torch\n{HARMS[name]}\ndef double(x): return x" for name in harms]
    tasks = []
    for number, source in enumerate([*sources, HONEST.decode()]):
        submission = Submission("target.py", source.encode())
        read = lambda submission=submission: submission  # noqa: E731
        tasks.append(Task(f"{number}.py", f"learner{number}", EXERCISE, 1, read))

    grades = {}
    with ExaminerPool(size=size) as pool:
        for events in grade_all(pool, tasks):
            for event in events:
                if isinstance(event, Done):
                    grades[event.task.name] = event.result.grade
    return grades[f"{len(harms)}.py"]


@pytest.mark.parametrize(
    ("harms", "size"),
    [
        pytest.param(["locks", "threads"], 2),
        pytest.param(list(HARMS), 1, marks=pytest.mark.slow),
        pytest.param(list(HARMS), 2, marks=pytest.mark.slow),
        pytest.param([*HARMS, *HARMS], 8, marks=pytest.mark.slow),
    ],
)
def test_neighbors_keep_their_grade(harms, size):
    """Locks, threads, processes, a full disk and memory of one submission change no other grade."""
    assert graded_beside(harms, size).passed


ONE = rb"\x96\xa6tensor\xa4bool\x90\xc4\x01\x01\xa3cpu\xc2"
# What a process sends in place of a value: its first bytes, a unit, and how often.
REPLIES = {
    "small tensors": (rb"\x92\xa4list\xdd", ONE, 99_990),
    "empty lists": (rb"\x92\xa4list\xdd", rb"\x92\xa4list\x90", 99_990),
    "lists over the limit": (rb"\x92\xa4list\xdd", rb"\x92\xa4list\x90", 2_000_000),
    "long texts": (rb"\x92\xa4list\xdd", rb"\xdb\x00\x0f\x00\x00" + b"x" * 0xF0000, 16),
    "nothing": (rb"\x92\xa4list\xdd", rb"\xc0", 16_000_000),
}
FORGE = """
import os
def double(x):
    unit, count = {unit!r}, {count}
    body = b"\\x93\\xa8returned\\x01" + {head!r} + count.to_bytes(4, "big") + unit * count
    data = memoryview(len(body).to_bytes(4, "big") + body)
    while data: data = data[os.write(4, data):]
"""


def peak(pid):
    """The most bytes of memory that a process ever had."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        [line] = [line for line in file if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


@pytest.mark.parametrize("name", REPLIES)
def test_reply_that_grows(name, examiner):
    """A reply that would become much larger than its bytes ends as a failure of the learner."""
    head, unit, count = REPLIES[name]
    written = [part.decode("unicode_escape").encode("latin-1") for part in (head, unit)]
    source = FORGE.format(head=written[0], unit=written[1], count=count)
    examiner.inspect()
    before = peak(examiner.pid)
    grade = examiner.grade(Examine(EXERCISE, Submission("target.py", source.encode()), "ada", 1))
    assert (grade.status, grade.points) == ("graded", 0)
    assert peak(examiner.pid) - before < 150 * 2**20


def test_memory_of_the_examiner_has_a_limit(monkeypatch, tmp_path):
    """Without memory the examiner gives no grade to this submission, and one to the next."""
    folder = tmp_path / "course"
    for part in ("exercises", "solutions"):
        (folder / part / "target").mkdir(parents=True)
        for file in (SMALL_COURSE / part / "target").glob("*.*"):
            (folder / part / "target" / file.name).write_bytes(file.read_bytes())
    checks = (
        "import torch\n"
        "def test_value(learner):\n"
        "    assert learner.double(torch.ones(1)) == 2\n"
        f"    torch.ones({server.MAX_GROWTH})\n"
    )
    (folder / "solutions/target/checks.py").write_text(checks)
    exercise = load_exercise(folder, "target")
    good, wrong = (
        Submission("target.py", f"def double(x): return {by} * x".encode()) for by in (2, 3)
    )
    with Examiner() as examiner:
        grade = examiner.grade(Examine(exercise, good, "ada", 1))
        assert [check.outcome for check in grade.checks] == [Outcome.UNGRADED]
        assert "memory" in grade.checks[0].message
        assert examiner.grade(Examine(exercise, wrong, "ada", 1)).status == "graded"


def test_check_of_size_reads_any_bytes(monkeypatch):
    """The check of a message's size accepts what the encoder writes, and ends on any bytes."""
    # So that it reads short messages too.
    monkeypatch.setattr(wire, "SMALL_PAYLOAD", 0)
    deep = []
    for _ in range(values.MAX_DEPTH - 1):
        deep = [deep, {"a": 1.5, "b": -1, "c": 2**40, "d": "x" * 300, "e": None}]
    payload = wire.pack(wire.Returned(1, values.encode(deep)))[wire.HEADER :]
    wire.check_size(payload)
    for code in range(256):
        wire.check_size(bytes([code]))
        with contextlib.suppress(WireError):
            wire.check_size(bytes([code]) + os.urandom(20))
    with pytest.raises(WireError, match="nested too deep"):
        wire.check_size(b"\x91" * 200)
    with pytest.raises(WireError, match="parts"):
        wire.check_size(b"\xdd\xff\xff\xff\xff" + bytes(wire.MAX_TOKENS))
    with pytest.raises(WireError, match="text"):
        wire.check_size(b"\xdb\x7f\xff\xff\xff")
