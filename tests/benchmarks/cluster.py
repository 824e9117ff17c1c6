"""A class on a Dask cluster of this machine's, beside the same class without one; and the gradebook alone."""

import contextlib
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
from distributed import Client

from grader import batch as batches
from grader.course import Exercise, default_root, load_exercise
from grader.gradebook import NAME, Entry, Gradebook, Key
from grader.job import Done, Task
from grader.pool import examine
from grader.results import Grade
from grader.submission import Submission
from tests.benchmarks.classes import hand_in, source
from tests.benchmarks.measure import Row, asked, cpu_of_tree, own_memory

DASK = str(Path(sys.executable).parent / "dask")
NUMBER = 600
LONG_NUMBER = 3_000
WARM = 200
"""Submissions that are not counted: examiners start, and wrong solutions run once in each."""
ENOUGH = 540
"""Up to here it is counted: towards the end the first jobs have nothing to do."""
WORKERS = (1, 2, 4, 8)
GRADES = 100_000
AT_ONCE = 20


@dataclass(frozen=True)
class Run:
    """One class, graded."""

    rate: float
    """Submissions a second, once all is warm."""
    cpu: float
    """CPU seconds of all processes for each submission, once all is warm."""


@contextlib.contextmanager
def running(workers: int) -> Iterator[tuple[str, int]]:
    """A scheduler's address and process id; it has ``workers`` workers of one thread each."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    address = f"tcp://127.0.0.1:{port}"
    words = ["--host", "127.0.0.1", "--no-dashboard"]
    commands = [
        [DASK, "scheduler", "--port", port, *words],
        [DASK, "worker", address, "--nworkers", str(workers), "--nthreads", "1", *words],
    ]
    processes = [subprocess.Popen(each, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for each in commands]
    try:
        with Client(address, timeout=60, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=60)
        yield address, processes[0].pid
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait()


def cluster(runs: int) -> list[Row]:
    """As many workers as there are cores, beside as many jobs without a cluster."""
    cores = len(os.sched_getaffinity(0))
    here: list[Run] = []
    there: list[Run] = []
    with tempfile.TemporaryDirectory() as name:
        hand_in(Path(name, "class"), NUMBER)
        for _ in range(min(runs, 3)):
            here.append(_graded(Path(name), jobs=cores))
            with running(cores) as (address, _pid):
                there.append(_graded(Path(name), cluster=address))
    far, far_cpu, near, near_cpu = (
        statistics.median(getattr(run, what) for run in measured)
        for measured in (there, here)
        for what in ("rate", "cpu")
    )
    return [
        Row(
            f"{cores} workers of one thread, once warm",
            f"{far:.1f}/s",
            f"{cores} jobs {near:.1f}/s",
            f"{far / near:.2f}",
            asked("at least 0.85", far >= 0.85 * near),
        ),
        Row(
            "CPU of each submission, scheduler and client in",
            f"{far_cpu * 1e3:.1f} ms",
            f"{near_cpu * 1e3:.1f} ms",
            f"{far_cpu / near_cpu:.2f}",
            asked("at most 1.15", far_cpu <= 1.15 * near_cpu),
        ),
    ]


def workers(_runs: int) -> list[Row]:
    """Throughput of 1, 2, 4 and 8 workers, beside what as many as there are cores could do at most."""
    cores = len(os.sched_getaffinity(0))
    rows = []
    alone = 0.0
    with tempfile.TemporaryDirectory() as name:
        hand_in(Path(name, "class"), NUMBER)
        for number in WORKERS:
            with running(number) as (address, _pid):
                run = _graded(Path(name), cluster=address)
            alone = alone or run.rate
            most = alone * min(number, cores)
            rows.append(
                Row(
                    f"{number} worker{'s' if number > 1 else ''} on {cores} cores",
                    f"{run.rate:.1f}/s, CPU {run.cpu * 1e3:.1f} ms each",
                    f"of {most:.1f}/s",
                    f"{run.rate / most:.2f}",
                )
            )
    return rows


def memory(_runs: int) -> list[Row]:
    """What the scheduler and the client hold while a long class is graded."""
    with tempfile.TemporaryDirectory() as name, running(len(os.sched_getaffinity(0))) as (address, pid):
        hand_in(Path(name, "long"), LONG_NUMBER)
        early, late = _memory(Path(name), pid, address)
    what = f"PSS at {LONG_NUMBER:,}, beside that at {LONG_NUMBER // 6:,}"
    return [
        Row(
            f"{who}: {what}",
            f"{late[n]:.0f} MiB",
            f"{early[n]:.0f} MiB",
            f"{late[n] / early[n]:.2f}",
            asked("at most 1.10", late[n] <= 1.10 * early[n]),
        )
        for n, who in enumerate(("scheduler", "client"))
    ]


def _graded(place: Path, **where: object) -> Run:
    """Grade the class anew, and see what that took after the first submissions."""
    seen: list[tuple[float, float]] = []
    number = 0

    def watch(event: object) -> None:
        nonlocal number
        number += isinstance(event, Done)
        if number in (WARM, ENOUGH):
            seen.append((time.perf_counter(), cpu_of_tree(os.getpid())))

    with tempfile.TemporaryDirectory() as out:
        batches.grade_class(place / "class", out, watch=watch, **where)  # type: ignore[arg-type]
    (began, cpu_before), (ended, cpu_after) = seen[0], seen[-1]
    return Run((ENOUGH - WARM) / (ended - began), (cpu_after - cpu_before) / (ENOUGH - WARM))


def _memory(place: Path, scheduler: int, address: str) -> list[tuple[float, float]]:
    """MiB of the scheduler and of this process at a sixth of a long class, and at its end."""
    moments: list[tuple[float, float]] = []
    number = 0

    def watch(event: object) -> None:
        nonlocal number
        number += isinstance(event, Done)
        if len(moments) < number * 6 // LONG_NUMBER:
            moments.append((own_memory(scheduler) / 1024, own_memory(os.getpid()) / 1024))

    with tempfile.TemporaryDirectory() as out:
        batches.grade_class(place / "long", out, cluster=address, watch=watch)
    return [moments[0], moments[-1]]


def ingest(_runs: int) -> list[Row]:
    """The gradebook alone: 100,000 grades, stored as a batch on a cluster stores them, a few at a time."""
    exercise = load_exercise(default_root(), "exercise1")
    grades = _some_grades(exercise)
    with tempfile.TemporaryDirectory() as name, Gradebook(Path(name, NAME), create=True) as gradebook:
        marks = [time.perf_counter()]
        for start in range(0, GRADES, AT_ONCE):
            gradebook.add(_entry(number, grades[number % len(grades)]) for number in range(start, start + AT_ONCE))
            if not (start + AT_ONCE) % (GRADES // 10):
                marks.append(time.perf_counter())
        size = Path(name, NAME).stat().st_size
        began = time.perf_counter()
        known = len(gradebook.latest_keys())
        asked = time.perf_counter() - began
    assert known == GRADES
    first, last = marks[1] - marks[0], marks[-1] - marks[-2]
    rate = GRADES / (marks[-1] - marks[0])
    sent = statistics.mean(len(msgspec.msgpack.encode(source(exercise, number).encode())) for number in range(100))
    back = statistics.mean(len(msgspec.msgpack.encode(grade)) for grade in grades)
    return [
        Row(f"{GRADES:,} grades, {AT_ONCE} at a time", f"{rate:,.0f}/s", "", "", ""),
        Row(
            "the last tenth, beside the first",
            f"{last:.1f} s",
            f"{first:.1f} s",
            f"{last / first:.2f}",
            asked("at most 1.25", last <= 1.25 * first),
        ),
        Row("a grade on the disk", f"{size / GRADES:,.0f} bytes"),
        Row("a submission on its way, and its grade", f"{sent:,.0f} bytes", f"{back:,.0f} bytes"),
        Row(f"asking which of {GRADES:,} are graded", f"{asked:.2f} s"),
    ]


def _some_grades(exercise: Exercise) -> list[Grade]:
    """Real grades of ten submissions such as a class hands in."""
    tasks = [
        Task(
            f"{number}.py",
            f"learner{number}",
            exercise,
            1,
            lambda number=number: Submission("exercise1.py", source(exercise, number).encode()),
        )
        for number in range(10)
    ]
    return [event.grade for events in examine(tasks, 1) for event in events if isinstance(event, Done)]


def _entry(number: int, grade: Grade) -> Entry:
    learner = f"learner{number:06}"
    key = Key(learner, grade.exercise, f"{number:032x}", "0" * 32, "grade 0.1.0, torch 2.13.0")
    return Entry(key, f"{learner}/exercise1.py", "2026-01-01T00:00:00.000+00:00", grade, f"{number:032x}")
