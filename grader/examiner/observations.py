"""Facts about a wrong result, for submissions that match no known misconception.

A fact is computed from what a call got, returned and should return, or from the exception that
it raised. It says what is true of this result and guesses no cause. No fact knows an exercise.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec
import torch

from grader.examiner.compare import RESULT, TOLERANCES, Mismatch, dtype_name
from grader.examiner.submission_run import Exchange
from grader.examiner.verdict import Verdict, Verdicts
from grader.grades.grade import OBSERVED, Outcome
from grader.sandbox import values, wire

# A fact about the values of a larger tensor would take long to compute.
_MAX_ELEMENTS: Final = 100_000
# From this many numbers on, their mean and spread describe how they are drawn.
_MANY: Final = 1000
# Names of compared values that begin with one of these words are no things.
_QUESTIONS: Final = ("what ", "which ", "whether ", "after ")
_NUMBER: Final = re.compile(r"-?\d+\.?\d*(?:[eE][-+]?\d+)?")


class Observation(msgspec.Struct, frozen=True):
    """A fact: its name, and the sentences for the learner."""

    name: str
    sentence: str


class _Pair(msgspec.Struct, frozen=True):
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
        one, other = _wide(one), _wide(other)
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


def observe(verdicts: Verdicts, printed: str = "") -> Observation | None:
    """Return a fact about the result in the first failed check; None if no fact is known.

    ``verdicts`` are those of all checks, because some facts are about several calls.
    ``printed`` is the output of the submission in visible checks.
    """
    missed = [verdict for verdict in verdicts.values() if verdict.outcome.missed]
    if not missed or not missed[0].exchanges:
        return None
    try:
        found = _fact(missed[0], verdicts, printed)
    except Exception:
        # Results can be anything. No fact about them may cost a submission its grade.
        return None
    if found is None:
        return None
    name, sentence = found
    return Observation(OBSERVED + name, sentence)


# A name and its sentence.
_Fact = tuple[str, str]


def _fact(verdict: Verdict, verdicts: Verdicts, printed: str) -> _Fact | None:
    last = verdict.exchanges[-1]
    if isinstance(last.reply, wire.Raised) and verdict.outcome is Outcome.RAISED:
        return _one_rank_only(verdicts) or _of_exception(last)
    if isinstance(verdict.error, Mismatch):
        return _of_mismatch(verdict, verdicts, printed)
    if isinstance(verdict.error, AssertionError):
        # A check can compare figures of a result in its own words.
        return _of_draws(last)
    return None


def _of_mismatch(verdict: Verdict, verdicts: Verdicts, printed: str) -> _Fact | None:
    """A fact about two values that differ."""
    error = verdict.error
    assert isinstance(error, Mismatch)
    last = verdict.exchanges[-1]
    subject = _subject(error.what)
    actual, expected = _differing_items(error.actual, error.expected)
    if not error.what:
        return None
    if actual is None:
        return _of_none(error, expected, printed)
    # The whole values first, because their items may only be in another order.
    for one, other in ((error.actual, error.expected), (actual, expected)):
        if found := _of_container(subject, one, other):
            return found

    given = {name: values.decode(value) for name, value in last.given.items()}
    # A probe, which has a note, is not rehearsed.
    rehearsed = len(verdict.exchanges) == 1 and not last.note
    if isinstance(actual, torch.Tensor) and actual.numel() <= _MAX_ELEMENTS:
        for name, value in given.items():
            if isinstance(value, torch.Tensor) and _equal(actual, value):
                return "input_returned", f"{subject} is equal to `{name}`."

        if isinstance(expected, torch.Tensor):
            pair = _Pair(subject, actual.detach().cpu(), expected.detach().cpu(), given, rehearsed)
            return _of_tensors(pair) or _fixed_size(pair, verdicts)

    return _of_numbers(subject, actual, expected, given) or _of_draws(last)


def _subject(what: str) -> str:
    """``what`` as the beginning of a sentence."""
    if what == RESULT:
        return "Your result"
    if what.startswith("the "):
        return what[:1].upper() + what[1:]
    if what.startswith(_QUESTIONS):
        return f"The answer to “{what}”"
    return f"`{what}`"


def _differing_items(actual: Any, expected: Any) -> tuple[Any, Any]:
    """The first items of two equally long tuples or lists that differ, or the values as given."""
    while isinstance(actual, tuple | list) and type(actual) is type(expected):
        if len(actual) != len(expected):
            break
        pairs = zip(actual, expected, strict=True)
        differing = [(one, other) for one, other in pairs if not _equal(one, other)]
        if not differing:
            break
        actual, expected = differing[0]
    return actual, expected


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        one, other = one.detach().cpu(), other.detach().cpu()
        same_kind = one.shape == other.shape and one.dtype == other.dtype
        return same_kind and one.numel() > 0 and torch.equal(one, other)
    if isinstance(one, tuple | list) and isinstance(other, tuple | list):
        return len(one) == len(other) and all(map(_equal, one, other))
    if isinstance(one, torch.Tensor) or isinstance(other, torch.Tensor):
        return False
    return bool(one == other)


def _of_none(error: Mismatch, expected: Any, printed: str) -> _Fact | None:
    """A fact about None in place of a value."""
    if "gradient" in error.what:
        return "no_gradient", f"{_subject(error.what)} is None: no gradient arrives there."
    if error.what != RESULT:
        return None
    if isinstance(expected, torch.Tensor) and _is_printed(expected, printed):
        return (
            "printed_not_returned",
            (
                "Your code printed the expected numbers and returned None. "
                "A caller gets only what `return` gives."
            ),
        )
    return (
        "nothing_returned",
        "Your code returned None. A function that ends without `return` does so.",
    )


def _is_printed(expected: torch.Tensor, printed: str) -> bool:
    """Whether the printed numbers contain all expected ones, to four digits."""
    wanted = expected.detach().flatten().tolist()[:20]
    found = [float(text) for text in _NUMBER.findall(printed)[:10_000]]
    if not wanted or not found:
        return False
    return all(any(abs(each - other) < 1e-3 for other in found) for each in wanted)


def _of_container(subject: str, actual: Any, expected: Any) -> _Fact | None:
    """A fact about a tuple or list that contains the expected tensor."""
    if not isinstance(actual, tuple | list):
        return None
    kind = type(actual).__name__
    if isinstance(expected, type(actual)):
        if len(actual) == len(expected) and all(
            any(_close(one, other) for one in actual) for other in expected
        ):
            return "items_swapped", f"{subject} has the expected items in another order."
        return None
    if len(actual) == 1:
        return (
            "wrapped",
            f"{subject} is a {kind} with one item. A comma after a value makes a tuple.",
        )
    if actual and all(isinstance(each, torch.Tensor) for each in actual):
        return "list_of_parts", f"{subject} is a {kind} of {len(actual)} tensors, not one tensor."
    return None


def _close(one: Any, other: Any) -> bool:
    if not isinstance(one, torch.Tensor) or not isinstance(other, torch.Tensor):
        return _equal(one, other)
    return _Pair("", one, other, {}).same(one.detach().cpu(), other.detach().cpu())


def _of_tensors(pair: _Pair) -> _Fact | None:
    """The first fact that holds for two tensors, the most specific facts first."""
    if pair.actual.is_complex() or not pair.expected.numel() or not pair.actual.numel():
        return None
    facts: tuple[Callable[[_Pair], _Fact | None], ...]
    if pair.actual.shape != pair.expected.shape:
        facts = (_transposed, _rearranged, _part_of_shape)
    elif pair.actual.dtype != pair.expected.dtype:
        facts = (_other_dtype, _without_fraction)
    else:
        facts = (
            _constant,
            _not_a_number,
            _transposed,
            _negated,
            _imprecise,
            _scaled,
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


def _transposed(pair: _Pair) -> _Fact | None:
    dims = pair.expected.dim()
    for one in range(dims):
        for other in range(one + 1, dims):
            if pair.same(pair.actual, pair.expected.transpose(one, other)):
                return (
                    "transposed",
                    f"{pair.what} is the expected one with dimensions {one} and {other} exchanged.",
                )
    return None


def _rearranged(pair: _Pair) -> _Fact | None:
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
    one, other = _wide(pair.actual).flatten(), _wide(pair.expected).flatten()
    if one.sort().values.diff().ne(0).sum() > 1 and pair.same(
        one.sort().values, other.sort().values
    ):
        return "other_places", f"{pair.what} has the expected numbers, but in other places."
    return None


def _part_of_shape(pair: _Pair) -> _Fact | None:
    """More or fewer rows, of which the common ones are right."""
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


def _lower(subject: str) -> str:
    return subject[:1].lower() + subject[1:]


def _other_dtype(pair: _Pair) -> _Fact | None:
    actual, expected = dtype_name(pair.actual), dtype_name(pair.expected)
    if pair.same(pair.actual, pair.expected):
        return (
            "other_dtype",
            f"{pair.what} has the expected numbers, but the dtype {actual} instead of {expected}.",
        )
    return None


def _is_constant(tensor: torch.Tensor) -> bool:
    return bool((tensor == tensor.flatten()[0]).all())


def _constant(pair: _Pair) -> _Fact | None:
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


def _not_a_number(pair: _Pair) -> _Fact | None:
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


def _negated(pair: _Pair) -> _Fact | None:
    if pair.expected.any() and pair.same(_wide(pair.actual), -_wide(pair.expected)):
        return "negated", f"{pair.what} has the opposite sign of the expected one."
    return None


def _scaled(pair: _Pair) -> _Fact | None:
    """One factor between all numbers; a size of an argument makes it a mean or a sum."""
    actual, expected = _wide(pair.actual).flatten(), _wide(pair.expected).flatten()
    place = expected.abs().argmax()
    if expected[place] == 0:
        return None
    factor = float(actual[place] / expected[place])
    is_proof = int((expected != 0).sum()) >= 2 and not _is_constant(pair.expected)
    if factor == 0 or not pair.same(_wide(pair.actual), factor * _wide(pair.expected)):
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


def _argument_added(pair: _Pair) -> _Fact | None:
    """An argument that is missing from a sum, or that is in it once too often."""
    difference = _wide(pair.expected) - _wide(pair.actual)
    if not difference.isfinite().all():
        return None
    for name, value in pair.tensors():
        if not value.is_floating_point() or not value.any() or value.dim() > difference.dim():
            continue
        try:
            wide = _wide(value).expand(difference.shape)
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


def _neighbor_rows(pair: _Pair) -> _Fact | None:
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


def _shifted(pair: _Pair) -> _Fact | None:
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


def _averaged(pair: _Pair) -> _Fact | None:
    """Rows that are divided by how often an argument names them."""
    for name, ids in pair.ids():
        counts = torch.bincount(ids, minlength=len(pair.expected)).clamp(min=1)
        counts = counts.reshape(-1, *[1] * (pair.expected.dim() - 1))
        if counts.max() > 1 and pair.same(_wide(pair.actual) * counts, _wide(pair.expected)):
            return (
                "repeats_averaged",
                (
                    f"Each row of {_lower(pair.what)} is the expected one divided by "
                    f"how often its id occurs in `{name}`."
                ),
            )
    return None


def _repeats_lost(pair: _Pair) -> _Fact | None:
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
                    f"Rows {_listed(rows)} of {_lower(pair.what)} differ. Their ids occur "
                    f"more than once in `{name}`. All rows of other ids are right."
                ),
            )
    return None


def _wrong_rows(pair: _Pair) -> torch.Tensor:
    """Which rows differ; a vector of bool."""
    if not pair.expected.dim():
        return torch.ones(0, dtype=torch.bool)
    rows = zip(pair.actual, pair.expected, strict=True)
    return torch.tensor([not pair.same(one, other) for one, other in rows])


def _listed(rows: list[int]) -> str:
    shown = ", ".join(map(str, rows[:6]))
    return shown if len(rows) <= 6 else f"{shown}, …"


def _some_rows(pair: _Pair) -> _Fact | None:
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


def _row_repeated(pair: _Pair) -> _Fact | None:
    if pair.actual.dim() < 2 or pair.actual.dtype is torch.bool:
        return None
    rows = pair.actual.flatten(0, -2)
    expected = pair.expected.flatten(0, -2)
    if len(rows) > 1 and (rows == rows[0]).all() and not (expected == expected[0]).all():
        return "one_row_repeated", f"All rows of {_lower(pair.what)} are the same."
    return None


def _imprecise(pair: _Pair) -> _Fact | None:
    """Numbers that agree to a few digits: less than the dtype has."""
    if not pair.expected.is_floating_point():
        return None
    one, other = _wide(pair.actual), _wide(pair.expected)
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


def _without_fraction(pair: _Pair) -> _Fact | None:
    wide = _wide(pair.expected)
    if not pair.expected.is_floating_point() or (wide == wide.trunc()).all():
        return None
    if torch.equal(_wide(pair.actual), wide.trunc()):
        return "fraction_cut", f"{pair.what} has the expected numbers without their fractions."
    return None


def _wide(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.detach().to(torch.float64)


def _fixed_size(pair: _Pair, verdicts: Verdicts) -> _Fact | None:
    """A size that is the same in all results, although the arguments have other sizes."""
    actual, expected = pair.actual.shape, pair.expected.shape
    if len(actual) != len(expected):
        return None
    for dim, (mine, wanted) in enumerate(zip(actual, expected, strict=True)):
        if mine == wanted:
            continue
        sizes = set()
        inputs = set()
        for exchange in _exchanges(verdicts):
            value = exchange.value
            if isinstance(value, torch.Tensor) and value.dim() == len(actual):
                sizes.add(value.shape[dim])
                shapes = _given_shapes(exchange)
                inputs.add(tuple(sorted(shapes.items())))
        if len(inputs) >= 3 and sizes == {mine}:
            return (
                "fixed_size",
                (
                    f"Dimension {dim} of your result always has the size {mine}, "
                    "also for arguments of other sizes."
                ),
            )
    return None


def _exchanges(verdicts: Verdicts) -> Iterator[Exchange]:
    for verdict in verdicts.values():
        yield from verdict.exchanges


def _given_shapes(exchange: Exchange) -> dict[str, tuple[int, ...]]:
    """The shapes of the arguments that are tensors."""
    return {
        name: tuple(value.shape)
        for name, value in exchange.given.items()
        if isinstance(value, wire.Tensor)
    }


def _of_numbers(subject: str, actual: Any, expected: Any, given: dict[str, Any]) -> _Fact | None:
    """A fact about two Python numbers that differ."""
    kinds = (int, float)
    if isinstance(actual, bool) or not isinstance(actual, kinds):
        return None
    if isinstance(expected, bool) or not isinstance(expected, kinds) or not expected:
        return None
    one, other = torch.tensor(float(actual)), torch.tensor(float(expected))
    pair = _Pair(subject, one.double(), other.double(), given)
    return _negated(pair) or _scaled(pair)


def _of_draws(exchange: Exchange) -> _Fact | None:
    """How the many numbers of a result spread."""
    value = exchange.value
    if isinstance(value, tuple | list) and value:
        value = value[0]
    if not isinstance(value, torch.Tensor) or not value.is_floating_point():
        return None
    if not _MANY <= value.numel() <= _MAX_ELEMENTS:
        return None
    wide = _wide(value)
    if not wide.isfinite().all():
        return "not_finite", "Some of the numbers are nan or inf."
    low, high = float(wide.min()), float(wide.max())
    mean, std = float(wide.mean()), float(wide.std())
    if low == high:
        return "constant", f"All {wide.numel()} numbers are {low:.4g}."
    sentence = (
        f"The numbers lie between {low:.2g} and {high:.2g}. "
        f"Their mean is {mean:.2g} and their standard deviation {std:.2g}."
    )
    # The standard deviation of numbers that are spread evenly over an interval.
    if abs(std / ((high - low) / 12**0.5) - 1) < 0.02:
        return "spread_evenly", f"{sentence} They spread evenly."
    return "spread", sentence


def _one_rank_only(verdicts: Verdicts) -> _Fact | None:
    """Calls succeed for one number of dimensions of an argument and raise for all others."""
    fine: dict[str, set[int]] = {}
    broken: dict[str, set[int]] = {}
    for exchange in _exchanges(verdicts):
        if isinstance(exchange.reply, wire.Raised):
            seen = broken
        elif isinstance(exchange.reply, wire.Returned):
            seen = fine
        else:
            continue
        for name, shape in _given_shapes(exchange).items():
            if name not in exchange.call:
                # It is no argument, but the gradient that goes back through the result.
                continue
            seen.setdefault(name, set()).add(len(shape))
    for name, ranks in fine.items():
        others = broken.get(name, set())
        if len(ranks) == 1 and others and others.isdisjoint(ranks):
            rank = next(iter(ranks))
            shown = _listed(sorted(others))
            return (
                "one_rank_only",
                (
                    f"Your code works here if `{name}` has {_dimensions(rank)}, and raises for "
                    f"every other number of dimensions that was tried: {shown}."
                ),
            )
    return None


def _dimensions(rank: int) -> str:
    return "1 dimension" if rank == 1 else f"{rank} dimensions"


_ANY_RANK: Final = "The argument has another number of dimensions in this call."
# Pattern of the exception's message to the name of a fact and its sentence. Groups are filled in.
_MESSAGES: Final[tuple[tuple[str, str, str], ...]] = (
    (
        r"(?:not enough|too many) values to unpack \(expected (\d+)",
        "fixed_rank",
        "Your code unpacks exactly {0} values in this line, but there are more or fewer of them.",
    ),
    (
        r"einsum\(\): the number of subscripts .*\((\d+)\) does not match .*\((\d+)\)",
        "fixed_rank",
        "Your equation has {0} letters for an argument with {1} dimensions.",
    ),
    (
        (
            r"(?:must be|expected) (?:a matrix|matrices)|(1D|2-D|2D|3D|3-D) tensors? expected"
            r"|must be a? ?(?:2|3)-?D|batch1 must be|expected a 1-D|(?:1|2|3)D tensors expected"
        ),
        "fixed_rank",
        "The function that your code calls takes one number of dimensions only. " + _ANY_RANK,
    ),
    (
        r"tuple index out of range|Dimension out of range|Dimension specified as",
        "fixed_rank",
        "Your code asks for a dimension that the tensor does not have. " + _ANY_RANK,
    ),
    (
        r"mat1 and mat2 shapes cannot be multiplied \((\d+x\d+) and (\d+x\d+)\)",
        "sizes_do_not_fit",
        (
            "Your code multiplies a {0} matrix by a {1} matrix: the second number of the first and "
            "the first number of the second must be equal."
        ),
    ),
    (
        r"size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\)",
        "sizes_do_not_fit",
        "Your code combines two tensors that have the sizes {0} and {1} in one dimension.",
    ),
    (
        (
            r"size mismatch|inconsistent tensor size|shape mismatch|invalid for input of size"
            r"|Expected size for first two dimensions|must match"
        ),
        "sizes_do_not_fit",
        "The sizes of the tensors in this line do not fit together.",
    ),
    (
        (
            r"(?:have the same dtype|expected scalar type|expected dtype|tensors used as indices"
            r"|scalar types: Long|only applicable to index tensor|index.*(?:int64|int32)"
            r"|dtype mismatch|must have the same dtype|same type)"
        ),
        "dtype_refused",
        "The dtype of a tensor in this line is not one that PyTorch accepts there.",
    ),
    (
        r"view size is not compatible",
        "view_refused",
        "Your code calls `view` on a tensor whose elements are not in order in memory.",
    ),
    (
        (
            r"before Module\.__init__\(\) call|has no attribute '_(?:parameters|modules|buffers"
            r"|backward_hooks|backward_pre_hooks|forward_hooks|forward_pre_hooks)'"
        ),
        "module_not_initialized",
        "Your module has none of what `nn.Module.__init__` creates, so that did not run.",
    ),
    (
        r"does not require grad and does not have a grad_fn",
        "no_gradient",
        "No gradient can be computed, because the result is not part of a graph of autograd.",
    ),
    (
        r"leaf Variable that requires grad is being used in an in-place|view of a leaf",
        "leaf_written",
        "Your code writes into a tensor that requires a gradient while autograd records.",
    ),
    (
        r"[Ii]ndex(?: -?\d+)? (?:is )?out of (?:range|bounds)|index out of range",
        "index_out_of_range",
        "Your code uses an index for which the tensor or list has no entry.",
    ),
    (
        (
            r"(?:only one element tensors|only 0-dim|a Tensor with \d+ elements cannot be converted"
            r"|value of Tensor with more than one value is ambiguous"
            r"|only integer tensors of a single)"
        ),
        "tensor_as_number",
        "Your code uses a tensor of several numbers where one number is needed.",
    ),
    (
        r"Expected all tensors to be on the same device",
        "devices_mixed",
        "The tensors in this line are on different devices.",
    ),
)
_NO_ATTRIBUTE: Final = re.compile(r"'(\w+)' object has no attribute '(\w+)'")


def _of_exception(exchange: Exchange) -> _Fact | None:
    """A fact about an exception, from the message of Python or PyTorch."""
    reply = exchange.reply
    assert isinstance(reply, wire.Raised)
    if reply.exception == "NotImplementedError":
        # Nothing is written yet.
        return None
    message = reply.message[:2000]
    for pattern, name, sentence in _MESSAGES:
        if match := re.search(pattern, message):
            groups = [group or "" for group in match.groups()]
            return name, sentence.format(*groups)

    match = _NO_ATTRIBUTE.search(message)
    if match and hasattr(torch.nn.Module, match[2]):
        return "no_module", f"`{match[1]}` has no `{match[2]}`, which every `nn.Module` has."
    return None
