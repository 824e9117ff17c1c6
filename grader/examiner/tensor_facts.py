"""Facts about a tensor that differs from the expected one, such as exchanged dimensions."""

import itertools
import math
from collections.abc import Callable, Mapping
from typing import Any, Final

import torch

from grader.examiner import row_facts
from grader.examiner.compare import TOLERANCES, dtype_name
from grader.examiner.facts import Fact, Pair, are_close, as_float64

# From this many numbers on, their mean and spread describe how they are drawn.
MANY: Final = 1000
# No usual distribution of random numbers gives larger ones.
LARGEST_DRAWN: Final = 1e9
UNWRITTEN: Final = (
    "Memory to which nothing was written contains such numbers; "
    "`torch.empty` returns memory like this."
)
# Fewer numbers than this can look alike by chance.
_FEW: Final = 4
# A smaller change of a number, as a part of it, has too few digits to be compared.
_LEAST_CHANGE: Final = 0.01
# How far a ratio of two numbers may be from the size that it is taken for.
_RATIO_TOLERANCE: Final = 1e-5
# The same for changes of numbers, which have fewer digits.
_CHANGE_TOLERANCE: Final = 1e-3


def of_tensors(pair: Pair) -> Fact | None:
    """The first fact that holds for two tensors, the most specific facts first."""
    # No fact is about complex numbers, which have no order.
    if pair.actual.is_complex():
        return None
    if not pair.expected.numel() or not pair.actual.numel():
        return None

    facts: tuple[Callable[[Pair], Fact | None], ...]
    if pair.actual.shape != pair.expected.shape:
        facts = (
            _transposed,
            row_facts.columns,
            _rearranged,
            _part_of_shape,
            _reduced,
            _dimension_missing,
        )
    elif pair.actual.dtype != pair.expected.dtype:
        facts = (_other_dtype, _without_fraction)
    else:
        facts = (
            _constant,
            _not_a_number,
            _unwritten,
            _transposed,
            negated,
            _clipped,
            _imprecise,
            scaled,
            _argument_added,
            _moved,
            row_facts.neighbor_rows,
            row_facts.shifted,
            row_facts.of_rehearsal,
            row_facts.other_rows,
            row_facts.averaged,
            row_facts.repeats_lost,
            row_facts.some_rows,
            row_facts.row_repeated,
            _without_fraction,
            _rearranged,
            row_facts.rows_scaled,
        )

    for fact in facts:
        if found := fact(pair):
            return found
    return None


def _transposed(pair: Pair) -> Fact | None:
    dims = range(pair.expected.dim())
    # All pairs, because a tensor of three dimensions has three ways to be transposed.
    for one, other in itertools.combinations(dims, 2):
        if pair.same(pair.actual, pair.expected.transpose(one, other)):
            sentence = (
                f"{pair.what} is the expected one with dimensions {one} and {other} exchanged."
            )
            return Fact("transposed", sentence)
    return None


def _rearranged(pair: Pair) -> Fact | None:
    """The expected numbers in another shape or in other places."""
    if pair.actual.numel() != pair.expected.numel():
        return None
    if pair.expected.dtype is torch.bool or _is_constant(pair.expected):
        return None

    found = as_float64(pair.actual).flatten()
    wanted = as_float64(pair.expected).flatten()
    if pair.same(found, wanted):
        sentence = (
            f"{pair.what} has the expected numbers in the expected order, but in the shape "
            f"{tuple(pair.actual.shape)} instead of {tuple(pair.expected.shape)}."
        )
        return Fact("other_shape", sentence)

    in_order = found.sort().values
    steps = in_order.diff()
    # Two different numbers, such as 0 and 1, are in other places by chance.
    if steps.count_nonzero() > 1 and pair.same(in_order, wanted.sort().values):
        return Fact("other_places", f"{pair.what} has the expected numbers, but in other places.")
    return None


