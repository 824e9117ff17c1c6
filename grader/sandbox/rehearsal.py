"""Calls a function of a submission more often than a check does, with other values.

``rehearse`` does so before the real call: a function that remembers results by shape or by object
then returns a wrong one in the real call. ``look_again`` does so after a backward pass, to see
whether the calls depend on each other.
"""

import contextlib
import errno
import io
import math
import os
import sys
import time
import types
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import torch

from grader.sandbox import probes, torch_internals, torch_settings
from grader.sandbox.side_effects import (
    Effects,
    GlobalState,
    RandomState,
    Results,
    deterministic_setting,
    facts_of,
    tensors_of,
)

MAX_ELEMENTS: Final = 2**16
"""Calls with larger arguments are not rehearsed."""
MAX_GRADIENT_ELEMENTS: Final = 2**12
"""With larger arguments, a function is not called again after a backward pass."""
WHOLE_REHEARSALS: Final = 2
"""After so many of a function, rehearsals are short, to save time."""
SLOW_SECONDS: Final = 0.5
"""After rehearsals that take longer together, there is no other one."""
# A graph is searched up to this many nodes.
_MAX_NODES: Final = 200
# Two results of the same call can differ by rounding, as a part of the largest number.
_CLOSE: Final = 1e-3
MAX_MUTED: Final = 256 * 2**20
"""Characters that rehearsals may print. An endless flood then meets its limit in the real call."""


def rehearse(
    function: Callable[..., Any],
    watched: Callable[..., Any],
    decode: Callable[[], tuple[list[Any], dict[str, Any]]],
    effects: Effects,
    usual: GlobalState,
    *,
    is_short: bool = False,
) -> tuple[list[Any], dict[str, Any]]:
    """Call ``function`` with other values, and return the arguments of the real call.

    First it gets other tensors of the same shapes. Then it gets the tensors of the real call, in
    which first all and then each one alone have other values; at last the values are written back.
    So a function that remembers results by shape or by object returns a wrong one in the real
    call, even if it compares the values of some arguments. Results and errors are dropped here.
    ``watched`` is ``function`` that reports if it changes its inputs. ``decode`` makes the
    arguments. ``usual`` is the state now. If this ``is_short``, only the tensors of the real call
    are used, and they change together.
    """
    arguments, keywords = decode()
    given = [*arguments, *keywords.values()]
    tensors = [value for value in given if type(value) is torch.Tensor]
    if not _can_rehearse(tensors):
        return arguments, keywords

    # The real call must get the numbers of the check.
    real = [_Argument.of(tensor) for tensor in tensors]
    started = time.monotonic()
    with _muted():
        if not is_short:
            _call_with_copies(watched, [*arguments], {**keywords}, effects, usual, started)
        for changed in [real] if is_short else _turns(real):
            # These calls count toward the time limit of the check.
            is_slow = time.monotonic() - started > SLOW_SECONDS
            if is_slow or not all(each.has_its_facts for each in real):
                break

            for each in real:
                each.write(each.numbers)
            for place, each in enumerate(changed):
                # Not from a copy, which the first call may have changed. By different steps,
                # because a mean does not change if all arguments move together.
                each.write(_other(each.numbers, place))
            with contextlib.suppress(Exception):
                function(*arguments, **keywords)

    for each in real:
        if not each.has_its_facts or each.tensor.grad is not None:
            # It cannot be set back.
            return decode()
        each.write(each.numbers)

    return arguments, keywords


def look_again(
    function: Callable[..., Any],
    arguments: list[Any],
    cotangent: Any,
    outcome: tuple[Any, tuple[Any, ...]],
    effects: Effects,
) -> bool:
    """Call ``function`` again after a backward pass, and report what its calls leave behind.

    ``outcome`` has the result for ``arguments`` and their gradients, as ``probes.vjp`` returns
    them. Returns False if the arguments are too large, or too small to have other numbers.
    """
    tensors = [value for value in arguments if type(value) is torch.Tensor]
    if not _can_rehearse(tensors) or sum(map(torch.numel, tensors)) > MAX_GRADIENT_ELEMENTS:
        return False

    result, gradients = outcome
    before = RandomState.now()
    with _muted():
        # The checks show errors.
        with contextlib.suppress(Exception):
            _look_without_gradients(function, arguments, tensors, result, effects)
        # Only a backward pass in Python can use what a later call stores, or change what it gets.
        if any(_has_python_backward(part) for part in tensors_of(result)):
            with contextlib.suppress(Exception):
                _look_at_backward(function, arguments, cotangent, gradients, effects)
            with contextlib.suppress(Exception):
                _look_at_two_backwards(function, arguments, cotangent, effects)
    before.restore()
    return True


