"""The learner as hidden checks see them: calls go to their process, values come back."""

import builtins
import functools
import inspect
import textwrap
import time
from collections.abc import Callable
from types import FunctionType
from typing import Any, Final, TypeVar, get_args, get_origin, get_type_hints

import msgspec
import torch

from grader.course.records import RETURN_TYPES, CodeExercise
from grader.errors import ExaminerError, WireError
from grader.examiner import probes
from grader.examiner.compare import Mismatch, kind_of
from grader.examiner.process import ForkServer, LearnerFailure, LearnerProcess, Output
from grader.grades.grade import Outcome
from grader.sandbox import values, wire
from grader.submission.files import Submission

MAX_KEPT: Final = 32 * 2**20
"""Bytes of replies that are recorded of one submission."""
T = TypeVar("T")
_OUT_OF_MEMORY = ("can't allocate memory", "out of memory", "Cannot allocate memory", "bad_alloc")
_READY_SECONDS = 20
_DEVICE_SECONDS = 30
"""How long a process may take to start a device, on top of that."""
_DEVICE_LOST = "CUDA error"
_WALL = "A submission may use its own folder, Python and PyTorch: no other files, no other programs, no network."
_IMPORTS = "What a submission imports is Python's own, PyTorch, or a .py file that lies beside it."


class Exchange(msgspec.Struct, frozen=True):
    """One request as it was put to a learner, and what came of it."""

    call: str
    note: str
    given: dict[str, wire.Value]
    reply: wire.Reply | None
    """None where the process died, overran or sent garbage instead, or where too much is kept already."""
    value: Any = None
    """The value that was ``Returned``, decoded once for all who look at it; the reply itself is kept without it."""


