"""`grader.Grader` and `grade stream`, beside a batch and beside an `exec` loop."""

import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from grader.classroom.batch import grade_sources
from grader.examiner.pool import cores
from grader.programs.warm import Grader
from tests.benchmarks.classes import hand_in, source
from tests.benchmarks.floors import one_process_each
from tests.benchmarks.measure import Row, asked
from tests.benchmarks.starting import GRADE

SUBMISSIONS = 400
WARM_UP = 20
SAMPLE = 12
# Each line of standard input is a JSON list of sources; the reply is the number of passed checks.
IN_PROCESS = """
import json, sys
import torch
from grader.sandbox.side_effects import Functions
from tests.benchmarks.in_process import passed
torch.set_num_threads(1)
functions = Functions() if sys.argv[1] == "guarded" else None
for line in sys.stdin:
    count = 0
    for source in json.loads(line):
        names = {}
        try:
            exec(source, names)
        except BaseException:
            continue
        count += passed("exercise1", names, functions)
    print(count, flush=True)
"""


class Loops:
    """Warm `exec` loops in ``count`` processes, without any isolation."""

    def __init__(self, count: int, guards: str) -> None:
        self._processes = [
            subprocess.Popen(
                [sys.executable, "-c", IN_PROCESS, guards],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(count)
        ]

    def run(self, sources: list[str]) -> None:
        """Grade the sources, shared among the processes."""
        for number, process in enumerate(self._processes):
            assert process.stdin is not None
            share = sources[number :: len(self._processes)]
            process.stdin.write(json.dumps(share) + "\n")
            process.stdin.flush()
        for process in self._processes:
            assert process.stdout is not None
            process.stdout.readline()

    def close(self) -> None:
        """End the processes."""
        for process in self._processes:
            process.kill()
            process.wait()


class Stream:
    """A running `grade stream`."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [GRADE, "stream"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def run(self, sources: list[str]) -> None:
        """Send the sources and read all answers."""
        sender = threading.Thread(target=self._send, args=(sources,))
        sender.start()
        assert self._process.stdout is not None
        for _ in sources:
            self._process.stdout.readline()
        sender.join()

    def _send(self, sources: list[str]) -> None:
        assert self._process.stdin is not None
        for number, each in enumerate(sources):
            request = {"id": number, "exercise": "exercise1", "source": each}
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()

    def close(self) -> None:
        """End the stream."""
        self._process.kill()
        self._process.wait()


def programs(runs: int) -> list[Row]:
    """400 different submissions, all sides warm, in turns."""
    with tempfile.TemporaryDirectory() as name:
        exercise = hand_in(Path(name), SAMPLE)
        files = [Path(name, f"learner{number:05}", "exercise1.py") for number in range(SAMPLE)]
        peer = one_process_each(exercise, files, Path(name, "peer"))
    sources = [source(exercise, number) for number in range(SUBMISSIONS)]
    stream = Stream()
    loop, loops, plain = Loops(1, "guarded"), Loops(cores(), "guarded"), Loops(cores(), "plain")
    with Grader() as grader:
        sides: list[Callable[[list[str]], object]] = [
            lambda some: list(grader.map("exercise1", some)),
            stream.run,
            loop.run,
            loops.run,
            plain.run,
        ]
        try:
            for side in sides:
                side(sources[:WARM_UP])
            turns = [
                [_seconds(side, sources) for side in [*sides, _batch]] for _ in range(min(runs, 3))
            ]
        finally:
            stream.close()
            loop.close()
            loops.close()
            plain.close()
    mapped, streamed, once, looped, plainly, batched = (
        SUBMISSIONS / statistics.median(times) for times in zip(*turns, strict=True)
    )
    processes = SAMPLE / peer.seconds
    return [
        _row("Grader.map", mapped, "a batch, start included", batched, 0.95),
        _row("grade stream", streamed, "a batch, start included", batched, 0.9),
        _row("Grader.map", mapped, "pytest processes", processes, 80),
        _row("Grader.map", mapped, "one exec loop with the same guards", once, 0.35),
        _row("Grader.map", mapped, "exec loops on all cores with the same guards", looped),
        _row("Grader.map", mapped, "exec loops on all cores without guards", plainly),
    ]


def _batch(sources: list[str]) -> None:
    """Grade as `grade batch` does, without reading and writing files."""
    named = {str(number): each for number, each in enumerate(sources)}
    list(grade_sources("exercise1", named))


def _seconds(side: Callable[[list[str]], object], sources: list[str]) -> float:
    started = time.perf_counter()
    side(sources)
    return time.perf_counter() - started


def _row(what: str, ours: float, beside: str, theirs: float, least: float = 0) -> Row:
    ratio = ours / theirs
    return Row(
        f"{what}, {SUBMISSIONS} submissions",
        f"{ours:.1f}/s",
        f"{beside} {theirs:.2f}/s",
        f"{ratio:.2f}",
        asked(f"at least {least}", ratio >= least) if least else "",
    )