def _look_without_gradients(
    function: Callable[..., Any],
    arguments: list[Any],
    tensors: list[torch.Tensor],
    result: Any,
    effects: Effects,
) -> None:
    """Call ``function`` under ``torch.no_grad()``, with other numbers in the same tensors.

    After that, with the numbers of the real call, its result must be the real one.
    """
    real = [_Argument.of(tensor) for tensor in tensors]
    started = time.monotonic()
    with torch.no_grad():
        for changed in _turns(real):
            for place, each in enumerate(changed):
                each.write(_other(each.numbers, place))
            # Not every function accepts any order of its numbers.
            with contextlib.suppress(Exception):
                function(*arguments)
            # These calls count toward the time limit of the check.
            is_slow = time.monotonic() - started > SLOW_SECONDS
            if is_slow or not all(each.has_its_facts for each in real):
                return
            for each in changed:
                each.write(each.numbers)
        # A function that draws random numbers has another result in each call.
        once, twice = (tensors_of(function(*arguments)) for _ in range(2))

    # A view requires a gradient if its tensor does.
    if any(part.requires_grad and not torch_internals.is_view(part) for part in once):
        effects.add("changes_state", "graph")
    if _are_close(once, twice) and not _are_close(once, tensors_of(result)):
        effects.add("changes_result", "remembered")


def _look_at_backward(
    function: Callable[..., Any],
    arguments: list[Any],
    cotangent: Any,
    gradients: tuple[Any, ...],
    effects: Effects,
) -> None:
    """Call ``function`` with other tensors between a call and its backward pass.

    The gradients must be the same as without that.
    """

    def call_more(*arguments: Any) -> Any:
        started = time.monotonic()
        result = function(*arguments)
        others = [_other(value) if type(value) is torch.Tensor else value for value in arguments]
        # At last all of them change, because the calls before end with most of the real arguments.
        calls = [
            [*arguments[:place], other, *arguments[place + 1 :]]
            for place, other in enumerate(others)
            if type(other) is torch.Tensor
        ]
        for call in [*calls, others]:
            if time.monotonic() - started < SLOW_SECONDS:
                with contextlib.suppress(Exception):
                    function(*call)
        return result

    learner = types.SimpleNamespace(function=call_more)
    try:
        _, found = probes.vjp(learner, "function", arguments, cotangent)
    except Exception:
        # What the later calls stored does not even fit.
        found = ()
    if not _are_close(tensors_of(list(found)), tensors_of(list(gradients))):
        effects.add("changes_result", "backward")


def _look_at_two_backwards(
    function: Callable[..., Any], arguments: list[Any], cotangent: Any, effects: Effects
) -> None:
    """Send a gradient back through one call twice, which must give the same gradients twice.

    The backward pass must not write into the gradient that it gets, which PyTorch may also send
    to another part of the graph.
    """
    leaves = [value for value in arguments if isinstance(value, torch.Tensor)]
    leaves = [leaf for leaf in leaves if leaf.requires_grad]
    results = tensors_of(function(*arguments))
    cotangents = tensors_of(cotangent)
    # Gradients as they arrive, and their numbers then.
    incoming: list[tuple[torch.Tensor, list[Any]]] = []
    scalars = []
    for result, gradient in zip(results, cotangents, strict=True):
        if result.requires_grad:
            scalars.append((result * gradient).sum())
            result.register_hook(  # type: ignore[no-untyped-call]
                lambda arrived: incoming.append((arrived, arrived.tolist()))
            )

    first = torch.autograd.grad(scalars, leaves, retain_graph=True, allow_unused=True)
    # The second pass may write into the gradients of the first one.
    once = [part.clone() for part in tensors_of(list(first))]
    # With ``repr``, nan is equal to nan.
    if any(repr(arrived.tolist()) != repr(numbers) for arrived, numbers in incoming):
        effects.add("changes_result", "incoming")
    # A backward pass may refuse to run again.
    twice = torch.autograd.grad(scalars, leaves, allow_unused=True)
    if not _are_close(once, tensors_of(list(twice))):
        effects.add("changes_result", "backward_twice")


def _has_python_backward(tensor: torch.Tensor) -> bool:
    """Whether a ``torch.autograd.Function`` of a submission is in the graph of ``tensor``."""
    waiting = deque([tensor.grad_fn])
    seen = set(waiting)
    while waiting:
        node = waiting.popleft()
        if isinstance(node, torch.autograd.function.BackwardCFunction):
            return True
        if node is not None and len(seen) < _MAX_NODES:
            newer = [other for other, _ in node.next_functions if other not in seen]
            waiting.extend(newer)
            seen.update(newer)
    return False


def _are_close(ones: list[torch.Tensor], others: list[torch.Tensor]) -> bool:
    """Whether two lists of tensors have the same shapes and nearly the same numbers."""
    if [one.shape for one in ones] != [other.shape for other in others]:
        return False
    # In Python, because an exercise may forbid any operator of PyTorch.
    return all(
        _are_close_numbers(one.detach().reshape(-1).tolist(), other.detach().reshape(-1).tolist())
        for one, other in zip(ones, others, strict=True)
    )


