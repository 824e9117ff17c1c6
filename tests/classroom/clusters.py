"""Real Dask clusters on this machine, and submissions for them."""

import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.course.loading import load_exercise
from grader.examiner.tasks import Task
from grader.grades.document import to_document
from grader.grades.gradebook import NAME, Gradebook
from grader.submission.files import Submission
from tests.classroom.conftest import GOOD, Class
from tests.grading import SMALL_COURSE, until, without_times

BIN = Path(sys.executable).parent
EXERCISES = sorted(path.name for path in (SMALL_COURSE / "exercises").iterdir())
SLOW = f"import time\ntime.sleep(0.1)\n{GOOD}"


class Cluster:
    """A scheduler and its workers, reachable from this machine only; each a command of Dask's."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self._folder = folder
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self._start(
            "scheduler",
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
            "--no-dashboard",
            **environment,
        )

    def add(self, name: str, *options: str, **environment: str) -> None:
        """Start a worker."""
        words = [
            "--host",
            "127.0.0.1",
            "--nthreads",
            "1",
            "--no-dashboard",
            "--name",
            name,
            *options,
        ]
        self._start("worker", self.address, *words, name=name, **environment)

    def _start(self, kind: str, *words: str, name: str = "scheduler", **environment: str) -> None:
        with (self._folder / f"{name}.log").open("wb") as log:
            self._processes[name] = subprocess.Popen(
                [BIN / "dask", kind, *words],
                stderr=log,
                cwd=self._folder,
                env={**os.environ, **environment},
            )

    def log(self, name: str) -> str:
        """What the scheduler or a worker said."""
        return (self._folder / f"{name}.log").read_text()

    def until_ready(self, *names: str) -> None:
        """Wait until these workers are registered with the scheduler."""
        until(lambda: all("Registered to" in self.log(name) for name in names), 60)

    def kill(self, name: str) -> None:
        """Kill the scheduler, or the process of a worker, which its nanny replaces."""
        os.kill(
            self._processes[name].pid if name == "scheduler" else self._worker(name), signal.SIGKILL
        )

    @contextlib.contextmanager
    def stopped(self, name: str) -> Iterator[None]:
        """Make a worker hang."""
        pid = self._worker(name)
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def is_busy(self, name: str) -> bool:
        """Whether a worker has an examiner."""
        return any("grader.examiner" in command(child) for child in children(self._worker(name)))

    def _worker(self, name: str) -> int:
        # A nanny has a second child, which tracks the resources of multiprocessing.
        return next(
            child for child in children(self._processes[name].pid) if "spawn_main" in command(child)
        )

    def end(self, *names: str) -> None:
        """End these workers; without names, everything."""
        for name in names or list(self._processes):
            process = self._processes.pop(name)
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)  # a nanny that is just starting a worker does not end
            process.kill()
            process.wait()


@contextlib.contextmanager
def running(
    folder: Path, *workers: str, options: Sequence[str] = (), **environment: str
) -> Iterator[Cluster]:
    """A scheduler and workers of these names."""
    started = Cluster(folder, **environment)
    try:
        for name in workers:
            started.add(name, *options)
        started.until_ready(*workers)
        yield started
    finally:
        started.end()


def children(pid: int) -> list[int]:
    """Processes that any thread of ``pid`` has started."""
    found = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for each in found for child in each.read_text().split()]


def command(pid: int) -> str:
    """The command line of a process."""
    return Path(f"/proc/{pid}/cmdline").read_text()


def write_class(folder: Path, number: int, source: str = SLOW) -> None:
    """Write one submission of each of ``number`` learners."""
    for learner in range(number):
        (folder / f"learner{learner:02}").mkdir(parents=True)
        (folder / f"learner{learner:02}" / "double.py").write_text(source)


def gradebook(out: Path) -> list[object]:
    """Every stored grade without its times, in the order of the learners."""
    with Gradebook(out / NAME) as book:
        entries = [
            entry
            for learner in book.learners()
            for each in EXERCISES
            for entry in book.history(learner.name, each)
        ]
    return [
        (
            entry.key,
            entry.file,
            entry.fingerprint,
            without_times(to_document(entry.grade)),
        )
        for entry in entries
    ]


def size(out: Path) -> int:
    """How many grades are stored, also while the gradebook is being created."""
    if not (out / NAME).exists():
        return 0
    with contextlib.closing(sqlite3.connect(out / NAME, timeout=20)) as database:
        try:
            return database.execute("SELECT count(*) FROM grades").fetchone()[0]
        except sqlite3.OperationalError:
            return 0  # no table yet


@contextlib.contextmanager
def in_the_middle(klass: Class, *words: str, number: int = 3) -> Iterator[subprocess.Popen[str]]:
    """A ``grade batch`` that has stored some grades, but not all."""
    process = klass.start(*words)
    try:
        until(lambda: size(klass.out) >= number, 60)
        yield process
    finally:
        process.kill()
        process.communicate()


def complaints(said: str) -> list[str]:
    """The lines of standard error, except progress."""
    return [line for line in said.splitlines() if " graded, " not in line]


def tasks(number: int, source: str = GOOD) -> list[Task]:
    """Tasks that all grade ``source``."""
    double = load_exercise(SMALL_COURSE, "double")
    return [
        Task(f"{n}/double.py", str(n), double, 1, lambda: Submission("double.py", source.encode()))
        for n in range(number)
    ]
