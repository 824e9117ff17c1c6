"""Find what is wrong with a Python file before it runs: errors of syntax, missing functions.

A separate process parses the code and never runs it, with limits on time and memory: hostile
source can make the parser take very long or crash. This file is also the program of that process.
It imports only what Python itself has loaded, so it answers in a few hundredths of a second.
"""

import subprocess
import sys
from collections.abc import Sequence
from typing import Any, Final, NamedTuple, Self

SYNTAX: Final = "syntax"
UNDEFINED: Final = "undefined"
SIGNATURE: Final = "signature"
INPUT: Final = "input"
_SECONDS: Final = 2
_MEMORY: Final = 512 * 2**20
_MAX_ANSWER: Final = 8192
_ONLY_AST: Final = 0x400
"""``ast.PyCF_ONLY_AST``; importing ``ast`` would take longer than the rest."""


class Finding(NamedTuple):
    """The first thing in a file for which no check can pass."""

    kind: str
    """``SYNTAX``, ``UNDEFINED``, ``SIGNATURE`` or ``INPUT``."""
    detail: str
    """The class of a syntax error; else the name of the function."""
    message: str
    """The message of a syntax error, or the parameters of the function as they are written."""
    line: int
    """From 1; 0 if it is about no line."""
    column: int
    """From 1; 0 if it is unknown."""


class SourceCheck:
    """A running check of one file; a context manager. It works while the caller does other things.

    ``entries`` are the functions and classes that the file must define: name and number of
    parameters, and -1 for a class, whose parameters are not looked at.
    """

    def __init__(self, source: bytes, entries: Sequence[tuple[str, int]]) -> None:
        # This file is also a program, which cannot import it.
        from grader.system import SYSTEM  # noqa: PLC0415

        words = [f"{name}={number}" for name, number in entries]
        # -I and -S: neither the learner's folder nor any package can be imported.
        command = [sys.executable, "-I", "-S", "-B", __file__, *words]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Ctrl-C is for the command, which then ends this process.
            **SYSTEM.own_group,
        )
        self._source = source

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def finding(self) -> Finding | None:
        """Wait for the result; None if nothing was found, or if the file took too long."""
        try:
            answer, _ = self._process.communicate(self._source, timeout=_SECONDS)
        except (subprocess.TimeoutExpired, BrokenPipeError):
            return None

        fields = answer[:_MAX_ANSWER].decode("utf-8", "replace").split("\0")
        if self._process.returncode or len(fields) != len(Finding._fields):
            return None

        kind, detail, message, line, column = fields
        if not (line.isdecimal() and column.isdecimal()):
            return None

        return Finding(kind, detail, message, int(line[:9]), int(column[:9]))


def find(source: bytes, entries: Sequence[tuple[str, int]]) -> Finding | None:
    """What is wrong with ``source``; runs in the parsing process only."""
    try:
        tree: Any = compile(source, "submission", "exec", _ONLY_AST, dont_inherit=True)
        # The compiler finds some of the errors of syntax.
        for statement in tree.body:
            module = type(tree)(body=[statement], type_ignores=[])
            compile(module, "submission", "exec", dont_inherit=True)
    except SyntaxError as error:
        line = error.lineno or 0
        column = max(error.offset or 0, 0)
        return Finding(SYNTAX, type(error).__name__, str(error.msg), line, column)

    return _find_interface(tree.body, entries)


def _find_interface(body: list[Any], entries: Sequence[tuple[str, int]]) -> Finding | None:
    """A function that is missing or cannot be called, if running the file cannot change that."""
    functions: dict[str, Any] = {}
    wanted = {name for name, _ in entries}
    for place, statement in enumerate(body):
        kind = type(statement).__name__
        if wanted <= functions.keys():
            break

        asked = _asks_for_input(statement)
        if asked is not None:
            # The file may have a function of that name.
            if _may_define(body[:place], "input"):
                return None
            return Finding(INPUT, "input", "", asked.lineno, asked.col_offset + 1)

        if not _is_harmless(statement):
            return None
        if kind in ("FunctionDef", "ClassDef"):
            functions[statement.name] = statement

    for name, number in entries:
        definition = functions.get(name)
        if definition is None:
            if _may_define(body, name):
                return None
            return Finding(UNDEFINED, name, "", 0, 0)

        if number >= 0 and type(definition).__name__ == "FunctionDef":
            if _is_rebound(body, name) or _accepts(definition.args, number):
                continue

            written = _parameters(definition.args)
            column = definition.col_offset + len("def ") + 1
            return Finding(SIGNATURE, name, written, definition.lineno, column)

    return None


