"""A smaller example of a failure: the failed call again, with arguments that are easy to read.

The submission and the reference solution both get the smaller arguments, so the page shows what
each of them really returned. The example is only used if both differ in the same way as before.
"""

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
import torch

from grader.examiner.compare import RESULT, Mismatch, difference
from grader.examiner.failures import LearnerFailure
from grader.examiner.smaller_inputs import Given, decoded, encoded, shrink
from grader.examiner.submission_run import Exchange, SubmissionRun
from grader.examiner.verdict import Verdict, Verdicts
from grader.grades.grade import Outcome
from grader.sandbox import wire

SECONDS: Final = 0.15
"""CPU time that the search may take: a busy machine must not change the example."""
CLOCK_SECONDS: Final = 2.0
"""Time by the clock after which it ends even on a busy machine."""
_MOST_CALLS: Final = 120
"""Calls after which the search ends, wherever it runs: the same seed gives the same example."""
_MOST_OTHERS: Final = 12
"""Other calls of the same function that are looked at."""
_SMALL_BYTES: Final = 8192
_NUMBER: Final = re.compile(r"-?\d[\d.e+-]*")

Path = tuple[Any, ...]
"""The indexes and keys that lead to an item of a nested value."""


def small_example(
    verdicts: Verdicts, name: str, submission: SubmissionRun, solution: SubmissionRun
) -> Verdict | None:
    """The verdict of the check ``name`` with a smaller last call; None if there is no such call.

    The two runs are new ones: nothing that a submission has seen in a hidden check can come back.
    """
    verdict = verdicts[name]
    if not verdict.exchanges:
        return None

    *earlier, last = verdict.exchanges
    # A probe may do more than call a function.
    if last.again is None:
        return None

    search = _Search(verdict, submission, solution)
    found = search.run(_other_calls(verdicts, last))
    if found is None:
        return None
    exchanges = [*earlier, found.exchange]
    return msgspec.structs.replace(verdict, exchanges=exchanges, error=found.error, is_smaller=True)


def _items(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """A value, and all items in its tuples, lists and dictionaries, with their places."""
    yield path, value
    items: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, tuple | list):
        items = enumerate(value)
    elif isinstance(value, dict):
        items = value.items()
    for key, item in items:
        yield from _items(item, (*path, key))


class _GaveUpError(Exception):
    """The search takes too long."""


class _Failure(msgspec.Struct, frozen=True):
    """How a call failed."""

    kind: str
    """The same for failures that differ only in their numbers."""
    exchange: Exchange
    error: Mismatch | LearnerFailure


