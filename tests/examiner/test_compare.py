"""Comparisons: which values are the same, and the sentence if they are not."""

import math
import re

import pytest
import torch
from torch.testing._comparison import _DTYPE_PRECISIONS

from grader.examiner.compare import (
    TOLERANCES,
    Mismatch,
    assert_close,
    assert_equal,
    difference,
    kind_of,
)
from grader.sandbox import wire
from grader.sandbox.values import DTYPES

NAN, INF = math.nan, math.inf
BOTH = pytest.mark.parametrize("assertion", [assert_equal, assert_close])


def t(*values, dtype=torch.float32):
    return torch.tensor(values, dtype=dtype)


def said(assertion, actual, expected):
    """Return the sentence with which ``assertion`` refuses ``actual``."""
    with pytest.raises(Mismatch) as caught:
        assertion(actual, expected)
    assert caught.value.what == "the result"
    return str(caught.value)


SAME = {
    "tensors": (t(1, 2), t(1, 2)),
    "tensors without dimensions": (torch.tensor(1), torch.tensor(1)),
    "empty tensors": (torch.empty(0, 3), torch.empty(0, 3)),
    "infinities": (t(INF, -INF), t(INF, -INF)),
    "views": (torch.ones(3, 2).T, torch.ones(2, 3)),
    "gradients apart": (torch.ones(2, requires_grad=True), torch.ones(2)),
    "bools": (t(1, 0, dtype=torch.bool), t(1, 0, dtype=torch.bool)),
    "large integers": (t(2**62 + 1, dtype=torch.int64), t(2**62 + 1, dtype=torch.int64)),
    "numbers": (3, 3),
    "floats": (0.5, 0.5),
    "infinite floats": (INF, INF),
    "texts": ("a", "a"),
    "nothing": (None, None),
    "dtypes": (torch.float16, torch.float16),
    "lists": ([1, [t(1)]], [1, [t(1)]]),
    "tuples": ((), ()),
    "dictionaries in another order": ({"a": 1, "b": t(2)}, {"b": t(2), "a": 1}),
}


@BOTH
@pytest.mark.parametrize("name", SAME)
def test_same(assertion, name):
    """Equal values of one type pass exactly and with a tolerance."""
    assertion(*SAME[name])


@BOTH
@pytest.mark.filterwarnings("ignore:ComplexHalf support is experimental")
@pytest.mark.parametrize("name", DTYPES)
def test_every_dtype_can_be_compared(assertion, name):
    """Tensors of every dtype that can be sent can be compared."""
    zeros, ones = torch.zeros(2).to(DTYPES[name]), torch.ones(2).to(DTYPES[name])
    assertion(ones, ones.clone())
    assert "(2 of 2 elements differ)" in said(assertion, ones, zeros)


