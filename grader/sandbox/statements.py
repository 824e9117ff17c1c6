"""Run Python statement by statement, and go on without packages that are not available."""

import __future__

import ast
import asyncio
import inspect
import os
import sys
import types
from collections.abc import Callable, Collection, Iterator
from importlib import abc, machinery, util
from typing import Any

from grader.sandbox import packages
from grader.sandbox.event_loop import new_event_loop

_FUTURES = 0
for _name in __future__.all_feature_names:
    _FUTURES |= getattr(__future__, _name).compiler_flag


def _require_text(source: bytes, path: str) -> None:
    """Raise the error that Python has for such a file; its parser accepts any byte in a comment."""
    # The usual case: any ASCII is UTF-8, unless the file names another encoding.
    if source.isascii() and b"coding" not in source:
        return

    # Python looks for the name of an encoding in the first two lines.
    named = 1
    if b"coding" not in source.split(b"\n", 1)[0]:
        named = 2

    try:
        util.decode_source(source)
    except UnicodeDecodeError as error:
        if not error.encoding.startswith("utf-8"):
            raise SyntaxError(str(error), (path, named, 0, None)) from None
        raise _not_utf_8(error, path) from None
    except SyntaxError as error:
        # The first two lines must be UTF-8 as well, unless they name an encoding that exists.
        try:
            source.decode()
        except UnicodeDecodeError as undecoded:
            raise _not_utf_8(undecoded, path) from None

        raise SyntaxError(error.msg, (path, named, 0, None)) from None


def _not_utf_8(error: UnicodeDecodeError, path: str) -> SyntaxError:
    line = error.object.count(b"\n", 0, error.start) + 1
    byte = error.object[error.start]
    message = f"the file is not UTF-8 (byte 0x{byte:02x})"
    return SyntaxError(message, (path, line, 0, None))


class Statements:
    """Runs statements in a module. ``missing`` gets each absent package and where it is used."""

    def __init__(
        self,
        module: types.ModuleType,
        path: str,
        missing: dict[str, tuple[str, int]],
        *,
        allow_await: bool = False,
        skips: Callable[[ast.stmt], bool] = lambda _: False,
    ) -> None:
        self._namespace = vars(module)
        self._path = path
        self._missing = missing
        self._skips = skips
        # A ``from __future__`` import is for all later cells too.
        self._flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT if allow_await else 0
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self, source: str | bytes) -> Iterator[ast.stmt]:
        """Run ``source``, and yield each statement before it runs.

        Errors of syntax are raised before the first statement.
        """
        if isinstance(source, bytes):
            _require_text(source, self._path)
        body = ast.parse(source, self._path).body
        # The compiler finds some of the errors of syntax.
        codes = [self._compiled(statement) for statement in body]
        for statement, code in zip(body, codes, strict=True):
            yield statement
            if not self._skips(statement):
                self._run(statement, code)

    def _compiled(self, statement: ast.stmt) -> types.CodeType:
        module = ast.Module([statement], [])
        code: types.CodeType = compile(module, self._path, "exec", self._flags, dont_inherit=True)
        self._flags |= code.co_flags & _FUTURES
        return code

    def _run(self, statement: ast.stmt, code: types.CodeType) -> None:
        try:
            self._execute(code)
        except packages.MissingPackageError as error:
            # With the package it would not fail, so the next statement runs. What this one
            # defines is missing too.
            self._note(error.package, statement)
            for name in _defined_names(statement):
                self._namespace[name] = packages.Placeholder(error.package)
        except ModuleNotFoundError as error:
            if not isinstance(statement, ast.Import | ast.ImportFrom):
                raise
            package = packages.missing_package(error)
            if package is None:
                raise
            self._note(package, statement)
            self._bind(statement, package)

    def _note(self, package: str, statement: ast.stmt) -> None:
        file = os.path.basename(self._path)
        self._missing.setdefault(package, (file, statement.lineno))

    def _execute(self, code: types.CodeType) -> None:
        if not code.co_flags & inspect.CO_COROUTINE:
            exec(code, self._namespace)
            return
        if self._loop is None:
            self._loop = new_event_loop()
            asyncio.set_event_loop(self._loop)
        function = types.FunctionType(code, self._namespace)
        self._loop.run_until_complete(function())

    def _bind(self, statement: ast.Import | ast.ImportFrom, package: str) -> None:
        """Bind the names of an import to placeholders."""
        is_one_of_several = isinstance(statement, ast.Import) and len(statement.names) > 1
        for alias in statement.names:
            if is_one_of_several:
                # The other packages of ``import torch, tqdm`` can be there.
                alone = ast.copy_location(ast.Import([alias]), statement)
                self._run(alone, self._compiled(alone))
            elif alias.name != "*":
                top = alias.name.partition(".")[0]
                name = alias.asname or top
                self._namespace[name] = packages.Placeholder(package)


