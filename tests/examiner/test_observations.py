"""Facts about results: each holds for one kind of result and not for the right one."""

import pytest
import torch

from grader.examiner.compare import RESULT, Mismatch
from grader.examiner.failures import LearnerFailure
from grader.examiner.observations import observe
from grader.examiner.submission_run import COTANGENT, Exchange
from grader.examiner.verdict import Verdict
from grader.grades.grade import Outcome
from grader.sandbox import values, wire

WEIGHT = torch.tensor([[0.5, 1.5, 2.25], [3.5, -4.5, 5.0], [6.5, 7.0, 8.5], [9.0, 1.25, -2.0]])
OTHER = WEIGHT + torch.eye(4, 3)
BIAS = torch.tensor([0.75, -1.5, 2.5])
IDX = torch.tensor([0, 2, 2, 1])
LOST = WEIGHT.clone()
LOST[2] += 1
SPECIAL = WEIGHT.clone()
SPECIAL[1] = torch.tensor([torch.inf, torch.nan, 1.0])
MEAN = WEIGHT.clone()
MEAN[2] /= 2
CALL = Exchange("f(weight)", "", {}, wire.Returned(1, None), WEIGHT)


def failed(actual, expected, what=RESULT, printed="", **given):
    """The name of the fact about a value that differs."""
    encoded = {name: values.encode(value) for name, value in given.items()}
    # Not the first call of the case, which was rehearsed with shifted tensors.
    last = Exchange("f(weight)", "", encoded, wire.Returned(2, None), actual)
    error = Mismatch("differs", what, actual, expected)
    verdict = Verdict(Outcome.FAILED, error, [CALL, last])
    found = observe({"rows": verdict}, printed)
    return found and found.name.removeprefix("observed_")


