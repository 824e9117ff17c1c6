"""Comparison, on the trusted side only: type, dtype and shape first, then the values."""

import math
from collections.abc import Sequence
from typing import Any, Final

import torch

from grader.sandbox import wire

# Relative and absolute tolerance by dtype: the defaults of torch.testing.assert_close.
TOLERANCES: Final[dict[torch.dtype, tuple[float, float]]] = {
    torch.float16: (1e-3, 1e-5),
    torch.bfloat16: (1.6e-2, 1e-5),
    torch.float32: (1.3e-6, 1e-5),
    torch.float64: (1e-7, 1e-7),
    torch.complex64: (1.3e-6, 1e-5),
    torch.complex128: (1e-7, 1e-7),
}
_EXACT: Final = (0.0, 0.0)


class Mismatch(AssertionError):  # noqa: N818 - a finding about a value, no error
    """A returned value that is not the expected one; ``str()`` says where they part."""

    def __init__(self, difference: str, what: str, actual: Any, expected: Any) -> None:
        super().__init__(difference)
        self.what = what
        self.actual = actual
        self.expected = expected


def assert_equal(actual: Any, expected: Any, what: str = "the result") -> None:
    """``actual`` is ``expected`` exactly: type, dtype, shape, every element.

    NaN equals nothing, and -0.0 equals 0.0. Raises ``Mismatch``; ``what`` names the value for the learner.
    """
    if found := difference(actual, expected, exact=True):
        raise Mismatch(found, what, actual, expected)


def assert_close(actual: Any, expected: Any, what: str = "the result") -> None:
    """Like ``assert_equal``, with the tolerances of ``torch.testing.assert_close`` for floats."""
    if found := difference(actual, expected, exact=False):
        raise Mismatch(found, what, actual, expected)


def assert_shape(actual: Any, shape: Sequence[int], what: str = "the result") -> None:
    """``actual`` is a tensor of this shape, whatever its dtype is and whatever it holds."""
    if not isinstance(actual, torch.Tensor):
        raise Mismatch(f"It is {kind_of(actual)}; a tensor was expected.", what, actual, None)
    if tuple(actual.shape) != tuple(shape):
        raise Mismatch(_shapes_apart(actual, shape), what, actual, None)


def difference(actual: Any, expected: Any, *, exact: bool, equal_nan: bool = False) -> str | None:
    """Where ``actual`` first parts from ``expected``, in a sentence; None where nowhere."""
    if isinstance(expected, torch.Tensor):
        return _tensor_difference(actual, expected, exact, equal_nan)
    if isinstance(actual, wire.Opaque) or isinstance(expected, wire.Opaque):
        # What it says of itself is the learner's word: it could say that it is a tuple.
        return None if equal_nan and actual == expected else _kinds_apart(actual, expected)
    if kind_of(actual) != kind_of(expected):
        return _kinds_apart(actual, expected)
    if isinstance(expected, (tuple, list)):
        if len(actual) != len(expected):
            return f"It has {len(actual)} items; {len(expected)} were expected."
        for index, (mine, theirs) in enumerate(zip(actual, expected, strict=True)):
            if found := difference(mine, theirs, exact=exact, equal_nan=equal_nan):
                return f"Item {index}: {found}"
        return None
    if isinstance(expected, dict):
        if set(actual) != set(expected):
            return f"Its keys are {_keys(actual)}; {_keys(expected)} were expected."
        for key in expected:
            if found := difference(actual[key], expected[key], exact=exact, equal_nan=equal_nan):
                return f"Item {key!r}: {found}"
        return None
    if isinstance(expected, float):
        relative, absolute = _EXACT if exact else TOLERANCES[torch.float64]
        same = math.isclose(actual, expected, rel_tol=relative, abs_tol=absolute)
        same = same or (equal_nan and math.isnan(actual) and math.isnan(expected))
    else:
        same = actual == expected
    return None if same else "It is {}; {} was expected.".format(*_apart(actual, expected))


def kind_of(value: Any) -> str:
    """What ``value`` is, in words: ``a tensor``, ``a list``, ``None``."""
    if isinstance(value, wire.Opaque):
        return value.description
    if value is None:
        return "None"
    if isinstance(value, torch.Tensor):
        return "a tensor"
    if isinstance(value, tuple):
        return "a tuple"  # sizes and named tuples cross as tuples
    name = {str: "string", dict: "dictionary", torch.dtype: "dtype"}.get(
        type(value), type(value).__name__
    )
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"


def _tensor_difference(
    actual: Any, expected: torch.Tensor, exact: bool, equal_nan: bool
) -> str | None:
    if not isinstance(actual, torch.Tensor):
        return f"It is {kind_of(actual)}; a tensor was expected."
    if actual.dtype != expected.dtype:
        return f"Its dtype is {_dtype(actual)}; {_dtype(expected)} was expected."
    if actual.shape != expected.shape:
        return _shapes_apart(actual, expected.shape)
    actual, expected = actual.detach().cpu(), expected.detach().cpu()
    relative, absolute = _EXACT if exact else TOLERANCES.get(expected.dtype, _EXACT)
    if bool(actual.eq(expected).all()):
        return None  # most are, and this is told in a third of the time
    if relative:
        wrong = ~torch.isclose(actual, expected, rtol=relative, atol=absolute, equal_nan=equal_nan)
    else:
        wrong = actual.ne(expected)
        if equal_nan:
            wrong &= ~(actual.isnan() & expected.isnan())
    count = int(wrong.sum())
    if not count:
        return None
    if not expected.dim():
        return "It is {}; {} was expected.".format(*_apart(actual.item(), expected.item()))
    index = tuple(wrong.nonzero()[0].tolist())
    place = f"[{', '.join(map(str, index))}]"
    found, wanted = _apart(actual[index].item(), expected[index].item())
    return f"At {place} it is {found}; {wanted} was expected ({count} of {wrong.numel()} elements differ)."


def _shapes_apart(actual: torch.Tensor, shape: Sequence[int]) -> str:
    return f"Its shape is {tuple(actual.shape)}; {tuple(shape)} was expected."


def _kinds_apart(actual: Any, expected: Any) -> str:
    found, wanted = kind_of(actual), kind_of(expected)
    return f"It is {found if found != wanted else 'something else of that name'}; {wanted} was expected."


def _keys(value: dict[Any, Any]) -> str:
    """The keys of a dictionary, the first where there are many, and none in its full length."""
    shown = [str(key)[:80] for key in value]
    return (
        f"{sorted(shown)}"
        if len(shown) <= 20
        else f"{sorted(shown)[:20]} and {len(shown) - 20} more"
    )


def _dtype(tensor: torch.Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _apart(one: Any, other: Any) -> tuple[str, str]:
    """Both as text, with as many digits as it takes to tell them apart."""
    rounded = _short(one, 6), _short(other, 6)
    return rounded if rounded[0] != rounded[1] else (_short(one, 17), _short(other, 17))


def _short(value: Any, digits: int) -> str:
    text = f"{value:.{digits}g}" if isinstance(value, float) else repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
