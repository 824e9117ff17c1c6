"""Examiners that share one GPU, beside warm processes that fork and start CUDA.

Run ``python -m tests.benchmarks gpu`` on a machine with a GPU. This module is also the program
of the warm process: each line of standard input is a submission to fork for.
"""

import contextlib
import gc
import os
import runpy
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import torch

from grader.course.loading import load_exercise
from grader.course.location import default_root
from grader.examiner.client import Examiner
from grader.examiner.protocol import Examine
from grader.examiner.settings import Settings
from grader.grades.grade import Outcome
from grader.sandbox import devices, memory
from grader.submission.files import read_submission
from tests.benchmarks.classes import hand_in
from tests.benchmarks.in_process import check_names, holds
from tests.benchmarks.measure import Row

EXERCISE = "exercise1"
NUMBERS = (1, 2, 4, 8)
EACH = 20
"""Submissions per examiner or warm process."""
MEMORY = 2**30
SMI = ("nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits")


@dataclass(frozen=True)
class Seen:
    """The result for some submissions."""

    rate: float
    """Submissions per second."""
    passed: int
    """Checks that passed."""
    most: float | None
    """Largest GPU memory in use in MiB, beyond that before; None if it is unknown."""


def gpu(runs: int) -> list[Row]:
    """Submissions per second on CUDA with 1, 2, 4 and 8 examiners, if there is a GPU."""
    with Examiner(Settings(device="cuda")) as examiner:
        if "cuda" not in examiner.devices():
            return [Row("submissions on a GPU", "no CUDA device")]
    return shared("cuda", NUMBERS, EACH, min(runs, 3))


def shared(device: str, numbers: Sequence[int], each: int, runs: int) -> list[Row]:
    """Measure examiners with ``each`` submissions, and as many warm processes, in turns."""
    rows = []
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        hand_in(Path(name), each)
        files = sorted(Path(name).rglob("*.py"))
        examiners = [stack.enter_context(Ours(device, files)) for _ in range(max(numbers))]
        floors = [stack.enter_context(Floor(device, files)) for _ in range(max(numbers))]
        for number in numbers:
            turns = [(_all(examiners[:number]), _all(floors[:number])) for _ in range(runs + 1)][1:]
            ours, floor = zip(*turns, strict=True)
            rows += _rows(number, device, ours, floor)
    return rows


def _rows(number: int, device: str, ours: Sequence[Seen], floor: Sequence[Seen]) -> list[Row]:
    mine, bare = (statistics.median(seen.rate for seen in side) for side in (ours, floor))
    most, least = (max((seen.most or 0 for seen in side), default=0) for side in (ours, floor))
    plural = "s" if number > 1 else ""
    rows = [
        Row(
            f"{number} examiner{plural} on one {device}",
            f"{mine:.1f}/s",
            f"{number} warm process{'es' if plural else ''}, fork and start it: {bare:.1f}/s",
            f"{mine / bare:.2f}",
        ),
        # The counts can differ: there, the reference gets inputs that a submission has changed.
        Row(
            "- checks passed",
            *(", ".join(sorted({str(seen.passed) for seen in side})) for side in (ours, floor)),
        ),
    ]
    if most or least:
        rows.append(Row("- its memory in use, at most", f"{most:.0f} MiB", f"{least:.0f} MiB"))
    return rows


class Ours:
    """An examiner that grades files one after the other; a context manager."""

    def __init__(self, device: str, files: Sequence[Path]) -> None:
        exercise = load_exercise(default_root(), EXERCISE)
        self.count = len(files)
        self._examiner = Examiner(Settings(device=device))
        self._requests = [
            Examine(exercise, read_submission(exercise, file), "benchmark", 1, device=device)
            for file in files
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._examiner.close()

    def examine(self) -> int:
        """Return how many checks passed."""
        checks = [
            check for request in self._requests for check in self._examiner.grade(request).checks
        ]
        return sum(check.outcome is Outcome.PASSED for check in checks)


class Floor:
    """A warm process that forks for each file; a context manager."""

    def __init__(self, device: str, files: Sequence[Path]) -> None:
        self.count = len(files)
        self._files = files
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.gpu", device],
            cwd=default_root(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def examine(self) -> int:
        """Return how many checks passed."""
        assert self._process.stdin and self._process.stdout
        passed = 0
        for file in self._files:
            print(file, file=self._process.stdin, flush=True)
            passed += int(self._process.stdout.readline())
        return passed


def _all(sides: "Sequence[Ours | Floor]") -> Seen:
    """Run all of them at once."""
    with ThreadPoolExecutor(len(sides)) as pool, _watched_memory() as most:
        started = time.perf_counter()
        passed = sum(pool.map(lambda side: side.examine(), sides))
        took = time.perf_counter() - started
    return Seen(
        sum(side.count for side in sides) / took, passed, max(most) - most[0] if most else None
    )


@contextlib.contextmanager
def _watched_memory() -> Iterator[list[float]]:
    """GPU memory in use in MiB, before and repeatedly meanwhile; empty without nvidia-smi."""
    seen: list[float] = []
    done = threading.Event()

    def watch() -> None:
        with contextlib.suppress(OSError, subprocess.CalledProcessError):
            while True:
                text = subprocess.run(SMI, check=True, capture_output=True, text=True).stdout
                seen.append(sum(map(float, text.split())))
                if done.wait(0.05):
                    return

    thread = threading.Thread(target=watch)
    thread.start()
    while thread.is_alive() and not seen:
        time.sleep(0.01)
    try:
        yield seen
    finally:
        done.set()
        thread.join()


def main() -> None:
    """Fork for each path on standard input. Only the forked processes may use the GPU."""
    (device,) = sys.argv[1:]
    torch.set_num_threads(1)
    exercise = load_exercise(default_root(), EXERCISE)
    checks = check_names(EXERCISE)
    warm = runpy.run_path(str(exercise.hidden / "solution.py"))
    for _ in range(3):
        [holds(EXERCISE, check, warm) for check in checks]
    gc.collect()
    gc.freeze()
    memory.use_large_pages()
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            os._exit(_examine(line.strip(), checks, device))
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


def _examine(path: str, checks: Sequence[str], device: str) -> int:
    """Return how many checks pass on ``device``."""
    devices.start(device, MEMORY)
    try:
        names = runpy.run_path(path)
    except BaseException:
        return 0
    return sum(holds(EXERCISE, check, names, device) for check in checks)


if __name__ == "__main__":
    main()
