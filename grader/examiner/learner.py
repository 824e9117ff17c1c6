"""The fixture ``learner`` of hidden checks: calls go to the process of the submission."""

import builtins
import functools
import inspect
import textwrap
from collections.abc import Callable
from types import FunctionType
from typing import Any, Final, get_args, get_origin, get_type_hints

import msgspec
import torch

from grader import text
from grader.course.records import RETURN_TYPES, Entry
from grader.examiner.compare import RESULT, Mismatch, assert_shape, kind_of, with_article
from grader.examiner.failures import LearnerFailure
from grader.examiner.submission_run import Again, MakeRequest, SubmissionRun
from grader.grades.grade import Outcome
from grader.sandbox import probes, values, wire

_RETURN_TYPES: Final = {
    name: getattr(torch if name == "Tensor" else builtins, name) for name in RETURN_TYPES
}

Given = dict[str, wire.Value]
"""The arguments of a call by name, as the learner sees them."""


class Probe(msgspec.Struct, frozen=True):
    """A probe function as it is sent, read once."""

    name: str
    source: str
    parameters: list[str]
    """Without the first, which is the submission's module."""
    returns: Any
    note: str
    """Its docstring, which tells the learner what it does."""


class Learner:
    """The submission in a check: ``learner.lookup(weight, idx)`` calls its ``lookup``.

    Arguments are copied, so the submission cannot change those of the check.
    A call returns the value, or raises ``LearnerFailure``, which ends the check.
    """

    def __init__(self, run: SubmissionRun) -> None:
        self._submission_run = run

    def __getattr__(self, name: str) -> Callable[..., Any]:
        entry = self._submission_run.entries.get(name)
        # checks.py has a typo, so the check ends as ungraded.
        if entry is None:
            raise AttributeError(f"`{name}` is no entry of this exercise")

        return functools.partial(self._call, entry)

    def run(self, probe: FunctionType, *arguments: Any) -> Any:
        """Run ``probe(learner, *arguments)`` in the process of the submission; return its value.

        Only the probe's source is sent: it can use its parameters, ``torch`` and ``nn``,
        but no other global name. Its first parameter is the submission's module. It must
        contain no expected value, because learner code can read it. Its return annotation is
        checked here. Its docstring tells the learner what was done.
        """
        read = _read_probe(probe)
        sent = [values.encode(argument) for argument in arguments]
        given = dict(zip(read.parameters, sent, strict=False))

        def arrange(given: Given) -> list[wire.Value]:
            return list(given.values())

        # The note of the case says what was called.
        return self.ask_probe(read, sent, "", read.note, given, arrange)

    def vjp(
        self, function: str, *arguments: Any, cotangent: torch.Tensor | tuple[torch.Tensor, ...]
    ) -> tuple[Any, tuple[Any, ...]]:
        """Call an entry and send ``cotangent``, of the shape of the result, back through it.

        If the entry returns a tuple of tensors, ``cotangent`` is a tuple too, with a tensor for
        each of them. Returns the result and one gradient per argument. A gradient is None if the
        argument does not require one, or if none reached it.
        """
        parameters = self._submission_run.entries[function].parameters
        encoded = [values.encode(argument) for argument in arguments]
        gradient = values.encode(cotangent)
        given = dict(zip(parameters, encoded, strict=False))
        # The page shows this gradient next to the arguments.
        given["gradient of the result"] = gradient
        shown = ", ".join(parameters[: len(arguments)])
        call = f"{function}({shown}), then backward"
        probe = _read_probe(probes.vjp)

        def arrange(given: Given) -> list[wire.Value]:
            # The probe takes the arguments as one list, because their number varies.
            *arguments, cotangent = given.values()
            return [function, wire.List(arguments), cotangent]

        result, gradients = self.ask_probe(probe, arrange(given), call, "", given, arrange)

        # The return annotation of the probe says nothing about the result and the lengths.
        _require_like(result, cotangent)
        if len(gradients) != len(arguments):
            difference = "has not one gradient for each argument"
            raise Mismatch(difference, "the gradients", gradients, None)

        return result, gradients

    def id_dtypes(self, function: str, *arguments: Any) -> list[torch.dtype]:
        """Call an entry, and return the dtypes to which it converts integer arguments.

        The result is empty if the call raises an exception. A check for ids that are too large for
        a dtype can be left out for code that does not use it.
        """
        arguments_sent = wire.List([values.encode(argument) for argument in arguments])
        probe = _read_probe(probes.id_dtypes)
        found: list[torch.dtype] = self.ask_probe(
            probe, [function, arguments_sent], "", probe.note, {}
        )
        return found

    def must_raise(
        self,
        kinds: type[Exception] | tuple[type[Exception], ...],
        function: str | FunctionType,
        *arguments: Any,
    ) -> None:
        """Raise ``Mismatch`` unless the call raises one of ``kinds`` or a subclass of it.

        ``kinds`` are built-in exceptions; ``function`` is the name of an entry, or a probe.
        """

        def ask() -> Any:
            if isinstance(function, str):
                return getattr(self, function)(*arguments)
            return self.run(function, *arguments)

        self.must_raise_in(kinds, ask)

    def must_raise_in(
        self, kinds: type[Exception] | tuple[type[Exception], ...], ask: Callable[[], Any]
    ) -> None:
        """Raise ``Mismatch`` unless the submission raises one of ``kinds`` in ``ask``."""
        accepted = kinds if isinstance(kinds, tuple) else (kinds,)
        names = [kind.__name__ for kind in accepted]
        expected = f"expected {' or '.join(names)}"
        try:
            value = ask()
        except Mismatch as mismatch:
            # It returned a value of the wrong type, and raised nothing.
            value = mismatch.actual
        except LearnerFailure as failure:
            # There is no exchange if the submission could not be loaded.
            exchanges = self._submission_run.exchanges
            reply = exchanges[-1].reply if exchanges else None
            if not isinstance(reply, wire.Raised):
                raise
            # Exceptions are compared by name, because no class crosses the wire. PyTorch raises
            # RuntimeError for memory that it cannot get, so here that is an error like others.
            if failure.outcome is Outcome.MEMORY and not set(names).isdisjoint(reply.bases):
                return
            if failure.outcome is not Outcome.RAISED:
                raise
            if set(names).isdisjoint(reply.bases):
                # The exception itself says nothing more to the learner.
                difference = f"raised {reply.exception}; {expected}"
                raise Mismatch(difference, "", None, None) from None
            return

        raise Mismatch(f"returned {kind_of(value)}; {expected}", "", value, None)

    def _call(self, entry: Entry, /, *arguments: Any, **keywords: Any) -> Any:
        # A check may leave out arguments that have defaults. Keywords keep their names.
        names = entry.parameters[: len(arguments)]
        # Encoded once, because the check may change its own copies later.
        sent = [values.encode(argument) for argument in arguments]
        named = {key: values.encode(value) for key, value in keywords.items()}
        given = dict(zip(names, sent, strict=False))
        # One rehearsal in each case is enough to expose results that are remembered.
        is_first = not self._submission_run.exchanges

        def request(number: int) -> wire.Request:
            return wire.Call(number, entry.name, sent, named, is_first)

        def again(others: dict[str, wire.Value]) -> MakeRequest:
            positional = [others[name] for name in names]
            by_name = {key: others[key] for key in keywords}
            return lambda number: wire.Call(number, entry.name, positional, by_name)

        shown = [*names, *(f"{key}={key}" for key in keywords)]
        # An argument too many has no name by which it could be replaced.
        has_names = len(names) == len(arguments)
        return self._ask(
            request,
            call=f"{entry.name}({', '.join(shown)})",
            note="",
            given=given | named,
            returns=_RETURN_TYPES.get(entry.returns or "", Any),
            again=again if has_names else None,
        )

    def ask_probe(
        self,
        probe: Probe,
        sent: list[wire.Value],
        call: str,
        note: str,
        given: Given,
        arrange: Callable[[Given], list[wire.Value]] | None = None,
    ) -> Any:
        """Run a probe that was read; ``call``, ``note`` and ``given`` are shown to the learner.

        ``arrange`` makes the arguments from ``given``, so that the probe can run with others.
        """

        def request(number: int) -> wire.Request:
            return wire.Run(number, probe.name, probe.source, sent)

        def again(others: Given) -> MakeRequest:
            assert arrange is not None
            arranged = arrange(others)
            return lambda number: wire.Run(number, probe.name, probe.source, arranged)

        return self._ask(
            request,
            call=call,
            note=note,
            given=given,
            returns=probe.returns,
            again=None if arrange is None else again,
        )

    def _ask(
        self,
        request: MakeRequest,
        *,
        call: str,
        note: str,
        given: dict[str, wire.Value],
        returns: Any,
        again: Again | None = None,
    ) -> Any:
        value = self._submission_run.ask(request, call, note, given, again)
        # A submission can return anything, whatever its annotation says.
        _require_type(value, returns)
        return value