def _are_close_numbers(ones: list[Any], others: list[Any]) -> bool:
    finite = [abs(other) for other in others if abs(other) < math.inf]
    tolerance = _CLOSE * max(finite, default=0)
    for one, other in zip(ones, others, strict=True):
        # Unlike ``==``, this finds nan equal to nan.
        is_same = repr(one) == repr(other)
        if not is_same and not abs(one - other) <= tolerance:
            return False
    return True


class _Argument(NamedTuple):
    """A tensor of the real call, which has other numbers during the rehearsals."""

    tensor: torch.Tensor
    numbers: torch.Tensor
    facts: tuple[Any, ...]

    @classmethod
    def of(cls, tensor: torch.Tensor) -> "_Argument":
        """A tensor with its numbers of now."""
        return cls(tensor, tensor.detach().clone(), facts_of(tensor))

    @property
    def has_its_facts(self) -> bool:
        """Whether its numbers can still be written back."""
        return facts_of(self.tensor) == self.facts

    def write(self, numbers: torch.Tensor) -> None:
        """Give it other numbers, which PyTorch does not count as a change."""
        # Code can remember results by the count of changes.
        self.tensor.data.copy_(numbers)


def _turns(real: "list[_Argument]") -> "list[list[_Argument]]":
    """Which arguments change together: first all of them, then each one alone."""
    # All tensors come first: some functions keep the first result for an object.
    turns = [real]
    if len(real) > 1:
        turns += [[each] for each in real]
    return turns


def _call_with_copies(
    function: Callable[..., Any],
    arguments: list[Any],
    keywords: dict[str, Any],
    effects: Effects,
    usual: GlobalState,
    started: float,
) -> None:
    """Call ``function`` twice with other tensors of the same shapes, without gradients.

    The second call must not change the result of the first one. It runs with other settings of
    torch, which code must leave as they are, too.
    """
    results = Results()

    def call() -> None:
        copies: dict[int, torch.Tensor] = {}

        def copied(value: Any) -> Any:
            if type(value) is not torch.Tensor:
                return value
            return copies.setdefault(id(value), _other(value))

        # Both calls get other numbers than the one before.
        arguments[:] = map(copied, arguments)
        keywords.update((name, copied(value)) for name, value in keywords.items())
        # The real call shows the same errors.
        with contextlib.suppress(Exception):
            result = function(*arguments, **keywords)
            results.report(effects)
            results.keep(result)

    # Elsewhere, code that switches autograd on changes nothing.
    with torch.no_grad():
        call()
        if torch.is_grad_enabled():
            effects.add("changes_state", "grad_mode")

    if time.monotonic() - started > SLOW_SECONDS:
        return

    with torch.no_grad():
        _use_other_settings()
        before = GlobalState.now()
        try:
            call()
        finally:
            now = GlobalState.now()
            before.report_settings(now, effects)
            usual.restore(now)


def _use_other_settings() -> None:
    """Give settings of torch values that they usually do not have.

    The number of threads stays: a second thread waits in a loop, which takes a third more time.
    """
    torch.set_default_dtype(torch.float64)
    is_on, warns = deterministic_setting()
    torch_internals.set_deterministic(not is_on, warn_only=warns)
    torch_settings.use_others()


def _can_rehearse(tensors: Sequence[torch.Tensor]) -> bool:
    """Whether a call with these tensors can be tried with other numbers, in a short time."""
    for tensor in tensors:
        # An expanded tensor cannot be written to: several elements share a place.
        if 0 in tensor.stride() and tensor.numel():
            return False
    sizes = [tensor.numel() for tensor in tensors]
    # A single number has no other order.
    return max(sizes, default=0) > 1 and sum(sizes) <= MAX_ELEMENTS


def _other(tensor: torch.Tensor, place: int = 0) -> torch.Tensor:
    """Another tensor with the same numbers in another order, so that ids stay valid.

    Rows, or the numbers of a tensor of integers, move on by one; those of the argument at another
    ``place`` by more, if there are enough of them.
    """
    numbers = tensor.detach()
    if not (tensor.dim() and tensor.shape[0] > 1 and tensor.is_floating_point()):
        numbers = numbers.reshape(-1)
    # Never around to where they were.
    step = 1 + place % max(1, len(numbers) - 1)
    numbers = numbers.roll(step, 0).reshape(tensor.shape)
    return numbers.requires_grad_(tensor.requires_grad)


class _Silence(io.TextIOBase):
    """Drops what is written, and refuses more than ``MAX_MUTED`` characters."""

    def __init__(self) -> None:
        self._left = MAX_MUTED

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self._left -= len(text)
        if self._left < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return len(text)


@contextlib.contextmanager
def _muted() -> Iterator[None]:
    """Drop what is printed; learners would read it twice."""
    streams = sys.stdout, sys.stderr
    sys.stdout = sys.stderr = _Silence()
    try:
        yield
    finally:
        sys.stdout, sys.stderr = streams
