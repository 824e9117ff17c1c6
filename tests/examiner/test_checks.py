"""What checks.py may contain, and what each exercise forbids, with one examiner."""

import itertools
import json
import re
import shutil

import pytest
import torch

from grader.checks import noncontiguous, pairwise
from tests.grading import SMALL_COURSE, grade_file, outcomes

CHECKS = """
import pytest

@pytest.fixture
def four():
    yield 4

@pytest.fixture(name="device")
def mine():
    return "mine"

def test_called(learner, rng):
    assert learner.double(2) == 4

def test_nothing():
    pass

def test_own_fixture(learner, four):
    assert learner.double(2) == four

def test_replaced_fixture(device):
    assert device == "mine"

@pytest.mark.parametrize("x", [1, 2])
def test_parametrised(learner, x):
    assert learner.double(x) == 2 * x

def test_fails(learner):
    assert learner.double(2) == 5, "five"

def test_fails_by_pytest():
    pytest.fail("it has to")

def test_skips():
    pytest.skip("not here")

def test_breaks():
    return 1 / 0

def test_leaves():
    raise SystemExit
"""
ENDS = {
    **dict.fromkeys(
        ("called", "nothing", "own_fixture", "replaced_fixture", "parametrised"), "passed"
    ),
    **dict.fromkeys(("fails", "fails_by_pytest"), "failed"),
    **dict.fromkeys(("breaks", "leaves"), "ungraded"),
    "skips": "skipped",
}
SET_UP = """
STATE = [0]

def setup_function():
    STATE[0] += 1

def teardown_function():
    STATE[0] = 0

def test_called(learner):
    assert learner.double(2) == 4 and STATE == [1]
"""


def course_with(folder, checks, forbidden=()):
    """Create a course whose exercise ``double`` has these checks and forbidden names."""
    course = folder / "course"
    shutil.copytree(SMALL_COURSE, course)
    rubric = "".join(
        f'  - {{check: {name}, title: "{name}", points: 1}}\n'
        for name in re.findall(r"def test_(\w+)", checks)
    )
    (course / "exercises" / "double" / "exercise.yaml").write_text(
        "format: 1\nkind: code\ntitle: Twice as much\n"
        "statement: Write `double(x)`.\nentry: ['double(x)']\n"
        f"hints: [Multiply.]\nforbidden: {json.dumps([*forbidden])}\nrubric:\n{rubric}"
    )
    (course / "solutions" / "double" / "checks.py").write_text(checks)
    return course


@pytest.mark.parametrize(
    ("checks", "ends"), [(CHECKS, ENDS), (SET_UP, {"called": "passed"})], ids=["many", "set up"]
)
def test_whatever_pytest_runs(checks, ends, examiner, tmp_path):
    """Checks that use more of pytest than fixtures give pytest's outcomes, in every run."""
    course = course_with(tmp_path, checks)
    for seed in (1, 2, 3):
        grade = grade_file(
            examiner,
            "double",
            course / "solutions" / "double" / "solution.py",
            course=course,
            seed=seed,
        )
        assert outcomes(grade) == ends
        assert {check.message for check in grade.checks if check.name == "fails"} <= {"five"}


USES = {
    "torch.nn.ReLU": "torch.nn.ReLU()",
    "torch.nn.functional.relu": "getattr(torch.nn.functional, 're' + 'lu')(torch.ones(1))",
    "aten::neg": "torch.ops.aten.neg(torch.ones(1, requires_grad=True)).backward()",
}


CALLED = "def test_called(learner):\n    assert learner.double(2) == 4\n"


@pytest.mark.parametrize("name", USES)
def test_what_one_exercise_forbids(name, examiner, tmp_path):
    """A name that one exercise forbids stays usable in the others, with the same examiner."""
    submission = tmp_path / "double.py"
    submission.write_text(f"import torch\n\ndef double(x):\n    {USES[name]}\n    return x * 2\n")
    free = course_with(tmp_path / "free", CALLED)
    strict = course_with(tmp_path / "strict", CALLED, [name])
    ends = [
        outcomes(grade_file(examiner, "double", submission, course=course))
        for course in (free, strict) * 3
    ]
    assert [end["called"] for end in ends] == ["passed", "forbidden"] * 3


def test_much_is_forbidden(examiner, tmp_path):
    """The guard works with hundreds of forbidden names; a course cannot repeat a name."""
    modules = (torch.nn, torch.nn.functional, torch.special, torch.optim)
    names = {
        f"{module.__name__}.{name}"
        for module in modules
        for name, value in vars(module).items()
        if str(getattr(value, "__module__", "")).startswith("torch") and name[0] != "_"
    }
    assert len(names) > 200
    course = course_with(tmp_path, CALLED, sorted(names))
    assert grade_file(
        examiner, "double", course / "solutions" / "double" / "solution.py", course=course
    ).passed


def test_pairwise_has_each_two_values_together():
    """Each two values of different names occur together, in far fewer combinations than all."""
    factors = {"shape": "abcd", "dtype": (1, 2, 3, 4), "gaps": (False, True), "trained": (0, 1)}
    rows = list(pairwise(**factors))
    assert len(rows) < 20
    assert rows == list(pairwise(**factors))
    for one, other in itertools.combinations(factors, 2):
        together = {(row[one], row[other]) for row in rows}
        assert together == set(itertools.product(factors[one], factors[other]))


@pytest.mark.parametrize("shape", [(), (3,), (0, 3), (1, 1), (2, 3, 4)])
def test_noncontiguous_has_the_same_numbers(shape):
    """The copy has the same numbers, and ``view`` fails on it where it can."""
    tensor = torch.randn(shape, requires_grad=True)
    copy = noncontiguous(tensor)
    assert torch.equal(copy, tensor)
    assert copy.untyped_storage().data_ptr() != tensor.untyped_storage().data_ptr()
    assert copy.is_contiguous() == (tensor.numel() < 2)
    assert not copy.requires_grad


CONVERSIONS = """
import torch

def test_float(learner):
    assert learner.id_dtypes("double", torch.arange(4)) == [torch.float32], "another dtype"

def test_none(learner):
    assert learner.id_dtypes("double", torch.ones(4)) == [], "floats are no ids"
"""


def test_conversions_of_ids(examiner, tmp_path):
    """A check learns to which dtypes a submission converts ids."""
    course = course_with(tmp_path, CONVERSIONS)
    path = tmp_path / "double.py"
    path.write_text("def double(x):\n    return 2 * x.float()\n")
    grade = grade_file(examiner, "double", path, course=course)
    assert outcomes(grade) == {"float": "passed", "none": "passed"}
    path.write_text("def double(x):\n    return 2 * x.double()\n")
    assert outcomes(grade_file(examiner, "double", path, course=course))["float"] == "failed"
