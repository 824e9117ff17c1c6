"""Shared by all benchmarks: table rows, interleaved runs, and the usage of process trees."""

import contextlib
import os
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
_READINGS = 9


@dataclass(frozen=True)
class Row:
    """One line of the table: our figure, and the figure beside it if there is one."""

    what: str
    ours: str
    beside: str = ""
    ratio: str = ""
    bound: str = ""


def asked(bound: str, holds: bool) -> str:
    """Return the goal, with a note if the figure does not reach it."""
    return bound if holds else f"{bound}: not reached"


def interleaved(
    runs: int, one: Callable[[], float], other: Callable[[], float]
) -> tuple[float, float]:
    """Return the medians of both, measured in turns after one turn to warm up."""
    one(), other()
    pairs = [(one(), other()) for _ in range(runs)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(
        pair[1] for pair in pairs
    )


def seconds(command: list[str], **environment: str) -> float:
    """Return the seconds that a command takes. No examiner stays, unless the caller says so."""
    variables = os.environ | {"GRADE_RESIDENT": "0"} | environment
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=variables)
    return time.perf_counter() - started


def cpu_of_tree(pid: int) -> float:
    """CPU seconds of a process tree with its reaped children (proc(5), stat and task/children)."""
    for _ in range(_READINGS):
        with contextlib.suppress(OSError):  # a process may end while it is looked at
            return _cpu_of_tree(pid)
    return _cpu_of_tree(pid)


def _cpu_of_tree(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICK + sum(
        _cpu_of_tree(child) for child in _children(pid)
    )


def memory_of_tree(pid: int) -> float:
    """Proportional set size of a process tree in KiB (proc(5), smaps_rollup)."""
    return own_memory(pid) + sum(memory_of_tree(child) for child in _children(pid))


def own_memory(pid: int) -> float:
    """Proportional set size of one process in KiB."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]