@pytest.mark.parametrize(
    ("name", "actual", "expected", "given"),
    [
        ("transposed", WEIGHT.T, WEIGHT, {}),
        ("other_shape", WEIGHT.reshape(3, 4), WEIGHT, {}),
        ("other_places", WEIGHT.flip(1), WEIGHT, {}),
        ("shifted_by_one", WEIGHT[IDX + 1], WEIGHT[IDX], {"weight": WEIGHT, "idx": IDX}),
        ("shifted_by_one", WEIGHT.roll(1, 0), WEIGHT, {}),
        ("mean_for_sum", WEIGHT / 4, WEIGHT, {"idx": IDX}),
        ("sum_for_mean", torch.tensor(8.0), torch.tensor(2.0), {"idx": IDX}),
        ("scaled", WEIGHT * 0.3, WEIGHT, {"idx": IDX}),
        # Twice can have another reason than a size of 2.
        ("scaled", WEIGHT * 2, WEIGHT, {"idx": IDX[:2]}),
        ("scaled", torch.tensor(1.3401), torch.tensor(2.6802), {}),
        (None, torch.tensor(0.25), torch.tensor(0.5), {}),
        ("negated", -WEIGHT, WEIGHT, {}),
        ("negative_lost", WEIGHT.clamp(min=0), WEIGHT, {}),
        # Tiny numbers are compared as exactly as others.
        (None, WEIGHT * OTHER * 1e-9, WEIGHT * 1e-9, {}),
        ("negative_lost", WEIGHT.clamp(min=0) * 1e-9, WEIGHT * 1e-9, {}),
        # A single zero can have any reason.
        ("one_row", WEIGHT[:3].clamp(min=0), WEIGHT[:3], {}),
        ("columns", WEIGHT[:, IDX], WEIGHT[IDX], {"weight": WEIGHT, "idx": IDX}),
        (None, WEIGHT[:, IDX], OTHER[IDX], {"weight": WEIGHT, "idx": IDX}),
        ("other_rows", WEIGHT[[3, 1, 1, 2]], WEIGHT[IDX], {"weight": WEIGHT, "idx": IDX}),
        # The expected rows are no rows of the table.
        (None, WEIGHT[[3, 1, 1, 2]], OTHER[IDX], {"weight": WEIGHT, "idx": IDX}),
        ("change_scaled", WEIGHT + 3 * BIAS, WEIGHT + BIAS, {"weight": WEIGHT}),
        ("change_scaled", WEIGHT - BIAS, WEIGHT + BIAS, {"weight": WEIGHT}),
        # Too small a change has too few digits.
        ("imprecise", WEIGHT + 3e-3 * BIAS, WEIGHT + 1e-3 * BIAS, {"weight": WEIGHT}),
        ("rows_scaled", WEIGHT * torch.tensor([[2.0], [0.5], [3.0], [1.0]]), WEIGHT, {}),
        ("rows_scaled", WEIGHT * IDX[:, None], WEIGHT, {"idx": IDX}),
        (None, WEIGHT * torch.tensor([[2.0], [0.0], [0.0], [1.0]]), WEIGHT, {}),
        ("not_finite", torch.tensor(torch.nan), torch.tensor(2.0), {}),
        # The check adds a single number to what it compares, not the submission.
        (None, WEIGHT + 1.25, WEIGHT, {"change": torch.tensor(1.25)}),
        ("unwritten_memory", WEIGHT + 7e17 * torch.eye(4, 3), WEIGHT, {"weight": WEIGHT}),
        # Such a number can come from a large argument.
        (None, WEIGHT + 7e17 * torch.eye(4, 3), WEIGHT, {"weight": 1e9 * WEIGHT}),
        ("one_row", SPECIAL.nan_to_num(), SPECIAL, {"weight": SPECIAL}),
        ("zeros", torch.zeros(4, 3), WEIGHT, {}),
        ("constant", torch.ones(4, 3), WEIGHT, {}),
        ("argument_missing", WEIGHT, WEIGHT + BIAS, {"bias": BIAS}),
        ("argument_negated", WEIGHT - BIAS, WEIGHT + BIAS, {"bias": BIAS}),
        ("argument_added", WEIGHT + BIAS, WEIGHT, {"bias": BIAS}),
        ("repeats_averaged", MEAN, WEIGHT, {"idx": IDX, "num": 4}),
        ("repeats_differ", LOST, WEIGHT, {"idx": IDX, "num": 4}),
        # The row of the only repeated id lacks all of its gradients.
        ("one_row", WEIGHT * torch.tensor([[1.0], [1], [0], [1]]), WEIGHT, {"idx": IDX, "num": 4}),
        ("one_row", LOST, WEIGHT, {"padding": 2}),
        ("other_height", WEIGHT[:3], WEIGHT, {}),
        ("dimension_missing", WEIGHT[:, 0], WEIGHT, {}),
        ("reduced", WEIGHT.sum(1), WEIGHT, {}),
        ("reduced", WEIGHT.mean(0, keepdim=True), WEIGHT, {}),
        ("reduced", WEIGHT.sum(), WEIGHT, {}),
        ("unwritten_memory", torch.linspace(-1, 1e20, 2000), None, {}),
        ("other_dtype", WEIGHT.double(), WEIGHT, {}),
        ("imprecise", WEIGHT.double() * (1 + 1e-6), WEIGHT.double(), {}),
        ("imprecise", WEIGHT * (1 + 1e-3), WEIGHT, {}),
        # A single number can be that near by chance.
        (None, torch.tensor(18.0225), torch.tensor(18.0069), {}),
        ("fraction_cut", WEIGHT.trunc(), WEIGHT, {}),
        # The same whole number everywhere is chance.
        (None, torch.ones(2), torch.full((2,), 1.078), {}),
        ("not_finite", WEIGHT / 0, WEIGHT, {}),
        ("input_returned", WEIGHT, WEIGHT * 2 + 1, {"weight": WEIGHT}),
        ("nothing_returned", None, WEIGHT, {}),
        (None, (WEIGHT, None), (WEIGHT, BIAS), {}),
        ("wrapped", (WEIGHT,), WEIGHT, {}),
        ("list_of_parts", list(WEIGHT), WEIGHT, {}),
        # It must be several tensors, only not in a list.
        (None, list(WEIGHT), tuple(WEIGHT), {}),
        (None, list(WEIGHT), None, {}),
        ("other_size", torch.zeros(2, 4), torch.zeros(2, 3), {"weight": WEIGHT, "idx": IDX[:2]}),
        # The table is square, so either of its dimensions could be meant.
        (None, torch.zeros(2, 4), torch.zeros(2, 3), {"weight": WEIGHT @ WEIGHT.T}),
        ("items_swapped", (BIAS, WEIGHT), (WEIGHT, BIAS), {}),
        # One item is there twice, and another one is missing.
        (None, (WEIGHT, OTHER, WEIGHT), (WEIGHT, OTHER, OTHER), {}),
        # An item that is there twice is not in another order, and neither is another dtype.
        (None, (False, True), (False, False), {}),
        ("other_dtype", [WEIGHT, BIAS.double()], [WEIGHT, BIAS], {}),
        ("spread_evenly", torch.linspace(0, 1, 2000), None, {}),
        ("spread", torch.linspace(-1, 1, 2000) ** 3, None, {}),
        # A single number is a multiple of any other one.
        (None, torch.tensor(3.0), torch.tensor(2.0), {"idx": IDX}),
        (None, torch.tensor(0.0), torch.tensor(0.6), {}),
        # So is a count of any size. The ids are four.
        (None, 2, 8, {"idx": IDX}),
        ("mean_for_sum", 0.3, 1.2, {"idx": IDX}),
        (None, OTHER, WEIGHT, {"weight": WEIGHT}),
        # The rows are four bags, which are no ids.
        (None, MEAN + torch.eye(4, 3), WEIGHT, {"idx": IDX}),
    ],
)
def test_a_wrong_value_is_described(name, actual, expected, given):
    """The fact about a value that differs is the most specific one."""
    assert failed(actual, expected, **given) == name


