"""Facts about a tensor that differs from the expected one, such as rows shifted by one."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import msgspec
import torch

from grader.examiner.compare import TOLERANCES, dtype_name

# From this many numbers on, their mean and spread describe how they are drawn.
MANY: Final = 1000
# Fewer numbers than this can look alike by chance.
_FEW: Final = 4
# More comparisons than this take too long.
_MOST_COMPARED: Final = 1_000_000
# A smaller change of a number, as a part of it, has too few digits to be compared.
_LEAST_CHANGE: Final = 0.01
# How far a ratio of two numbers may be from the size that it is taken for.
_RATIO_TOLERANCE: Final = 1e-5


class Fact(msgspec.Struct, frozen=True):
    """Something that is true of a wrong result."""

    name: str
    sentence: str
    """For the learner."""


class Pair(msgspec.Struct, frozen=True):
    """Two tensors of a failed comparison on the CPU, and the arguments of the last call."""

    what: str
    """The name of ``actual`` as the subject of a sentence."""
    actual: torch.Tensor
    expected: torch.Tensor
    given: dict[str, Any]
    rehearsed: bool = False
    """Whether the same call ran before with its tensors rolled by one.

    Code that remembers a table then returns shifted rows, which is another mistake.
    """

    @property
    def lower_what(self) -> str:
        """The name of ``actual`` within a sentence."""
        return self.what[:1].lower() + self.what[1:]

    def same(self, one: torch.Tensor, other: torch.Tensor) -> bool:
        """Whether two tensors have one shape and the same numbers within the tolerance."""
        if one.shape != other.shape:
            return False

        # The less precise dtype decides; whole numbers and bools must be equal.
        tolerance = (0.0, 0.0)
        for dtype in (self.actual.dtype, self.expected.dtype):
            tolerance = max(tolerance, TOLERANCES.get(dtype, tolerance))
        relative, absolute = tolerance
        return torch.allclose(
            as_float64(one),
            as_float64(other),
            relative,
            absolute,
            equal_nan=True,
        )

    def tensors(self) -> Iterator[tuple[str, torch.Tensor]]:
        """The names and values of the arguments that are tensors."""
        for name, value in self.given.items():
            if isinstance(value, torch.Tensor):
                yield name, value.detach()

    def ids(self) -> Iterator[tuple[str, torch.Tensor]]:
        """The arguments that name rows of the expected table: whole numbers below its height.

        Each is flattened. An argument must have this height, or be this number. Otherwise, rows
        of the result could stand for something else, such as bags.
        """
        height = 0
        if self.expected.dim():
            height = len(self.expected)
        known_sizes = []
        for value in self.given.values():
            if isinstance(value, int):
                known_sizes.append(value)
            elif isinstance(value, torch.Tensor) and value.dim() > 1:
                known_sizes.append(len(value))
        if height not in known_sizes:
            return
        for name, value in self.tensors():
            if are_rows(value, height):
                yield name, value.flatten().long()


def are_rows(tensor: torch.Tensor, height: int) -> bool:
    """Whether a tensor has numbers of rows of a table of this height, and nothing else."""
    if tensor.is_floating_point() or tensor.dtype is torch.bool:
        return False
    if not tensor.numel():
        return False
    lowest = tensor.min()
    highest = tensor.max()
    return bool(lowest >= 0 and highest < height)


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
            _columns,
            _rearranged,
            _part_of_shape,
            _dimension_missing,
            _other_size,
        )
    elif pair.actual.dtype != pair.expected.dtype:
        facts = (_other_dtype, _without_fraction)
    else:
        facts = (
            _constant,
            _not_a_number,
            _transposed,
            negated,
            _clipped,
            _imprecise,
            scaled,
            _argument_added,
            _moved,
            _neighbor_rows,
            _shifted,
            _of_rehearsal,
            _other_rows,
            _averaged,
            _repeats_lost,
            _some_rows,
            _row_repeated,
            _without_fraction,
            _rearranged,
            _rows_scaled,
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


def _columns(pair: Pair) -> Fact | None:
    """Columns of a table that is an argument, for ids that should name rows."""
    for name, table in pair.tensors():
        if not table.is_floating_point() or table.dim() != 2:
            continue
        for ids_name, ids in pair.tensors():
            if not are_rows(ids, min(table.shape)):
                continue
            columns = ids.long()
            if not pair.same(table[columns], pair.expected):
                continue
            if pair.same(table[:, columns], pair.actual):
                sentence = (
                    f"{pair.what} is `{name}[:, {ids_name}]`: columns of `{name}`. "
                    f"Expected are the rows that `{ids_name}` names."
                )
                return Fact("columns", sentence)

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


def _other_size(pair: Pair) -> Fact | None:
    """One dimension has the size of another dimension of an argument than it should."""
    shape = tuple(pair.actual.shape)
    wanted = tuple(pair.expected.shape)
    if len(shape) != len(wanted):
        return None
    places = [place for place in range(len(shape)) if shape[place] != wanted[place]]
    if len(places) != 1:
        return None

    place = places[0]
    mine = _dimensions_of_size(pair, shape[place])
    theirs = _dimensions_of_size(pair, wanted[place])
    # If several dimensions have this size, it is not clear which one the code took.
    if len(mine) != 1 or len(theirs) != 1:
        return None
    sentence = (
        f"Dimension {place} of {pair.lower_what} has the size of {mine[0]}; "
        f"expected is the size of {theirs[0]}."
    )
    return Fact("other_size", sentence)


def _dimensions_of_size(pair: Pair, size: int) -> list[str]:
    """The dimensions of the arguments that have this size."""
    found = []
    for name, tensor in pair.tensors():
        for dim, each in enumerate(tensor.shape):
            if each == size:
                found.append(f"dimension {dim} of `{name}`")
    return found


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
        if number < 2:
            continue
        if abs(factor * number - 1) < _RATIO_TOLERANCE:
            sentence = f"{pair.what} is the expected one divided by {number}, {size}."
            return Fact("mean_for_sum", sentence)
        if abs(factor / number - 1) < _RATIO_TOLERANCE:
            sentence = f"{pair.what} is the expected one times {number}, {size}."
            return Fact("sum_for_mean", sentence)

    # Any two single numbers have a ratio.
    if expected.count_nonzero() < 2 or _is_constant(expected):
        return None
    return Fact("scaled", f"{pair.what} is {factor:.4g} times the expected one.")


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
        if factor < 0:
            sentence += " Its sign is the opposite one."
        return Fact("change_scaled", sentence)

    return None


def _neighbor_rows(pair: Pair) -> Fact | None:
    """Rows of a table that is an argument: each id gives the row before or after its own."""
    for name, table in pair.tensors():
        # With two rows, the row before and the row after are the same.
        if not table.is_floating_point() or table.dim() != 2 or len(table) < 3:
            continue
        for ids_name, ids in pair.tensors():
            if not are_rows(ids, len(table)):
                continue
            rows = ids.long()
            if not pair.same(table[rows], pair.expected):
                continue
            word = ""
            if pair.same(table[(rows + 1) % len(table)], pair.actual):
                word = "after"
            elif not pair.rehearsed and pair.same(table[rows - 1], pair.actual):
                word = "before"
            if word:
                sentence = f"Each id in `{ids_name}` gives the row of `{name}` {word} its own row."
                return Fact("shifted_by_one", sentence)

    return None


def _shifted(pair: Pair) -> Fact | None:
    """Every row is where its neighbor should be."""
    actual, expected = pair.actual, pair.expected
    if not actual.dim() or len(actual) < 3 or pair.rehearsed:
        return None
    # Rows that repeat can look shifted by chance.
    if _different_rows(expected) < 3:
        return None

    name = "shifted_by_one"
    if pair.same(actual[1:], expected[:-1]):
        return Fact(name, f"The rows of {pair.lower_what} are one place too low.")
    if pair.same(actual[:-1], expected[1:]):
        return Fact(name, f"The rows of {pair.lower_what} are one place too high.")
    return None


def _of_rehearsal(pair: Pair) -> Fact | None:
    """The right result for the rolled arguments of the calls before."""
    if not pair.rehearsed:
        return None
    for dim, size in enumerate(pair.expected.shape):
        # Of two rows, exchanged ones are no evidence, and equal rows can be rolled by chance.
        if size < 3 or _different_rows(pair.expected.movedim(dim, 0)) < 3:
            continue
        if pair.same(pair.actual, pair.expected.roll(1, dim)):
            sentence = (
                f"{pair.what} is the expected one for arguments whose numbers are rolled by one "
                "place. The grader called your function with such arguments first: does your code "
                "return the result of an earlier call?"
            )
            return Fact("earlier_result", sentence)
    return None


def _other_rows(pair: Pair) -> Fact | None:
    """Rows of a table that is an argument, but not the expected ones."""
    for name, table in pair.tensors():
        mine = _numbers_of_rows(pair.actual, table)
        wanted = _numbers_of_rows(pair.expected, table)
        if mine is None or wanted is None:
            continue
        places = mine.flatten().ne(wanted.flatten()).nonzero()
        if not len(places):
            continue
        first = int(places[0])
        place = [int(each) for each in torch.unravel_index(torch.tensor(first), mine.shape)]
        sentence = (
            f"{pair.what} consists of rows of `{name}`, but of wrong ones: "
            f"at {place}, it has row {int(mine.flatten()[first])}; "
            f"expected is row {int(wanted.flatten()[first])}."
        )
        return Fact("other_rows", sentence)

    return None


def _numbers_of_rows(tensor: torch.Tensor, table: torch.Tensor) -> torch.Tensor | None:
    """For each vector in the last dimension, the row of ``table`` that is equal to it.

    None if a vector is no row, or if several rows are equal to it.
    """
    if not table.is_floating_point() or table.dim() != 2 or tensor.dim() < 2:
        return None
    # In a table of one column, two rows are equal more easily.
    if len(table) < 3 or table.shape[1] < 2 or tensor.shape[-1] != table.shape[1]:
        return None
    if tensor.numel() * len(table) > _MOST_COMPARED:
        return None
    equal = as_float64(tensor).unsqueeze(-2) == as_float64(table)
    is_row = equal.all(-1)
    if not (is_row.sum(-1) == 1).all():
        return None
    return is_row.int().argmax(-1)


def _different_rows(tensor: torch.Tensor) -> int:
    rows = set()
    for row in tensor:
        numbers = row.flatten().tolist()
        rows.add(tuple(numbers))
    return len(rows)


def _averaged(pair: Pair) -> Fact | None:
    """Rows that are divided by how often an argument names them."""
    actual = as_float64(pair.actual)
    # One number for each row, with a dimension for each dimension of the result.
    shape = [-1] + [1] * (actual.dim() - 1)
    for name, ids in pair.ids():
        counts = torch.bincount(ids, minlength=len(actual))
        # Without a repeated id, a division by the counts changes nothing.
        if counts.max() < 2:
            continue
        # A row whose id does not occur is not divided.
        divisors = counts.clamp(min=1).reshape(shape)
        if pair.same(actual * divisors, pair.expected):
            sentence = (
                f"Each row of {pair.lower_what} is the expected one divided by "
                f"how often its id occurs in `{name}`."
            )
            return Fact("repeats_averaged", sentence)

    return None


def _repeats_lost(pair: Pair) -> Fact | None:
    """Exactly the rows of repeated ids differ."""
    wrong = _wrong_rows(pair)
    if not wrong.any() or wrong.all():
        return None

    for name, ids in pair.ids():
        counts = torch.bincount(ids, minlength=len(pair.expected))
        is_repeated = counts > 1
        if not wrong.equal(is_repeated):
            continue
        rows = wrong.nonzero().flatten().tolist()
        sentence = (
            f"Rows {listed(rows)} of {pair.lower_what} differ. Their ids occur "
            f"more than once in `{name}`. All rows of other ids are right."
        )
        return Fact("repeats_differ", sentence)

    return None


def _wrong_rows(pair: Pair) -> torch.Tensor:
    """Which rows differ; a vector of bool."""
    if not pair.expected.dim():
        return torch.ones(0, dtype=torch.bool)
    rows = zip(pair.actual, pair.expected, strict=True)
    return torch.tensor([not pair.same(one, other) for one, other in rows])


def listed(rows: list[int]) -> str:
    """Return the first six numbers of rows as text."""
    shown = ", ".join(map(str, rows[:6]))
    return shown if len(rows) <= 6 else f"{shown}, …"


def _some_rows(pair: Pair) -> Fact | None:
    """One row differs and at least two are right."""
    wrong = _wrong_rows(pair)
    if int(wrong.sum()) != 1 or len(wrong) < 3:
        return None

    row = int(wrong.nonzero()[0])
    sentence = f"Only row {row} of {pair.lower_what} differs."
    if row == len(wrong) - 1:
        sentence = f"Only the last row of {pair.lower_what} differs."
    for name, value in pair.given.items():
        if isinstance(value, bool) or not isinstance(value, int):
            continue
        # This number may be meant as a size.
        if value in pair.expected.shape:
            continue
        # An index such as -1 counts from the end.
        if value % len(wrong) == row:
            sentence = f"Only row {row} of {pair.lower_what} differs, the row of `{name}`."

    if pair.actual.dtype is not torch.bool:
        if not pair.actual[row].any():
            sentence += " It is zero."
        elif not pair.expected[row].any():
            sentence += " It should be zero."

    return Fact("one_row", sentence)


def _row_repeated(pair: Pair) -> Fact | None:
    if pair.actual.dim() < 2 or pair.actual.dtype is torch.bool:
        return None
    rows = pair.actual.flatten(0, -2)
    expected = pair.expected.flatten(0, -2)
    if len(rows) < 2 or not _has_one_row(rows) or _has_one_row(expected):
        return None
    return Fact("one_row_repeated", f"All rows of {pair.lower_what} are the same.")


def _has_one_row(table: torch.Tensor) -> bool:
    """Whether all rows of a table are the same."""
    return bool((table == table[0]).all())


def _rows_scaled(pair: Pair) -> Fact | None:
    """Each row is multiplied by a number of its own."""
    if pair.expected.dim() < 2 or pair.expected.shape[-1] < 2:
        return None
    actual = as_float64(pair.actual).flatten(0, -2)
    expected = as_float64(pair.expected).flatten(0, -2)
    if not actual.isfinite().all() or not expected.isfinite().all():
        return None

    factors = []
    for mine, wanted in zip(actual, expected, strict=True):
        # A row with a single number is a multiple of any other such row.
        if wanted.count_nonzero() < 2:
            return None
        place = wanted.abs().argmax()
        factor = float(mine[place] / wanted[place])
        if not pair.same(mine, factor * wanted):
            return None
        factors.append(factor)

    if len(set(factors)) < 2:
        return None
    found = torch.tensor(factors, dtype=torch.float64)
    for name, value in pair.tensors():
        if value.numel() == len(factors) and pair.same(found, value.flatten()):
            sentence = (
                f"Each row of {pair.lower_what} is the expected one times its number in `{name}`."
            )
            return Fact("rows_scaled", sentence)
    # Rows of zeros can have any reason.
    if 0 in factors:
        return None
    shown = ", ".join(f"{factor:.4g}" for factor in factors[:_FEW])
    if len(factors) > _FEW:
        shown += ", …"
    sentence = f"Each row of {pair.lower_what} is a multiple of the expected one. Factors: {shown}"
    return Fact("rows_scaled", sentence)


def _imprecise(pair: Pair) -> Fact | None:
    """Numbers that agree to a few digits: less than the dtype has."""
    if not pair.expected.is_floating_point():
        return None

    one = as_float64(pair.actual)
    other = as_float64(pair.expected)
    bits = torch.finfo(pair.expected.dtype).bits
    for digits, dtype in ((6, torch.float32), (3, torch.float16), (2, torch.bfloat16)):
        # A single number can agree to two or three digits by chance.
        if digits < 6 and pair.expected.numel() < _FEW:
            continue
        # A dtype with more digits than the result explains nothing.
        if torch.finfo(dtype).bits > bits:
            continue
        relative, absolute = TOLERANCES[dtype]
        if torch.allclose(one, other, relative, absolute, equal_nan=True):
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
    # Zeros alone can have any reason.
    if cut.any() and as_float64(pair.actual).equal(cut):
        sentence = f"{pair.what} has the expected numbers without their fractions."
        return Fact("fraction_cut", sentence)
    return None


def as_float64(tensor: torch.Tensor) -> torch.Tensor:
    """Return the numbers in a dtype in which they can be compared and added."""
    return tensor.detach().to(torch.float64)
