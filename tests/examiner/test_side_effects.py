"""What a call changes besides returning a value fails a check, and nothing else does."""

import math
import re
import tracemalloc
import types

import pytest
import torch

from grader.course.location import default_root
from grader.grades.grade import Outcome
from grader.report.failure_summary import rubric_rows, summarize
from grader.sandbox import probes, rehearsal, side_effects, torch_settings
from tests.examiner.test_checks import course_with
from tests.grading import grade_file, grade_source, outcomes

BODIES = {
    "x.mul_(1)": "writes into `x` in place, although its values stay the same",
    "x.data.mul_(3)": "changes the values of `x`",
    "x.unsqueeze_(0)": "changes the shape of `x`",
    "x.grad = torch.ones_like(x)": "changes the gradient stored in `x`",
    "x.grad = None": "changes the gradient stored in `x`",
    "x.requires_grad_(not x.requires_grad)": "changes `requires_grad` of `x`",
    "x.requires_grad and x.register_hook(torch.neg)": "leaves a hook on `x`",
    "torch.is_grad_enabled() or x.add_(1)": "changes the values of `x`",
    "torch.set_default_dtype(torch.float64)": "changes torch's default dtype",
    "torch.set_default_device('meta')": "changes torch's default device",
    "torch.set_grad_enabled(not torch.is_grad_enabled())": "switches autograd on or off",
    "torch.set_grad_enabled(True)": "switches autograd on or off",
    "torch.set_num_threads(3)": "changes the number of torch's threads",
    "torch.set_float32_matmul_precision('medium')": "torch's setting `float32_matmul_precision`",
    "torch.set_flush_denormal(True)": "changes torch's setting `flush_denormal`",
    "torch.set_printoptions(precision=2)": "changes torch's setting `printoptions`",
    "torch.set_warn_always(True)": "changes torch's setting `warn_always`",
    "torch.autograd.set_detect_anomaly(True)": "changes torch's setting `anomaly_enabled`",
    "torch.autocast('cpu').__enter__()": "changes torch's setting `autocast`",
    "torch.backends.mha.set_fastpath_enabled(False)": "torch's setting `fastpath_enabled`",
    "torch.sparse.check_sparse_tensor_invariants.enable()": "`check_sparse_tensor_invariants`",
    "torch.utils.deterministic.fill_uninitialized_memory = False": "`fill_uninitialized_memory`",
    "torch.backends.cudnn.benchmark = True": "torch's setting `torch.backends.cudnn.benchmark`",
    "torch.backends.mkldnn.enabled = False": "torch's setting `torch.backends.mkldnn.enabled`",
    "warnings.simplefilter('ignore')": "changes Python's warning filters",
    "torch.manual_seed(0)": "draws random numbers or sets a seed",
    "x.requires_grad and torch.rand(1)": "draws random numbers or sets a seed",
    "numpy.random.rand()": "draws random numbers or sets a seed",
    "random.random()": "draws random numbers or sets a seed",
    "torch.neg = abs": "replaces `torch.neg`",
    "torch.Tensor.neg = abs": "replaces `Tensor.neg`",
    "LAST and LAST.pop().zero_()": "changes the result of an earlier call",
}
SOURCE = """
import random
import warnings
import numpy.random
import torch

LAST = []

def double(x):
    {body}
    LAST.append(x * 2)
    return LAST[-1]
"""


@pytest.mark.parametrize(("body", "sentence"), BODIES.items(), ids=BODIES)
def test_side_effect(body, sentence, examiner, tmp_path):
    """The check for side effects fails and says what changed; state is set back."""
    grade = grade_source(examiner, SOURCE.format(body=body), tmp_path)
    ends = outcomes(grade)
    assert ends["untouched"] == "failed"
    [found] = [check for check in grade.checks if check.name == "untouched"]
    assert sentence in found.message
    assert found.case


@pytest.mark.parametrize(
    "body",
    [
        "x = x.clone(); x.mul_(3); x = x / 3",
        "with torch.no_grad(): pass",
        "state = torch.get_rng_state(); torch.manual_seed(1); torch.set_rng_state(state)",
        "torch.my_own = abs",
        "with torch.autocast('cpu'): pass",
        "torch.set_printoptions(precision=4)",
        # The compiler of torch 2.6 and 2.8 does this.
        "warnings.filterwarnings('ignore', category=UserWarning, module='torch.distributed')",
    ],
)
def test_innocent(body, examiner, tmp_path):
    """A change that is undone, or that concerns only the function's own values, costs nothing."""
    grade = grade_source(examiner, SOURCE.format(body=body), tmp_path)
    assert outcomes(grade)["untouched"] == "passed"


