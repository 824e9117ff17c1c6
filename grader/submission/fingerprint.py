"""Find submissions that differ only in names, comments and layout: a fact, not a verdict.

A separate process parses the code and never runs it. Hostile source can make the parser take
very long, fill the memory or crash; then only that process ends.
``python -m grader.submission.fingerprint`` is that process, and ``Fingerprints`` is its client.
"""

import ast
import contextlib
import hashlib
import subprocess
import sys
from collections.abc import Iterable
from typing import Any, BinaryIO, Final, Self

from grader.sandbox.main_block import is_main_block
from grader.system import SYSTEM

MAX_BYTES: Final = 64 * 1024
"""Longer code has no fingerprint; no exercise asks for that much."""
_SECONDS: Final = 2.0
_MEMORY: Final = 512 * 2**20
_LENGTH_BYTES: Final = 4
_DIGEST_BYTES: Final = 16


class Fingerprints:
    """A client of the parsing process and a context manager.

    The first request starts the process, and the next request replaces it if it died.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def of(self, source: bytes) -> str | None:
        """Digest of ``source`` without names, comments and layout; None if it cannot be parsed."""
        if len(source) > MAX_BYTES:
            return None
        if self._process is None:
            self._process = _start()
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            length = len(source).to_bytes(_LENGTH_BYTES, "big")
            process.stdin.write(length + source)
            process.stdin.flush()
            answer = process.stdout.read(_DIGEST_BYTES)
        except BrokenPipeError:
            answer = b""
        if len(answer) < _DIGEST_BYTES:
            self.close()
            return None
        # Zeros say that the source cannot be parsed.
        if not any(answer):
            return None
        return answer.hex()

    def close(self) -> None:
        """End the process."""
        process = self._process
        self._process = None
        if process is None:
            return
        assert process.stdin is not None
        assert process.stdout is not None
        process.kill()
        process.wait()
        process.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", "-B", "-m", "grader.submission.fingerprint"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        # Ctrl-C is for the command, which then ends this process.
        **SYSTEM.own_group,
    )


def fingerprint(source: bytes) -> bytes:
    """Sixteen bytes that do not depend on names, comments, layout and annotations.

    All bytes are zero if ``source`` cannot be parsed.
    """
    try:
        tree = _Normalizer().visit(ast.parse(source))
        text = ast.dump(tree, annotate_fields=False)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return bytes(_DIGEST_BYTES)
    encoded = text.encode("utf-8", "surrogatepass")
    digest = hashlib.blake2b(encoded, digest_size=_DIGEST_BYTES)
    return digest.digest()


class _Normalizer(ast.NodeTransformer):
    """Replace each name that the code defines by a number; remove everything that never counts.

    Gradebooks store the resulting fingerprints, so the numbering must stay as it is.
    """

    def __init__(self) -> None:
        self._scopes: list[dict[str, str]] = [{}]
        """The replaced names of each open scope, the innermost last."""
        self._imported: dict[str, str] = {}
        """Imported name to its dotted path."""
        self._count = 0

    def visit_Module(self, node: ast.Module) -> ast.AST:
        node.type_ignores = []
        return self._in_scope(node, _defined_names(node.body))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._function(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        # Other code uses methods and fields by name, so they keep their names.
        node.name = self._replaced(node.name)
        return self._in_scope(node, [])

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        return self._in_scope(node, _parameters(node.args))

    def visit_arg(self, node: ast.arg) -> ast.AST:
        # A new node has no annotation.
        return ast.arg(self._replaced(node.arg))

    def visit_Name(self, node: ast.Name) -> ast.AST:
        name = node.id
        replaced = self._replaced(name)
        # A name of the code itself hides an imported one.
        if replaced != name or name not in self._imported:
            return ast.Name(replaced, node.ctx)
        first, *rest = self._imported[name].split(".")
        # An imported name becomes its full path, so that the way of importing does not count.
        path: ast.expr = ast.Name(first, ast.Load())
        for part in rest:
            path = ast.Attribute(path, part, ast.Load())
        return path

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            if alias.asname:
                self._imported[alias.asname] = alias.name
            else:
                package = alias.name.split(".")[0]
                self._imported[package] = package

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        dots = "." * node.level
        module = node.module or ""
        for alias in node.names:
            name = alias.asname or alias.name
            self._imported[name] = f"{dots}{module}.{alias.name}"

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        if node.value is None:
            return None
        # The same statement without its annotation.
        assignment = ast.Assign([node.target], node.value)
        return self.visit(assignment)

    def visit_Expr(self, node: ast.Expr) -> Any:
        # A docstring, or another constant without effect.
        if isinstance(node.value, ast.Constant):
            return None
        return self.generic_visit(node)

    def visit_If(self, node: ast.If) -> Any:
        if not is_main_block(node):
            return self.generic_visit(node)
        # The body never runs in the sandbox. The statements of the other branch replace the block.
        module = ast.Module(node.orelse, [])
        self.generic_visit(module)
        return module.body

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        # A method keeps its name: it is not in any scope.
        node.name = self._replaced(node.name)
        node.returns = None
        node.type_comment = None
        names = _parameters(node.args)
        names += _defined_names(node.body)
        return self._in_scope(node, names)

    def _in_scope(self, node: ast.AST, names: Iterable[str]) -> ast.AST:
        """Visit the children of ``node`` in a new scope that numbers ``names``."""
        scope: dict[str, str] = {}
        for name in names:
            if name not in scope:
                self._count += 1
                scope[name] = f"_{self._count}"
        self._scopes.append(scope)
        self.generic_visit(node)
        self._scopes.pop()
        return node

    def _replaced(self, name: str) -> str:
        for scope in reversed(self._scopes):
            if name in scope:
                return scope[name]
        return name


def _parameters(arguments: ast.arguments) -> list[str]:
    """The names of all parameters, ``*args`` and ``**kwargs`` last."""
    parameters = [
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
    ]
    if arguments.vararg is not None:
        parameters.append(arguments.vararg)
    if arguments.kwarg is not None:
        parameters.append(arguments.kwarg)
    return [parameter.arg for parameter in parameters]


def _defined_names(body: list[ast.stmt]) -> list[str]:
    """The names that these statements define, in text order, without those in inner scopes."""
    names: list[str] = []
    # A stack instead of recursion, since hostile code can be nested deeply.
    pending: list[ast.AST] = list(reversed(body))
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.append(node.name)
            continue
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Store):
                names.append(node.id)
            continue
        children = list(ast.iter_child_nodes(node))
        pending += reversed(children)
    return names


def _serve(requests: BinaryIO, replies: BinaryIO) -> None:
    """Answer requests until the client closes the pipe; an exceeded limit ends the process."""
    SYSTEM.set_limit("AS", _MEMORY)
    SYSTEM.set_limit("FSIZE", 0)
    SYSTEM.set_limit("CORE", 0)
    while header := requests.read(_LENGTH_BYTES):
        length = int.from_bytes(header, "big")
        source = requests.read(length)
        SYSTEM.kill_after(_SECONDS)
        answer = fingerprint(source)
        SYSTEM.kill_after(0)
        replies.write(answer)
        replies.flush()


if __name__ == "__main__":
    import warnings

    warnings.simplefilter("ignore")  # the compiler warns about a learner's code
    _serve(sys.stdin.buffer, sys.stdout.buffer)