def _defined_names(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [statement.name]
    names = []
    if isinstance(statement, ast.Assign):
        for target in statement.targets:
            # A target can be a tuple of names.
            names += [node.id for node in ast.walk(target) if isinstance(node, ast.Name)]
    return names


class HelperFinder(abc.MetaPathFinder):
    """Imports the modules beside a submission, with placeholders for what they miss.

    A module at the top is in no package, as for Python, and still can import relatively: learners
    write both ``import helper`` and ``from . import helper``.
    """

    def __init__(
        self, files: Collection[str], folder: str, missing: dict[str, tuple[str, int]]
    ) -> None:
        self._files = [file for file in files if file.endswith(".py")]
        self._folder = folder
        self._missing = missing
        package = types.ModuleType(packages.BESIDE)
        package.__path__ = [folder]
        sys.modules[packages.BESIDE] = package

    def find_spec(
        self,
        name: str,
        path: Any = None,  # noqa: ARG002 - part of the interface
        target: Any = None,  # noqa: ARG002
    ) -> machinery.ModuleSpec | None:
        """Return the spec of a module beside the submission; None for every other module."""
        relative = name.removeprefix(f"{packages.BESIDE}.").replace(".", "/")
        folder = os.path.join(self._folder, relative)
        if f"{relative}/__init__.py" in self._files:
            file = os.path.join(folder, "__init__.py")
            return self._spec(name, file, [folder])
        if f"{relative}.py" in self._files:
            return self._spec(name, f"{folder}.py", None)

        inside = f"{relative}/"
        if any(file.startswith(inside) for file in self._files):
            # A package without a file of its own.
            spec = machinery.ModuleSpec(name, None, is_package=True)
            spec.submodule_search_locations = [folder]
            return spec
        return None

    def _spec(self, name: str, file: str, inside: list[str] | None) -> machinery.ModuleSpec:
        loader = _HelperLoader(name, file, self._missing)
        is_package = inside is not None
        spec = _TopSpec(name, loader, origin=file, is_package=is_package)
        spec.submodule_search_locations = inside
        # Without this, the module has no ``__file__``.
        spec.has_location = True
        return spec


class _TopSpec(machinery.ModuleSpec):
    """Lets a module that is in no package import relatively, too."""

    @property
    def parent(self) -> str:
        return super().parent or packages.BESIDE


class _HelperLoader(machinery.SourceFileLoader):
    def __init__(self, name: str, path: str, missing: dict[str, tuple[str, int]]) -> None:
        super().__init__(name, path)
        self._missing = missing

    def exec_module(self, module: types.ModuleType) -> None:
        statements = Statements(module, self.path, self._missing)
        for _ in statements.run(self.get_data(self.path)):
            pass


class NoShell:
    """Stands for the shell of IPython: all its methods do nothing."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("__"):
            raise AttributeError(name)
        return _do_nothing


def _do_nothing(*_: object, **__: object) -> None:
    return None
