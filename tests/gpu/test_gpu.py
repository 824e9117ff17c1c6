"""The course and the attacks on a GPU, in the sandbox. These tests run only with CUDA.

``python -m pytest tests/gpu -n 0 -s`` also prints the time and memory that a submission needs.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grader.course.loading import load_exercise, wrong_solutions
from grader.course.location import default_root, exercise_ids
from grader.course.records import CodeExercise
from grader.examiner.client import Examiner
from grader.examiner.protocol import Examine
from grader.examiner.settings import Settings
from grader.grades.grade import Grade
from grader.submission.files import Submission
from tests.grading import HAS_GPU, SMALL_COURSE, learner_process, load_json, outcomes, run_grade
from tests.hostile.driver import HERE, endings
from tests.hostile.test_hostile import HOSTILE, INNOCENT, assert_harmless, outcome

pytestmark = pytest.mark.skipif(not HAS_GPU, reason="there is no GPU")

COURSE = [
    exercise
    for exercise in (load_exercise(default_root(), name) for name in exercise_ids(default_root()))
    if isinstance(exercise.spec, CodeExercise)
]
NAMED = {"ids": lambda exercise: exercise.id}
MAY_BE_MISSING = {"resources", "network"}
"""Layers that the sandbox on a GPU does not have everywhere."""
OPENED = {
    "submissions/escaping/makes_pairs_of_sockets",
    "submissions/escaping/connects_to_abstract_and_named_sockets",
    "submissions/exhausting/memory_mapped",
}
"""What the sandbox on a GPU does not stop: shared memory, and without namespaces local sockets
(docs/security.md)."""
TRIED = [name for name in (*HOSTILE, *INNOCENT) if name not in OPENED]
COSTS = b"""
import torch

def linear(x, weight, bias=None):
    product = x @ weight.T
    if x.is_cuda:
        free, whole = torch.cuda.mem_get_info()
        reserved = torch.cuda.max_memory_reserved()
        print((whole - free) >> 20, "MiB of the GPU are in use,", reserved >> 20, "by PyTorch")
    return product if bias is None else product + bias
"""
WASTEFUL = "import torch\ndef double(x):\n    return torch.ones(1 << 30, device='cuda')\n"
OUT_OF_RANGE = """
import torch

def double(x):
    return torch.ones(3, device='cuda')[torch.tensor([7], device='cuda')]
"""


@pytest.fixture(scope="module")
def examiner() -> Iterator[Examiner]:
    """Yield an examiner for the GPU; skip if PyTorch finds none."""
    with Examiner(Settings(device="cuda")) as running:
        if "cuda" not in running.devices():
            pytest.skip("PyTorch finds no GPU")
        yield running


def grade(examiner: Examiner, exercise, source: bytes, *, device: str = "cuda") -> Grade:
    """Grade ``source`` on ``device``."""
    return examiner.grade(
        Examine(exercise, Submission("solution.py", source), "ada", 1, device=device)
    )


@pytest.mark.parametrize("exercise", COURSE, **NAMED)
def test_solution_passes(exercise, examiner):
    """The solution gets full points on the GPU, twice, and on the CPU with the same examiner."""
    source = (exercise.hidden / "solution.py").read_bytes()
    started = time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        graded = pool.submit(grade, examiner, exercise, source)
        peak = 0
        while not graded.done():
            peak = max(peak, host_memory(learner_process(examiner.pid)))
            time.sleep(0.02)
        first = graded.result()
    seconds = time.monotonic() - started
    print(f"\n{exercise.id}: {seconds:.2f} s on the GPU, its process {peak >> 10} MiB at most")
    assert first.passed, [(check.name, check.message) for check in first.checks]
    assert first.device == "cuda"
    assert {layer for layer, holds in first.isolation.items() if holds is None} <= MAY_BE_MISSING
    assert outcomes(grade(examiner, exercise, source)) == outcomes(first)
    assert grade(examiner, exercise, source, device="cpu").passed


def host_memory(pid: int | None) -> int:
    """Return the most memory that a process has used, in KiB."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


@pytest.mark.parametrize("exercise", COURSE, **NAMED)
def test_misconceptions_fail(exercise, examiner):
    """Each misconception fails a check on the GPU; this prints how many are named correctly."""
    passed, named = [], 0
    wrong = wrong_solutions(exercise)
    for name, path in wrong.items():
        found = grade(examiner, exercise, path.read_bytes())
        assert found.status == "graded", (name, [check.message for check in found.checks])
        passed += [name] if found.passed else []
        named += found.misconception == name
    print(f"\n{exercise.id}: {named} of {len(wrong)} misconceptions named")
    assert passed == []


def test_what_a_submission_costs(examiner):
    """A submission gets its tensors on the GPU; this prints how much memory it uses."""
    found = grade(examiner, load_exercise(default_root(), "exercise4"), COSTS)
    print(f"\n{found.stdout.splitlines()[:1]}")
    assert "MiB of the GPU" in found.stdout


def test_memory_of_the_gpu_is_limited(examiner):
    """A submission that uses too much GPU memory by mistake gets this reason."""
    found = grade(examiner, load_exercise(SMALL_COURSE, "target"), WASTEFUL.encode())
    assert (found.checks[0].outcome.value, "more memory than the" in found.checks[0].message) == (
        "memory",
        True,
    )


def test_error_of_the_device_affects_one_check(examiner):
    """An index out of range breaks the GPU for its process; the next submission gets another."""
    found = grade(examiner, load_exercise(SMALL_COURSE, "target"), OUT_OF_RANGE.encode())
    assert found.status == "graded" and not found.passed
    exercise = COURSE[0]
    assert grade(examiner, exercise, (exercise.hidden / "solution.py").read_bytes()).passed


def test_all_devices_with_the_command(tmp_path):
    """`--device all` grades on CPU and GPU, `auto` on the GPU; one seed gives one grade."""
    (tmp_path / "exercise1.py").write_bytes((COURSE[0].hidden / "solution.py").read_bytes())
    words = ("exercise1", "--format", "json", "--seed", "1", "--device")
    everywhere = json.loads(run_grade(*words, "all", folder=tmp_path).stdout)
    assert [everywhere["device"], *(other["device"] for other in everywhere["others"])] == [
        "cpu",
        "cuda",
    ]
    first, second = (load_json(run_grade(*words, "auto", folder=tmp_path).stdout) for _ in range(2))
    assert first == second
    assert (first["device"], first["passed"]) == ("cuda", True)


@pytest.fixture(scope="module")
def attempts() -> dict[str, dict]:
    """Return what the driver observed for all submissions on the GPU."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.hostile.driver", "--device", "cuda", *TRIED],
        cwd=HERE.parents[1],
        env={**os.environ, "PYTHONPATH": str(HERE.parents[1])},
        capture_output=True,
        text=True,
        timeout=3000,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", [name for name in HOSTILE if name not in OPENED])
def test_hostile_submission_has_no_effect(name, attempts):
    """On a GPU it ends as on the CPU."""
    seen = attempts[name]
    assert outcome(seen["grade"]) in endings(name), seen["grade"]
    assert_harmless(seen)
    assert seen["next"]["passed"], seen["next"]


@pytest.mark.parametrize("name", INNOCENT)
def test_innocent_submission_gets_full_points(name, attempts):
    """Code that is only unusual passes on a GPU too."""
    assert attempts[name]["grade"]["passed"], attempts[name]["grade"]
