"""A learner process: lock down, run the submission, answer calls until the pipe closes.

Whatever this process says is a claim: the learner's code can change anything
here, and the examiner trusts nothing of it.
"""

import __future__

import ast
import contextlib
import difflib
import inspect
import os
import random
import sys
import traceback
import types
from typing import Any, Final

import torch

from grader.sandbox import devices, values, wire
from grader.sandbox.forbidden import ForbiddenUse, Guard, find_use, own_frames
from grader.sandbox.layers import Wall

REQUESTS: Final = 3
REPLIES: Final = 4
MAX_NAMES: Final = 500
MAX_NAME: Final = 80
# A probe's annotations may name what only the checks have imported.
_PROBE_FLAGS: Final = __future__.annotations.compiler_flag


def main(
    requests: int, replies: int, output: int, wall: Wall, guard: Guard, spawn: wire.Spawn
) -> None:
    """Be the learner process that ``spawn`` asks for on these descriptors, behind ``wall``; never returns.

    ``guard`` refuses already what is forbidden.
    """
    os.setsid()
    wall.ruleset = _arrange_descriptors(requests, replies, output, wall.ruleset)
    with open(REQUESTS, "rb") as stream:
        load = wire.receive(stream, wire.Load)
        if load is None:
            os._exit(0)
        host = Host(load, guard)
        ready = _prepare(host, wall, spawn)
        _reply(ready)
        if isinstance(ready, wire.Unready) or (load.strict and None in ready.isolation.values()):
            os._exit(0)
        _reply(host.load())
        while (request := wire.receive(stream, wire.Request)) is not None:  # type: ignore[arg-type]
            _reply(host.answer(request))
    os._exit(0)


def _prepare(host: "Host", wall: Wall, spawn: wire.Spawn) -> wire.Confined | wire.Unready:
    """All that comes before the first learner byte; where it fails, it is not the learner who failed."""
    order = host.order
    try:
        isolation = wall.confine(
            memory_bytes=order.memory_bytes,
            cpu_seconds=order.cpu_seconds,
            subprocesses=spawn.subprocesses,
            gpu=spawn.gpu,
        )
        # Behind the wall: threads that a driver makes before it would stay outside of it.
        if order.device != "cpu":
            devices.start(order.device, order.memory_bytes)
        if spawn.gpu:
            wall.hold_data(order.memory_bytes)
        host.move_in()
    except Exception as error:
        return wire.Unready(f"{type(error).__name__}: {error}")
    return wire.Confined(isolation)


def rehearse() -> None:
    """Do once in the fork server what every learner process does first, so that none pays for a first time.

    Kernels, decoders and codecs are set up at their first use. No backward: autograd
    would look for GPUs, which the fork server must not touch.
    """
    table = torch.ones(2, 2)
    value = values.encode(
        (table[torch.tensor([0])] @ table, True, 0.5, "text", [None], {"key": torch.float32})
    )
    for message in (wire.Call(1, "f", [value], {}), wire.Run(1, "f", "", [value])):
        request: wire.Request = wire.unpack(wire.pack(message)[wire.HEADER :], wire.Request)  # type: ignore[arg-type]
        assert not isinstance(request, wire.Load)
        [_materialise(argument) for argument in request.arguments]
    load = wire.Load("m", "m.py", b"", {}, [wire.Entry("f", ["x"], "f(x)")], 1, 1, 1)
    wire.unpack(wire.pack(load)[wire.HEADER :], wire.Load)
    module: dict[str, Any] = {}
    tree = ast.parse(
        b"import torch\ndef f(x):\n    return x\nif __name__ == '__main__':\n    f(1)\n"
    )
    find_use(tree, ["torch.neg"])
    exec(compile(tree, "m.py", "exec", dont_inherit=True), module)
    inspect.signature(module["f"]).bind(1)
    torch.default_generator.manual_seed(0)


