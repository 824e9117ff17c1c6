"""A class on a Dask cluster on this machine, beside the same class without a cluster."""

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

from distributed import Client

from grader.classroom import batch as batches
from grader.examiner.tasks import Done
from tests.benchmarks.classes import hand_in
from tests.benchmarks.measure import Row, asked, cpu_of_tree, own_memory

DASK = str(Path(sys.executable).parent / "dask")
NUMBER = 600
LONG_NUMBER = 3_000
WARM = 200
"""Submissions before the measurement, while examiners start and wrong solutions run."""
ENOUGH = 540
"""Submissions up to the end of the measurement. After it, some jobs have nothing to do."""
WORKERS = (1, 2, 4, 8)


@dataclass(frozen=True)
class Run:
    """One class, graded."""

    rate: float
    """Submissions per second, after the start."""
    cpu: float
    """CPU seconds of all processes per submission, after the start."""
    command: float
    """CPU seconds of the command itself."""
    scheduler: float = 0


@contextlib.contextmanager
def running(workers: int) -> Iterator[tuple[str, int]]:
    """Start a scheduler with workers of one thread; yield its address and process id."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    address = f"tcp://127.0.0.1:{port}"
    words = ["--host", "127.0.0.1", "--no-dashboard"]
    commands = [
        [DASK, "scheduler", "--port", port, *words],
        [DASK, "worker", address, "--nworkers", str(workers), "--nthreads", "1", *words],
    ]
    processes = [
        subprocess.Popen(each, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for each in commands
    ]
    try:
        with Client(address, timeout=60, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=60)
        yield address, processes[0].pid
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait()


def cluster(runs: int) -> list[Row]:
    """One worker per core, beside the same number of jobs without a cluster."""
    cores = len(os.sched_getaffinity(0))
    here: list[Run] = []
    there: list[Run] = []
    with tempfile.TemporaryDirectory() as name:
        hand_in(Path(name, "class"), NUMBER)
        for _ in range(min(runs, 3)):
            here.append(_graded(Path(name), jobs=cores))
            with running(cores) as (address, scheduler):
                there.append(_graded(Path(name), scheduler, cluster=address))
    far, far_cpu, far_command, dask = (
        _median(there, what) for what in ("rate", "cpu", "command", "scheduler")
    )
    near, near_cpu, near_command = (_median(here, what) for what in ("rate", "cpu", "command"))
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
        Row(
            "- of that the command",
            f"{far_command * 1e3:.1f} ms",
            f"{near_command * 1e3:.1f} ms",
            f"{far_command / near_command:.2f}",
        ),
        Row("- of that the scheduler", f"{dask * 1e3:.1f} ms"),
    ]


def workers(_runs: int) -> list[Row]:
    """Throughput of 1, 2, 4 and 8 workers, beside that of one worker times the cores."""
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
    """Memory of the scheduler and the client while a long class is graded."""
    with (
        tempfile.TemporaryDirectory() as name,
        running(len(os.sched_getaffinity(0))) as (address, pid),
    ):
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


def _median(runs: list[Run], what: str) -> float:
    return statistics.median(getattr(run, what) for run in runs)


def _graded(place: Path, scheduler: int | None = None, **where: object) -> Run:
    """Grade the class again; measure it after the first submissions."""
    seen: list[tuple[float, ...]] = []
    number = 0

    def watch(event: object) -> None:
        nonlocal number
        number += isinstance(event, Done)
        if number in (WARM, ENOUGH):
            apart = cpu_of_tree(scheduler) if scheduler else 0
            seen.append((time.perf_counter(), cpu_of_tree(os.getpid()), time.process_time(), apart))

    with tempfile.TemporaryDirectory() as out:
        batches.grade_class(place / "class", out, watch=watch, **where)  # type: ignore[arg-type]
    seconds, *cpu = (
        (after - before) / (ENOUGH - WARM) for before, after in zip(seen[0], seen[-1], strict=True)
    )
    return Run(1 / seconds, *cpu)


def _memory(place: Path, scheduler: int, address: str) -> list[tuple[float, float]]:
    """MiB of the scheduler and this process after a sixth of a long class, and at its end."""
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