class SubmissionRun:
    """One submission going through its checks: its process, its time, its record.

    A process serves check after check; after a death the next check gets a
    fresh one. A submission that cannot be loaded is not tried again.
    """

    def __init__(
        self,
        server: ForkServer,
        exercise_id: str,
        spec: CodeExercise,
        submission: Submission,
        seed: int,
        *,
        strict: bool = False,
        device: str = "cpu",
    ) -> None:
        self.limits = spec.limits
        self.entries = {entry.name: entry for entry in spec.entries}
        self.output = Output(spec.limits.output_kib * 1024)
        self.isolation: dict[str, str | None] = {}
        self.exchanges: list[Exchange] = []
        self._server = server
        self._starting = 0 if device == "cpu" else _DEVICE_SECONDS
        self._load = wire.Load(
            module=exercise_id,
            filename=submission.name,
            source=submission.source,
            helpers=submission.helpers,
            entries=[
                wire.Entry(entry.name, entry.parameters, entry.signature)
                for entry in self.entries.values()
            ],
            memory_bytes=spec.limits.memory_mib * 2**20,
            cpu_seconds=int(spec.limits.total_seconds + self._starting) + 1,
            seed=seed,
            strict=strict,
            device=device,
        )
        self._spawn = wire.Spawn(list(spec.forbidden), spec.subprocesses, gpu=device == "cuda")
        self._process: LearnerProcess | None = None
        self._unloadable: LearnerFailure | None = None
        self._requests = 0
        self._keep = MAX_KEPT
        self._of_case = 0
        self._paused = time.monotonic()
        self._end = self._deadline = self._paused + spec.limits.total_seconds

    def begin_check(self) -> None:
        """A new check: its own time."""
        self._of_case = 0  # what the check before recorded is kept for its diagnosis
        self._resume()
        self._deadline = min(time.monotonic() + self.limits.seconds, self._end)

    def begin_case(self) -> None:
        """A new case of a check: its own record."""
        self._keep, self._of_case = self._keep + self._of_case, 0
        self.exchanges = []

    def close(self) -> None:
        """End the learner process."""
        process, self._process = self._process, None
        if process is not None:
            process.end()

    def ask(
        self,
        request: Callable[[int], wire.Request],
        call: str,
        note: str,
        given: dict[str, wire.Value],
    ) -> Any:
        """Put a request to the learner; the value, or ``LearnerFailure``."""
        self._requests += 1
        process = self._loaded_process()
        reply: wire.Reply | None = None
        value: Any = None
        try:
            answer, value = self._exchange(lambda: self._answer(process, request(self._requests)))
            if not isinstance(answer, wire.Returned | wire.Raised | wire.Forbidden):
                raise self._garbage("a reply of the wrong kind")
            if answer.id != self._requests:
                raise self._garbage("a reply to another request")
            if isinstance(answer, wire.Returned):
                reply = self._kept(answer, process.size)
                return value
            reply = answer
            raise self._failure(answer)
        finally:
            self.exchanges.append(
                Exchange(call, note, given, reply, None if reply is None else value)
            )

    def _answer(self, process: LearnerProcess, request: wire.Request) -> tuple[wire.Reply, Any]:
        """The reply and the value in it: to decode both is the submission's time, which decides how long it takes."""
        reply = process.ask(request, self._deadline)
        try:
            return reply, values.decode(reply.value) if isinstance(reply, wire.Returned) else None
        except WireError as error:
            raise self._garbage(str(error)) from None

    def _kept(self, reply: wire.Returned, size: int) -> wire.Returned | None:
        """What to record of a reply of ``size`` bytes: nothing once that would be more than ``MAX_KEPT``."""
        if size > self._keep:
            return None
        self._keep -= size
        self._of_case += size
        return wire.Returned(reply.id, None)

    def _loaded_process(self) -> LearnerProcess:
        if self._unloadable is not None:
            raise self._unloadable
        if self._process is None:
            self._process = process = self._ready_process()
            try:
                loaded = self._exchange(lambda: process.receive(self._deadline))
                if not isinstance(loaded, wire.Loaded):
                    raise self._failure(loaded)
            except LearnerFailure as failure:
                self._unloadable = failure
                self.close()
                raise
        return self._process

    def _ready_process(self) -> LearnerProcess:
        """A process behind its wall, in which no learner byte has run: what fails or takes long until then is ours."""
        self._resume()
        if time.monotonic() >= self._end:
            raise LearnerFailure(Outcome.TIMEOUT, self._overrun())
        process = LearnerProcess(self._server, self.output, self._spawn)
        seconds = _READY_SECONDS + self._starting
        try:
            first = process.ask(self._load, time.monotonic() + seconds)
        except LearnerFailure as failure:
            first = wire.NotPrepared(
                failure.message or f"it was not ready within {seconds} seconds"
            )
        if not isinstance(first, wire.Prepared):
            self._server.lost = True
            process.end()
            reason = (
                first.reason if isinstance(first, wire.NotPrepared) else "it said something else"
            )
            where = f" on {self._load.device}" if self._starting else ""
            raise ExaminerError(
                f"a process for the submission could not be made ready{where} ({reason})"
            )
        self.isolation = first.isolation
        missing = [layer for layer, holds in first.isolation.items() if holds is None]
        if self._load.strict and missing:
            process.end()
            raise ExaminerError(
                f"this machine does not hold {', '.join(missing)}, and --isolation strict wants every layer; "
                "`grade doctor` says what to do"
            )
        return process

    def _exchange(self, exchange: Callable[[], T]) -> T:
        """Run ``exchange``; where the process does not survive it, forget the process."""
        self._resume()
        try:
            return exchange()
        except LearnerFailure as failure:
            self._process = None
            if failure.outcome is Outcome.TIMEOUT:
                failure.message = self._overrun()
            raise
        except ExaminerError:
            self._process = None
            raise
        finally:
            self._paused = time.monotonic()

    def _resume(self) -> None:
        """Put off the deadlines by the time since the last reply: it was the examiner's, not the submission's."""
        now = time.monotonic()
        self._end += now - self._paused
        self._deadline += now - self._paused
        self._paused = now

    def _overrun(self) -> str:
        if time.monotonic() < self._end:
            return f"No answer within {self.limits.seconds:g} seconds. Is there a loop that never ends?"
        return f"The {self.limits.total_seconds:g} seconds for the whole submission are used up."

    def _garbage(self, what: str) -> LearnerFailure:
        self.close()
        return LearnerFailure(Outcome.CRASHED, f"Its process answered with garbage: {what}.")

    def _failure(self, reply: wire.Reply) -> LearnerFailure:
        if isinstance(reply, wire.Forbidden):
            return LearnerFailure(
                Outcome.FORBIDDEN, f"`{reply.name}` is not allowed in this exercise.", reply.frames
            )
        if not isinstance(reply, wire.Raised):
            return self._garbage("a reply of the wrong kind")
        if reply.exception == "SystemExit":
            return LearnerFailure(
                Outcome.CRASHED,
                f"Your code asked to exit (SystemExit: {reply.message}).",
                reply.frames,
            )
        if reply.exception == "MemoryError" or any(
            sign in reply.message for sign in _OUT_OF_MEMORY
        ):
            limit = self._load.memory_bytes >> 20
            return LearnerFailure(
                Outcome.MEMORY,
                f"It needed more than the {limit} MiB of memory allowed.",
                reply.frames,
            )
        if self._starting and _DEVICE_LOST in reply.message:
            self.close()  # its context is of no more use; the next check gets a fresh process
        message = ": ".join(part for part in (reply.exception, reply.message) if part)
        if (
            not {"PermissionError", "FileNotFoundError"}.isdisjoint(reply.bases)
            or "Read-only file" in reply.message
        ):
            message += f"\n{_WALL}"
        elif "ModuleNotFoundError" in {reply.exception, *reply.bases}:
            message += f"\n{_IMPORTS}"
        return LearnerFailure(Outcome.RAISED, message, reply.frames)