@pytest.mark.parametrize(("number", "is_named"), [(2, True), (3, False)])
def test_a_size_is_no_row(number, is_named):
    """A number that is also a size of the result is not said to name a row."""
    table = torch.arange(15.0).reshape(5, 3)
    actual = table.clone()
    actual[number] += 1
    error = Mismatch("differs", RESULT, actual, table)
    exchange = Exchange("f(n)", "", {"n": number}, wire.Returned(1, None), actual)
    found = observe({"rows": Verdict(Outcome.FAILED, error, [CALL, exchange])})
    assert found and f"Only row {number}" in found.sentence
    assert ("the row of `n`" in found.sentence) is is_named


def test_a_question_has_no_fact_about_drawn_numbers():
    """How numbers spread does not answer whether two layers have the same ones."""
    error = Mismatch("is True", "whether two new layers have the same numbers", True, False)
    exchange = Exchange("", "", {}, wire.Returned(1, None), torch.linspace(0, 1, 2000))
    assert observe({"start": Verdict(Outcome.FAILED, error, [CALL, exchange])}) is None


def test_a_name_is_code_and_what_follows_is_not():
    """Only the name of an argument stands in the marks of code."""
    zeros = torch.zeros(4, 3)
    error = Mismatch("differs", "weight after the call", zeros, WEIGHT)
    exchange = Exchange("f(weight)", "", {}, wire.Returned(1, None), zeros)
    found = observe({"untouched": Verdict(Outcome.FAILED, error, [CALL, exchange])})
    assert found and found.sentence == "Every number of `weight` after the call is zero."


def test_zeros_are_not_the_input():
    """Zeros are called zeros, also if an input has as many."""
    zeros = torch.zeros(4, 3)
    assert failed(zeros, WEIGHT, weight=zeros) == "zeros"


@pytest.mark.parametrize(("other", "name"), [(3, "observed_other_size"), (4, None)])
def test_sizes_that_are_equal_once_are_chance(other, name):
    """A size is said to be that of an argument if this holds in the other calls too."""
    given = {"idx": values.encode(IDX[:3]), "weight": values.encode(torch.zeros(2, 4))}
    error = Mismatch("differs", RESULT, torch.zeros(4, 7), torch.ones(3, 7))
    first = Exchange("f(idx, weight)", "", given, wire.Returned(1, None), torch.zeros(4, 7))
    given = {"idx": values.encode(IDX[:1]), "weight": values.encode(torch.zeros(2, 3))}
    again = Exchange("f(idx, weight)", "", given, wire.Returned(1, None), torch.zeros(other, 7))
    verdicts = {
        "rows": Verdict(Outcome.FAILED, error, [first]),
        "dtype": Verdict(Outcome.FAILED, error, [again]),
    }
    found = observe(verdicts)
    assert (found and found.name) == name


