"""Refuses what an exercise forbids, in the process that runs the learner's code.

Three methods complement each other. ``find_use`` reads the source for forbidden names
before it runs, and knows the line. ``Guard`` replaces the names in torch's modules,
which also catches ``getattr``. It also replaces the operators in torch's dispatcher,
through which every call passes: ``F.embedding``, ``torch.ops`` and ``torch._VF``.
"""

import ast
import importlib
import os
import traceback
import types
import warnings
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

import torch

from grader.sandbox import wire
from grader.sandbox.main_block import is_main_block


def _dispatch_keys() -> list[str]:
    """Return the dispatch keys to override (c10/core/DispatchKey.h).

    An operator has a kernel for each device, and above it one that records gradients.
    """
    # What this build supports. Asking torch whether a device is present would initialize it.
    devices = ["CPU"]
    if torch.version.cuda or torch.version.hip:
        devices.append("CUDA")
    if torch.backends.mps.is_built():
        devices.append("MPS")

    return devices + [f"Autograd{device}" for device in devices]


_DISPATCH_KEYS = _dispatch_keys()


class ForbiddenUse(BaseException):
    """A forbidden use. Not an ``Exception``, so that ``except Exception`` does not catch it."""


class Guard:
    """Refuses ``forbidden`` names and operators in this process and its forks.

    It remembers the first use, even if the submission catches the exception. ``folder``
    is where the submission will be; tracebacks contain only its files.
    """

    def __init__(self, forbidden: list[str], folder: str) -> None:
        self.forbidden = forbidden
        self.folder = folder
        self.used: tuple[str, list[wire.Frame]] | None = None
        self._libraries: list[torch.library.Library] = []
        # The owner and name of each replaced object, and the object.
        self._originals: list[tuple[Any, str, Any]] = []
        for name in forbidden:
            if "::" in name:
                self._refuse_operator(name)
            else:
                self._refuse_name(name)

    def lift(self) -> None:
        """Allow everything again, before the fork server prepares another exercise."""
        for owner, name, original in reversed(self._originals):
            setattr(owner, name, original)

        self._originals.clear()
        # A library removes its kernels when nothing refers to it.
        self._libraries.clear()

    def _refusal(self, name: str) -> Any:
        def refuse(*_: Any, **__: Any) -> NoReturn:
            if self.used is None:
                innermost_first = list(traceback.walk_stack(None))
                self.used = (name, own_frames(reversed(innermost_first), self.folder))
            raise ForbiddenUse(name)

        return refuse

    def _refuse_name(self, path: str) -> None:
        module, _, name = path.rpartition(".")
        owner: Any = importlib.import_module(module)
        target = getattr(owner, name)
        if isinstance(target, type):
            # Replacing its method also affects aliases and subclasses.
            owner, name = target, "__init__"

        self._originals.append((owner, name, getattr(owner, name)))
        setattr(owner, name, self._refusal(path))

    def _refuse_operator(self, name: str) -> None:
        namespace, operator = name.split("::")
        # One for each operator: torch allows several for a namespace.
        library = torch.library.Library(namespace, "IMPL")  # type: ignore[no-untyped-call]
        self._libraries.append(library)
        with warnings.catch_warnings():
            # torch warns about overrides.
            warnings.simplefilter("ignore")
            for key in _DISPATCH_KEYS:
                library.impl(operator, self._refusal(name), key)  # type: ignore[no-untyped-call]


def own_frames(
    stack: Iterable[tuple[types.FrameType, int | None]], folder: str
) -> list[wire.Frame]:
    """Return the frames of files in ``folder``: the innermost ones, as many as a message allows."""
    frames = []
    for frame, line in stack:
        code = frame.f_code
        directory, file = os.path.split(code.co_filename)
        if directory == folder:
            # A submission can give both any name.
            file = file[: wire.MAX_PATH]
            function = code.co_name[: wire.MAX_NAME]
            frames.append(wire.Frame(file, line or 0, function))

    return frames[-wire.MAX_FRAMES :]


def find_use(tree: ast.Module, forbidden: list[str]) -> tuple[str, int] | None:
    """Return the first use of a forbidden dotted name in ``tree`` and its line.

    It ignores what is below ``if __name__ == "__main__":``, which grading never runs.
    """
    nodes = [node for statement in _graded(tree.body) for node in ast.walk(statement)]
    aliases = _aliases(nodes)
    uses = []
    for node in nodes:
        if isinstance(node, ast.Name | ast.Attribute | ast.Call):
            path = _dotted_path(node, aliases)
            if path in forbidden:
                uses.append((node.lineno, path))

    if not uses:
        return None

    line, path = min(uses)
    return path, line


def _aliases(nodes: list[ast.AST]) -> dict[str, str]:
    """Return each imported name and the dotted path that it stands for."""
    aliases = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for name in node.names:
                if name.asname:
                    aliases[name.asname] = name.name
                else:
                    # `import a.b` defines `a`.
                    top = name.name.split(".")[0]
                    aliases[top] = top
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for name in node.names:
                aliases[name.asname or name.name] = f"{node.module}.{name.name}"

    return aliases


def _dotted_path(node: ast.AST, aliases: dict[str, str]) -> str | None:
    """Return the dotted path that an expression stands for, or None."""
    match node:
        case ast.Name(id=name):
            return aliases.get(name)
        case (
            ast.Attribute(value=value, attr=name)
            | ast.Call(func=ast.Name(id="getattr"), args=[value, ast.Constant(value=str(name)), *_])
        ):
            base = _dotted_path(value, aliases)
            return f"{base}.{name}" if base else None

    return None


def _graded(statements: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements that run on import: of a main block only its ``else`` branch."""
    for statement in statements:
        if is_main_block(statement):
            yield from _graded(statement.orelse)
        else:
            yield statement
