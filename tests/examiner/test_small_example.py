"""The example on a page is a small one, and both values in it are real."""

import msgspec
import pytest
import torch
from torch import inf, nan, tensor  # noqa: F401 - the texts on a page call them

from grader.course.loading import load_exercise
from grader.course.location import default_root
from grader.examiner import small_example as searching
from grader.examiner.compare import Mismatch
from grader.examiner.failures import LearnerFailure
from grader.examiner.protocol import Examine
from grader.examiner.small_example import small_example
from grader.examiner.smaller_inputs import shrink
from grader.examiner.submission_run import Exchange
from grader.examiner.verdict import Verdict
from grader.grades.grade import Outcome
from grader.sandbox import values, wire
from grader.submission.files import Submission

LOOKUP = "def lookup(weight, idx):\n    return weight[{}]\n"
SUMS = """\
import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    table = torch.zeros(num_embeddings, grad_output.shape[-1], dtype=grad_output.dtype)
    table[idx] += grad_output
    return table
"""
SUBMISSIONS = {
    "off by one": ("exercise1", LOOKUP.format("idx - 1")),
    "flattened": ("exercise1", LOOKUP.format("idx.view(-1)")),
    "repeats": ("exercise6", SUMS),
}


def first_missed(examiner, exercise, source, **fields):
    submission = Submission(f"{exercise.id}.py", source.encode())
    examine = Examine(exercise, submission, "ada", seed=7, diagnose=True, **fields)
    grade = examiner.grade(examine)
    return next(check for check in grade.checks if check.outcome is Outcome.FAILED)


def read(text):
    """The value that a page shows as ``text``."""
    code = text.rpartition("\n")[0] or text.split("  ")[0]
    return eval(code)


@pytest.mark.parametrize("name", SUBMISSIONS)
def test_small_and_true(name, examiner, monkeypatch):
    """Few simple numbers, a failure of the same kind, and the values that both really return."""
    exercise_id, source = SUBMISSIONS[name]
    exercise = load_exercise(default_root(), exercise_id)
    large = first_missed(examiner, exercise, source)
    # A busy machine may need longer than a learner would wait, and then keeps the first example.
    for _ in range(5):
        small = first_missed(examiner, exercise, source, small_example=True)
        if small.case != large.case:
            break
    assert small.name == large.name
    assert small.message.split()[:3] == large.message.split()[:3]
    given = {key: read(text) for key, text in small.case.given.items()}
    for value in given.values():
        assert not isinstance(value, torch.Tensor) or value.numel() <= 6
        assert not isinstance(value, torch.Tensor) or set(value.flatten().tolist()) <= {*range(6)}
    function = exercise.code.entries[0].name
    mine, right = {}, {}
    exec(source, mine)
    exec((exercise.hidden / "solution.py").read_text(), right)
    assert mine[function](**given).equal(read(small.case.returned))
    assert right[function](**given).equal(read(small.case.expected))


DOUBLED = """\
def lookup(weight, idx):
    rows = weight[idx]
    if rows.requires_grad:
        rows.register_hook(lambda gradient: 2 * gradient)
    return rows
"""
MODEL = """\
from torch import nn


class TiedModel(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight

    def forward(self, idx):
        return 2 * self.projection(self.embedding(idx))
"""


@pytest.mark.parametrize(
    ("exercise_id", "source", "compared"),
    [("exercise1", DOUBLED, "the gradient of weight"), ("exercise12", MODEL, "")],
)
def test_gradients_and_modules(exercise_id, source, compared, examiner):
    """Gradients that go back through a call, and modules in a probe, have small examples too."""
    exercise = load_exercise(default_root(), exercise_id)
    for _ in range(5):
        check = first_missed(examiner, exercise, source, small_example=True)
        case, view = check.case, check.view
        if case.is_smaller:
            break
    assert case.is_smaller and case.compared == compared
    mine, right = read(case.returned), read(case.expected)
    assert mine.numel() <= 9 and mine.allclose(2 * right, atol=1e-3)
    # The page draws the same numbers.
    assert view.returned.values == pytest.approx(mine.flatten().tolist(), abs=1e-3)
    for name, numbers in view.given.items():
        shown = read(case.given[name])
        assert numbers.shape == list(shown.shape)
        assert numbers.values == pytest.approx(shown.flatten().tolist(), abs=1e-3, nan_ok=True)


def test_an_example_can_agree_by_chance(examiner):
    """In small numbers, one argument can be another one plus 1. That explains nothing."""
    exercise = load_exercise(default_root(), "exercise4")
    source = b"def linear(x, weight, bias=None):\n    x += 1\n    return x\n"
    submission = Submission("exercise4.py", source)
    examine = Examine(exercise, submission, "ada", seed=1, small_example=True)
    grade = examiner.grade(examine)
    first = next(check for check in grade.checks if check.outcome is Outcome.FAILED)
    given = {name: read(text) for name, text in first.case.given.items()}
    assert torch.equal(given["x"] + 1, given["weight"])
    assert grade.misconception == "observed_side_effect"