DIFFERENT = {
    "no tensor": (None, t(1), "Your result is None; expected a tensor. Is a `return` missing?"),
    "a list for a tensor": ([1.0], t(1), "Your result is a list; expected a tensor."),
    "a number for a tensor": (1.0, torch.tensor(1.0), "Your result is a float; expected a tensor."),
    "a tensor for a number": (torch.tensor(1.0), 1.0, "Your result is a tensor; expected a float."),
    "a tensor for nothing": (t(1), None, "Your result is a tensor; expected None."),
    "something that did not cross": (
        wire.Opaque("a generator"),
        t(1),
        "Your result is a generator; expected a tensor.",
    ),
    "dtype before shape": (
        t(1, dtype=torch.float64),
        t(1, 2),
        "Your result has dtype float64; expected float32.",
    ),
    "integers for floats": (
        t(1, dtype=torch.int64),
        t(1),
        "Your result has dtype int64; expected float32.",
    ),
    "shape before values": (t(9), t(1, 2), "Your result has shape (1,); expected (2,)."),
    "broadcastable": (t(1), t(1, 1, 1), "Your result has shape (1,); expected (3,)."),
    "a leading one": (
        torch.ones(1, 3),
        torch.ones(3),
        "Your result has shape (1, 3); expected (3,).",
    ),
    "no dimensions": (torch.tensor(1.0), t(1), "Your result has shape (); expected (1,)."),
    "empty for full": (torch.empty(0), t(1), "Your result has shape (0,); expected (1,)."),
    "empty of another shape": (
        torch.empty(0, 2),
        torch.empty(2, 0),
        "Your result has shape (0, 2); expected (2, 0).",
    ),
    "a value": (
        t(1, 5, 3),
        t(1, 2, 3),
        "Your result is 5 at [1]; expected 2 (1 of 3 elements differ).",
    ),
    "the first of values": (
        t(1, 5, 6).view(1, 3, 1),
        t(1, 2, 3).view(1, 3, 1),
        "Your result is 5 at [0, 1, 0]; expected 2 (2 of 3 elements differ).",
    ),
    "a value without a place": (torch.tensor(5), torch.tensor(2), "Your result is 5; expected 2."),
    "NaN": (t(1, NAN), t(1, 2), "Your result is nan at [1]; expected 2 (1 of 2 elements differ)."),
    "NaN for NaN": (
        t(NAN),
        t(NAN),
        "Your result is nan at [0]; expected nan (1 of 1 elements differ).",
    ),
    "infinity": (t(INF), t(1), "Your result is inf at [0]; expected 1 (1 of 1 elements differ)."),
    "the other infinity": (
        t(INF),
        t(-INF),
        "Your result is inf at [0]; expected -inf (1 of 1 elements differ).",
    ),
    "finite for infinity": (
        t(1),
        t(INF),
        "Your result is 1 at [0]; expected inf (1 of 1 elements differ).",
    ),
    "neighbouring integers": (
        *(t(2**62, dtype=torch.int64), t(2**62 + 1, dtype=torch.int64)),
        (
            "Your result is 4611686018427387904 at [0]; expected "
            "4611686018427387905 (1 of 1 elements differ)."
        ),
    ),
    "True for 1": (True, 1, "Your result is a bool; expected an int."),
    "1 for True": (1, True, "Your result is an int; expected a bool."),
    "an int for a float": (1, 1.0, "Your result is an int; expected a float."),
    "another number": (3, 4, "Your result is 3; expected 4."),
    "another bool": (True, False, "Your result is True; expected False."),
    "a float that is NaN": (NAN, NAN, "Your result is nan; expected nan."),
    "another text": ("a", "b", "Your result is 'a'; expected 'b'."),
    "another dtype": (
        torch.int32,
        torch.int64,
        "Your result is torch.int32; expected torch.int64.",
    ),
    "a tuple for a list": ((1,), [1], "Your result is a tuple; expected a list."),
    "a list too short": ([1], [1, 2], "Your result has length 1; expected 2."),
    "an item": (
        [1, [2, t(3)]],
        [1, [2, t(4)]],
        (
            "Your result differs in item 1: it differs in item 1: "
            "it is 3 at [0]; expected 4 (1 of 1 elements differ)."
        ),
    ),
    "other keys": ({"a": 1}, {"b": 1}, "Your result has the keys ['a']; expected ['b']."),
    "another item": ({"a": 1}, {"a": 2}, "Your result differs in item 'a': it is 1; expected 2."),
    "opaque things alike": (
        wire.Opaque("a set"),
        wire.Opaque("a set"),
        "Your result is a set that the grader cannot compare; expected a set.",
    ),
    "something that says that it is a tuple": (
        wire.Opaque("a tuple"),
        (1, 2),
        "Your result is a tuple that the grader cannot compare; expected a tuple.",
    ),
    "a tuple that should not have crossed": (
        (1, 2),
        wire.Opaque("a tuple"),
        "Your result is a tuple that the grader cannot compare; expected a tuple.",
    ),
    "something that says that it is a dictionary": (
        [wire.Opaque("a dictionary")],
        [{"a": 1}],
        (
            "Your result differs in item 0: it is a dictionary "
            "that the grader cannot compare; expected a dictionary."
        ),
    ),
    "many keys": (
        dict.fromkeys(range(100, 130)),
        {"a": None},
        (
            f"Your result has the keys {[str(n) for n in range(100, 120)]} "
            f"and 10 more; expected ['a']."
        ),
    ),
    "a long key": (
        {"x" * 100: None},
        {},
        f"Your result has the keys {['x' * 80]}; expected [].",
    ),
}


@BOTH
@pytest.mark.parametrize("name", DIFFERENT)
def test_different(assertion, name):
    """Type, dtype and shape come before values; the sentence names the first difference."""
    actual, expected, sentence = DIFFERENT[name]
    assert said(assertion, actual, expected) == sentence


def test_sizes_are_tuples():
    """A ``torch.Size`` equals the tuple that a learner's size becomes on the wire."""
    assert_equal((2, 3), torch.ones(2, 3).shape)


