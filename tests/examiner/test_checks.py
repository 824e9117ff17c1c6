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


MISUSED = """
import math
import torch
from grader.checks import assert_close

def turned(learner, x) -> torch.Tensor:
    y = learner.double(x)
    return y if y.shape else assert_close(y, x)

def complete(learner, x, *more, base: math = 3.0) -> float:
    import math
    from math import nan as numbers
    parts = [part for part in more]
    def inner():
        return nn.Module, numbers, isinstance(x, torch.Tensor), parts, complete
    return math.pi

def test_name(learner):
    learner.run(turned, torch.ones(2))

def test_lambda(learner):
    learner.run(lambda learner, x: x, 2)

def test_arity(learner):
    learner.run(complete)

def test_vjp(learner):
    learner.vjp("dobule", torch.ones(2), cotangent=torch.ones(2))

def test_dtypes(learner):
    learner.id_dtypes("dobule", torch.ones(2))

def test_sparse(learner):
    learner.double([torch.eye(3).to_sparse()])

def test_large(learner):
    learner.double(x=torch.zeros(2000, 2000))

def test_fixture(learner, rgn):
    pass

def test_complete(learner):
    assert learner.run(complete, 2, 3) > 3, "It is less."

def test_refused(learner):
    learner.must_raise(TypeError, "double", object())

def test_sent_back(learner):
    assert learner.double(learner.double([2])) is None, "It is something."
"""
REASONS = {
    "name": "the probe `turned` uses `assert_close`, which does not exist there; import it in",
    "lambda": "a probe cannot be a lambda; write it with `def`",
    "arity": "the probe `complete` cannot be called so: missing a required argument: 'x'",
    "vjp": "`dobule` is no entry of this exercise",
    "dtypes": "`dobule` is no entry of this exercise",
    "sparse": "argument 1 cannot be sent (a tensor with layout torch.sparse_coo); build it in a",
    "large": "argument 1 cannot be sent (a tensor of shape (2000, 2000), too large to send); ",
    "fixture": "there is no fixture `rgn`; checks have learner, rng, device, and those",
}
"""What checks.py does wrong, and what its author reads about it; the other checks are right."""


def test_misused_learner(examiner, tmp_path):
    """A mistake in a call of `learner` is one of the check, at its line, and not of the submission.

    A value that a submission returned and that cannot be sent back is no such mistake, and a call
    that must raise may get any value.
    """
    course = course_with(tmp_path, MISUSED)
    submission = tmp_path / "double.py"
    submission.write_text(
        "def double(x):\n    if type(x) is list:\n        return {1}\n    raise TypeError\n"
    )
    grade = grade_file(examiner, "double", submission, course=course)
    errors = {check.name: check.error for check in grade.checks if check.error is not None}
    assert errors.keys() == REASONS.keys()
    lines = MISUSED.splitlines()
    for name, error in errors.items():
        assert REASONS[name] in error.message
        # pytest misses the fixture before the check begins; the others break in their one line.
        line = lines[error.line - 1 if name == "fixture" else error.line - 2]
        assert line.startswith(f"def test_{name}(")
    ends = outcomes(grade)
    assert (ends["complete"], ends["refused"], ends["sent_back"]) == ("passed", "passed", "raised")


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


def test_pairwise_hides_no_pair_behind_an_empty_value():
    """Each two values occur together without an empty value beside them, except the empty ones."""
    factors = {"shape": "abc", "dtype": (1, 2, 3), "size": (5, 6, 0), "trained": (False, True)}
    empty = {("shape", "b"), ("size", 0)}
    rows = [set(row.items()) for row in pairwise(empty=dict(empty), **factors)]
    values = [(name, value) for name in factors for value in factors[name]]
    for one, other in itertools.combinations(values, 2):
        if one[0] != other[0]:
            pair = {one, other}
            assert any(pair <= row and empty & row <= pair for row in rows)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"empty": {"sise": 1}}, "`sise` has no value 1"),
        ({"without": [{"size": 3, "dtype": "a"}]}, "`size` has no value 3"),
        (
            {"without": [{"size": 1, "dtype": "a"}, {"size": 1, "dtype": "b"}]},
            "`without` leaves no `dtype` for {'size': 1, 'gaps': False}",
        ),
    ],
)
def test_pairwise_names_what_cannot_be(arguments, said):
    """A misspelled name or value, and too many pairs that are left out, are named."""
    with pytest.raises(ValueError, match=f"pairwise: {re.escape(said)}"):
        list(pairwise(**arguments, size=(1, 2), dtype=("a", "b"), gaps=(False, True)))


def test_pairwise_leaves_pairs_out():
    """A pair that means nothing together never occurs, and each other pair does."""
    factors = {"shape": "abc", "dtype": (1, 2, 3), "gaps": (False, True), "trained": (False, True)}
    without = [{"shape": "b", "gaps": True}, {"dtype": 1, "trained": True}]
    rows = [set(row.items()) for row in pairwise(without=without, **factors)]
    never = [set(pair.items()) for pair in without]
    values = [(name, value) for name in factors for value in factors[name]]
    for one, other in itertools.combinations(values, 2):
        if one[0] != other[0]:
            pair = {one, other}
            assert any(pair <= row for row in rows) == (pair not in never)


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


UNUSABLE = """
import torch
from grader.checks import assert_equal


def test_plus(learner):
    value = learner.double(torch.arange(3.0))
    assert_equal(value + 1, torch.arange(3.0) * 2 + 1)


def test_parts(learner) -> None:
    def parts(learner) -> tuple:
        return learner.double(torch.ones(2)), learner.double(torch.zeros(2))

    first, second = learner.run(parts)
    assert_equal(first.mean() + second.sum(), torch.tensor(2.0))


def test_broken(learner):
    learner.double(torch.ones(2)).no_such_method()
"""
FLOAT8 = "import torch\n\n\ndef double(x):\n    return (x * 2).to(torch.float8_e4m3fn)\n"
DOUBLE = "def double(x):\n    return x * 2\n"
NOT_ALWAYS = "def double(x):\n    return x * 2 if x.any() else None\n"


@pytest.mark.parametrize(
    ("source", "ends"),
    [
        (DOUBLE, {"plus": "passed", "parts": "passed", "broken": "ungraded"}),
        (FLOAT8, {"plus": "failed", "parts": "failed", "broken": "ungraded"}),
        (NOT_ALWAYS, {"plus": "passed", "parts": "failed", "broken": "ungraded"}),
    ],
)
def test_value_that_breaks_a_check(source, ends, examiner, tmp_path):
    """A value that no check can use fails the check; a check that is broken itself is ungraded."""
    course = course_with(tmp_path, UNUSABLE)
    file = tmp_path / "double.py"
    file.write_text(source)
    grade = grade_file(examiner, "double", file, course=course)
    assert {check.name: check.outcome.value for check in grade.checks} == ends


def test_value_that_breaks_a_check_is_named(examiner, tmp_path):
    """The message compares the form of the value with that of the solution, and no number."""
    course = course_with(tmp_path, UNUSABLE)
    file = tmp_path / "double.py"
    file.write_text(FLOAT8)
    grade = grade_file(examiner, "double", file, course=course)
    assert grade.checks[0].message == "Your result has dtype float8_e4m3fn; expected float32."