@pytest.mark.parametrize(
    "memory",
    [
        "seen.setdefault(x.shape, x)",
        "seen.setdefault(x.shape, x.clone())",
        "seen.setdefault(id(x), x.clone())",
        "seen.setdefault((id(x), x._version), x.clone())",
    ],
)
def test_remembered_results(memory, examiner, tmp_path):
    """A result that is remembered by shape or by object is wrong for other values."""
    source = (
        f"import torch\nseen = {{}}\ndef double(x):\n    x = {memory}\n    return torch.mul(x, 2)"
    )
    assert outcomes(grade_source(examiner, source, tmp_path))["value"] == "failed"


@pytest.mark.parametrize(
    ("body", "end"),
    [
        ("x = x.clone() if tried else seen.setdefault(id(x), x.clone())", "passed"),
        ("x = seen.setdefault(id(x), x.clone())", "failed"),
        ("x = x if tried else torch.mul(x, 3)", "failed"),
    ],
)
def test_submission_that_notices_a_rehearsal(body, end, examiner, tmp_path):
    """It can hide that it remembers results, as docs/security.md says, but no wrong values."""
    source = (
        "import sys\nimport torch\nseen = {}\nusual = type(sys.stdout)\ndef double(x):\n"
        f"    tried = type(sys.stdout) is not usual\n    {body}\n    return torch.mul(x, 2)"
    )
    assert outcomes(grade_source(examiner, source, tmp_path))["value"] == end


def changes(function, tensor):
    """What ``function`` changes of a tensor that is its argument and an earlier result."""
    effects = side_effects.Effects()
    inputs = side_effects.Inputs({"x": tensor})
    results = side_effects.Results()
    results.keep(tensor)
    function(tensor)
    inputs.report(effects)
    results.report(effects)
    return [(effect.kind, effect.what) for effect in effects.take()]


NEW_NUMBERS = [("mutates_input", "values"), ("changes_result", "values")]


@pytest.mark.parametrize(
    "tensor",
    [
        torch.arange(6.0).reshape(2, 3),
        torch.arange(6.0).reshape(2, 3).T,
        torch.ones(1).expand(2, 2),
        torch.tensor([math.nan, 1.0]),
        torch.tensor([False, False]),
        torch.tensor([1 + 2j, 2]).conj(),
        torch.tensor(3, dtype=torch.int8),
    ],
)
def test_numbers_of_any_layout(tensor):
    """Other numbers are seen in any layout and dtype."""
    assert changes(torch.clone, tensor) == []
    first = (0,) * tensor.dim()
    assert changes(lambda x: x.data[first].logical_not_(), tensor) == NEW_NUMBERS


def test_zero_without_its_sign():
    """-0 is equal to 0, so it is no other number."""
    assert changes(lambda x: x.data.neg_(), torch.zeros(2)) == []


def test_numbers_in_a_transform():
    """Other numbers are seen in a tensor of ``torch.func``, which has no memory of its own."""
    found = []

    def double(x):
        found.extend(changes(lambda x: x.data.add_(1), x))
        return (x * 2).sum()

    torch.func.grad(double)(torch.ones(2))
    assert found == NEW_NUMBERS


def rehearse(function, *arguments):
    """Return the arguments of the real call, and the side effects of the calls before it."""
    effects, state = side_effects.Effects(), side_effects.GlobalState.now()
    again, _ = rehearsal.rehearse(function, function, lambda: ([*arguments], {}), effects, state)
    return again, effects.take()


@pytest.mark.parametrize("key", ["id(x), y.tolist()", "x.tolist(), id(y)", "id(x), id(y)", "id(y)"])
def test_partly_remembered_results(key):
    """Each call gets a wrong result from code that compares the values of some arguments only."""
    seen: dict[str, torch.Tensor] = {}

    def multiply(x, y):
        # Written out, so that all keys have the same type.
        return seen.setdefault(str(eval(key)), x * y)

    arguments = [torch.arange(1.0, 7.0).reshape(3, 2), torch.arange(2)]
    again, _ = rehearse(multiply, *arguments)
    assert again[0].tolist() == [[1, 2], [3, 4], [5, 6]] and again[1].tolist() == [0, 1]
    assert not torch.equal(multiply(*again), again[0] * again[1])


def test_remembered_mean():
    """A mean that is remembered by object is wrong, although it has no order."""
    memory = {}

    def mean_of_products(x, y):
        return memory.setdefault((id(x), id(y)), (x * y).mean())

    again, _ = rehearse(mean_of_products, torch.arange(5.0), torch.arange(1, 6))
    assert mean_of_products(*again) != (again[0] * again[1]).mean()


def test_a_flood_in_a_rehearsal():
    """What is printed takes no memory, and a function that prints without end does not go on."""
    line = "x" * 2**20
    printed = []

    def flood(x):
        for _ in range(300):
            print(line)
            printed.append(len(line))

    tracemalloc.start()
    rehearse(flood, torch.arange(3.0))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 0 < sum(printed) <= rehearsal.MAX_MUTED
    assert peak < 2**24