def _asks_for_input(statement: Any) -> Any:
    """The call of ``input`` in a statement at the top of the file, or None."""
    if type(statement).__name__ not in ("Assign", "AnnAssign", "Expr"):
        return None

    for node in _walk(statement):
        kind = type(node).__name__
        # What these contain runs later, or not at all.
        if kind in ("Lambda", "IfExp", "BoolOp", "GeneratorExp"):
            return None
        if kind == "Call" and getattr(node.func, "id", "") == "input":
            return node

    return None


def _is_harmless(statement: Any) -> bool:
    """Whether a statement at the top of a file can neither fail nor define names secretly."""
    kind = type(statement).__name__
    if kind == "Import":
        return True
    if kind == "ImportFrom":
        return all(alias.name != "*" for alias in statement.names)
    if kind in ("FunctionDef", "ClassDef"):
        return not statement.decorator_list
    if kind == "Expr":
        return type(statement.value).__name__ == "Constant"
    if kind in ("Assign", "AnnAssign"):
        value = statement.value
        return value is None or type(value).__name__ in ("Constant", "Name", "Attribute")

    return False


def _may_define(body: list[Any], name: str) -> bool:
    """Whether ``name`` occurs anywhere but as a name that is read, or could be set by code."""
    for statement in body:
        if not _is_harmless(statement) and not _is_main(statement):
            return True

        for node in _walk(statement):
            kind = type(node).__name__
            if kind in ("FunctionDef", "ClassDef", "AsyncFunctionDef"):
                if node.name == name and node in body:
                    return True
            elif kind == "alias":
                if name in (node.asname, node.name):
                    return True
            elif kind == "Name":
                is_set = type(node.ctx).__name__ == "Store"
                if (node.id == name and is_set) or node.id in ("globals", "exec", "setattr"):
                    return True
            elif kind == "Global" and name in node.names:
                return True

    return False


def _is_main(statement: Any) -> bool:
    """Whether this is ``if __name__ == "__main__":``, whose body never runs here."""
    test = getattr(statement, "test", None)
    left = getattr(test, "left", None)
    is_name = getattr(left, "id", "") == "__name__"
    return type(statement).__name__ == "If" and is_name and not statement.orelse


def _is_rebound(body: list[Any], name: str) -> bool:
    """Whether a statement at the top gives ``name`` another value than its one function."""
    definitions = 0
    for statement in body:
        if not _is_harmless(statement) and not _is_main(statement):
            return True
        if getattr(statement, "name", "") == name:
            definitions += 1

        for node in _walk(statement):
            kind = type(node).__name__
            if kind == "Name" and node.id == name and type(node.ctx).__name__ == "Store":
                return True
            if kind == "alias" and name in (node.asname, node.name):
                return True
            if kind == "Global" and name in node.names:
                return True

    return definitions != 1


def _accepts(parameters: Any, number: int) -> bool:
    """Whether a function can be called with so many positional arguments."""
    positional = [*parameters.posonlyargs, *parameters.args]
    required = len(positional) - len(parameters.defaults)
    if any(default is None for default in parameters.kw_defaults):
        return False
    if number < required:
        return False

    return number <= len(positional) or parameters.vararg is not None


def _parameters(parameters: Any) -> str:
    """The names of a function's parameters: ``x, *rest``."""
    names = [each.arg for each in (*parameters.posonlyargs, *parameters.args)]
    if parameters.vararg:
        names.append(f"*{parameters.vararg.arg}")
    elif parameters.kwonlyargs:
        names.append("*")

    names += [each.arg for each in parameters.kwonlyargs]
    if parameters.kwarg:
        names.append(f"**{parameters.kwarg.arg}")

    return ", ".join(names)


def _walk(node: Any) -> Any:
    """``node`` and everything below it, except what is inside a function at the top."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        for name in getattr(current, "_fields", ()):
            value = getattr(current, name, None)
            values = value if isinstance(value, list) else [value]
            waiting += [each for each in values if hasattr(each, "_fields")]


def _set_limits() -> None:
    # ``grader.system`` cannot be imported here. Without these limits, the caller still waits for
    # only a short time.
    try:
        import resource  # noqa: PLC0415 - only the parsing process needs it
    except ModuleNotFoundError:
        return

    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    except (OSError, ValueError):
        # Some systems refuse this one.
        return


def _main() -> None:
    _set_limits()
    source = sys.stdin.buffer.read()
    entries = []
    for word in sys.argv[1:]:
        name, _, number = word.partition("=")
        entries.append((name, int(number)))

    try:
        finding = find(source, entries)
    except (ValueError, RecursionError, MemoryError):
        # Running the file says what is wrong with it.
        finding = None

    if finding is not None:
        fields = [str(field).replace("\0", " ") for field in finding]
        text = "\0".join(fields)
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))


if __name__ == "__main__":
    _main()
