"""Facts about a wrong result, for submissions that match no known misconception.

A fact is computed from what a call got, returned and should return, or from the exception that
it raised. It says what is true of this result and guesses no cause. No fact knows an exercise.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import torch

from grader.examiner.compare import RESULT, Mismatch
from grader.examiner.exception_facts import of_exception
from grader.examiner.facts import Fact, Pair, as_float64
from grader.examiner.row_facts import MANY_ROWS, ROW_REPEATED, has_one_row, listed
from grader.examiner.submission_run import COTANGENT, Exchange
from grader.examiner.tensor_facts import (
    LARGEST_DRAWN,
    MANY,
    UNWRITTEN,
    negated,
    of_tensors,
    scaled,
)
from grader.examiner.verdict import Verdict, Verdicts
from grader.grades.grade import OBSERVED, Outcome
from grader.sandbox import values, wire
from grader.text import count

# A fact about the values of a larger tensor would take long to compute.
_MAX_ELEMENTS: Final = 100_000
_PARENTHESES: Final = re.compile(r"\([^)]*\)")
# Names of compared values that begin with one of these words are no things.
_QUESTIONS: Final = ("which ", "where ", "whether ", "after ")


def observe(verdicts: Verdicts, printed: str = "") -> Fact | None:
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
    # The prefix tells facts from misconceptions, which have names too.
    return Fact(OBSERVED + found.name, found.sentence)


def _fact(verdict: Verdict, verdicts: Verdicts, printed: str) -> Fact | None:
    last = verdict.exchanges[-1]
    if isinstance(last.reply, wire.Raised) and verdict.outcome is Outcome.RAISED:
        return _one_rank_only(verdicts) or of_exception(last)
    if isinstance(verdict.error, Mismatch):
        return _of_mismatch(verdict, verdicts, printed)
    if isinstance(verdict.error, AssertionError):
        # A check can compare figures of a result in its own words.
        return _of_draws(last)
    return None


def _of_mismatch(verdict: Verdict, verdicts: Verdicts, printed: str) -> Fact | None:
    """A fact about two values that differ."""
    error = verdict.error
    assert isinstance(error, Mismatch)
    if not error.what:
        return None

    subject = _subject(error.what)
    actual, expected = _differing_items(error.actual, error.expected)
    if actual is None:
        return _of_none(error, verdict.exchanges[-1], printed)

    # The whole values first, because their items may only be in another order.
    wants_tensor = isinstance(expected, torch.Tensor) or error.wants_tensor
    fact = _of_container(subject, error.actual, error.expected, wants_tensor)
    fact = fact or _of_container(subject, actual, expected, wants_tensor)
    if fact is not None:
        return fact

    last = verdict.exchanges[-1]
    given = {name: values.decode(value) for name, value in last.given.items()}
    # A fact about a large tensor takes too long.
    if isinstance(actual, torch.Tensor) and actual.numel() <= _MAX_ELEMENTS:
        for name, value in given.items():
            # Zeros need not come from an input of zeros.
            if isinstance(value, torch.Tensor) and actual.any() and _equal(actual, value):
                return Fact("input_returned", f"{subject} is equal to `{name}`.")

        if isinstance(expected, torch.Tensor):
            # A probe, which has a note, is not rehearsed.
            rehearsed = len(verdict.exchanges) == 1 and not last.note
            actual = actual.detach().cpu()
            expected = expected.detach().cpu()
            pair = Pair(
                what=subject,
                actual=actual,
                expected=expected,
                given=given,
                rehearsed=rehearsed,
            )
            fact = of_tensors(pair)
            if fact is not None and fact.name == ROW_REPEATED:
                return fact if _is_always_one_row(verdict, verdicts, pair) else None
            if fact is None and actual.shape != expected.shape:
                fact = _other_size(pair, verdicts) or _fixed_size(pair, verdicts)
            return fact

    found = _of_numbers(subject, actual, expected, given)
    # How numbers were drawn does not answer a question.
    if found is None and not isinstance(actual, bool):
        found = _of_draws(last)
    return found


def _subject(what: str) -> str:
    """``what`` as the beginning of a sentence."""
    if what == RESULT:
        return "Your result"
    # "What the layer returns" can be a subject, too.
    if what.startswith(("the ", "what ")):
        subject = what[:1].upper() + what[1:]
        # "The gradient, with lr=0.1, is" needs the second comma.
        if "," in _PARENTHESES.sub("", subject):
            subject += ","
        return subject
    if what.startswith(_QUESTIONS):
        return f"The answer to “{what}”"
    # A name, and perhaps when it was looked at.
    name, space, rest = what.partition(" ")
    return f"`{name}`{space}{rest}"


def _differing_items(actual: Any, expected: Any) -> tuple[Any, Any]:
    """The first items of two equally long tuples or lists that differ, or the values as given."""
    # The items can be tuples again, so this goes down to the values that differ.
    while isinstance(actual, tuple | list) and type(actual) is type(expected):
        if len(actual) != len(expected):
            break
        for one, other in zip(actual, expected, strict=True):
            if not _equal(one, other):
                # These can be tuples again.
                actual, expected = one, other
                break
        else:
            break

    return actual, expected


def _equal(one: Any, other: Any) -> bool:
    is_tensor = isinstance(one, torch.Tensor)
    if is_tensor != isinstance(other, torch.Tensor):
        return False
    if is_tensor:
        # An empty tensor is no evidence.
        if one.shape != other.shape or one.dtype != other.dtype or not one.numel():
            return False
        return torch.equal(one.detach().cpu(), other.detach().cpu())
    if isinstance(one, tuple | list) and isinstance(other, tuple | list):
        return len(one) == len(other) and all(map(_equal, one, other))
    return bool(one == other)


def _of_none(error: Mismatch, last: Exchange, printed: str) -> Fact | None:
    """A fact about None in place of a value."""
    if "gradient" in error.what:
        return _no_gradient(last)
    # None can also be an item of what the code returned.
    if error.what != RESULT or error.actual is not None:
        return None
    if printed.strip():
        sentence = "Your code prints and returns None. A caller gets only what `return` gives."
        return Fact("printed_not_returned", sentence)
    sentence = "Your code returned None. A function that ends without `return` does so."
    return Fact("nothing_returned", sentence)


def _no_gradient(last: Exchange) -> Fact | None:
    """Why a gradient is None that was sent back through the result."""
    # A probe can read a gradient that never was there, or that the code removed.
    if COTANGENT not in last.given:
        return None
    result = last.value[0]
    parts = result if isinstance(result, tuple) else (result,)
    if any(getattr(part, "requires_grad", False) for part in parts):
        sentence = (
            "Your result requires a gradient, but autograd did not record that it depends on this "
            "tensor."
        )
    else:
        sentence = "Your result requires no gradient, so none flows back from it."
    return Fact("no_gradient", sentence)


def _of_container(subject: str, actual: Any, expected: Any, wants_tensor: bool) -> Fact | None:
    """A fact about a tuple or list that contains the expected tensor."""
    if not isinstance(actual, tuple | list):
        return None

    kind = type(actual).__name__
    if isinstance(expected, type(actual)):
        if _is_rearranged(actual, expected):
            sentence = f"{subject} has the expected items in another order."
            return Fact("items_swapped", sentence)
        return None
    if len(actual) == 1:
        sentence = f"{subject} is a {kind} with one item. A comma after a value makes a tuple."
        return Fact("wrapped", sentence)
    if wants_tensor and actual and all(isinstance(each, torch.Tensor) for each in actual):
        sentence = f"{subject} is a {kind} of {len(actual)} tensors, not one tensor."
        return Fact("list_of_parts", sentence)
    return None


def _is_rearranged(actual: Sequence[Any], expected: Sequence[Any]) -> bool:
    """Whether both have the same items, each equally often, and not all in the same places."""
    rest = list(actual)
    for wanted in expected:
        places = [place for place, item in enumerate(rest) if _close(item, wanted)]
        if not places:
            return False
        del rest[places[0]]
    in_place = all(_close(item, wanted) for item, wanted in zip(actual, expected, strict=False))
    return not rest and not in_place


def _close(one: Any, other: Any) -> bool:
    if not isinstance(one, torch.Tensor) or not isinstance(other, torch.Tensor):
        return _equal(one, other)
    one = one.detach().cpu()
    other = other.detach().cpu()
    return Pair("", one, other, {}).same(one, other)


def _is_always_one_row(verdict: Verdict, verdicts: Verdicts, pair: Pair) -> bool:
    """Whether the rows of a result are not the same by chance, in this call only."""
    # A small example has few rows.
    if not verdict.is_smaller and len(pair.actual.flatten(0, -2)) < MANY_ROWS:
        return False
    last = verdict.exchanges[-1]
    for exchange in _exchanges(verdicts):
        value = exchange.value
        if exchange.call != last.call or not isinstance(value, torch.Tensor):
            continue
        if value.dim() > 1 and value.numel() and not has_one_row(value.flatten(0, -2)):
            return False
    return True


def _other_size(pair: Pair, verdicts: Verdicts) -> Fact | None:
    """One dimension has the size of the wrong dimension of an argument."""
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
    name, dim = mine[0]
    # In one call, two sizes can be equal by chance.
    for exchange in _exchanges(verdicts):
        value = exchange.value
        given = _given_shapes(exchange).get(name, ())
        if not isinstance(value, torch.Tensor) or value.dim() != len(shape) or dim >= len(given):
            continue
        if value.shape[place] != given[dim]:
            return None

    other, wanted_dim = theirs[0]
    sentence = (
        f"Dimension {place} of {pair.lower_what} has the size of dimension {dim} of `{name}`; "
        f"expected is the size of dimension {wanted_dim} of `{other}`."
    )
    return Fact("other_size", sentence)


def _dimensions_of_size(pair: Pair, size: int) -> list[tuple[str, int]]:
    """The dimensions of the arguments that have this size."""
    found = []
    for name, tensor in pair.tensors():
        for dim, each in enumerate(tensor.shape):
            if each == size:
                found.append((name, dim))
    return found


def _fixed_size(pair: Pair, verdicts: Verdicts) -> Fact | None:
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
                # Over all checks, because one alone can use one size.
                sizes.add(value.shape[dim])
                shapes = _given_shapes(exchange)
                inputs.add(tuple(sorted(shapes.items())))
        if len(inputs) >= 3 and sizes == {mine}:
            sentence = (
                f"Dimension {dim} of your result always has the size {mine}, "
                "also for arguments of other sizes."
            )
            return Fact("fixed_size", sentence)

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


def _of_numbers(subject: str, actual: Any, expected: Any, given: dict[str, Any]) -> Fact | None:
    """A fact about two Python numbers that differ."""
    if not _is_number(actual) or not _is_number(expected) or not expected:
        return None
    one = torch.tensor(float(actual), dtype=torch.float64)
    other = torch.tensor(float(expected), dtype=torch.float64)
    pair = Pair(subject, one, other, given)
    if found := negated(pair):
        return found
    # A count can be a multiple of any size by chance.
    return scaled(pair) if isinstance(expected, float) else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _of_draws(exchange: Exchange) -> Fact | None:
    """How the many numbers of a result spread."""
    value = exchange.value
    if isinstance(value, tuple | list) and value:
        value = value[0]
    if not isinstance(value, torch.Tensor) or not value.is_floating_point():
        return None
    if not MANY <= value.numel() <= _MAX_ELEMENTS:
        return None

    wide = as_float64(value)
    if not wide.isfinite().all():
        return Fact("not_finite", "Some of the numbers are nan or inf.")

    low = float(wide.min())
    high = float(wide.max())
    if max(-low, high) > LARGEST_DRAWN:
        sentence = f"The numbers lie between {low:.2g} and {high:.2g}. {UNWRITTEN}"
        return Fact("unwritten_memory", sentence)
    if low == high:
        return Fact("constant", f"All {wide.numel()} numbers are {low:.4g}.")

    mean = float(wide.mean())
    std = float(wide.std())
    sentence = (
        f"The numbers lie between {low:.2g} and {high:.2g}. "
        f"Their mean is {mean:.2g} and their standard deviation {std:.2g}."
    )
    # The standard deviation of numbers that are spread evenly over an interval.
    even = (high - low) / 12**0.5
    if abs(std / even - 1) < 0.02:
        return Fact("spread_evenly", f"{sentence} They spread evenly.")
    return Fact("spread", sentence)


def _one_rank_only(verdicts: Verdicts) -> Fact | None:
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
            # Any other tensor is the gradient that goes back through the result.
            if name in exchange.call:
                seen.setdefault(name, set()).add(len(shape))

    for name, ranks in fine.items():
        others = broken.get(name, set())
        if len(ranks) > 1 or not others or others & ranks:
            continue
        (rank,) = ranks
        shown = listed(sorted(others))
        sentence = (
            f"Your code works here if `{name}` has {count(rank, 'dimension')}. It raises an "
            f"exception for these numbers of dimensions: {shown}."
        )
        return Fact("one_rank_only", sentence)

    return None