def test_a_buffer_without_gradients():
    """Code that reuses the memory of a result only under no_grad changes an earlier result."""
    memory = torch.empty(3)

    def double(x):
        return x * 2 if torch.is_grad_enabled() else torch.mul(x, 2, out=memory)

    _, effects = rehearse(double, torch.arange(3.0))
    assert [effect.kind for effect in effects] == ["changes_result"]
    assert rehearse(lambda x: x * 2, torch.arange(3.0))[1] == []


class Scale(torch.autograd.Function):
    """x * y, with a backward pass of its own that needs the last y."""

    last = torch.empty(0)

    @staticmethod
    def forward(ctx, x, y):
        ctx.save_for_backward(y)
        Scale.last = y
        return x * y

    @staticmethod
    def backward(ctx, gradient):
        return gradient * ctx.saved_tensors[0], None


class ScaleByLast(Scale):
    """The same, but the last y is that of any call."""

    @staticmethod
    def backward(ctx, gradient):
        return gradient * Scale.last, None


class ScaleInPlace(Scale):
    """The same, but it writes into the gradient that it gets."""

    @staticmethod
    def backward(ctx, gradient):
        return gradient.mul_(ctx.saved_tensors[0]), None


class ScaleOnce(Scale):
    """The same, but its first backward pass changes what the second one needs."""

    @staticmethod
    def forward(ctx, x, y):
        ctx.slope = y.clone()
        return x * y

    @staticmethod
    def backward(ctx, gradient):
        return ctx.slope.mul_(gradient), None


class ScaleAndRefuse(Scale):
    """The same, but it gives up what it saved, so a second backward pass is an error."""

    @staticmethod
    def forward(ctx, x, y):
        ctx.slope = y.clone()
        return x * y

    @staticmethod
    def backward(ctx, gradient):
        slope = ctx.slope
        del ctx.slope
        return slope * gradient, None


def kept_without_gradients(key):
    """A product that is remembered under ``torch.no_grad()`` only."""
    seen = {}

    def multiply(x, y):
        if torch.is_grad_enabled():
            return x * y
        return seen.setdefault(str(eval(key)), x * y)

    return multiply


def with_gradients(x, y):
    """A product that is recorded in any case."""
    with torch.enable_grad():
        return x * y


@pytest.mark.parametrize(
    ("function", "found"),
    [
        (torch.mul, []),
        (lambda x, y: x[:3], []),
        (lambda x, y: x * y / 0, []),
        (lambda x, y: x * torch.rand(3), []),
        # It raises an exception under torch.no_grad().
        (lambda x, y: torch.autograd.grad((x * y).sum(), x) and x * y, []),
        (Scale.apply, []),
        (ScaleByLast.apply, [("changes_result", "backward")]),
        (ScaleInPlace.apply, [("changes_result", "incoming")]),
        (ScaleOnce.apply, [("changes_result", "backward_twice")]),
        (ScaleAndRefuse.apply, []),
        (with_gradients, [("changes_state", "graph")]),
        (kept_without_gradients("id(x), y.tolist()"), [("changes_result", "remembered")]),
        (kept_without_gradients("x.tolist(), id(y)"), [("changes_result", "remembered")]),
        (kept_without_gradients("id(x), id(y)"), [("changes_result", "remembered")]),
    ],
)
def test_calls_after_a_backward_pass(function, found):
    """What calls leave behind is seen without gradients, and between a call and its backward."""
    arguments = [torch.arange(1.0, 4.0).requires_grad_(), torch.tensor([2.0, 3.0, 5.0])]
    learner, cotangent = types.SimpleNamespace(function=function), torch.tensor([1.0, 2.0, 4.0])
    outcome = probes.vjp(learner, "function", arguments, cotangent)
    effects, state = side_effects.Effects(), torch.get_rng_state()
    assert rehearsal.look_again(function, arguments, cotangent, outcome, effects)
    assert [(effect.kind, effect.what) for effect in effects.take()] == found
    assert arguments[0].tolist() == [1, 2, 3] and torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("torch.set_default_dtype(torch.float32)", "dtype"),
        ("torch._C._set_deterministic_algorithms(False)", "deterministic"),
        ("torch.set_float32_matmul_precision('highest')", "setting"),
        ("torch.set_warn_always(False)", "setting"),
        ("torch.backends.mha.set_fastpath_enabled(True)", "setting"),
        ("torch.sparse.check_sparse_tensor_invariants.disable()", "setting"),
        ("torch.backends.cudnn.benchmark = False", "setting"),
    ],
)
def test_usual_value_of_a_setting(change, what):
    """Code that sets a setting to the value that it usually has changes it for other callers."""
    usual = side_effects.GlobalState.now()

    def double(x):
        exec(change, {"torch": torch})
        return x * 2

    _, effects = rehearse(double, torch.arange(3.0))
    assert [(effect.kind, effect.what) for effect in effects] == [("changes_state", what)]
    assert side_effects.GlobalState.now().settings == usual.settings