@functools.cache
def _read_probe(probe: FunctionType) -> Probe:
    _, *parameters = inspect.signature(probe).parameters
    return Probe(
        name=probe.__name__,
        source=textwrap.dedent(inspect.getsource(probe)),
        parameters=parameters,
        returns=get_type_hints(probe).get("return", Any),
        note=text.unwrapped(inspect.getdoc(probe) or ""),
    )


def _require_like(result: Any, cotangent: torch.Tensor | tuple[torch.Tensor, ...]) -> None:
    """Raise ``Mismatch`` unless the result has the structure and the shapes of its gradient."""
    if isinstance(cotangent, torch.Tensor):
        assert_shape(result, cotangent.shape)
        return

    _require_type(result, tuple)
    _require_length(result, len(cotangent))
    for number, (item, gradient) in enumerate(zip(result, cotangent, strict=True)):
        assert_shape(item, gradient.shape, f"the result's item {number}")


def _require_type(value: Any, annotation: Any) -> None:
    """Raise ``Mismatch`` unless ``value`` fits ``annotation``: submissions can return anything."""
    if annotation is Any:
        return

    kind: Any = get_origin(annotation) or annotation
    fits = isinstance(kind, type) and isinstance(value, kind)
    if kind is int and isinstance(value, bool):
        # bool is a subclass of int, but a learner who returns one made a mistake.
        fits = False

    if not fits:
        name = getattr(kind, "__name__", str(kind))
        if kind is torch.Tensor:
            name = "tensor"
        difference = f"is {kind_of(value)}; expected {with_article(name)}"
        raise Mismatch(difference, RESULT, value, None, wants_tensor=kind is torch.Tensor)

    # Only of a tuple such as tuple[int, Tensor] is it known what it contains.
    parts = get_args(annotation)
    if kind is not tuple or not parts or parts[-1] is Ellipsis:
        return
    _require_length(value, len(parts))
    for item, part in zip(value, parts, strict=True):
        _require_type(item, part)


def _require_length(value: tuple[Any, ...], length: int) -> None:
    if len(value) != length:
        difference = f"has length {len(value)}; expected {length}"
        raise Mismatch(difference, RESULT, value, None)