def test_a_forgotten_factor_is_recognized():
    """A change that is too large by the reciprocal of an argument is said to be so."""
    expected = WEIGHT + 0.3 * BIAS
    given = {"weight": values.encode(WEIGHT), "lr": 0.3}
    error = Mismatch("differs", RESULT, WEIGHT + BIAS, expected)
    exchange = Exchange("f(weight, lr)", "", given, wire.Returned(1, None), None)
    found = observe({"step": Verdict(Outcome.FAILED, error, [CALL, exchange])})
    assert found and found.sentence.endswith(
        "3.333 times the expected difference. That is 1 / `lr`."
    )


@pytest.mark.parametrize("dim", [0, 1])
def test_the_result_of_a_rehearsal_is_recognized(dim):
    """In the first call of a case, a rolled result can be that of the call before."""
    error = Mismatch("differs", RESULT, WEIGHT.roll(1, dim), WEIGHT)
    first = Exchange("f(weight)", "", {}, wire.Returned(1, None), WEIGHT.roll(1, dim))
    found = observe({"rows": Verdict(Outcome.FAILED, error, [first])})
    assert found and found.name == "observed_earlier_result"
    assert failed(WEIGHT.roll(1, dim), WEIGHT) != "earlier_result"


def test_rows_that_moved_are_no_rehearsal():
    """In the first call of a case, rows that move out of the result were not rolled."""
    moved = torch.cat([torch.zeros(1, 3), WEIGHT[:-1]])
    error = Mismatch("differs", RESULT, moved, WEIGHT)
    first = Exchange("f(weight)", "", {}, wire.Returned(1, None), moved)
    found = observe({"rows": Verdict(Outcome.FAILED, error, [first])})
    assert found and found.name == "observed_shifted_by_one"
    error = Mismatch("differs", RESULT, WEIGHT.roll(-1, 0), WEIGHT)
    found = observe({"rows": Verdict(Outcome.FAILED, error, [first])})
    assert found and found.name == "observed_other_places"


def test_a_question_is_quoted():
    """The name of a compared value can be a question, which no sentence can take as a thing."""
    expected = WEIGHT > 0
    actual = expected.clone()
    actual[3] = ~actual[3]
    error = Mismatch("differs", "where the result is nan", actual, expected)
    found = observe({"rows": Verdict(Outcome.FAILED, error, [CALL, CALL])})
    assert found and "answer to “where the result is nan”" in found.sentence


def test_a_long_name_ends_with_a_comma():
    """A name with a comma outside of parentheses needs one more before the verb."""
    for what, begin in (
        ("the gradient, with lr=0.1", "The gradient, with lr=0.1, is"),
        ("the mean of 2 ids (there, 1 is 2)", "The mean of 2 ids (there, 1 is 2) is"),
    ):
        error = Mismatch("differs", what, WEIGHT.T, WEIGHT)
        found = observe({"rows": Verdict(Outcome.FAILED, error, [CALL, CALL])})
        assert found and found.sentence.startswith(begin)


def test_printed_numbers_are_recognized():
    """None after something was printed is a missing return, and so is described."""
    assert failed(None, BIAS, printed=f"result: {BIAS}") == "printed_not_returned"
    assert failed(None, BIAS) == "nothing_returned"
    # If no gradient was sent back, nobody knows why it is None.
    assert failed(None, BIAS, "the gradient of x") is None


