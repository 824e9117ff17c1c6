"""Find code that differs only in names, comments and layout: a fact, not a verdict.

A fingerprint lists the parts of a source that are not in the starter: functions, methods, and
the other statements of a file. Two fingerprints show how much code two sources share.

A separate process parses the code and never runs it. Hostile source can make the parser take
very long, fill the memory or crash; then only that process ends.
``python -m grader.submission.fingerprint`` is that process, and ``Fingerprints`` is its client.
"""

import ast
import contextlib
import hashlib
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import IO, Any, BinaryIO, Final, Self

from grader.sandbox.main_block import is_main_block
from grader.system import SYSTEM

MAX_BYTES: Final = 64 * 1024
"""Longer code has no fingerprint; no exercise asks for that much."""
_SECONDS: Final = 2.0
_MEMORY: Final = 512 * 2**20
_LENGTH_BYTES: Final = 4
_DIGEST_BYTES: Final = 8
_MAX_PARTS: Final = 100
_NOT_PARSED: Final = "-"


def parts_of(fingerprint: str) -> dict[str, int]:
    """The digest of each part in a fingerprint, to its size in syntax nodes.

    ``"1f3a:12 77b0:3"`` has two parts. A digest without a size is one part of size 1.
    """
    parts = {}
    for part in fingerprint.split():
        digest, _, size = part.partition(":")
        # A stranger's gradebook can have a number of any length.
        parts[digest] = int(size[:9]) if size.isdecimal() else 1

    return parts


def joined(parts: Mapping[str, int]) -> str:
    """The fingerprint with these parts, which is the same in any order of the parts."""
    return " ".join(f"{digest}:{size}" for digest, size in sorted(parts.items()))


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

    def of(self, source: bytes, starter: bytes = b"") -> str | None:
        """The parts of ``source`` that ``starter`` does not have; None if it cannot be parsed."""
        if max(len(source), len(starter)) > MAX_BYTES:
            return None
        if self._process is None:
            self._process = _start()

        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            for text in (source, starter):
                _write(process.stdin, text)

            process.stdin.flush()
            answer = _read(process.stdout)
        except OSError:
            answer = None

        if answer is None:
            self.close()
            return None

        fingerprint = answer.decode()
        if fingerprint == _NOT_PARSED:
            return None

        return fingerprint

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
        with contextlib.suppress(OSError):
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


def _write(stream: IO[bytes], content: bytes) -> None:
    stream.write(len(content).to_bytes(_LENGTH_BYTES, "big") + content)


def _read(stream: IO[bytes]) -> bytes | None:
    """The next message; None if the stream ends before it does."""
    header = stream.read(_LENGTH_BYTES)
    if len(header) < _LENGTH_BYTES:
        return None

    length = int.from_bytes(header, "big")
    content = stream.read(length)
    return content if len(content) == length else None


def fingerprint(source: bytes, starter: bytes = b"") -> str:
    """The fingerprint of ``source`` without what ``starter`` has; ``-`` if it cannot be parsed."""
    try:
        given, lines = _starter_parts(starter)
        parts = _parts(ast.parse(source), lines)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _NOT_PARSED

    own = {digest: size for digest, size in parts.items() if digest not in given}
    # The largest parts say the most.
    largest = sorted(own.items(), key=lambda part: (-part[1], part[0]))[:_MAX_PARTS]
    return joined(dict(largest))