OTHERS_BY_TYPE = {
    bool: lambda value: not value,
    str: lambda value: "high" if value == "highest" else "ieee",
    dict: lambda options: options | {"precision": 2},
    tuple: lambda values: (not values[0], *values[1:]),
    torch.dtype: lambda dtype: torch.float16 if dtype is torch.bfloat16 else torch.bfloat16,
}


def test_each_setting():
    """Another value of any setting of torch is seen under its name, and set back."""
    before = torch_settings.current()
    for setting, value in zip(torch_settings.SETTINGS, before, strict=True):
        setting.write(OTHERS_BY_TYPE[type(value)](value))
        now = torch_settings.current()
        torch_settings.restore(before, now)

        assert setting.name in torch_settings.differences(before, now)
        assert torch_settings.current() == before


def test_settings_that_are_set_back():
    """Code that sets settings back to what they were changes nothing."""

    def double(x):
        dtype, threads = torch.get_default_dtype(), torch.get_num_threads()
        torch.set_default_dtype(torch.bfloat16)
        torch.set_num_threads(3)
        result = x * 2
        torch.set_default_dtype(dtype)
        torch.set_num_threads(threads)
        return result

    assert rehearse(double, torch.arange(3.0))[1] == []


LEAVES = "import torch\ndef double(x):\n    torch.rand(1)\n    return 2 * x\n"
CALLED = "import torch\ndef test_called(learner):\n    learner.double(torch.ones(2))\n"


@pytest.mark.parametrize("allow", ["", "allow: [draws_random]\n"])
def test_allowed(allow, examiner, tmp_path):
    """Without a check for side effects the check itself fails, unless the task allows them."""
    course = course_with(tmp_path, CALLED)
    definition = course / "exercises" / "double" / "exercise.yaml"
    definition.write_text(definition.read_text().replace("rubric:", f"{allow}rubric:"))
    submission = tmp_path / "double.py"
    submission.write_text(LEAVES)
    [check] = grade_file(examiner, "double", submission, course=course).checks
    assert check.outcome is (Outcome.PASSED if allow else Outcome.FAILED)


NEEDS = """
import torch

def test_value(learner):
    assert bool((learner.double(torch.ones(2)) == 2).all())

def test_shape(learner):
    assert learner.double(torch.ones(2)).shape == (2,)
"""


@pytest.mark.parametrize(("returned", "points"), [("2 * x", 2), ("0 * x", 0), ("None", 0)])
def test_needs(returned, points, examiner, tmp_path):
    """A check that needs another one counts only if that one passes, and says so."""
    course = course_with(tmp_path, NEEDS)
    definition = course / "exercises" / "double" / "exercise.yaml"
    text = definition.read_text()
    definition.write_text(re.sub("(check: shape.*)}", r"\1, needs: [value]}", text))
    submission = tmp_path / "double.py"
    submission.write_text(f"def double(x):\n    return {returned}\n")
    grade = grade_file(examiner, "double", submission, course=course)
    assert grade.points == points
    if returned == "0 * x":
        assert grade.checks[1].message == "Not counted, because this check did not pass: value"
        assert [row.word for row in rubric_rows(grade)] == ["failed", "not counted"]
        assert summarize(grade).more == "Not counted until “value” passes: 1 check."


def test_forward_without_self(examiner, tmp_path):
    """A `forward` without parameters raises Python's own error, as it would without a watch."""
    submission = tmp_path / "exercise12.py"
    submission.write_text(
        (default_root() / "solutions/exercise12/solution.py")
        .read_text()
        .replace("def forward(self, idx: Tensor)", "def forward()")
    )
    grade = grade_file(examiner, "exercise12", submission, course=default_root())
    assert "takes 0 positional arguments" in grade.checks[0].message


PROBE = """
import torch

def built(learner):
    torch.set_default_dtype(torch.float64)
    learner.double(torch.ones(2))
    torch.set_default_dtype(torch.float32)

def test_called(learner):
    learner.run(built)
"""


def test_settings_of_a_probe_that_fails(examiner, tmp_path):
    """What a probe has set before the submission raised an error is not the submission's."""
    submission = tmp_path / "double.py"
    submission.write_text("def double(x):\n    raise ValueError('not yet')\n")
    grade = grade_file(examiner, "double", submission, course=course_with(tmp_path, PROBE))
    assert grade.checks[0].message == "ValueError: not yet"
    assert grade.explanation is None