@pytest.mark.parametrize(("required", "end"), [(False, "from it."), (True, "this tensor.")])
def test_a_gradient_that_is_none(required, end):
    """The fact says more than that the gradient is None: whether the result requires one."""
    result = torch.zeros(3, requires_grad=required)
    given = {COTANGENT: values.encode(BIAS)}
    error = Mismatch("is None; expected a tensor", "the gradient of x", None, BIAS)
    exchange = Exchange("f(x), then backward", "", given, None, (result, (None,)))
    found = observe({"gradient": Verdict(Outcome.FAILED, error, [CALL, exchange])})
    assert found and found.name == "observed_no_gradient"
    assert "None" not in found.sentence and found.sentence.endswith(end)


@pytest.mark.parametrize(("other", "is_named"), [(WEIGHT[[1, 1]], True), (WEIGHT[[1, 2]], False)])
def test_equal_rows_are_no_chance(other, is_named):
    """All rows are said to be the same if they are so in each call of this function."""
    result = WEIGHT[[0, 0, 0, 0]]
    first = Exchange("f(x)", "", {}, wire.Returned(1, None), other)
    last = Exchange("f(x)", "", {}, wire.Returned(2, None), result)
    verdict = Verdict(
        Outcome.FAILED, Mismatch("differs", RESULT, result, WEIGHT), [CALL, first, last]
    )
    found = observe({"rows": verdict})
    assert (found and found.name) == ("observed_one_row_repeated" if is_named else None)
    # Two rows of one call can be the same by chance.
    error = Mismatch("differs", RESULT, result[:2], WEIGHT[:2])
    last = Exchange("f(x)", "", {}, wire.Returned(2, None), result[:2])
    assert observe({"rows": Verdict(Outcome.FAILED, error, [CALL, first, last])}) is None


def raised(exception, message, shape, *, is_own=True, **given):
    """A call that raises in the learner's code, with an argument of this shape."""
    encoded = {"x": values.encode(torch.zeros(shape))} | given
    frames = [wire.Frame("f.py", 2, "f")] if is_own else []
    return Exchange("f(x)", "", encoded, wire.Raised(1, exception, [], message, frames))


def explained(exchange):
    """The sentence about a call that raises; empty if there is none."""
    error = LearnerFailure(Outcome.RAISED, "raised")
    found = observe({"rows": Verdict(Outcome.RAISED, error, [exchange])})
    return found.sentence if found else ""


def test_only_lines_of_the_learner_are_described():
    """Nothing is said about a line of the learner's code if the exception passed none of them."""
    message = "'Tensor' object is not callable"
    assert explained(raised("TypeError", message, (2,))).startswith("This line calls")
    sentence = explained(raised("TypeError", message, (2,), is_own=False))
    assert sentence.startswith("Your code gives a tensor")
    message = "mat1 and mat2 shapes cannot be multiplied (3x4 and 5x6)"
    assert explained(raised("RuntimeError", message, (2,), is_own=False)) == ""
    sentence = explained(raised("RuntimeError", message, (2,)))
    assert sentence.endswith(
        "4 columns and the second one 5 rows; these two numbers must be equal."
    )


def test_a_leaf_can_be_an_argument():
    """Nobody is told to write under no_grad if an argument requires a gradient."""
    message = "a leaf Variable that requires grad is being used in an in-place operation."
    leaf = values.encode(torch.zeros(2, requires_grad=True))
    sentence = explained(raised("RuntimeError", message, (2,), weight=leaf))
    assert "`weight` requires one" in sentence and "no_grad" not in sentence
    assert "`torch.no_grad()`" in explained(raised("RuntimeError", message, (2,)))


@pytest.mark.parametrize(
    ("exception", "message", "said"),
    [
        ("IndexError", "too many indices for tensor of dimension 2", "has dimensions: 2. A tuple"),
        ("IndexError", "tuple index out of range", "an item that a tuple"),
        ("IndexError", "Dimension out of range (expected to be in ...)", "the tensor in this line"),
    ],
)
def test_dimensions_are_those_of_the_tensor_in_the_line(exception, message, said):
    """A sentence about dimensions blames no argument of the call."""
    sentence = explained(raised(exception, message, (2,)))
    assert said in sentence and "argument" not in sentence


