"""Measure solutions and checks by the sample inputs with which PyTorch tests its own functions.

Others wrote these samples, so they do not share the blind spots of the checks.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from grader.course.loading import load_exercise, wrong_solutions
from grader.course.location import default_root
from grader.examiner.client import Examiner
from grader.examiner.protocol import FIRST_FAILURE, Examine
from grader.submission.files import read_submission

ROOT = Path(__file__).parents[2]
# The fewest samples that must apply to an exercise, in two dtypes together.
ENOUGH = {
    "exercise1": 6,
    "exercise4": 30,
    "exercise5": 6,
    "exercise6": 10,
    "exercise7": 10,
    "exercise11": 30,
}
# Options that the exercises leave out, so samples that use them do not apply.
BEYOND = {
    "padding_idx",
    "max_norm",
    "norm_type",
    "scale_grad_by_freq",
    "sparse",
    "per_sample_weights",
}
pytestmark = pytest.mark.slow
each_exercise = pytest.mark.parametrize("exercise_id", ENOUGH)


@pytest.fixture(scope="module")
def measured() -> dict[str, dict]:
    """The results of the samples, from another process: see pytorch_samples.py."""
    command = [sys.executable, "-m", "tests.course.pytorch_samples"]
    result = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def caught_by_us(exercise_id: str, examiner: Examiner) -> dict[str, bool]:
    """Each misconception, and whether our checks catch it."""
    exercise = load_exercise(default_root(), exercise_id)
    caught = {}
    for name, path in wrong_solutions(exercise).items():
        submission = read_submission(exercise, path)
        request = Examine(exercise, submission, "ada", seed=1, stop_after=FIRST_FAILURE)
        caught[name] = not examiner.grade(request).passed
    return caught


@each_exercise
def test_solution_gives_what_pytorch_gives(exercise_id, measured):
    """The solution gives PyTorch's values and gradients for every sample, and enough apply."""
    one = measured[exercise_id]
    assert one["solution"] == []
    assert one["used"] >= ENOUGH[exercise_id]
    assert {option for options in one["skipped"] for option in options.split(", ")} <= BEYOND


@each_exercise
def test_checks_catch_what_samples_catch(exercise_id, measured, examiner):
    """The checks catch every misconception that the samples catch, which is more than half."""
    theirs, ours = measured[exercise_id]["caught"], caught_by_us(exercise_id, examiner)
    assert set(theirs) == set(ours)
    assert [name for name in ours if theirs[name] and not ours[name]] == []
    assert sum(ours.values()) >= sum(theirs.values()) > len(theirs) / 2
