"""Facts about a wrong result, for submissions that match no known misconception.

A fact is computed from what a call got, returned and should return, or from the exception that
it raised. It says what is true of this result and guesses no cause. No fact knows an exercise.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec
import torch

from grader.examiner.compare import RESULT, Mismatch
from grader.examiner.exception_facts import of_exception
from grader.examiner.submission_run import Exchange
from grader.examiner.tensor_facts import (
    MANY,
    Fact,
    Pair,
    as_float64,
    listed,
    negated,
    of_tensors,
    scaled,
)
from grader.examiner.verdict import Verdict, Verdicts
from grader.grades.grade import OBSERVED, Outcome
from grader.sandbox import values, wire

# A fact about the values of a larger tensor would take long to compute.
_MAX_ELEMENTS: Final = 100_000
# No usual distribution of random numbers gives larger ones.
_LARGEST_DRAWN: Final = 1e9
# Names of compared values that begin with one of these words are no things.
_QUESTIONS: Final = ("what ", "which ", "whether ", "after ")
_NUMBER: Final = re.compile(r"-?\d+\.?\d*(?:[eE][-+]?\d+)?")


class Observation(msgspec.Struct, frozen=True):
    """A fact: its name, and the sentences for the learner."""

    name: str
    sentence: str


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
            pair = Pair(subject, actual.detach().cpu(), expected.detach().cpu(), given, rehearsed)
            return of_tensors(pair) or _fixed_size(pair, verdicts)

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


def _of_none(error: Mismatch, expected: Any, printed: str) -> Fact | None:
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


def _of_container(subject: str, actual: Any, expected: Any) -> Fact | None:
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
    return Pair("", one, other, {}).same(one.detach().cpu(), other.detach().cpu())


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


def _of_numbers(subject: str, actual: Any, expected: Any, given: dict[str, Any]) -> Fact | None:
    """A fact about two Python numbers that differ."""
    kinds = (int, float)
    if isinstance(actual, bool) or not isinstance(actual, kinds):
        return None
    if isinstance(expected, bool) or not isinstance(expected, kinds) or not expected:
        return None
    one, other = torch.tensor(float(actual)), torch.tensor(float(expected))
    pair = Pair(subject, one.double(), other.double(), given)
    return negated(pair) or scaled(pair)


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
        return "not_finite", "Some of the numbers are nan or inf."
    low, high = float(wide.min()), float(wide.max())
    if max(-low, high) > _LARGEST_DRAWN:
        sentence = (
            f"The numbers lie between {low:.2g} and {high:.2g}. Memory to which nothing was "
            "written contains such numbers; `torch.empty` returns memory like this."
        )
        return "unwritten_memory", sentence
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
            if name not in exchange.call:
                # It is no argument, but the gradient that goes back through the result.
                continue
            seen.setdefault(name, set()).add(len(shape))
    for name, ranks in fine.items():
        others = broken.get(name, set())
        if len(ranks) == 1 and others and others.isdisjoint(ranks):
            rank = next(iter(ranks))
            shown = listed(sorted(others))
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
