"""The same checks without the grader: in pytest processes, and in forks of a warm process."""

import inspect
import os
import re
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from grader.course.location import default_root
from grader.course.records import Exercise
from tests.benchmarks.in_process import Learner

# The one class that it needs of ours is written out: to import the rest would take the peer time.
CONFTEST = f"""
import os, runpy
import pytest, torch, types
from collections.abc import Mapping
from typing import Any
from grader.sandbox import probes

{inspect.getsource(Learner)}

@pytest.fixture(scope="session")
def learner():
    return Learner(runpy.run_path(os.environ["SUBMISSION"]))

@pytest.fixture
def rng():
    return torch.Generator().manual_seed(1)

@pytest.fixture
def device():
    return torch.device("cpu")
"""
# Each line of standard input is the path of a submission. The reply to an empty line is the CPU
# seconds since the last one, and how many checks passed. The solution runs before the first fork,
# so that no fork pays for the first use of anything.
FORKS = """
import gc, os, resource, runpy, sys
gc.disable()
import torch
from grader.sandbox import memory
from grader.sandbox.side_effects import Functions
from tests.benchmarks import in_process
exercise, solution, pages, guards = sys.argv[1:]
torch.set_num_threads(1)
functions = Functions() if guards == "guarded" else None
warm = runpy.run_path(solution)
for _ in range(3):
    in_process.passed(exercise, warm, functions)
gc.collect()
gc.freeze()
gc.enable()
if pages == "large":
    memory.use_large_pages()

def examine(path):
    try:
        names = runpy.run_path(path)
    except BaseException:
        return 0
    return in_process.passed(exercise, names, functions)

def cpu():
    both = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    return sum(sum(resource.getrusage(who)[:2]) for who in both)

before, passed = cpu(), 0
for line in sys.stdin:
    if not line.strip():
        print(cpu() - before, passed, flush=True)
        before, passed = cpu(), 0
        continue
    pid = os.fork()
    if pid == 0:
        os._exit(examine(line.strip()))
    passed += os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
"""


@dataclass(frozen=True)
class Seen:
    """The time of some pytest processes, and the checks that passed."""

    seconds: float
    cpu: float
    passed: dict[str, set[str]]


def one_process_each(exercise: Exercise, submissions: list[Path], place: Path) -> Seen:
    """Run one ``python -m pytest`` per submission, two at a time."""
    place.mkdir()
    (place / "conftest.py").write_text(CONFTEST)
    (place / "checks.py").write_text((exercise.hidden / "checks.py").read_text())
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    passed = {}
    for pair in zip(submissions[::2], submissions[1::2], strict=True):
        for learner, process in [(path.parent.name, _pytest(place, path)) for path in pair]:
            text = process.communicate()[0]
            assert process.returncode in (0, 1), text
            passed[learner] = set(re.findall(r"^PASSED checks\.py::test_(\w+)", text, re.MULTILINE))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Seen(time.perf_counter() - started, sum(after[:2]) - sum(before[:2]), passed)


def _pytest(place: Path, submission: Path) -> "subprocess.Popen[str]":
    words = ["-q", "-rA", "-c", os.devnull, "-o", "python_files=checks.py", "checks.py"]
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", *words],
        cwd=place,
        env=os.environ | {"SUBMISSION": str(submission)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


class Forks:
    """A warm process that forks and calls the checks without a sandbox; a context manager."""

    def __init__(self, exercise: Exercise, pages: str, guards: str = "plain") -> None:
        command = [
            sys.executable,
            "-W",
            "ignore",
            "-c",
            FORKS,
            exercise.id,
            str(exercise.hidden / "solution.py"),
            pages,
            guards,
        ]
        self._process = subprocess.Popen(
            command, cwd=default_root(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def examine(self, submissions: list[Path]) -> tuple[float, int]:
        """Return CPU seconds for all ``submissions``, and how many checks passed."""
        assert self._process.stdin and self._process.stdout
        print(*submissions, "", sep="\n", file=self._process.stdin, flush=True)
        cpu, passed = self._process.stdout.readline().split()
        return float(cpu), int(passed)