def _part_of_shape(pair: Pair) -> Fact | None:
    """There are more or fewer rows than expected, and the common ones are right."""
    actual, expected = pair.actual, pair.expected
    if not actual.dim() or not expected.dim():
        return None
    if actual.shape[1:] != expected.shape[1:]:
        return None

    # Rows at the end may be missing or superfluous.
    common = min(len(actual), len(expected))
    if common < 2 or not pair.same(actual[:common], expected[:common]):
        return None

    sentence = (
        f"The first {common} rows of {pair.lower_what} are right. "
        f"It has {len(actual)} rows; expected {len(expected)}."
    )
    return Fact("other_height", sentence)


def _reduced(pair: Pair) -> Fact | None:
    """The sum or the mean of the expected numbers over a dimension, or over all of them."""
    if not pair.actual.is_floating_point():
        return None
    expected = as_float64(pair.expected)
    every = tuple(range(expected.dim()))
    for dims in (*((dim,) for dim in every), every):
        sizes = [expected.shape[dim] for dim in dims]
        # The sum of a single number is that number.
        if math.prod(sizes) < 2:
            continue
        place = f"dimension {dims[0]}" if len(dims) < len(every) else "all dimensions"
        for name, reduce in (("sum", torch.sum), ("mean", torch.mean)):
            for keepdim in (False, True):
                if pair.same(pair.actual, reduce(expected, dims, keepdim=keepdim)):
                    sentence = f"{pair.what} is the {name} of the expected one over {place}."
                    return Fact("reduced", sentence)
    return None


def _dimension_missing(pair: Pair) -> Fact | None:
    """The shape is the expected one without a single dimension, which is larger than 1."""
    shape = tuple(pair.actual.shape)
    wanted = tuple(pair.expected.shape)
    places = []
    for place in range(len(wanted)):
        others = wanted[:place] + wanted[place + 1 :]
        if shape == others:
            places.append(place)
    # With equal neighbors, it is not clear which of them is missing.
    if len(places) != 1:
        return None

    place = places[0]
    size = wanted[place]
    if size == 1:
        return None
    sentence = f"{pair.what} lacks dimension {place}, which has size {size}."
    return Fact("dimension_missing", sentence)


def _other_dtype(pair: Pair) -> Fact | None:
    if not pair.same(pair.actual, pair.expected):
        return None
    actual = dtype_name(pair.actual)
    expected = dtype_name(pair.expected)
    sentence = (
        f"{pair.what} has the expected numbers, but the dtype {actual} instead of {expected}."
    )
    return Fact("other_dtype", sentence)


def _is_constant(tensor: torch.Tensor) -> bool:
    first = tensor.flatten()[0]
    return bool((tensor == first).all())


def _constant(pair: Pair) -> Fact | None:
    actual = pair.actual
    if actual.numel() < 2 or actual.dtype is torch.bool:
        return None
    if not _is_constant(actual) or _is_constant(pair.expected):
        return None

    number = actual.flatten()[0].item()
    # Zeros have sentences of their own, because they are a frequent mistake.
    if number != 0:
        return Fact("constant", f"Every number of {pair.lower_what} is {number:.4g}.")
    if "gradient" in pair.what.lower():
        sentence = f"{pair.what} is zero everywhere: no gradient arrives there."
        return Fact("no_gradient", sentence)
    return Fact("zeros", f"Every number of {pair.lower_what} is zero.")


def _not_a_number(pair: Pair) -> Fact | None:
    wrong = ~pair.actual.isfinite() & pair.expected.isfinite()
    count = int(wrong.sum())
    if not count:
        return None

    if not pair.actual.dim():
        sentence = f"{pair.what} is {pair.actual.item()}; a finite number is expected."
        return Fact("not_finite", sentence)
    sentence = (
        f"{count} of the {wrong.numel()} numbers of {pair.lower_what} are nan or inf; "
        "finite ones are expected there."
    )
    return Fact("not_finite", sentence)


