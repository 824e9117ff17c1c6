"""What every learner process does: apply the sandbox, load the submission, answer requests.

Learner code can change everything in this process, so the examiner trusts nothing
that it says.
"""

import __future__

import ast
import contextlib
import functools
import inspect
import linecache
import os
import random
import sys
import traceback
import types
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn, Protocol

import msgspec
import torch

from grader.sandbox import (
    devices,
    guesses,
    newer_python,
    packages,
    probes,
    rehearsal,
    side_effects,
    values,
    wire,
)
from grader.sandbox.cells import Cells
from grader.sandbox.forbidden import ForbiddenUse, Guard, own_frames
from grader.sandbox.paths import is_within
from grader.sandbox.statements import HelperFinder

# Comparing more definitions with a missing one would take the submission's time.
MAX_NAMES = 500
# The first runs of a probe are watched, because watching all would take a tenth of the time.
_WATCHED_RUNS = 3
# The annotations of a probe may name what only the checks import, so they must stay text.
_PROBE_FLAGS = __future__.annotations.compiler_flag


class Layers(Protocol):
    """The layers of a sandbox, which a process applies to itself."""

    def apply_layers(
        self, spawn: wire.Spawn, memory_bytes: int, cpu_seconds: int
    ) -> dict[str, str | None]:
        """Apply all layers; return the mechanism of each, or None if it is missing."""

    def limit_data(self, memory_bytes: int) -> None:
        """Limit what this process allocates from now on."""


def begin(
    runner: "Runner", layers: Layers, spawn: wire.Spawn, reply: Callable[[wire.Reply], None]
) -> bool:
    """Prepare this process and load the submission; return False if it must not be loaded."""
    prepared = _prepare(runner, layers, spawn)
    reply(prepared)
    if isinstance(prepared, wire.NotPrepared):
        return False
    if any(prepared.isolation.get(layer) is None for layer in runner.request.required):
        return False

    reply(runner.load())
    return True


def _prepare(
    runner: "Runner", layers: Layers, spawn: wire.Spawn
) -> wire.Prepared | wire.NotPrepared:
    """Do everything that comes before learner code. A failure here is not the learner's."""
    request = runner.request
    try:
        isolation = layers.apply_layers(spawn, request.memory_bytes, request.cpu_seconds)
        # After the layers, which don't apply to threads that already run.
        if request.device != "cpu":
            devices.start(request.device, request.memory_bytes)
        if spawn.gpu:
            layers.limit_data(request.memory_bytes)

        runner.write_files()
    except Exception as error:
        return wire.NotPrepared(f"{type(error).__name__}: {error}")

    return wire.Prepared(isolation)


def _refuse_breakpoint(*_: object, **__: object) -> NoReturn:
    """Raise what a debugger raises that nobody answers; from Python 3.14 on, it would exit."""
    from bdb import BdbQuit  # noqa: PLC0415 - hardly any submission needs it

    raise BdbQuit


def warm_up(rounds: int = 1) -> None:
    """Do once in the fork server what each learner process does first.

    Kernels, decoders and codecs initialize at their first use, and forks inherit the
    result. There is no backward pass: autograd would look for GPUs, which the fork server
    must not touch. After several ``rounds``, Python has specialized its instructions, too
    (PEP 659); each process would do that again, and copy the memory of the code.
    """
    sys.breakpointhook = _refuse_breakpoint
    source = b"import torch\ndef f(x, y):\n    return x[y]\nif __name__ == '__main__':\n    f(1)"
    load = wire.Load(
        module="m",
        filename="m.py",
        source=source,
        helpers={},
        entries=[wire.Entry("f", ["x", "y"], "f(x, y)")],
        memory_bytes=1,
        cpu_seconds=1,
        seed=1,
    )
    table = torch.ones(2, 2)
    product = table[torch.tensor([0])] @ table
    weight = values.encode(table)
    ids = values.encode(torch.tensor([0, 1, 1]))
    anything = values.encode((product, True, 0.5, "text", [None], {"key": torch.float32}))
    several = wire.List([weight, ids])
    requests: list[wire.Request] = [
        wire.Call(1, "f", [weight, ids], {}, rehearse=True),
        wire.Call(2, "f", [weight, ids], {}),
        # It raises an exception.
        wire.Call(3, "f", [weight, anything], {}),
        wire.Run(4, "vjp", probes.VJP_SOURCE, ["f", several, weight]),
        wire.Run(5, "id_dtypes", probes.ID_DTYPES_SOURCE, ["f", several]),
    ]
    guard = Guard([], "")
    functions = side_effects.Functions()
    for _ in range(rounds):
        _warm_up_wire(load)
        runner = Runner(load, guard, functions)
        Cells(load, runner.module, "m.py", runner._describe).run()  # noqa: SLF001 - the same module
        runner.find_interface_error(list)
        torch.default_generator.manual_seed(0)
        runner.state = side_effects.GlobalState.now()
        runner._watch_functions()  # noqa: SLF001
        for request in requests:
            _warm_up_wire(request)
            wire.pack(runner.answer(request))
    # What torch.autograd asks about its arguments.
    for value in (table, (table,), [table]):
        isinstance(value, Sequence)