class Learner:
    """The fixture ``learner``: ``learner.lookup(weight, idx)`` calls the submission's function.

    Arguments are copied on the way, so what the submission does to them changes
    nothing here. A call returns the value, or raises ``LearnerFailure``, which
    ends the check with the right outcome.
    """

    def __init__(self, run: SubmissionRun) -> None:
        self._submission_run = run

    def __getattr__(self, name: str) -> Callable[..., Any]:
        entry = self._submission_run.entries.get(name)
        if entry is None:
            raise AttributeError(f"`{name}` is no entry of this exercise")

        def call(*arguments: Any, **keywords: Any) -> Any:
            sent = [values.encode(argument) for argument in arguments]
            named = {key: values.encode(value) for key, value in keywords.items()}
            given = dict(zip(entry.parameters, sent, strict=False)) | named
            shown = f"{name}({', '.join([*entry.parameters[: len(sent)], *(f'{key}={key}' for key in named)])})"
            value = self._submission_run.ask(
                lambda number: wire.Call(number, name, sent, named), shown, "", given
            )
            if entry.returns is not None:
                _require(value, _RETURNS[entry.returns])
            return value

        return call

    def run(self, probe: FunctionType, *arguments: Any) -> Any:
        """Run ``probe(learner, *arguments)`` beside the submission and return its value.

        The probe's source crosses, not its closure: it may use its parameters,
        ``torch`` and ``nn``. Its first parameter is the submission's module. It
        runs where the learner's code runs, so let it hold no expected value; its
        return annotation is enforced here; its docstring tells the learner what
        was done.
        """
        read = _read(probe)
        return self._run(
            read,
            list(arguments),
            "",
            read.note,
            dict(zip(read.parameters, arguments, strict=False)),
        )

    def vjp(
        self, function: str, *arguments: Any, cotangent: torch.Tensor
    ) -> tuple[torch.Tensor, tuple[Any, ...]]:
        """Call an entry, then send ``cotangent`` back through it.

        Returns the result and, per argument, the gradient that reached it: None
        where none did or where the argument does not require one.
        """
        entry = self._submission_run.entries[function]
        given = dict(zip(entry.parameters, arguments, strict=False)) | {
            "gradient of the result": cotangent
        }
        call = f"{function}({', '.join(entry.parameters[: len(arguments)])}), then backward"
        result, gradients = self._run(
            _read(probes.vjp), [function, list(arguments), cotangent], call, "", given
        )
        if result.shape != cotangent.shape:
            difference = (
                f"Its shape is {tuple(result.shape)}; {tuple(cotangent.shape)} was expected."
            )
            raise Mismatch(difference, "the result", result, None)
        if len(gradients) != len(arguments):
            raise Mismatch(
                "Not one gradient per argument came back.", "the gradients", gradients, None
            )
        return result, gradients

    def must_raise(
        self,
        kinds: type[Exception] | tuple[type[Exception], ...],
        function: str | FunctionType,
        *arguments: Any,
    ) -> None:
        """The call of an entry or probe has to raise one of ``kinds`` (built-in exceptions) or a subclass."""
        names = [kind.__name__ for kind in (kinds if isinstance(kinds, tuple) else (kinds,))]
        wanted = " or ".join(names)
        try:
            value = (
                getattr(self, function)(*arguments)
                if isinstance(function, str)
                else self.run(function, *arguments)
            )
        except Mismatch as mismatch:
            value = mismatch.actual
        except LearnerFailure as failure:
            asked = (
                self._submission_run.exchanges
            )  # none where the submission could not even be loaded
            reply = asked[-1].reply if asked else None
            if not isinstance(reply, wire.Raised) or failure.outcome is not Outcome.RAISED:
                raise
            if set(names).isdisjoint(reply.bases):
                raise Mismatch(
                    f"It raised {reply.exception}; {wanted} was expected.", "", None, None
                ) from None
            return
        raise Mismatch(f"It returned {kind_of(value)}; {wanted} was expected.", "", value, None)

    def _run(
        self, probe: "Probe", arguments: list[Any], call: str, note: str, given: dict[str, Any]
    ) -> Any:
        sent = [values.encode(argument) for argument in arguments]
        shown = {name: values.encode(value) for name, value in given.items()}
        value = self._submission_run.ask(
            lambda number: wire.Run(number, probe.name, probe.source, sent), call, note, shown
        )
        _require(value, probe.returns)
        return value