class _Search:
    """Calls the submission and the solution with smaller and smaller arguments."""

    def __init__(
        self, verdict: Verdict, submission: SubmissionRun, solution: SubmissionRun
    ) -> None:
        self._error = verdict.error
        self._first = verdict.exchanges[-1]
        self._submission = submission
        self._solution = solution
        self._started = time.thread_time()
        self._latest = time.monotonic() + CLOCK_SECONDS
        self._calls = 0
        self._found: _Failure | None = None
        self._needs_finite = False
        self._was_finite = True
        self._path = self._compared_path()

    def run(self, others: Sequence[Given]) -> _Failure | None:
        """The smallest call that fails in the same way."""
        try:
            # First without any change: the call must fail alone as it did in the check.
            given = decoded(self._first.given)
            first = self._failure(given)
            if first is None or not self._explains(first):
                return None
            kind = first.kind
            # If only smaller arguments give an infinite result, they may be invalid.
            self._needs_finite = self._was_finite

            def accepts(candidate: Given) -> bool:
                if self._calls > _MOST_CALLS:
                    return False
                failure = self._failure(candidate)
                if failure is None or failure.kind != kind:
                    return False
                self._found = failure
                return True

            shrink(given, others, accepts)
        except _GaveUpError:
            # A shorter search would find another example on another machine.
            return None

        return self._found

    def _explains(self, failure: _Failure) -> bool:
        """Whether the failure of the call alone is the one that the check reported."""
        error = self._error
        has_same_text = str(error) == str(failure.error)
        if isinstance(failure.error, LearnerFailure):
            return type(error) is LearnerFailure and has_same_text
        if not isinstance(error, Mismatch):
            return False
        # The check may have compared something else, or with something else.
        if error.actual is not self._part(self._first.value):
            return False
        if error.expected is None:
            return has_same_text
        expected = failure.error.expected
        return difference(error.expected, expected, exact=False, equal_nan=True) is None

    def _failure(self, given: Given) -> _Failure | None:
        """How the call fails with these arguments; None if it does not.

        Arguments that the solution refuses are not valid.
        """
        self._count_call()
        sent = encoded(given)
        try:
            expected = self._ask(self._solution, sent)
        except LearnerFailure as refusal:
            if refusal.outcome is Outcome.RAISED:
                return None
            raise
        self._was_finite = _is_finite(expected.value)
        if self._needs_finite and not self._was_finite:
            return None

        try:
            actual = self._ask(self._submission, sent)
        except LearnerFailure as failure:
            return self._raised(failure)
        if expected.reply is None or actual.reply is None:
            # A value is too large to be kept.
            return None

        mine = self._part(actual.value)
        wanted = self._part(expected.value)
        found = difference(mine, wanted, exact=False, equal_nan=True)
        if found is None:
            return None

        what = RESULT
        if isinstance(self._error, Mismatch):
            what = self._error.what
        return _Failure(_kind(found), actual, Mismatch(found, what, mine, wanted))

    def _count_call(self) -> None:
        """Count a call that is about to begin; raise ``_GaveUpError`` if the time is used up."""
        used = time.thread_time() - self._started
        used += self._submission.cpu_seconds + self._solution.cpu_seconds
        if used > SECONDS or time.monotonic() > self._latest:
            raise _GaveUpError
        self._calls += 1

    def _compared_path(self) -> Path:
        """Where the returned value has what the check compared."""
        if isinstance(self._error, Mismatch):
            for path, item in _items(self._first.value):
                if item is self._error.actual:
                    return path
        return ()

    def _part(self, value: Any) -> Any:
        """The part of a returned value that the check compared; all of it if there is none."""
        for path, item in _items(value):
            if path == self._path:
                return item
        return value

    def _raised(self, failure: LearnerFailure) -> _Failure | None:
        exchanges = self._submission.exchanges
        # A process that does not even start has no exchange.
        if failure.outcome is not Outcome.RAISED or not exchanges:
            return None
        exchange = exchanges[-1]
        reply = exchange.reply
        if not isinstance(reply, wire.Raised):
            return None

        line = 0
        if reply.frames:
            line = reply.frames[-1].line
        # Smaller arguments change the numbers in a message, and the shapes in parentheses.
        words = _NUMBER.sub("#", reply.message).partition("(")[0]
        return _Failure(f"{reply.exception} {line} {words}", exchange, failure)

    def _ask(self, run: SubmissionRun, given: dict[str, wire.Value]) -> Exchange:
        again = self._first.again
        assert again is not None
        # The record must not contain the call before.
        run.begin_case()
        run.ask(again(given), self._first.call, self._first.note, given, again)
        return run.exchanges[-1]


def _kind(found: str) -> str:
    """The kind of a difference: the phrase without numbers, up to the number of elements."""
    without = _NUMBER.sub("#", found)
    start = " ".join(without.split()[:2])
    # A dtype is no number, and no smaller call changes it.
    return without if start == "has dtype" else start


def _is_finite(value: Any) -> bool:
    """Whether no number in a tensor is infinite or nan."""
    if not isinstance(value, torch.Tensor) or not value.is_floating_point():
        return True
    return bool(value.isfinite().all())


def _other_calls(verdicts: Verdicts, exchange: Exchange) -> list[Given]:
    """The arguments of other calls of the same function that returned, without large ones."""
    function = _function(exchange)
    calls = []
    for verdict in verdicts.values():
        for each in verdict.exchanges:
            if each is exchange or _function(each) != function:
                continue
            if isinstance(each.reply, wire.Returned) and _is_small(each.given):
                calls.append(decoded(each.given))
    return calls[:_MOST_OTHERS]


def _function(exchange: Exchange) -> tuple[str, str]:
    """The name of the function that was called, and what a probe did."""
    return exchange.call.partition("(")[0], exchange.note


def _is_small(given: Mapping[str, wire.Value]) -> bool:
    size = 0
    for value in given.values():
        if isinstance(value, wire.Tensor):
            size += len(value.data)
    return size <= _SMALL_BYTES
