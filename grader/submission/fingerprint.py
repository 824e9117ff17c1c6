"""Which submissions are the same but for names, comments and layout: a fact, not a verdict.

Code is parsed, never run, in a process of its own: parsing hostile source can
burn time and memory or crash, and then costs no more than that process.
``python -m grader.submission.fingerprint`` is that process; ``Fingerprints`` talks to it.
"""

import ast
import contextlib
import hashlib
import resource
import signal
import subprocess
import sys
from types import TracebackType
from typing import Any, BinaryIO, Final, Self

MAX_BYTES: Final = 64 * 1024
"""Longer code has no fingerprint: no exercise asks for so much."""
_SECONDS: Final = 2.0
_MEMORY: Final = 512 * 2**20
_SIZE: Final = 4  # bytes of a length
_DIGEST: Final = 16


class Fingerprints:
    """The process that parses, started when first asked and again where it died; a context manager."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def of(self, source: bytes) -> str | None:
        """Digest of what ``source`` does, names, comments and layout aside; None where it cannot be parsed."""
        if len(source) > MAX_BYTES:
            return None
        process = self._process = self._process or _start()
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(len(source).to_bytes(_SIZE, "big") + source)
            process.stdin.flush()
            answer = process.stdout.read(_DIGEST)
        except BrokenPipeError:
            answer = b""
        if len(answer) < _DIGEST:
            self.close()
        return answer.hex() if len(answer) == _DIGEST and any(answer) else None

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None and process.stdout is not None
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
        start_new_session=True,  # Ctrl-C is for the command, which then ends us
    )


def fingerprint(source: bytes) -> bytes:
    """Sixteen bytes that are alike for code that differs in names, comments, layout and annotations only.

    Where ``source`` cannot be parsed they are zero.
    """
    try:
        tree = _Nameless([{}]).visit(ast.parse(source))
        text = ast.dump(tree, annotate_fields=False)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return bytes(_DIGEST)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST).digest()


class _Nameless(ast.NodeTransformer):
    """Replaces each name that the code itself gives by its number in its scope; leaves out what never counts."""

    def __init__(self, scopes: list[dict[str, str]]) -> None:
        self._scopes = scopes
        self._imported: dict[str, str] = {}
        self._count = 0

    def visit_Module(self, node: ast.Module) -> ast.AST:
        node.type_ignores = []
        return self._in_scope(node, node.body, [])

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._function(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        # What a class defines is reached by its name from outside: methods and fields keep theirs.
        node.name = self._named(node.name)
        return self._in_scope(node, [], [])

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        return self._in_scope(node, [], _parameters(node.args))

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg(self._named(node.arg))

    def visit_Name(self, node: ast.Name) -> ast.AST:
        path = self._imported.get(node.id) if self._own(node.id) is None else None
        if path is None:
            return ast.Name(self._named(node.id), node.ctx)
        first, *rest = path.split(".")
        found: ast.expr = ast.Name(first, ast.Load())
        for part in rest:
            found = ast.Attribute(found, part, ast.Load())
        return found

    def visit_Import(self, node: ast.Import) -> None:
        for name in node.names:
            self._imported[name.asname or name.name.split(".")[0]] = (
                name.name if name.asname else name.name.split(".")[0]
            )

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for name in node.names:
            self._imported[name.asname or name.name] = (
                f"{'.' * node.level}{node.module or ''}.{name.name}"
            )

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        return self.visit(ast.Assign([node.target], node.value)) if node.value is not None else None

    def visit_Expr(self, node: ast.Expr) -> Any:
        return (
            None if isinstance(node.value, ast.Constant) else self.generic_visit(node)
        )  # a docstring

    def visit_If(self, node: ast.If) -> Any:
        test = node.test
        main = (
            isinstance(test, ast.Compare)
            and isinstance(test.left, ast.Name)
            and test.left.id == "__name__"
        )
        return None if main else self.generic_visit(node)  # never run when graded

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        if self._own(node.name) is not None:
            node.name = self._named(node.name)
        node.returns = node.type_comment = None
        return self._in_scope(node, node.body, _parameters(node.args))

    def _in_scope(self, node: Any, body: list[ast.stmt], names: list[str]) -> ast.AST:
        """Visit ``node`` with numbers for ``names`` and for what ``body`` binds."""
        scope: dict[str, str] = {}
        self._scopes.append(scope)
        for name in [*names, *_bound(body)]:
            if name not in scope:
                self._count += 1
                scope[name] = f"_{self._count}"
        self.generic_visit(node)
        self._scopes.pop()
        return node  # type: ignore[no-any-return]

    def _own(self, name: str) -> str | None:
        return next((scope[name] for scope in reversed(self._scopes) if name in scope), None)

    def _named(self, name: str) -> str:
        return self._own(name) or name


def _parameters(arguments: ast.arguments) -> list[str]:
    ordinary = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return [
        argument.arg
        for argument in (*ordinary, arguments.vararg, arguments.kwarg)
        if argument is not None
    ]


def _bound(body: list[ast.stmt]) -> list[str]:
    """Names that these statements give, in the order of the text, those inside functions and classes left out."""
    names: list[str] = []
    pending: list[ast.AST] = list(reversed(body))
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.append(node.name)
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.append(node.id)
        pending += reversed(list(ast.iter_child_nodes(node)))
    return names


def _serve(requests: BinaryIO, replies: BinaryIO) -> None:
    """Answer until the other side goes away; what takes too long or too much ends the process."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while header := requests.read(_SIZE):
        source = requests.read(int.from_bytes(header, "big"))
        signal.setitimer(
            signal.ITIMER_PROF, _SECONDS
        )  # nothing handles SIGPROF: it kills, inside C code too
        answer = fingerprint(source)
        signal.setitimer(signal.ITIMER_PROF, 0)
        replies.write(answer)
        replies.flush()


if __name__ == "__main__":
    import warnings

    warnings.simplefilter("ignore")  # what the compiler thinks of a learner's code
    _serve(sys.stdin.buffer, sys.stdout.buffer)