def test_what_is_returned_is_a_subject():
    """The name of a value that begins with "what" is not quoted as a question."""
    error = Mismatch("differs", "what f returns", WEIGHT.double(), WEIGHT)
    found = observe({"rows": Verdict(Outcome.FAILED, error, [CALL, CALL])})
    assert found and found.sentence.startswith("What f returns has the expected numbers, but")


@pytest.mark.parametrize(
    ("name", "exception", "message"),
    [
        ("fixed_rank", "ValueError", "not enough values to unpack (expected 2, got 1)"),
        (
            "sizes_do_not_fit",
            "RuntimeError",
            "mat1 and mat2 shapes cannot be multiplied (3x4 and 5x4)",
        ),
        (
            "dtype_refused",
            "RuntimeError",
            "expected m1 and m2 to have the same dtype, but got: ...",
        ),
        (
            "module_not_initialized",
            "AttributeError",
            "cannot assign parameters before Module.__init__() call",
        ),
        ("dtype_refused", "TypeError", "Got unsupported ScalarType BFloat16"),
        (
            "fixed_rank",
            "RuntimeError",
            "Index tensor must have the same number of dimensions as input tensor",
        ),
        ("fixed_rank", "TypeError", "iteration over a 0-d tensor"),
        ("fixed_rank", "IndexError", "too many indices for tensor of dimension 1"),
        ("none_used", "AttributeError", "'NoneType' object has no attribute 'detach'"),
        ("fixed_rank", "IndexError", "index_select(): Index is supposed to be a vector"),
        (
            "sizes_do_not_fit",
            "RuntimeError",
            "stack expects each tensor to be equal size, but got [5] at entry 0 and [2] at entry 1",
        ),
        (
            "values_and_indices",
            "TypeError",
            "expected Tensor as element 0 in argument 0, but got torch.return_types.max",
        ),
        (
            "no_parameter",
            "TypeError",
            "cannot assign 'torch.FloatTensor' as parameter 'weight' (torch.nn.Parameter or None",
        ),
        ("tensor_called", "TypeError", "'Tensor' object is not callable"),
        ("no_module", "AttributeError", "'Layer' object has no attribute 'state_dict'"),
        ("no_attribute", "AttributeError", "'Layer' object has no attribute 'size_of_it'"),
        (None, "AttributeError", "'Tensor' object has no attribute 'size_of_it'"),
        (None, "AttributeError", "'function' object has no attribute 'size_of_it'"),
        (None, "NotImplementedError", "not enough values to unpack (expected 2, got 1)"),
        (None, "NameError", "name 'y' is not defined"),
    ],
)
def test_an_exception_is_described(name, exception, message):
    """The fact about an exception comes from its message; most messages need none."""
    error = LearnerFailure(Outcome.RAISED, message)
    verdict = Verdict(Outcome.RAISED, error, [raised(exception, message, (2,))])
    found = observe({"rows": verdict})
    assert (found and found.name) == (name and f"observed_{name}")


def test_argument_that_is_none():
    """Of the values that may be None, the arguments of the call are known."""
    given = {"x": values.encode(torch.zeros(2)), "bias": None, "scale": None}
    reply = wire.Raised(1, "TypeError", [], "unsupported: 'Tensor' and 'NoneType'", [])
    error = LearnerFailure(Outcome.RAISED, reply.message)
    exchange = Exchange("f(x, bias, scale)", "", given, reply)
    found = observe({"rows": Verdict(Outcome.RAISED, error, [exchange])})
    assert found is not None
    assert found.sentence.endswith("In this call, `bias` and `scale` are None.")


def test_one_rank_needs_a_success():
    """Code handles one rank only if a call with this rank succeeded and all others raised."""
    error = LearnerFailure(Outcome.RAISED, "boom")
    vector = Verdict(Outcome.RAISED, error, [raised("ValueError", "boom", (2,))])
    given = {"x": values.encode(torch.zeros(2, 3))}
    matrix = Verdict(exchanges=[Exchange("f(x)", "", given, wire.Returned(1, None), BIAS)])
    assert observe({"vector": vector}) is None
    found = observe({"vector": vector, "matrix": matrix})
    assert found is not None
    assert found.name == "observed_one_rank_only"
    assert "`x` has 2 dimensions" in found.sentence