def test_tolerances_are_torch_s_own():
    """The tolerances are those of ``torch.testing.assert_close``, but 1e-9 in 64 bits."""
    own = {dtype: pair for dtype, pair in _DTYPE_PRECISIONS.items() if dtype in DTYPES.values()}
    for dtype in (torch.float64, torch.complex128):
        own[dtype] = 1e-9, 1e-9
    assert own == TOLERANCES


def test_float64_shows_a_detour_through_float32():
    """A number in float64 that was computed in float32 is not close, unless float32 can hold it."""
    numbers = torch.tensor([0.1, 2 / 3, 1e6 + 0.3], dtype=torch.float64)
    for number in numbers:
        assert said(assert_close, number.float().double(), number)


@pytest.mark.parametrize(
    "dtype", [dtype for dtype in TOLERANCES if dtype.is_floating_point], ids=str
)
def test_tolerance_is_kept(dtype):
    """Values within the tolerance are close but not equal; beyond it they are neither."""
    relative, absolute = TOLERANCES[dtype]
    one = torch.ones(1, dtype=dtype)
    step = torch.finfo(dtype).eps
    near, far = one + step, one + 4 * (relative + absolute) + 2 * step
    assert_close(near, one) if step <= relative + absolute else None
    assert said(assert_equal, near, one)
    assert said(assert_close, far, one)


@pytest.mark.parametrize("dtype", [torch.int64, torch.bool, torch.uint8], ids=str)
def test_integers_have_no_tolerance(dtype):
    """Integers and bools are close only if they are equal."""
    assert said(assert_close, t(1, dtype=dtype), t(0, dtype=dtype))


def test_floats_have_the_tolerance_of_float64():
    """Python floats have the tolerance of float64."""
    assert_close(1.0 + 1e-10, 1.0)
    assert said(assert_close, 1.0 + 1e-8, 1.0)
    assert said(assert_equal, 1.0 + 1e-10, 1.0)


CLOSE_PAIRS = [
    (t(1.000001), t(1.0)),
    (torch.tensor(2.0**24), torch.tensor(2.0**24 + 2)),
    (1.0 + 1e-12, 1.0),
    (t(1.0 + 1e-12, dtype=torch.float64), t(1.0, dtype=torch.float64)),
    ([0.1 + 0.2], [0.3]),
]


@pytest.mark.parametrize(("actual", "expected"), CLOSE_PAIRS, ids=range(len(CLOSE_PAIRS)))
def test_two_values_that_differ_look_different(actual, expected):
    """The two numbers in a sentence have enough digits to look different."""
    sentence = said(assert_equal, actual, expected)
    found, wanted = re.search(
        r" is (\S+?)(?: at \S+)?; expected (\S+?)[. ]", sentence + " "
    ).groups()
    assert found != wanted


def test_long_values_are_cut():
    """A long text is shortened in the sentence."""
    assert len(said(assert_equal, "a" * 10_000, "b")) < 200


def test_mismatch_keeps_both_values():
    """``Mismatch`` keeps both values and their name, for the feedback."""
    with pytest.raises(AssertionError) as caught:
        assert_equal(t(1), t(2), "the gradient of x")
    assert (caught.value.what, caught.value.actual, caught.value.expected) == (
        "the gradient of x",
        t(1),
        t(2),
    )


def test_nan_alike_on_demand():
    """With ``equal_nan``, NaN equals NaN, and equal opaque values are the same."""
    values = [
        t(1, NAN),
        {"a": NAN},
        [wire.Opaque("a set")],
        t(NAN, dtype=torch.float16),
        torch.tensor(complex(NAN, 1)),
    ]
    for value in values:
        assert difference(value, value, exact=False, equal_nan=True) is None
        assert difference(value, value, exact=True, equal_nan=True) is None
    assert difference(t(1), t(NAN), exact=False, equal_nan=True)
    assert difference(wire.Opaque("a set"), wire.Opaque("a list"), exact=False, equal_nan=True)
    assert difference(t(NAN, 1), t(NAN, 2), exact=True, equal_nan=True)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        *(
            (None, "None"),
            (1, "an int"),
            (1.0, "a float"),
            (True, "a bool"),
            ("", "a string"),
            ({}, "a dictionary"),
            ((), "a tuple"),
        ),
        *(
            ([], "a list"),
            (t(1), "a tensor"),
            (torch.int8, "a dtype"),
            (wire.Opaque("a set"), "a set"),
        ),
    ],
)
def test_kinds_in_words(value, words):
    """Every type that can be sent has a name."""
    assert kind_of(value) == words