def _unwritten(pair: Pair) -> Fact | None:
    """Numbers that are far larger than the arguments and the expected ones."""
    largest = _largest(pair.actual)
    if not LARGEST_DRAWN < largest < math.inf:
        return None
    sources = [tensor for _, tensor in pair.tensors()]
    # Large arguments can give any number, and so can code without arguments.
    if not sources or any(
        _largest(each) > LARGEST_DRAWN**0.5 for each in (pair.expected, *sources)
    ):
        return None
    sentence = f"{pair.what} contains a number of the size {largest:.1g}. {UNWRITTEN}"
    return Fact("unwritten_memory", sentence)


def _largest(tensor: torch.Tensor) -> float:
    """The largest absolute value: infinity if one is nan, and 0 for an empty tensor."""
    numbers = as_float64(tensor).abs()
    if not numbers.isfinite().all():
        return math.inf
    return float(numbers.amax()) if numbers.numel() else 0.0


def negated(pair: Pair) -> Fact | None:
    """Every number has the opposite sign."""
    opposite = -as_float64(pair.expected)
    if opposite.any() and pair.same(pair.actual, opposite):
        return Fact("negated", f"{pair.what} has the opposite sign of the expected one.")
    return None


def _clipped(pair: Pair) -> Fact | None:
    """Zeros in place of the negative numbers."""
    expected = as_float64(pair.expected)
    negative = expected < 0
    # A few numbers can be zero for any reason, and zeros alone have a sentence of their own.
    if negative.sum() < 2 or (expected > 0).sum() < 2:
        return None
    if not pair.same(pair.actual, expected.clamp(min=0)):
        return None
    sentence = (
        f"{pair.what} has zeros where negative numbers are expected. All other numbers are right."
    )
    return Fact("negative_lost", sentence)


def scaled(pair: Pair) -> Fact | None:
    """One factor between all numbers; a size of an argument makes it a mean or a sum."""
    expected = as_float64(pair.expected)
    factor = _factor(pair, as_float64(pair.actual), expected)
    if factor is None:
        return None

    for number, size in _sizes(pair.given).items():
        # Twice and half can have other reasons than a size.
        if number < 3:
            continue
        if abs(factor * number - 1) < _RATIO_TOLERANCE:
            sentence = f"{pair.what} is the expected one divided by {number}, {size}."
            return Fact("mean_for_sum", sentence)
        if abs(factor / number - 1) < _RATIO_TOLERANCE:
            sentence = f"{pair.what} is the expected one times {number}, {size}."
            return Fact("sum_for_mean", sentence)

    if _is_ratio_by_chance(factor, expected):
        return None
    return Fact("scaled", f"{pair.what} is {factor:.4g} times the expected one.")


def _is_ratio_by_chance(factor: float, expected: torch.Tensor) -> bool:
    """Whether the factor between two single numbers tells nothing."""
    if expected.count_nonzero() >= 2 and not _is_constant(expected):
        return False
    # Any two numbers have a ratio. If it is 2 or 1/2, that is no chance, except for short numbers
    # such as 0.5 and 0.25.
    digits = 1000 * float(expected.abs().max())
    is_short = abs(digits - round(digits)) < 1e-3
    return is_short or min(abs(factor - 2), abs(factor - 0.5)) > _RATIO_TOLERANCE


def _factor(pair: Pair, actual: torch.Tensor, expected: torch.Tensor) -> float | None:
    """By what all numbers of ``expected`` are multiplied in ``actual``, if it is not zero."""
    mine = actual.flatten()
    wanted = expected.flatten()
    # At the largest number, the quotient is the most precise.
    place = wanted.abs().argmax()
    if wanted[place] == 0:
        return None
    factor = float(mine[place] / wanted[place])
    if factor == 0 or not pair.same(mine, factor * wanted):
        return None
    return factor


