"""The wait with spawned learner processes, as on macOS and Windows."""

import os
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

from grader.course.loading import load_exercise
from grader.course.location import default_root
from grader.examiner.client import Examiner
from grader.examiner.protocol import Examine, new_seed
from grader.submission.files import read_submission
from grader.system import LEARNERS_VARIABLE, SPAWNED
from tests.benchmarks.measure import Row, interleaved, seconds
from tests.benchmarks.starting import GRADE, SOLUTION


def spawned(runs: int) -> list[Row]:
    """One grading, cold and warm, with spawned learner processes beside forked ones."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        mistake = str(Path(folder, "exercise1.py"))
        Path(mistake).write_text("def lookup(weight, idx):\n    return weight[idx] * 2\n")
        for what, file in (("a solution", SOLUTION), ("a mistake", mistake)):
            command = ["sh", "-c", f"{GRADE} exercise1 {file} || test $? -eq 1"]
            ours, theirs = interleaved(
                runs,
                lambda command=command: seconds(command, **{LEARNERS_VARIABLE: SPAWNED}),
                lambda command=command: seconds(command),
            )
            rows.append(_row(f"grade exercise1 FILE, cold, {what}", ours, theirs))
        with _spawned_examiner() as one, Examiner() as other:
            for what, file in (("a solution", SOLUTION), ("a mistake", mistake)):
                ours, theirs = interleaved(runs, _grading(one, file), _grading(other, file))
                rows.append(_row(f"a save, {what}", ours, theirs))
    return rows


def _grading(examiner: Examiner, file: str) -> Callable[[], float]:
    exercise = load_exercise(default_root(), "exercise1")
    submission = read_submission(exercise, Path(file))

    def grade() -> float:
        # The next process gets ready while a learner reads the page.
        time.sleep(4)
        started = time.perf_counter()
        examiner.grade(Examine(exercise, submission, "benchmark", new_seed(), own=True))
        return time.perf_counter() - started

    return grade


@contextmanager
def _spawned_examiner():
    os.environ[LEARNERS_VARIABLE] = SPAWNED
    try:
        examiner = Examiner()
    finally:
        del os.environ[LEARNERS_VARIABLE]
    with examiner:
        yield examiner


def _row(what: str, ours: float, theirs: float) -> Row:
    return Row(what, f"{ours:.2f} s", f"forked {theirs:.2f} s", f"{ours / theirs:.2f}")
