"""What an exercise forbids, refused where the learner's code runs.

Three ways, since each sees what another misses: a reading of the source before
it runs (names, with their line), the names in torch's modules (whoever fetches
one by ``getattr``), and torch's dispatcher (every road to an operator ends
there: ``F.embedding``, ``torch.ops``, ``torch._VF``).
"""

import ast
import importlib
import os
import traceback
import warnings
from collections.abc import Iterator
from typing import Any, Final, NoReturn

import torch

from grader.sandbox import wire
from grader.sandbox.main_block import is_main_block

# Devices that this build of torch can compute on. Asking whether one is there would initialise it.
_DEVICES: Final = (
    "CPU",
    *(["CUDA"] if torch.version.cuda or torch.version.hip else []),
    *(["MPS"] if torch.backends.mps.is_built() else []),
)
# An operator has a kernel per device and, above it, one per device that records
# gradients; both are taken (the dispatch keys of c10/core/DispatchKey.h).
_KEYS: Final = tuple(key for device in _DEVICES for key in (device, f"Autograd{device}"))


class ForbiddenUse(BaseException):
    """Raised at a forbidden use; no ``Exception``, so that ``except Exception`` lets it pass."""


class Guard:
    """Refuses the forbidden things in this process and its forks, and remembers the first use, even one caught.

    ``folder`` is where the submission will lie, whose lines a use is told by.
    """

    def __init__(self, forbidden: list[str], folder: str) -> None:
        self.forbidden = forbidden
        self.folder = folder
        self.used: tuple[str, list[wire.Frame]] | None = None
        self._libraries: dict[str, torch.library.Library] = {}
        self._before: list[tuple[Any, str, Any]] = []
        for name in forbidden:
            if "::" in name:
                self._refuse_operator(*name.split("::"))
            else:
                self._refuse_name(name)

    def lift(self) -> None:
        """Allow everything again: where learner processes are forked, for the next exercise."""
        for owner, name, value in reversed(self._before):
            setattr(owner, name, value)
        self._before.clear()
        self._libraries.clear()  # with its last reference, a library takes its kernels back

    def _refusal(self, name: str) -> Any:
        def refuse(*_: Any, **__: Any) -> NoReturn:
            stack = reversed(list(traceback.walk_stack(None)))
            self.used = self.used or (name, own_frames(stack, self.folder))
            raise ForbiddenUse(name)

        return refuse

    def _refuse_name(self, path: str) -> None:
        module_name, _, attribute = path.rpartition(".")
        module = importlib.import_module(module_name)
        target = getattr(module, attribute)
        # Of a class its own method, so that every alias of it and every subclass is met.
        owner, name = (target, "__init__") if isinstance(target, type) else (module, attribute)
        self._before.append((owner, name, getattr(owner, name)))
        setattr(owner, name, self._refusal(path))

    def _refuse_operator(self, namespace: str, operator: str) -> None:
        if namespace not in self._libraries:
            self._libraries[namespace] = torch.library.Library(namespace, "IMPL")  # type: ignore[no-untyped-call]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch warns of the override that is meant here
            for key in _KEYS:
                refusal = self._refusal(f"{namespace}::{operator}")
                self._libraries[namespace].impl(operator, refusal, key)  # type: ignore[no-untyped-call]


def own_frames(stack: Any, folder: str) -> list[wire.Frame]:
    """Those of ``(frame, line)`` that lie in files of ``folder``, the innermost ones: as many as can be sent."""
    frames = []
    for frame, line in stack:
        directory, file = os.path.split(frame.f_code.co_filename)
        if directory == folder:
            frames.append(
                wire.Frame(file[: wire.MAX_PATH], line or 0, frame.f_code.co_name[: wire.MAX_NAME])
            )
    return frames[-wire.MAX_FRAMES :]


def find_use(tree: ast.Module, forbidden: list[str]) -> tuple[str, int] | None:
    """The first use of a forbidden dotted name in ``tree``, with its line.

    What stands under ``if __name__ == "__main__"`` never runs here and is left out.
    """
    nodes = [node for statement in _graded(tree.body) for node in ast.walk(statement)]
    aliases = dict(_aliases(nodes))
    uses = [
        (node.lineno, path)
        for node in nodes
        if isinstance(node, (ast.Name, ast.Attribute, ast.Call))
        and (path := _dotted(node, aliases)) in forbidden
    ]
    line, path = min(uses, default=(0, None))
    return (path, line) if path else None


def _aliases(nodes: list[ast.AST]) -> Iterator[tuple[str, str]]:
    """Each imported name with the dotted path it stands for."""
    for node in nodes:
        if isinstance(node, ast.Import):
            for name in node.names:
                yield (name.asname, name.name) if name.asname else (name.name.split(".")[0],) * 2
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for name in node.names:
                yield name.asname or name.name, f"{node.module}.{name.name}"


def _dotted(node: ast.AST, aliases: dict[str, str]) -> str | None:
    """The dotted path that an expression spells out, with import aliases resolved."""
    if isinstance(node, ast.Name):
        return aliases.get(node.id)
    if isinstance(node, ast.Attribute):
        base = _dotted(node.value, aliases)
        return f"{base}.{node.attr}" if base else None
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "getattr"
        and len(node.args) >= 2
    ):
        base, name = _dotted(node.args[0], aliases), node.args[1]
        if base and isinstance(name, ast.Constant) and isinstance(name.value, str):
            return f"{base}.{name.value}"
    return None


def _graded(statements: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run when a module is imported: not those of a main block, but its other branch."""
    for statement in statements:
        if is_main_block(statement):
            yield from _graded(statement.orelse)
        else:
            yield statement