def _sizes(given: Mapping[str, Any]) -> dict[int, str]:
    """Sizes of the arguments, each with a name for it."""
    found: dict[int, str] = {}
    for name, value in given.items():
        if not isinstance(value, torch.Tensor):
            continue
        for dim, size in enumerate(value.shape):
            found.setdefault(size, f"the size of dimension {dim} of `{name}`")
        found.setdefault(value.numel(), f"the number of elements of `{name}`")
    return found


def _argument_added(pair: Pair) -> Fact | None:
    """An argument that is missing from a sum, or that is in it once too often."""
    difference = as_float64(pair.expected) - as_float64(pair.actual)
    if not difference.isfinite().all():
        return None

    for name, value in pair.tensors():
        if not value.is_floating_point() or not value.any():
            continue
        # Only what broadcasts to the result can be a term of it. A single number can be one that
        # the check itself added to something.
        if not value.dim() or value.dim() > difference.dim():
            continue
        try:
            term = as_float64(value).expand(difference.shape)
        except RuntimeError:
            continue
        if pair.same(difference, term):
            sentence = (
                f"{pair.what} plus `{name}` is the expected one: `{name}` is missing from it."
            )
            return Fact("argument_missing", sentence)
        if pair.same(-difference, term):
            sentence = (
                f"{pair.what} minus `{name}` is the expected one: `{name}` is added too often."
            )
            return Fact("argument_added", sentence)
        if pair.same(difference, 2 * term):
            sentence = (
                f"{pair.what} plus 2 times `{name}` is the expected one: "
                f"`{name}` has the wrong sign in it."
            )
            return Fact("argument_negated", sentence)

    return None


def _moved(pair: Pair) -> Fact | None:
    """A change of an argument that is a multiple of the expected change."""
    for name, value in pair.tensors():
        if not value.is_floating_point() or value.shape != pair.expected.shape:
            continue
        start = as_float64(value)
        mine = as_float64(pair.actual) - start
        wanted = as_float64(pair.expected) - start
        if not mine.isfinite().all() or not wanted.isfinite().all():
            continue
        # The difference of two large numbers has few digits.
        if wanted.count_nonzero() < _FEW or wanted.abs().max() < _LEAST_CHANGE * start.abs().max():
            continue

        factor = _factor(pair, mine, wanted)
        if factor is None:
            continue
        sentence = f"{pair.what} minus `{name}` is {factor:.4g} times the expected difference."
        for number_name, number in pair.given.items():
            # A learning rate that was forgotten, for example.
            if isinstance(number, float) and abs(factor * number - 1) < _CHANGE_TOLERANCE:
                sentence += f" That is 1 / `{number_name}`."
        if factor < 0:
            sentence += " Its sign is the opposite one."
        return Fact("change_scaled", sentence)

    return None


def _imprecise(pair: Pair) -> Fact | None:
    """Numbers that agree to a few digits: less than the dtype has."""
    if not pair.expected.is_floating_point():
        return None

    one, other = pair.actual, pair.expected
    bits = torch.finfo(pair.expected.dtype).bits
    for digits, dtype in ((6, torch.float32), (3, torch.float16), (2, torch.bfloat16)):
        # A single number can agree to two or three digits by chance.
        if digits < 6 and pair.expected.numel() < _FEW:
            continue
        # A dtype with more digits than the result explains nothing.
        if torch.finfo(dtype).bits > bits:
            continue
        if are_close(one, other, TOLERANCES[dtype]):
            sentence = (
                f"{pair.what} agrees with the expected one to about {digits} digits; "
                f"{dtype_name(pair.expected)} has more."
            )
            return Fact("imprecise", sentence)

    return None


def _without_fraction(pair: Pair) -> Fact | None:
    expected = as_float64(pair.expected)
    cut = expected.trunc()
    if not pair.expected.is_floating_point() or expected.equal(cut):
        return None
    # A single number, such as zero, can have any reason.
    if not _is_constant(cut) and as_float64(pair.actual).equal(cut):
        sentence = f"{pair.what} has the expected numbers without their fractions."
        return Fact("fraction_cut", sentence)
    return None
