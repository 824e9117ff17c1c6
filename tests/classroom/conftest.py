"""A class of submissions in a folder, and the commands that grade it."""

import contextlib
import csv
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copytree
from typing import Any
from unittest import mock

import pytest

from grader.examiner.pool import ExaminerPool
from grader.examiner.settings import DEFAULTS, Settings
from tests.command import Result, RunHere
from tests.grading import SMALL_COURSE, run_grade

GRADE = str(Path(sys.executable).parent / "grade")
GOOD = "def double(x):\n    if isinstance(x, str): raise TypeError\n    return x * 2\n"


class Class:
    """A folder of submissions under construction, graded by commands in this process."""

    def __init__(self, root: Path, run: Callable[..., Result]) -> None:
        self.root = root
        self.folder = root / "class"
        self.out = root / "graded"
        self.course = SMALL_COURSE
        self._run = run

    def copy_course(self) -> Path:
        """Give the class a course of its own, which a test may change."""
        self.course = self.root / "course"
        copytree(SMALL_COURSE, self.course)
        return self.course

    def write(self, file: str, content: str | bytes = GOOD) -> Path:
        """Add or replace a file."""
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def words(self, *words: str) -> list[str]:
        """The arguments of ``grade`` that grade the class."""
        folders = [str(self.folder), "--out", str(self.out), "--course", str(self.course)]
        return ["batch", *folders, *words]

    def batch(self, *words: str, **environment: str) -> Result:
        """Grade the class with one job, unless ``words`` say otherwise."""
        if "--jobs" not in words and "--cluster" not in words:
            words = (*words, "--jobs", "1")
        return self._run(*self.words(*words), folder=self.root, **environment)

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Grade the class in a process of its own."""
        return run_grade(*self.words(*words), folder=self.root, **environment)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Grade the class in a process of its own, with a fixed seed."""
        return subprocess.Popen(
            [GRADE, *self.words("--seed", "5", *words)],
            cwd=self.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def report(self, *words: str) -> Result:
        """Run ``grade report``."""
        folders = ["--out", str(self.out), "--course", str(self.course)]
        return self._run("report", *folders, *words, folder=self.root)

    def rows(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Learner, exercise and grade of every stored grade, also while a batch runs."""
        path = self.out / "gradebook.db"
        if not path.exists():
            return []
        with contextlib.closing(sqlite3.connect(path, timeout=20)) as database:
            try:
                found = database.execute(
                    "SELECT learner, exercise, grade FROM grades ORDER BY id"
                ).fetchall()
            except sqlite3.OperationalError:
                return []  # no table yet
        return [(learner, exercise, json.loads(grade)) for learner, exercise, grade in found]

    def points(self) -> dict[tuple[str, str], int]:
        """Learner and exercise to the points of the latest grade."""
        return {(learner, exercise): grade["points"] for learner, exercise, grade in self.rows()}

    def sheet(self) -> list[dict[str, str]]:
        """The rows of grades.csv."""
        with (self.out / "grades.csv").open(newline="") as file:
            return list(csv.DictReader(file))

    def feedback(self, learner: str, exercise: str = "double") -> str:
        """The feedback page of a learner."""
        return (self.out / "feedback" / learner / f"{exercise}.md").read_text()


@pytest.fixture
def klass(tmp_path: Path, run_here: RunHere, warm_batches: None) -> Class:
    """A class without submissions."""
    return Class(tmp_path, run_here)


@pytest.fixture
def warm_batches(pool: ExaminerPool) -> Iterator[None]:
    """Let this process use its warm examiner for batches of one job, demos and lists of devices."""

    def lend(
        settings: Settings = DEFAULTS, size: int = 1
    ) -> contextlib.AbstractContextManager[ExaminerPool]:
        asked = (size, settings.isolation, settings.device)
        if asked == (1, pool.settings.isolation, pool.settings.device):
            return contextlib.nullcontext(pool)
        return ExaminerPool(settings, size)

    with (
        mock.patch("grader.classroom.batch.ExaminerPool", lend),
        mock.patch("grader.classroom.demo.ExaminerPool", lend),
        mock.patch("grader.examiner.client.Examiner", pool.borrow),
    ):
        yield
