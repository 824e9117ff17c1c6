"""Right solutions that take another road than the reference: each exercise lets all of them pass."""

from collections.abc import Iterator

import pytest

from grader.course import default_root, load_exercise
from grader.examiner.client import Examiner
from grader.examiner.protocol import Examine
from grader.submission import Submission

HEAD = "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\n\n"

EXERCISE4 = "def linear(x, weight, bias=None):\n    y = {}\n    return y if bias is None else y + bias\n"

ROADS = {
    "exercise4": {
        "einsum": EXERCISE4.format("torch.einsum('...i,oi->...o', x, weight)"),
        "matmul": EXERCISE4.format("torch.matmul(x, weight.transpose(0, 1))"),
        "tensordot": EXERCISE4.format("torch.tensordot(x, weight, dims=([-1], [1]))"),
        "sum": EXERCISE4.format("(x.unsqueeze(-2) * weight).sum(-1)"),
        "weight on the left": EXERCISE4.format("(weight @ x.unsqueeze(-1)).squeeze(-1)"),
        "addmm": (
            "def linear(x, weight, bias=None):\n"
            "    rows = x.reshape(-1, weight.shape[1])\n"
            "    y = rows @ weight.T if bias is None else torch.addmm(bias, rows, weight.T)\n"
            "    return y.reshape(*x.shape[:-1], weight.shape[0])\n"
        ),
        "output by output": EXERCISE4.format("torch.stack([x @ row for row in weight], dim=-1)"),
    },
}


@pytest.fixture(scope="module")
def examiner() -> Iterator[Examiner]:
    """One examiner for all roads."""
    with Examiner() as running:
        yield running


@pytest.mark.parametrize(("exercise_id", "road"), [(name, road) for name in ROADS for road in ROADS[name]])
def test_other_roads_pass(exercise_id, road, examiner):
    """What PyTorch offers to get there by gets full points: no operator of it is refused, no rounding of it wrong."""
    exercise = load_exercise(default_root(), exercise_id)
    for seed in (1, 2):
        source = (HEAD + ROADS[exercise_id][road]).encode()
        graded = examiner.grade(Examine(exercise, Submission(f"{exercise_id}.py", source), "ada", seed))
        assert graded.passed, [check.message for check in graded.checks]
