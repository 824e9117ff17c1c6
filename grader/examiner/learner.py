"""The fixture ``learner`` of hidden checks: calls go to the process of the submission."""

import builtins
import functools
import inspect
import symtable
import textwrap
from collections.abc import Callable, Iterable, Iterator
from types import FunctionType
from typing import Any, Final, get_args, get_origin, get_type_hints

import msgspec
import torch

from grader import text
from grader.course.records import RETURN_TYPES, Entry
from grader.examiner.compare import RESULT, Mismatch, assert_shape, kind_of, with_article
from grader.examiner.failures import LearnerFailure
from grader.examiner.submission_run import COTANGENT, Again, MakeRequest, SubmissionRun
from grader.grades.grade import Outcome
from grader.sandbox import probes, values, wire

_RETURN_TYPES: Final = {
    name: getattr(torch if name == "Tensor" else builtins, name) for name in RETURN_TYPES
}

_PROBE_NAMES: Final = {"torch", "nn", *dir(builtins)}
"""Names that a probe can use besides its own."""
_SENT_BACK: Final = values.encode(wire.Opaque(""))
"""A value of the submission that could not be sent, as an argument of a later call."""

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
        # Only a call that must raise may have arguments that cannot be sent.
        self._may_send_anything = False

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return functools.partial(self._call, self._entry(name))

    def _entry(self, name: str) -> Entry:
        entry = self._submission_run.entries.get(name)
        # checks.py has a typo, so the check ends as ungraded.
        if entry is None:
            raise AttributeError(f"`{name}` is no entry of this exercise")

        return entry

    def run(self, probe: FunctionType, *arguments: Any) -> Any:
        """Run ``probe(learner, *arguments)`` in the process of the submission; return its value.

        Only the probe's source is sent: it can use its parameters, ``torch`` and ``nn``,
        but no other global name. That is checked here, because the learner would read that their
        code raised the error. Its first parameter is the submission's module. It must
        contain no expected value, because learner code can read it. Its return annotation is
        checked here. Its docstring tells the learner what was done.
        """
        read = _read_probe(probe)
        # Usually each parameter has an argument, and to look at a signature takes long.
        if len(arguments) != len(read.parameters):
            try:
                inspect.signature(probe).bind(self, *arguments)
            except TypeError as error:
                raise TypeError(f"the probe `{read.name}` cannot be called so: {error}") from None

        sent = self._encode_all(arguments)
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
        parameters = self._entry(function).parameters
        encoded = self._encode_all(arguments)
        gradient = values.encode(cotangent)
        given = dict(zip(parameters, encoded, strict=False))
        # The page shows this gradient next to the arguments.
        given[COTANGENT] = gradient
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
        name = self._entry(function).name
        arguments_sent = wire.List(self._encode_all(arguments))
        probe = _read_probe(probes.id_dtypes)
        found: list[torch.dtype] = self.ask_probe(probe, [name, arguments_sent], "", probe.note, {})
        return found

    def must_raise(
        self,
        kinds: type[Exception] | tuple[type[Exception], ...],
        function: str | FunctionType,
        *arguments: Any,
    ) -> None:
        """Raise ``Mismatch`` unless the call raises one of ``kinds`` or a subclass of it.

        ``kinds`` are built-in exceptions; ``function`` is the name of an entry, or a probe. An
        argument that cannot be sent arrives as an object of an unknown class.
        """

        def ask() -> Any:
            if isinstance(function, str):
                return getattr(self, function)(*arguments)
            return self.run(function, *arguments)

        self._may_send_anything = True
        try:
            self.must_raise_in(kinds, ask)
        finally:
            self._may_send_anything = False

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
        sent = self._encode_all(arguments)
        named = dict(zip(keywords, self._encode_all(keywords.values()), strict=True))
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

    def _encode_all(self, arguments: Iterable[Any]) -> list[wire.Value]:
        """Encode the arguments of a call; raises ``TypeError`` for one that cannot be sent."""
        encoded = []
        for number, argument in enumerate(arguments, 1):
            value = values.encode(argument)
            # The submission would get an object without content, and be blamed for the error.
            opaques = () if self._may_send_anything else _opaques([value])
            for opaque in opaques:
                limit = f"{values.MAX_TENSOR_BYTES >> 20} MiB"
                raise TypeError(
                    f"argument {number} cannot be sent ({opaque.description}); "
                    f"build it in a probe, and send tensors of at most {limit}"
                )

            encoded.append(value)

        return encoded

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
    name = probe.__name__
    if name == "<lambda>":
        raise TypeError("a probe cannot be a lambda; write it with `def`")

    source = textwrap.dedent(inspect.getsource(probe))
    unknown = sorted(_global_names(source) - _PROBE_NAMES - {name})
    if unknown:
        raise NameError(
            f"the probe `{name}` uses `{unknown[0]}`, which does not exist there; "
            "import it in the probe, or send it as an argument"
        )

    _, *parameters = inspect.signature(probe).parameters
    return Probe(
        name=name,
        source=source,
        parameters=parameters,
        returns=get_type_hints(probe).get("return", Any),
        note=text.unwrapped(inspect.getdoc(probe) or ""),
    )


def _global_names(source: str) -> set[str]:
    """The global names that the source of a probe reads."""
    # Annotations are text there, and read nothing.
    source = "from __future__ import annotations\n" + source
    found = set()
    tables = [symtable.symtable(source, "<probe>", "exec")]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for symbol in table.get_symbols():
            is_global = symbol.is_global() and not symbol.is_assigned()
            if is_global and symbol.is_referenced():
                found.add(symbol.get_name())

    return found


def _opaques(items: Iterable[wire.Value]) -> Iterator[wire.Opaque]:
    """The parts of an argument that cannot be sent, except those that a submission returned."""
    for item in items:
        match item:
            case wire.Opaque():
                if item != _SENT_BACK:
                    yield item
            case wire.Tuple(items=inner) | wire.List(items=inner):
                yield from _opaques(inner)
            case wire.Dict(items=pairs):
                yield from _opaques([value for _, value in pairs])


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