@lru_cache(maxsize=8)
def _starter_parts(starter: bytes) -> tuple[dict[str, int], dict[str, list[str]]]:
    """The parts of a starter, and the name of each function to its statements."""
    statements: dict[str, list[str]] = {}
    for node in ast.walk(ast.parse(starter)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            statements[node.name] = [ast.dump(each) for each in _without_text(node.body)]

    return _parts(ast.parse(starter), {}), statements


def _parts(tree: ast.Module, given: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The digest of each part of a file to its size.

    ``given`` maps the name of a function to the statements with which the starter begins it.
    """
    body = list(_running(tree.body))
    defined = frozenset(_defined_names(body))
    imported = _imported_names(tree)
    parts: dict[str, int] = {}
    for statement in body:
        for part in _divided(statement):
            if not _has_own_code(part, given):
                continue

            normalized = _Normalizer(defined, imported).visit(part)
            if normalized is None:
                continue

            text = ast.dump(normalized, annotate_fields=False)
            encoded = text.encode("utf-8", "surrogatepass")
            digest = hashlib.blake2b(encoded, digest_size=_DIGEST_BYTES).hexdigest()
            parts[digest] = sum(1 for _ in ast.walk(normalized))

    return parts


def _running(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run when the file is imported, without docstrings."""
    for statement in _without_text(body):
        # Each magic of a notebook becomes one.
        if isinstance(statement, ast.Pass):
            continue
        if is_main_block(statement):
            # The body never runs in the sandbox, and the other branch does.
            yield from _running(statement.orelse)
        else:
            yield statement


def _without_text(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if not is_text:
            yield statement


def _divided(statement: ast.stmt) -> Iterator[ast.stmt]:
    """A statement as parts: each method of a class, and the class without them."""
    if isinstance(statement, ast.ClassDef):
        methods: list[ast.stmt] = []
        others: list[ast.stmt] = []
        for each in statement.body:
            if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)):
                methods.append(each)
            else:
                others.append(each)

        statement.body = others
        yield from methods

    yield statement


def _has_own_code(part: ast.stmt, given: Mapping[str, Sequence[str]]) -> bool:
    """Take off the statements with which the starter begins a function; whether some are left."""
    if not isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return True

    body = list(_without_text(part.body))
    lines = given.get(part.name, ())
    same = 0
    while same < min(len(body), len(lines)) and ast.dump(body[same]) == lines[same]:
        same += 1

    part.body = body[same:]
    return bool(part.body) or not lines


def _imported_names(tree: ast.Module) -> dict[str, str]:
    """Each name that an import defines, to its dotted path."""
    imported = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                package = alias.name.split(".")[0]
                imported[alias.asname or package] = alias.name if alias.asname else package
        elif isinstance(node, ast.ImportFrom):
            source = "." * node.level + (node.module or "")
            for alias in node.names:
                imported[alias.asname or alias.name] = f"{source}.{alias.name}"

    return imported


class _Normalizer(ast.NodeTransformer):
    """Replace each name that the code defines by a number; remove everything that never counts.

    Gradebooks store the resulting fingerprints, so the numbering must stay as it is.
    """

    def __init__(self, defined: frozenset[str], imported: Mapping[str, str]) -> None:
        self._defined = defined
        """The names at the top of the file, which get their numbers when a part uses them."""
        self._scopes: list[dict[str, str]] = [{}]
        """The replaced names of each open scope, the innermost last."""
        self._imported = imported
        """Imported name to its dotted path."""
        self._count = 0

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

    def visit_Import(self, _node: ast.Import) -> None:
        """Remove it: the names that it defines have their full paths."""

    def visit_ImportFrom(self, _node: ast.ImportFrom) -> None:
        """Remove it, as any other import."""

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

        if name not in self._defined:
            return name

        self._count += 1
        replaced = f"_{self._count}"
        self._scopes[0][name] = replaced
        return replaced


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
    while True:
        source = _read(requests)
        starter = _read(requests)
        if source is None or starter is None:
            return

        SYSTEM.kill_after(_SECONDS)
        answer = fingerprint(source, starter)
        SYSTEM.kill_after(0)
        _write(replies, answer.encode())
        replies.flush()


if __name__ == "__main__":
    import warnings

    warnings.simplefilter("ignore")  # the compiler warns about a learner's code
    _serve(sys.stdin.buffer, sys.stdout.buffer)