class Host:
    """The submission in this process, from its loading to its last answer."""

    def __init__(self, load: wire.Load, guard: Guard) -> None:
        self.order = load
        self.guard = guard
        self.folder = guard.folder
        self.module = types.ModuleType(load.module)

    def move_in(self) -> None:
        """Write the submission's files where it will run."""
        os.chdir(self.folder)
        for name, source in {**self.order.helpers, self.order.filename: self.order.source}.items():
            with open(name, "wb") as file:
                file.write(source)

    def load(self) -> wire.Reply:
        """Run the submission's module and see whether it defines what it must."""
        order = self.order
        path = os.path.join(self.folder, order.filename)
        sys.path.insert(0, self.folder)
        sys.argv = [order.filename]
        sys.stdout = open(
            1, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False
        )
        sys.stderr = open(
            2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False
        )
        random.seed(order.seed)
        torch.default_generator.manual_seed(order.seed)
        if order.device != "cpu":
            torch.manual_seed(order.seed)  # every device's; dear, so not for those on the CPU
        try:
            trees = {
                name: _parse(source, name, self.folder) for name, source in order.helpers.items()
            }
            trees[order.filename] = tree = _parse(order.source, order.filename, self.folder)
            for name, parsed in trees.items():
                if use := find_use(parsed, self.guard.forbidden):
                    return wire.Forbidden(0, use[0], [wire.Frame(name, use[1], "")])
            self.module.__file__ = path
            sys.modules[order.module] = self.module
            # compiled from the tree that was read above: one file, one reading
            exec(compile(tree, path, "exec", dont_inherit=True), self.module.__dict__)
            return self._used(0) or self._unfit(tree) or wire.Loaded()
        except BaseException as error:
            return self._failed(0, error)

    def answer(self, request: wire.Request) -> wire.Reply:
        """Carry out one request."""
        assert not isinstance(request, wire.Load), "a submission is loaded once"
        try:
            arguments = [_materialise(value) for value in request.arguments]
            if isinstance(request, wire.Call):
                keywords = {name: _materialise(value) for name, value in request.keywords.items()}
                result = getattr(self.module, request.function)(*arguments, **keywords)
            else:
                namespace: dict[str, Any] = {"torch": torch, "nn": torch.nn}
                exec(
                    compile(request.source, "<probe>", "exec", _PROBE_FLAGS, dont_inherit=True),
                    namespace,
                )
                result = namespace[request.function](self.module, *arguments)
            reply: wire.Reply = wire.Returned(request.id, values.encode(result))
        except BaseException as error:
            reply = self._failed(request.id, error)
        return self._used(request.id) or reply

    def _used(self, request: int) -> wire.Reply | None:
        return wire.Forbidden(request, *self.guard.used) if self.guard.used else None

    def _unfit(self, tree: ast.Module) -> wire.Reply | None:
        for entry in self.order.entries:
            found = getattr(self.module, entry.name, None)
            if found is None:
                meant = _meant(entry.name, tree, {other.name for other in self.order.entries})
                return _unfit(f"{self.order.filename} does not define `{entry.signature}`.{meant}")
            if not callable(found):
                return _unfit(
                    f"`{entry.name}` is not a function or class; it has to be `{entry.signature}`."
                )
            try:
                signature = inspect.signature(found)
            except (TypeError, ValueError):
                continue  # builtins may have none; calling them will tell
            try:
                signature.bind(*entry.parameters)
            except TypeError:
                parameters = ", ".join(entry.parameters)
                return _unfit(
                    f"`{entry.name}{signature}` cannot be called as `{entry.name}({parameters})`."
                )
        return None

    def _failed(self, request: int, error: BaseException) -> wire.Reply:
        kind = type(error)  # not its ``__class__``, which could be anything
        if kind is ForbiddenUse and (used := self._used(request)):
            return used
        if issubclass(kind, SyntaxError) and os.path.dirname(str(error.filename)) == self.folder:  # type: ignore[attr-defined]
            return _syntax_error(request, error)  # type: ignore[arg-type]
        try:
            # Half a character cannot be sent.
            message = str(error)[: wire.MAX_MESSAGE].encode("utf-8", "replace").decode()
        except BaseException:
            message = "(its message cannot be shown: __str__ raised)"
        frames = own_frames(traceback.walk_tb(error.__traceback__), self.folder)
        return wire.Raised(request, kind.__name__[: wire.MAX_NAME], _bases(kind), message, frames)


def _syntax_error(request: int, error: SyntaxError) -> wire.Raised:
    frames = [wire.Frame(os.path.basename(str(error.filename)), error.lineno or 0, "")]
    message = str(error.msg)[: wire.MAX_MESSAGE]
    return wire.Raised(request, type(error).__name__, _bases(type(error)), message, frames)


def _meant(name: str, tree: ast.Module, taken: set[str]) -> str:
    """A guess at how ``name`` was misspelt; from the text, where every name is a plain one."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    defined = [node.name for node in tree.body if isinstance(node, kinds)][:MAX_NAMES]
    near = difflib.get_close_matches(
        name, [one for one in defined if len(one) <= MAX_NAME and one not in taken], n=1
    )
    return f" It defines `{near[0]}`; did you mean that?" if near else ""


def _unfit(message: str) -> wire.Raised:
    return wire.Raised(0, "", [], message[: wire.MAX_MESSAGE], [])


def _bases(kind: type) -> list[str]:
    """Names of the built-in exceptions that ``kind`` is one of."""
    names = [
        base.__name__[: wire.MAX_NAME] for base in kind.__mro__ if base.__module__ == "builtins"
    ]
    return names[
        -wire.MAX_FRAMES :
    ]  # the first could be the learner's own, the last are the built-in ones


def _parse(source: bytes, name: str, folder: str) -> ast.Module:
    return ast.parse(source, os.path.join(folder, name))


def _materialise(value: wire.Value) -> Any:
    """An argument, with tensors on the device that they were on at the other side."""
    if isinstance(value, wire.Tensor):
        return values.decode_tensor(value, value.device)
    return values.decode(value)


def _reply(message: wire.Reply) -> None:
    with contextlib.suppress(BaseException):  # the submission may have closed or replaced it
        sys.stdout.flush()
    data = memoryview(wire.pack(message))
    while data:
        data = data[os.write(REPLIES, data) :]


def _arrange_descriptors(requests: int, replies: int, output: int, kept: int) -> int:
    """Nothing, the output twice, requests, replies, and where it is open ``kept``: where that is now."""
    # Moved out of the way first: a source may be one of the targets.
    wanted = [
        os.open(os.devnull, os.O_RDONLY),
        output,
        output,
        requests,
        replies,
        *([kept] if kept >= 0 else []),
    ]
    spare = max(wanted) + 10
    moved = [os.dup2(fd, spare + n) for n, fd in enumerate(wanted)]
    for target, fd in enumerate(moved):
        os.dup2(fd, target)
    os.closerange(len(wanted), os.sysconf("SC_OPEN_MAX"))
    return REPLIES + 1 if kept >= 0 else -1
