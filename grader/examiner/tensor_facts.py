"""Facts about a tensor that differs from the expected one, such as rows shifted by one."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec
import torch

from grader.examiner.compare import TOLERANCES, dtype_name

Fact = tuple[str, str]
"""A name and its sentence."""
# From this many numbers on, their mean and spread describe how they are drawn.
MANY: Final = 1000


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

    def same(self, one: torch.Tensor, other: torch.Tensor) -> bool:
        """Whether two tensors have one shape and the same numbers within the tolerance."""
        if one.shape != other.shape:
            return False
        dtypes = self.actual.dtype, self.expected.dtype
        known = [TOLERANCES[each] for each in dtypes if each in TOLERANCES]
        relative, absolute = max(known, default=(0.0, 0.0))
        one, other = as_float64(one), as_float64(other)
        return torch.allclose(one, other, relative, absolute, equal_nan=True)

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
        height = len(self.expected) if self.expected.dim() else 0
        numbers = [each for each in self.given.values() if isinstance(each, int)]
        tables = [len(each) for _, each in self.tensors() if each.dim() > 1]
        if height not in numbers + tables:
            return
        for name, value in self.tensors():
            is_whole = not value.is_floating_point() and value.dtype is not torch.bool
            if is_whole and value.numel() and value.min() >= 0 and value.max() < height:
                yield name, value.flatten().long()


def of_tensors(pair: Pair) -> Fact | None:
    """The first fact that holds for two tensors, the most specific facts first."""
    if pair.actual.is_complex() or not pair.expected.numel() or not pair.actual.numel():
        return None
    facts: tuple[Callable[[Pair], Fact | None], ...]
    if pair.actual.shape != pair.expected.shape:
        facts = (_transposed, _rearranged, _part_of_shape, _dimension_missing)
    elif pair.actual.dtype != pair.expected.dtype:
        facts = (_other_dtype, _without_fraction)
    else:
        facts = (
            _constant,
            _not_a_number,
            _transposed,
            negated,
            _imprecise,
            scaled,
            _argument_added,
            _neighbor_rows,
            _shifted,
            _averaged,
            _repeats_lost,
            _some_rows,
            _row_repeated,
            _without_fraction,
            _rearranged,
        )
    for fact in facts:
        if found := fact(pair):
            return found
    return None


def _transposed(pair: Pair) -> Fact | None:
    dims = pair.expected.dim()
    for one in range(dims):
        for other in range(one + 1, dims):
            if pair.same(pair.actual, pair.expected.transpose(one, other)):
                return (
                    "transposed",
                    f"{pair.what} is the expected one with dimensions {one} and {other} exchanged.",
                )
    return None


def _rearranged(pair: Pair) -> Fact | None:
    """The expected numbers in another shape or in other places."""
    if pair.actual.numel() != pair.expected.numel():
        return None
    if pair.expected.dtype is torch.bool or _is_constant(pair.expected):
        return None
    shape, wanted = tuple(pair.actual.shape), tuple(pair.expected.shape)
    if pair.same(pair.actual.flatten(), pair.expected.flatten()):
        return (
            "other_shape",
            (
                f"{pair.what} has the expected numbers in the expected order, "
                f"but in the shape {shape} instead of {wanted}."
            ),
        )
    one, other = as_float64(pair.actual).flatten(), as_float64(pair.expected).flatten()
    if one.sort().values.diff().ne(0).sum() > 1 and pair.same(
        one.sort().values, other.sort().values
    ):
        return "other_places", f"{pair.what} has the expected numbers, but in other places."
    return None


def _part_of_shape(pair: Pair) -> Fact | None:
    """There are more or fewer rows than expected, and the common ones are right."""
    actual, expected = pair.actual, pair.expected
    if actual.dim() != expected.dim() or not actual.dim() or actual.shape[1:] != expected.shape[1:]:
        return None
    common = min(len(actual), len(expected))
    if common < 2:
        return None
    found = f"It has {len(actual)} rows; expected {len(expected)}."
    if pair.same(actual[:common], expected[:common]):
        return "other_height", f"The first {common} rows of {_lower(pair.what)} are right. {found}"
    return None


def _dimension_missing(pair: Pair) -> Fact | None:
    """The shape is the expected one without a single dimension, which is larger than 1."""
    shape, wanted = tuple(pair.actual.shape), tuple(pair.expected.shape)
    places = [
        place for place in range(len(wanted)) if shape == wanted[:place] + wanted[place + 1 :]
    ]
    # With equal neighbors, it is not clear which of them is missing.
    if len(places) != 1 or wanted[places[0]] == 1:
        return None
    place = places[0]
    sentence = f"{pair.what} lacks dimension {place}, which has size {wanted[place]}."
    return "dimension_missing", sentence


def _lower(subject: str) -> str:
    return subject[:1].lower() + subject[1:]


def _other_dtype(pair: Pair) -> Fact | None:
    actual, expected = dtype_name(pair.actual), dtype_name(pair.expected)
    if pair.same(pair.actual, pair.expected):
        return (
            "other_dtype",
            f"{pair.what} has the expected numbers, but the dtype {actual} instead of {expected}.",
        )
    return None


def _is_constant(tensor: torch.Tensor) -> bool:
    return bool((tensor == tensor.flatten()[0]).all())


def _constant(pair: Pair) -> Fact | None:
    if pair.actual.numel() < 2 or not _is_constant(pair.actual) or _is_constant(pair.expected):
        return None
    if pair.actual.dtype is torch.bool:
        return None
    number = pair.actual.flatten()[0].item()
    if number == 0 and "gradient" in pair.what.lower():
        return "no_gradient", f"{pair.what} is zero everywhere: no gradient arrives there."
    if number == 0:
        return "zeros", f"Every number of {_lower(pair.what)} is zero."
    return "constant", f"Every number of {_lower(pair.what)} is {number:.4g}."


def _not_a_number(pair: Pair) -> Fact | None:
    wrong = ~pair.actual.isfinite() & pair.expected.isfinite()
    if not wrong.any():
        return None
    count = int(wrong.sum())
    return (
        "not_finite",
        (
            f"{pair.what} has nan or inf in {count} of {wrong.numel()} places; "
            "finite numbers are expected there."
        ),
    )


def negated(pair: Pair) -> Fact | None:
    """Every number has the opposite sign."""
    if pair.expected.any() and pair.same(as_float64(pair.actual), -as_float64(pair.expected)):
        return "negated", f"{pair.what} has the opposite sign of the expected one."
    return None


def scaled(pair: Pair) -> Fact | None:
    """One factor between all numbers; a size of an argument makes it a mean or a sum."""
    actual, expected = as_float64(pair.actual).flatten(), as_float64(pair.expected).flatten()
    place = expected.abs().argmax()
    if expected[place] == 0:
        return None
    factor = float(actual[place] / expected[place])
    is_proof = int((expected != 0).sum()) >= 2 and not _is_constant(pair.expected)
    if factor == 0 or not pair.same(as_float64(pair.actual), factor * as_float64(pair.expected)):
        return None
    for number, size in _sizes(pair.given).items():
        if number > 1 and abs(factor * number - 1) < 1e-5:
            return (
                "mean_for_sum",
                f"{pair.what} is the expected one divided by {number}, {size}.",
            )
        if number > 1 and abs(factor / number - 1) < 1e-5:
            return "sum_for_mean", f"{pair.what} is the expected one times {number}, {size}."
    # Any two single numbers have a ratio.
    if is_proof:
        return "scaled", f"{pair.what} is {factor:.4g} times the expected one."
    return None


def _sizes(given: dict[str, Any]) -> dict[int, str]:
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
        if not value.is_floating_point() or not value.any() or value.dim() > difference.dim():
            continue
        try:
            wide = as_float64(value).expand(difference.shape)
        except RuntimeError:
            continue
        if pair.same(difference, wide):
            return (
                "argument_missing",
                f"{pair.what} plus `{name}` is the expected one: `{name}` is missing from it.",
            )
        if pair.same(-difference, wide):
            return (
                "argument_added",
                f"{pair.what} minus `{name}` is the expected one: `{name}` is added too often.",
            )
    return None


def _neighbor_rows(pair: Pair) -> Fact | None:
    """Rows of a table that is an argument: each id gives the row before or after its own."""
    floats = [(n, v) for n, v in pair.tensors() if v.is_floating_point() and v.dim() == 2]
    for name, table in floats:
        for ids_name, ids in pair.tensors():
            is_whole = not ids.is_floating_point() and ids.dtype is not torch.bool
            if not is_whole or not ids.numel() or ids.min() < 0 or ids.max() >= len(table):
                continue
            if len(table) < 3 or not pair.same(table[ids.long()], pair.expected):
                continue
            for step, word in ((1, "after"), (-1, "before")):
                if step < 0 and pair.rehearsed:
                    continue
                if pair.same(table[(ids.long() + step) % len(table)], pair.actual):
                    return (
                        "shifted_by_one",
                        f"Each id in `{ids_name}` gives the row of `{name}` {word} its own row.",
                    )
    return None


def _shifted(pair: Pair) -> Fact | None:
    """Every row is where its neighbor should be."""
    actual, expected = pair.actual, pair.expected
    if not actual.dim() or len(actual) < 3 or _different_rows(expected) < 3:
        return None
    if pair.rehearsed:
        return None
    if pair.same(actual[1:], expected[:-1]):
        return "shifted_by_one", f"The rows of {_lower(pair.what)} are one place too low."
    if pair.same(actual[:-1], expected[1:]):
        return "shifted_by_one", f"The rows of {_lower(pair.what)} are one place too high."
    return None


def _different_rows(tensor: torch.Tensor) -> int:
    return len({tuple(row.flatten().tolist()) for row in tensor})


def _averaged(pair: Pair) -> Fact | None:
    """Rows that are divided by how often an argument names them."""
    for name, ids in pair.ids():
        counts = torch.bincount(ids, minlength=len(pair.expected)).clamp(min=1)
        counts = counts.reshape(-1, *[1] * (pair.expected.dim() - 1))
        if counts.max() > 1 and pair.same(
            as_float64(pair.actual) * counts, as_float64(pair.expected)
        ):
            return (
                "repeats_averaged",
                (
                    f"Each row of {_lower(pair.what)} is the expected one divided by "
                    f"how often its id occurs in `{name}`."
                ),
            )
    return None


def _repeats_lost(pair: Pair) -> Fact | None:
    """Exactly the rows of repeated ids differ."""
    wrong = _wrong_rows(pair)
    for name, ids in pair.ids():
        counts = torch.bincount(ids, minlength=len(pair.expected))
        if (
            wrong.any()
            and not wrong.all()
            and not wrong[counts < 2].any()
            and wrong[counts > 1].all()
        ):
            rows = wrong.nonzero().flatten().tolist()
            return (
                "repeats_differ",
                (
                    f"Rows {listed(rows)} of {_lower(pair.what)} differ. Their ids occur "
                    f"more than once in `{name}`. All rows of other ids are right."
                ),
            )
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
    sentence = f"Only row {row} of {_lower(pair.what)} differs."
    if row == len(wrong) - 1:
        sentence = f"Only the last row of {_lower(pair.what)} differs."
    for name, value in pair.given.items():
        is_number = isinstance(value, int) and not isinstance(value, bool)
        if is_number and value % len(wrong) == row:
            sentence = f"Only row {row} of {_lower(pair.what)} differs, the row of `{name}`."
    if pair.actual.dtype is not torch.bool:
        if not pair.actual[row].any():
            sentence += " It is zero."
        elif not pair.expected[row].any():
            sentence += " It should be zero."
    return "one_row", sentence


def _row_repeated(pair: Pair) -> Fact | None:
    if pair.actual.dim() < 2 or pair.actual.dtype is torch.bool:
        return None
    rows = pair.actual.flatten(0, -2)
    expected = pair.expected.flatten(0, -2)
    if len(rows) > 1 and (rows == rows[0]).all() and not (expected == expected[0]).all():
        return "one_row_repeated", f"All rows of {_lower(pair.what)} are the same."
    return None


def _imprecise(pair: Pair) -> Fact | None:
    """Numbers that agree to a few digits: less than the dtype has."""
    if not pair.expected.is_floating_point():
        return None
    one, other = as_float64(pair.actual), as_float64(pair.expected)
    for digits, dtype in ((6, torch.float32), (3, torch.float16), (2, torch.bfloat16)):
        if torch.finfo(dtype).bits > torch.finfo(pair.expected.dtype).bits:
            continue
        relative, absolute = TOLERANCES[dtype]
        if torch.allclose(one, other, relative, absolute, equal_nan=True):
            return (
                "imprecise",
                (
                    f"{pair.what} agrees with the expected one to about {digits} digits; "
                    f"{dtype_name(pair.expected)} has more."
                ),
            )
    return None


def _without_fraction(pair: Pair) -> Fact | None:
    wide = as_float64(pair.expected)
    if not pair.expected.is_floating_point() or (wide == wide.trunc()).all():
        return None
    if torch.equal(as_float64(pair.actual), wide.trunc()):
        return "fraction_cut", f"{pair.what} has the expected numbers without their fractions."
    return None


def as_float64(tensor: torch.Tensor) -> torch.Tensor:
    """Return the numbers in a dtype in which they can be compared and added."""
    return tensor.detach().to(torch.float64)