@functools.cache
def _compiled_probe(source: str) -> types.CodeType:
    code: types.CodeType = compile(source, "<probe>", "exec", _PROBE_FLAGS, dont_inherit=True)
    return code


def _warm_up_wire(request: wire.Request) -> None:
    payload = wire.pack(request)[wire.HEADER :]
    wire.unpack(payload, wire.Request)  # type: ignore[arg-type]


class Runner:
    """Loads a submission in this process and answers requests to it."""

    def __init__(self, request: wire.Load, guard: Guard, functions: side_effects.Functions) -> None:
        self.request = request
        self.guard = guard
        self.functions = functions
        self.folder = guard.folder
        self.module = types.ModuleType(request.module)
        # What the probes get: the submission, with functions whose inputs are watched.
        self.watched = types.ModuleType(request.module)
        # How often each function was rehearsed.
        self._rehearsals: Counter[str] = Counter()
        # How often each probe has run, and whether this run watches `forward`.
        self._runs: Counter[str] = Counter()
        self._watches_forward = False
        # The functions of the submission by name, each with the one that watches its inputs.
        self._watches: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {}
        self.effects = side_effects.Effects()
        self.results = side_effects.Results()
        self.in_probe = False
        # The functions that were called again after their first backward pass.
        self._looked_at: set[str] = set()

    def write_files(self) -> None:
        """Write the submission's files to the folder where it runs."""
        os.chdir(self.folder)
        for name, source in self._sources().items():
            if folder := os.path.dirname(name):
                os.makedirs(folder, exist_ok=True)
            with open(name, "wb") as file:
                file.write(source)

    def load(self) -> wire.Reply:
        """Run the submission's module, and check that it defines what it must."""
        self._set_up_interpreter()
        self.functions.begin()
        before = self._at_start = side_effects.GlobalState.now()
        try:
            return self._run_module()
        finally:
            self._restore_state(before, is_loading=True)

    def unload(self) -> None:
        """Forget the submission, so that this process can load another."""
        self._at_start.restore(side_effects.GlobalState.now())
        sys.meta_path[:] = [one for one in sys.meta_path if not isinstance(one, HelperFinder)]
        sys.path[:] = [path for path in sys.path if path != self.folder]
        for name, module in self._newer_modules():
            if name.startswith(packages.BESIDE) or _is_in(module, self.folder):
                del sys.modules[name]
        linecache.clearcache()
        for name in self._sources():
            # The submission may have removed it.
            with contextlib.suppress(OSError):
                os.unlink(os.path.join(self.folder, name))

    def _newer_modules(self) -> list[tuple[str, Any]]:
        """The submission's module and all modules that were imported after it."""
        newer = []
        # To look at every module would copy the memory of all of them.
        for name, module in reversed(sys.modules.items()):
            newer.append((name, module))
            if name == self.request.module:
                break
        return newer

    def _run_module(self) -> wire.Reply:
        path = os.path.join(self.folder, self.request.filename)
        self.module.__file__ = path
        self.module.__package__ = packages.BESIDE
        sys.modules[self.request.module] = self.module
        cells = Cells(self.request, self.module, path, self._describe)
        finder = HelperFinder(self.request.helpers, self.folder, cells.missing)
        sys.meta_path.insert(0, finder)
        try:
            cells.run()
            reply = self._loaded(cells)
        except BaseException as error:
            reply = self._failure(0, error)
        return self._forbidden_use(0) or reply

    def _loaded(self, cells: Cells) -> wire.Reply:
        """Return what came of running the cells: some may fail if all is defined at the end."""
        if not cells.is_complete():
            failed = cells.cause()
            if failed is not None:
                return failed.reply
        error = self.find_interface_error(cells.texts)
        if error is not None:
            return error
        self._watch_functions()
        missing = [
            wire.Missing(package[: wire.MAX_NAME], wire.Frame(file[: wire.MAX_PATH], line, ""))
            for package, (file, line) in cells.missing.items()
        ]
        failures = [failed.reply for failed in cells.failed]
        return wire.Loaded(failures[: wire.MAX_FRAMES], missing[: wire.MAX_FRAMES])

    def _describe(self, error: BaseException) -> wire.Raised | wire.Forbidden:
        if type(error) is ForbiddenUse:
            forbidden = self._forbidden_use(0)
            if forbidden is not None:
                return forbidden
        return self._failure(0, error)

    def answer(self, request: wire.Request) -> wire.Reply:
        """Carry out one request."""
        assert not isinstance(request, wire.Load), "a submission is loaded once"
        self.in_probe = isinstance(request, wire.Run)
        try:
            if isinstance(request, wire.Run):
                result = self._run_probe(request)
            else:
                result = self._call(request)
            reply: wire.Reply = wire.Returned(request.id, values.encode(result))
            if isinstance(request, wire.Run) and request.source == probes.VJP_SOURCE:
                self._look_again(request, result)
        except BaseException as error:
            reply = self._failure(request.id, error)

        is_whole = isinstance(reply, wire.Returned)
        self._restore_state(self.state, is_probe=self.in_probe, is_whole=is_whole)
        effects = self.effects.take()
        if use := self._forbidden_use(request.id):
            return use
        return msgspec.structs.replace(reply, side_effects=effects)

    def _restore_state(
        self,
        before: side_effects.GlobalState,
        *,
        is_loading: bool = False,
        is_probe: bool = False,
        is_whole: bool = True,
    ) -> None:
        """Report what differs from the state ``before``, and set it back.

        If a probe is not ``is_whole``, an error ended it, perhaps between two settings of its own.
        """
        now = side_effects.GlobalState.now()
        if is_whole or not is_probe:
            before.report(now, self.effects, is_loading=is_loading, is_probe=is_probe)
        if self.guard.take_odd_switches():
            self.effects.add("changes_state", "grad_mode")
        self.functions.restore(self.effects)
        settings = before.settings
        if is_loading:
            # A program may choose these at its start.
            settings = settings._replace(
                deterministic=now.settings.deterministic,
                threads=now.settings.threads,
                warnings=now.settings.warnings,
                others=now.settings.others,
            )
            before = before._replace(settings=settings)
        before.restore(now)
        # Only requests change the state, so the next one starts with this one.
        self.state = now._replace(settings=settings)

    def _call(self, request: wire.Call) -> Any:
        def decode() -> tuple[list[Any], dict[str, Any]]:
            keywords = {}
            for name, value in request.keywords.items():
                keywords[name] = values.decode_argument(value)
            return [values.decode_argument(value) for value in request.arguments], keywords

        function = getattr(self.module, request.function)
        watched = self._watched(request.function, function)
        if request.rehearse:
            self._rehearsals[request.function] += 1
            is_short = self._rehearsals[request.function] > rehearsal.WHOLE_REHEARSALS
            arguments, keywords = rehearsal.rehearse(
                function, watched, decode, self.effects, self.state, is_short=is_short
            )
            # The real call gets the same random numbers as without a rehearsal.
            self.state.random.restore()
        else:
            arguments, keywords = decode()

        result = watched(*arguments, **keywords)
        self.results.report(self.effects)
        self.results.keep(result)
        return result

    def _watched(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return what ``_watch`` returns, made once unless the submission replaces a function."""
        known = self._watches.get(name)
        if known is None or known[0] is not function:
            parameters: list[str] = []
            for entry in self.request.entries:
                if entry.name == name:
                    parameters = entry.parameters
            known = function, self._watch(function, parameters)
            self._watches[name] = known
        return known[1]

    def _watch(self, function: Callable[..., Any], parameters: Sequence[str]) -> Callable[..., Any]:
        """Return ``function``, which then reports if it changes its inputs, except ``self``."""

        @functools.wraps(function)
        def watched(*arguments: Any, **keywords: Any) -> Any:
            named = dict(zip(parameters, arguments, strict=False))
            # A module may change its own buffers.
            named.pop("self", None)
            inputs = side_effects.Inputs(named | keywords)
            # A probe may draw random numbers itself, so the state around it says nothing.
            random_state = None
            if self.in_probe and not side_effects.is_observed():
                random_state = side_effects.RandomState.now()
            try:
                return function(*arguments, **keywords)
            finally:
                inputs.report(self.effects)
                if random_state is not None:
                    random_state.report(side_effects.RandomState.now(), self.effects)

        return watched

    def _watch_functions(self) -> None:
        """Prepare what the probes get: functions, and modules whose ``forward`` is watched."""
        self.watched.__dict__.update(self.module.__dict__)
        for entry in self.request.entries:
            found = getattr(self.module, entry.name)
            if isinstance(found, type):
                self._watch_forward(found)
            else:
                setattr(self.watched, entry.name, self._watched(entry.name, found))

    def _watch_forward(self, module: Any) -> None:
        """Watch ``forward`` in the first runs of each probe.

        In the class itself, because probes create objects of it, also by copying.
        """
        forward = getattr(module, "forward", None)
        if inspect.isfunction(forward):
            # Without parameters, it lacks its first one.
            parameters = list(inspect.signature(forward).parameters)[1:]
            watched = self._watch(forward, ["self", *parameters])

            @functools.wraps(forward)
            def watched_at_first(*arguments: Any, **keywords: Any) -> Any:
                call = watched if self._watches_forward else forward
                return call(*arguments, **keywords)

            module.forward = watched_at_first

    def _look_again(self, request: wire.Run, outcome: Any) -> None:
        """After the first gradient of a function, look whether its calls depend on each other."""
        if request.arguments[0] in self._looked_at:
            return
        name, given, cotangent = [values.decode_argument(value) for value in request.arguments]
        function = getattr(self.module, name)
        if rehearsal.look_again(function, given, cotangent, outcome, self.effects):
            self._looked_at.add(name)

    def _run_probe(self, request: wire.Run) -> Any:
        arguments = [values.decode_argument(value) for value in request.arguments]
        # A probe can use these two names without an import.
        namespace: dict[str, Any] = {"torch": torch, "nn": torch.nn}
        exec(_compiled_probe(request.source), namespace)
        probe = namespace[request.function]
        self._runs[request.source] += 1
        self._watches_forward = self._runs[request.source] <= _WATCHED_RUNS
        return probe(self.watched, *arguments)

    def _sources(self) -> dict[str, bytes]:
        return {**self.request.helpers, self.request.filename: self.request.source}

    def _set_up_interpreter(self) -> None:
        sys.path.insert(0, self.folder)
        sys.argv = [self.request.filename]
        sys.stdout, sys.stderr = (
            open(
                descriptor,
                "w",
                encoding="utf-8",
                errors="backslashreplace",
                newline="\n",
                buffering=1,
                closefd=False,
            )
            for descriptor in (1, 2)
        )
        random.seed(self.request.seed)
        torch.default_generator.manual_seed(self.request.seed)
        if self.request.device != "cpu":
            # This seeds all devices, which takes too long for a submission on the CPU.
            torch.manual_seed(self.request.seed)

    def _forbidden_use(self, request: int) -> wire.Forbidden | None:
        use = self.guard.take_use()
        if use is None:
            return None
        name, frames = use
        return wire.Forbidden(request, name, frames)

    def find_interface_error(
        self, texts: Callable[[], Iterable[tuple[int, str]]]
    ) -> wire.Raised | None:
        """Return why the checks can't call the submission, or None."""
        names = [entry.name for entry in self.request.entries]
        for entry in self.request.entries:
            found = getattr(self.module, entry.name, None)
            if found is None:
                asked = guesses.asked_for(entry.signature)
                problem = f"{self.request.filename} does not define {asked}."
                return _unusable(problem + _suggestion(entry, texts(), names))

            if not callable(found):
                asked = guesses.asked_for(entry.signature)
                return _unusable(f"`{entry.name}` is not a function or class; it must be {asked}.")

            if _accepts(found, len(entry.parameters)):
                continue

            try:
                signature = inspect.signature(found)
            except (TypeError, ValueError):
                # Built-in functions may have no signature. A call will show.
                continue

            try:
                signature.bind(*entry.parameters)
            except TypeError:
                parameters = ", ".join(entry.parameters)
                theirs = f"`{entry.name}{signature}`"
                if isinstance(found, type) and not entry.signature.startswith("class "):
                    theirs = "a class, where a function is asked for"

                return _unusable(f"`{entry.name}` must accept ({parameters}); yours is {theirs}.")

        return None

    def _failure(self, request: int, error: BaseException) -> wire.Raised:
        # Not ``isinstance``, which believes a false ``__class__``.
        kind = type(error)
        traceback_lines = traceback.walk_tb(error.__traceback__)
        frames = own_frames(traceback_lines, self.folder)
        try:
            message = str(error)[: wire.MAX_MESSAGE]
            # msgpack can't encode lone surrogates.
            message = message.encode("utf-8", "replace").decode()
        except BaseException:
            message = "(its message cannot be shown: __str__ raised an exception)"
        if issubclass(kind, SyntaxError):
            # Its traceback ends in this file; it names the place itself.
            syntax_error: Any = error
            directory, file = os.path.split(str(syntax_error.filename))
            if directory == self.folder:
                frames = [wire.Frame(file, syntax_error.lineno or 0, "")]
                message = str(syntax_error.msg)[: wire.MAX_MESSAGE]

        note = newer_python.advice(error, message)
        line = getattr(error, "text", None)
        # Learner code can raise the exception, with anything in it.
        if not note and issubclass(kind, SyntaxError) and type(line) is str:
            note = guesses.of_syntax(message, line)
        if note:
            message = f"{message}\n{note}"[: wire.MAX_MESSAGE]

        names = [base.__name__ for base in kind.__mro__ if base.__module__ == "builtins"]
        # The last ones are built-in. The first could be the learner's own with a false module.
        names = names[-wire.MAX_FRAMES :]
        bases = [name[: wire.MAX_NAME] for name in names]
        name = kind.__name__[: wire.MAX_NAME]
        return wire.Raised(request, name, bases, message, frames)


def _accepts(function: Any, count: int) -> bool:
    """Whether a plain function surely accepts so many arguments; ``inspect`` takes far longer."""
    # A decorator may announce another signature in the attributes of a function.
    if type(function) is not types.FunctionType or vars(function):
        return False
    code = function.__code__
    optional = len(function.__defaults__ or ())
    return not code.co_kwonlyargcount and code.co_argcount - optional <= count <= code.co_argcount


def _is_in(module: types.ModuleType, folder: str) -> bool:
    """Whether ``module`` was imported from ``folder`` or from a folder in it."""
    # A package without `__init__.py` has only a path.
    places = [getattr(module, "__file__", None), *(getattr(module, "__path__", None) or ())]
    return any(isinstance(place, str) and is_within(place, folder) for place in places)


def _unusable(problem: str) -> wire.Raised:
    return wire.Raised(0, "", [], problem[: wire.MAX_MESSAGE], [])


def _suggestion(entry: wire.Entry, texts: Iterable[tuple[int, str]], entries: list[str]) -> str:
    """Return a guess at what was meant by ``entry``, from the text of the submission."""
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    defined: list[str] = []
    whole = []
    for _, text in texts:
        whole.append(text)
        # A cell that cannot be parsed has failed, and was reported.
        with contextlib.suppress(SyntaxError, ValueError, RecursionError):
            body = ast.parse(text).body
            defined += [node.name for node in body if isinstance(node, definitions)]

    candidates = set(defined[:MAX_NAMES]).difference(entries)
    return guesses.of_name(entry.name, entry.parameters, candidates, "\n".join(whole))


def flush_output() -> None:
    """Write what the submission has printed so far."""
    for stream in (sys.stdout, sys.stderr):
        # The submission may have closed or replaced it.
        with contextlib.suppress(BaseException):
            stream.flush()
