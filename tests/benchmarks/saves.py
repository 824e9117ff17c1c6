"""`grade watch` from a save to the page on a terminal, beside a warm examiner alone."""

import contextlib
import os
import pty
import re
import select
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from grader.course.loading import load_exercise
from grader.course.location import default_root
from grader.examiner.client import Examiner
from grader.examiner.protocol import Examine
from grader.submission.files import read_submission
from tests.benchmarks.measure import Row, asked

EXERCISE = "exercise12"
MISTAKE = "last_place_only"
PAGE_END = re.compile(rb"q quit\r?\n$")


def saves(runs: int) -> list[Row]:
    """Milliseconds from a save to its page, for a mistake and a solution with eight checks."""
    exercise = load_exercise(default_root(), EXERCISE)
    sources = {
        "a mistake": (exercise.hidden / "wrong" / f"{MISTAKE}.py").read_text(),
        "a solution": (exercise.hidden / "solution.py").read_text(),
    }
    rows = []
    with (
        tempfile.TemporaryDirectory() as folder,
        _watching(Path(folder)) as terminal,
        Examiner() as examiner,
    ):
        file = Path(folder, f"{EXERCISE}.py")
        for name, source in sources.items():
            shown, alone, checks = [], [], 0
            for number in range(runs + 1):
                text = f"{source}# {number}\n"
                milliseconds, page = _save(terminal, file, text)
                started = time.perf_counter()
                submission = read_submission(exercise, file)
                # As for a page, with a search for a small example.
                examine = Examine(exercise, submission, "benchmark", 1, small_example=True)
                grade = examiner.grade(examine)
                alone.append((time.perf_counter() - started) * 1e3)
                shown.append(milliseconds)
                checks = len(grade.checks)
                # A long page is shown in parts, which begin with the points.
                assert re.search(rb"points|passed", page)
            page_ms, alone_ms = statistics.median(shown[1:]), statistics.median(alone[1:])
            what, beside = (
                f"save to page, {name}, {checks} checks",
                f"examiner alone {alone_ms:.0f} ms",
            )
            bound = asked("at most 100 ms", page_ms <= 100)
            rows.append(Row(what, f"{page_ms:.0f} ms", beside, f"{page_ms / alone_ms:.2f}", bound))
    return rows


@contextlib.contextmanager
def _watching(folder: Path) -> Iterator[int]:
    """Start `grade watch`; yield its terminal when it is ready."""
    terminal, inside = pty.openpty()
    grade = str(Path(sys.executable).parent / "grade")
    environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "40"}
    process = subprocess.Popen(
        [grade, "watch", EXERCISE],
        cwd=folder,
        env=environment,
        stdin=inside,
        stdout=inside,
        stderr=inside,
        start_new_session=True,
    )
    os.close(inside)
    try:
        _page(terminal, 30)
        time.sleep(3)  # known mistakes are run meanwhile
        yield terminal
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
        os.close(terminal)


def _save(terminal: int, file: Path, text: str) -> tuple[float, bytes]:
    """Save as an editor does, and read the whole page; return milliseconds and the page."""
    time.sleep(0.7)
    while select.select([terminal], [], [], 0)[0]:
        os.read(terminal, 65536)
    started = time.perf_counter()
    file.write_text(text)
    page = _page(terminal, 30)
    while not (
        b"passed" in page or b"failed" in page
    ):  # slow: it says that it is grading, and is not done yet
        page += _page(terminal, 30)
    return (time.perf_counter() - started) * 1e3, page


def _page(terminal: int, seconds: float) -> bytes:
    """Read up to the line of keys that ends a page."""
    came, end = b"", time.monotonic() + seconds
    while not PAGE_END.search(came):
        assert select.select([terminal], [], [], max(0, end - time.monotonic()))[0], came
        came += os.read(terminal, 65536)
    return came
