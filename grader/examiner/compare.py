"""Comparisons, in the examiner only: type, dtype and shape come before values."""

import math
from collections.abc import Iterable, Sequence
from typing import Any, Final

import torch

from grader.sandbox import wire

# Relative and absolute tolerance by dtype: the defaults of torch.testing.assert_close, except in
# 64 bits. There, the defaults allow numbers that were computed in float32.
TOLERANCES: Final[dict[torch.dtype, tuple[float, float]]] = {
    torch.float16: (1e-3, 1e-5),
    torch.bfloat16: (1.6e-2, 1e-5),
    torch.float32: (1.3e-6, 1e-5),
    torch.float64: (1e-9, 1e-9),
    torch.complex64: (1.3e-6, 1e-5),
    torch.complex128: (1e-9, 1e-9),
}
RESULT: Final = "the result"
"""The name of the value that a call returned."""
# Names that begin with one of these words are English. Other names are code, whose case matters.
_ENGLISH: Final = ("the ", "what ", "which ", "whether ", "after ")
_MAX_KEYS: Final = 20
_MAX_SHOWN: Final = 80
_KIND_NAMES: Final = {str: "string", dict: "dictionary", torch.dtype: "dtype"}


class Mismatch(AssertionError):  # noqa: N818 - a finding about a value, not an error
    """A value is not the expected one; ``str()`` is the sentence for the learner.

    ``difference`` is a verb phrase: ``has shape (8, 5); expected (2, 4, 5)``. Its subject is
    ``what``; with an empty ``what`` it is the learner's code.
    """

    def __init__(
        self,
        difference: str,
        what: str,
        actual: Any,
        expected: Any,
        *,
        wants_tensor: bool = False,
    ) -> None:
        self.what = what
        # Whether a tensor was expected, although there is none to compare with.
        self.wants_tensor = wants_tensor
        self.actual = actual
        self.expected = expected
        if not what:
            sentence = f"Your code {difference}."
        elif what == RESULT:
            sentence = f"Your result {difference}."
            if actual is None:
                # This is by far the most frequent reason for None.
                sentence += " Is a `return` missing?"
        else:
            name = what
            if what.startswith(_ENGLISH):
                name = what[0].upper() + what[1:]
            sentence = f"{name}: it {difference}."

        super().__init__(sentence)


def assert_equal(
    actual: Any, expected: Any, what: str = RESULT, *, equal_nan: bool = False
) -> None:
    """Raise ``Mismatch`` unless type, dtype, shape and every element are equal.

    NaN equals nothing, or with ``equal_nan`` only NaN; -0.0 equals 0.0. ``what`` names the value
    for the learner.
    """
    if found := difference(actual, expected, exact=True, equal_nan=equal_nan):
        raise Mismatch(found, what, actual, expected)


def assert_close(actual: Any, expected: Any, what: str = RESULT) -> None:
    """Like ``assert_equal``, but floats may differ by the rounding of their dtype: ``TOLERANCES``.

    In 64 bits that is 1e-9 of the number, or 1e-9; otherwise what ``torch.testing.assert_close``
    allows.
    """
    if found := difference(actual, expected, exact=False):
        raise Mismatch(found, what, actual, expected)


def assert_shape(actual: Any, shape: Sequence[int], what: str = RESULT) -> None:
    """Raise ``Mismatch`` unless ``actual`` is a tensor of this shape, with any dtype and values."""
    if not isinstance(actual, torch.Tensor):
        found = f"is {kind_of(actual)}; expected a tensor"
        raise Mismatch(found, what, actual, None, wants_tensor=True)
    if tuple(actual.shape) != tuple(shape):
        raise Mismatch(shape_difference(actual, shape), what, actual, None)


def difference(actual: Any, expected: Any, *, exact: bool, equal_nan: bool = False) -> str | None:
    """Return the first difference as a verb phrase, or None if the values are the same.

    With ``equal_nan``, NaN equals NaN, and opaque values with equal descriptions are the same.
    """
    # Tensors first: they are the most frequent values.
    if isinstance(expected, torch.Tensor):
        return _tensor_difference(actual, expected, exact, equal_nan)
    if isinstance(actual, wire.Opaque) or isinstance(expected, wire.Opaque):
        # The description comes from the submission, which could claim that it is a tuple.
        if equal_nan and actual == expected:
            return None
        return _kind_difference(actual, expected)

    if kind_of(actual) != kind_of(expected):
        return _kind_difference(actual, expected)
    if isinstance(expected, tuple | list | dict):
        return _item_difference(actual, expected, exact, equal_nan)

    is_same = actual == expected
    if isinstance(expected, float) and not is_same:
        is_same = _are_same_floats(actual, expected, exact, equal_nan)
    if is_same:
        return None
    return _value_difference(actual, expected)