def test_nothing_of_a_hidden_check_comes_back(course, examiner):
    """What a submission remembers from hidden checks cannot be in a small example."""

    def hide(spec):
        spec["rubric"].append({"check": "secret", "title": "Secret", "visible": False})

    course.add_code(change=hide)
    checks = (
        "import torch\nfrom grader.checks import assert_equal\n\n\n"
        "def test_value(learner, rng):\n"
        "    x = torch.randn(4, 7, generator=rng)\n    assert_equal(learner.double(x), 2 * x)\n\n\n"
        "def test_gradient(learner): ...\n\n\n"
        "def test_secret(learner):\n    learner.double(torch.full((2,), 777.0))\n"
    )
    course.write("solutions/double/checks.py", checks)
    source = (
        "SEEN = []\ndef double(x):\n    SEEN.append(float(x.flatten()[0]))\n"
        "    return x * (777 if 777.0 in SEEN else 3)\n"
    )
    check = first_missed(examiner, course.load("double"), source, small_example=True)
    assert check.name == "value" and check.case is not None
    assert "777" not in check.case.returned


class FakeRun:
    """A run that answers each call with ``double``."""

    cpu_seconds = 0.0

    def __init__(self, double):
        self.double = double
        self.exchanges = []

    def begin_case(self):
        self.exchanges = []

    def ask(self, request, call, note, given, again):
        value = self.double(values.decode(given["x"]))
        reply = wire.Returned(1, None)
        self.exchanges.append(Exchange(call, note, given, reply, value, again))
        return value


def failed(x, actual, expected, returned=None):
    """The verdict of a check that compared these values after ``double(x)``.

    That ``returned`` the actual value, or something in which it is.
    """
    value = actual if returned is None else returned
    given = {"x": values.encode(x)}
    exchange = Exchange("double(x)", "", given, wire.Returned(1, None), value, lambda given: None)
    error = Mismatch("is wrong", "the result", actual, expected)
    return Verdict(Outcome.FAILED, error, [exchange])


def test_the_first_example_stays(monkeypatch):
    """It stays if time runs out, and if the check compared something that the call did not give.

    What the check compared may be an item of what the call gave.
    """
    x = torch.randn(5, 6)
    mine, right = FakeRun(lambda x: x * 3), FakeRun(lambda x: x * 2)
    verdicts = {"value": failed(x, x * 3, x * 2)}
    found = small_example(verdicts, "value", mine, right)
    assert found is not None and found.error.actual.numel() == 6
    other = {"value": failed(x, x * 3, x * 4)}
    assert small_example(other, "value", mine, right) is None
    probe = msgspec.structs.replace(verdicts["value"].exchanges[0], again=None)
    assert small_example({"value": Verdict(exchanges=[probe])}, "value", mine, right) is None
    found = {"rows": [x * 3]}
    mine, right = FakeRun(lambda x: {"rows": [x * 3]}), FakeRun(lambda x: {"rows": [x * 2]})
    nested = failed(x, found["rows"][0], x * 2, found)
    smaller = small_example({"value": nested}, "value", mine, right)
    assert smaller is not None and smaller.error.actual.numel() == 6 and smaller.is_smaller
    monkeypatch.setattr(searching, "SECONDS", 0)
    assert small_example(verdicts, "value", mine, right) is None


def test_a_process_that_does_not_start():
    """The first example stays if the process of the search ends before it answers a call."""

    class Broken(FakeRun):
        def ask(self, *_):
            raise LearnerFailure(Outcome.RAISED, "ImportError: no such module")

    x = torch.randn(5, 6)
    verdicts = {"value": failed(x, x * 3, x * 2)}
    assert small_example(verdicts, "value", Broken(None), FakeRun(lambda x: x * 2)) is None


def test_arguments_stay_valid():
    """What held between ids, sizes and numbers holds in every try."""

    def accepts(given):
        idx, offsets = given["idx"], given["offsets"]
        assert idx.max() < len(given["weight"]) and offsets.max() < len(idx)
        assert offsets[0] == 0 and (offsets.diff() >= 0).all()
        assert given["lengths"].sum() == len(idx)
        assert bool((idx == given["padding"]).any())
        return True

    given = {
        "weight": torch.randn(9, 7),
        "idx": torch.tensor([5, 8, 1, 7, 5, 3]),
        "offsets": torch.tensor([0, 2, 3]),
        "lengths": torch.tensor([2, 1, 3]),
        "padding": 5,
    }
    small = shrink(given, [], accepts)
    assert small["weight"].numel() < 63
    # Another call shows that the width of the table has nothing to do with the offsets.
    narrow = given | {"weight": torch.randn(9, 2), "offsets": torch.tensor([0, 2, 5])}
    assert shrink(given, [narrow], accepts)["weight"].shape[1] == 2


def test_a_factor_is_simple():
    """A float with many digits becomes 0.5 if the call still fails; a short one stays."""
    given = {"weight": torch.ones(2), "lr": 1.3971701264381409, "eps": 0.25}
    assert shrink(given, [], lambda _: True) == given | {"lr": 0.5}
    assert shrink(given, [], lambda small: small["lr"] > 1)["lr"] == given["lr"]


def test_a_leading_dimension_goes():
    """A dimension in front is taken away, although the ones behind it then have other numbers."""
    given = {"scores": torch.randn(3, 2, 4, 4), "table": torch.randn(7, 2)}
    other = {"scores": torch.randn(2, 5, 5), "table": torch.randn(9, 2)}
    small = shrink(given, [other], lambda _: True)
    assert (small["scores"].dim(), small["scores"].shape[0]) == (3, 2)
    assert small["scores"].flatten().tolist() == list(range(small["scores"].numel()))