class Probe(msgspec.Struct, frozen=True):
    """A probe, taken apart once and sent many times."""

    name: str
    source: str
    parameters: list[str]
    returns: Any
    note: str


@functools.cache
def _read(probe: FunctionType) -> Probe:
    return Probe(
        name=probe.__name__,
        source=textwrap.dedent(inspect.getsource(probe)),
        parameters=list(inspect.signature(probe).parameters)[1:],
        returns=get_type_hints(probe).get("return", Any),
        note=inspect.getdoc(probe) or "",
    )


_RETURNS = {
    name: torch.Tensor if name == "Tensor" else getattr(builtins, name) for name in RETURN_TYPES
}


def _require(value: Any, kind: Any) -> None:
    """Raise ``Mismatch`` unless ``value`` is of ``kind``: what a submission returns is never trusted."""
    origin: Any = get_origin(kind) or kind
    parts = get_args(kind)
    if origin is Any or kind is Any:
        return
    if not (isinstance(origin, type) and isinstance(value, origin)) or (
        origin is int and isinstance(value, bool)
    ):
        wanted = (
            "a tensor" if origin is torch.Tensor else f"a {getattr(origin, '__name__', origin)}"
        )
        raise Mismatch(f"It is {kind_of(value)}; {wanted} was expected.", "the result", value, None)
    if isinstance(value, tuple) and parts and parts[-1] is not Ellipsis:
        if len(value) != len(parts):
            raise Mismatch(
                f"It has {len(value)} items; {len(parts)} were expected.", "the result", value, None
            )
        for item, part in zip(value, parts, strict=True):
            _require(item, part)