def _are_same_floats(one: float, other: float, exact: bool, equal_nan: bool) -> bool:
    """Whether two unequal numbers count as the same."""
    if math.isnan(one) and math.isnan(other):
        return equal_nan
    if exact:
        return False
    # A Python float has the precision of a float64 tensor.
    relative, absolute = TOLERANCES[torch.float64]
    return math.isclose(one, other, rel_tol=relative, abs_tol=absolute)


def shape_difference(actual: torch.Tensor, shape: Sequence[int]) -> str:
    """Return a verb phrase that names both shapes."""
    return f"has shape {tuple(actual.shape)}; expected {tuple(shape)}"


def dtype_name(tensor: torch.Tensor) -> str:
    """Return the dtype without its module: ``float32``."""
    return str(tensor.dtype).removeprefix("torch.")


def kind_of(value: Any) -> str:
    """Return the type of ``value`` with its article: ``a tensor``, ``an int``, ``None``."""
    if isinstance(value, wire.Opaque):
        return value.description
    if value is None:
        return "None"
    if isinstance(value, torch.Tensor):
        return "a tensor"
    if isinstance(value, tuple):
        # Sizes and named tuples arrive as plain tuples.
        return "a tuple"

    return with_article(_KIND_NAMES.get(type(value), type(value).__name__))


def with_article(name: str) -> str:
    """Return ``name`` after ``a`` or ``an``."""
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"


def _item_difference(actual: Any, expected: Any, exact: bool, equal_nan: bool) -> str | None:
    """Compare two lists, tuples or dictionaries of one type."""
    keys: Iterable[Any]
    if isinstance(expected, dict):
        keys = expected
        # The order of the keys does not matter.
        if set(actual) != set(expected):
            return f"has the keys {_show_keys(actual)}; expected {_show_keys(expected)}"
    else:
        keys = range(len(expected))
        if len(actual) != len(expected):
            return f"has length {len(actual)}; expected {len(expected)}"

    for key in keys:
        mine, theirs = actual[key], expected[key]
        found = difference(mine, theirs, exact=exact, equal_nan=equal_nan)
        if found:
            return f"differs in item {key!r}: it {found}"

    return None


def _tensor_difference(
    actual: Any, expected: torch.Tensor, exact: bool, equal_nan: bool
) -> str | None:
    if not isinstance(actual, torch.Tensor):
        return f"is {kind_of(actual)}; expected a tensor"
    if actual.dtype != expected.dtype:
        return f"has dtype {dtype_name(actual)}; expected {dtype_name(expected)}"
    if actual.shape != expected.shape:
        return shape_difference(actual, expected.shape)

    # Most tensors are equal. To find the elements that differ takes ten times as long.
    if actual.device == expected.device and torch.equal(actual, expected):
        return None

    actual = actual.detach().cpu()
    expected = expected.detach().cpu()
    wrong = actual.ne(expected)
    tolerances = TOLERANCES.get(expected.dtype)
    if tolerances is not None and not exact:
        relative, absolute = tolerances
        wrong = ~torch.isclose(actual, expected, rtol=relative, atol=absolute)

    if equal_nan:
        both_nan = actual.isnan() & expected.isnan()
        wrong &= ~both_nan

    count = int(wrong.sum())
    if not count:
        return None
    # A scalar has no index.
    if not expected.dim():
        return _value_difference(actual.item(), expected.item())

    # The first difference is enough: often all others have the same cause.
    index = wrong.nonzero()[0].tolist()
    found = actual[tuple(index)].item()
    wanted = expected[tuple(index)].item()
    phrase = _value_difference(found, wanted, f" at {index}")
    return f"{phrase} ({count} of {wrong.numel()} elements differ)"


def _kind_difference(actual: Any, expected: Any) -> str:
    found, wanted = kind_of(actual), kind_of(expected)
    if found == wanted:
        return f"is {found} that the grader cannot compare; expected {wanted}"
    return f"is {found}; expected {wanted}"


def _value_difference(actual: Any, expected: Any, place: str = "") -> str:
    # Few digits are easier to read, but 17 digits tell any two floats apart.
    for digits in (6, 17):
        found = _shorten(actual, digits)
        wanted = _shorten(expected, digits)
        if found != wanted:
            break
    return f"is {found}{place}; expected {wanted}"


def _shorten(value: Any, digits: int) -> str:
    text = repr(value)
    if isinstance(value, float):
        # The sign of zero is not compared.
        text = f"{value + 0.0:.{digits}g}"
    if len(text) > _MAX_SHOWN:
        text = text[: _MAX_SHOWN - 3] + "..."
    return text


def _show_keys(value: dict[Any, Any]) -> str:
    """The keys of a dictionary, with a limit on their number and length."""
    # As text, because keys of different types cannot be sorted.
    keys = sorted(str(key)[:_MAX_SHOWN] for key in value)
    shown = str(keys[:_MAX_KEYS])
    left = len(keys) - _MAX_KEYS
    if left > 0:
        shown += f" and {left} more"
    return shown
