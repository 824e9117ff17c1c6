"""Mutants: small changes of a reference solution that the checks should notice.

A mutant replaces one expression or statement of the source text by another. All other
text stays, so that a difference reads as an author would have typed it.
"""

# Why no library: mutmut and cosmic-ray write mutants to disk and start a whole test process for
# each one. Here a warm examiner grades hundreds of mutants of one file, and a finding shows the
# changed line, so each mutant needs its source text and position.

import ast
import difflib
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from grader.sandbox.main_block import is_main_block
from grader.text import single_spaced
from grader.verify.mutation_rules import SAFEGUARDS, Place, changes

_PRECEDENCE: Final = (ast.Lambda, ast.IfExp, ast.BoolOp, ast.Compare, ast.UnaryOp, ast.BinOp)
"""Kinds of expressions from loose to tight; all others bind tighter still."""


class Mutant(msgspec.Struct, frozen=True):
    """A reference solution with one small change."""

    change: str
    """What kind of change: ``swapped axes``, ``off by one``."""
    line: int
    was: str
    """The changed lines as they were, with single spaces."""
    becomes: str
    source: str

    def difference(self, original: str) -> list[str]:
        """The changed lines, as ``- before`` and ``+ after``."""
        before = original.splitlines()
        after = self.source.splitlines()
        lines = difflib.ndiff(before, after)
        return [line.rstrip() for line in lines if line[:1] in "-+"]


def mutants(source: str) -> list[Mutant]:
    """All mutants of ``source``, sorted by line; raises ``SyntaxError`` if it is not Python.

    Each one is valid Python and differs from ``source`` and from every other mutant.
    """
    tree = ast.parse(source)
    seen = {ast.dump(tree)}
    found = []

    for node, place in _nodes(tree, Place(tree, set(), {}, "")):
        for change, replacement in changes(node, place):
            changed = _splice(source, node, replacement, place.parent)
            try:
                dump = ast.dump(ast.parse(changed))
            except SyntaxError:
                continue

            # Two changes may give the same program, which is graded once.
            if dump not in seen:
                seen.add(dump)
                found.append(_mutant(change, source, changed, node))

    return sorted(found, key=lambda mutant: mutant.line)


# Which nodes change: every statement and expression that runs. A change of an annotation, a
# docstring or a message would change nothing that a check could see.


def _nodes(parent: ast.AST, place: Place) -> Iterator[tuple[ast.AST, Place]]:
    for child in _running_parts(parent):
        yield child, place._replace(parent=parent)

        # The parameters of an outer function are names of the inner one, too, but rarely used.
        if isinstance(child, ast.FunctionDef):
            yield from _nodes(child, _function(child))
        else:
            yield from _nodes(child, place)


def _function(node: ast.FunctionDef) -> Place:
    tensors = set()
    numbers = []
    returns = ""
    for parameter in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
        if parameter.annotation is None:
            continue

        # `Tensor | None` and a string annotation mean a tensor, too.
        annotation = ast.unparse(parameter.annotation)
        if "Tensor" in annotation:
            tensors.add(parameter.arg)
        elif annotation in ("int", "float"):
            numbers.append(parameter.arg)

    if node.returns is not None:
        returns = ast.unparse(node.returns)

    # The last one is replaced by the first one.
    others = dict(zip(numbers, numbers[1:] + numbers[:1], strict=True))
    return Place(node, tensors, others, returns)


def _running_parts(node: ast.AST) -> Iterable[ast.AST]:
    match node:
        case ast.Raise() | ast.JoinedStr():
            return []  # only the text of a message
        case ast.keyword(arg=name) if name in SAFEGUARDS:
            return []
        case ast.AnnAssign():
            return filter(None, [node.target, node.value])
        # The annotations and decorators of a function are left out.
        case ast.FunctionDef(args=arguments):
            defaults = [*arguments.defaults, *filter(None, arguments.kw_defaults)]
            return [*defaults, *_running_statements(node)]
        case ast.ClassDef() | ast.Module():
            return _running_statements(node)

    return ast.iter_child_nodes(node)


def _running_statements(node: ast.FunctionDef | ast.ClassDef | ast.Module) -> list[ast.stmt]:
    statements = []
    for statement in node.body:
        match statement:
            case ast.Expr(value=ast.Constant(value=str())):
                continue  # a docstring
            case ast.If() if is_main_block(statement):
                continue  # it does not run when the file is imported

        statements.append(statement)

    return statements


# How the text changes: the node's text is replaced, and all other text stays.


def _splice(source: str, node: ast.AST, replacement: ast.AST, parent: ast.AST) -> str:
    """``source`` with ``node`` replaced."""
    # Python counts columns in bytes.
    data = source.encode()
    start = _offset(data, node.lineno, node.col_offset)  # type: ignore[attr-defined]
    end = _offset(data, node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]
    before = data[:start]
    after = data[end:]

    # `unparse` needs the line numbers that new nodes lack.
    ast.fix_missing_locations(replacement)
    text = ast.unparse(replacement)
    if isinstance(replacement, ast.Tuple) and not data.startswith(b"(", start):
        text = text[1:-1]  # `unparse` adds parentheses, and the source has none here
    elif _needs_parentheses(replacement, parent):
        # Keep those that are there already.
        is_enclosed = before.endswith(b"(") and after.startswith(b")")
        if not is_enclosed:
            text = f"({text})"

    changed = before + text.encode() + after
    return changed.decode()


def _offset(data: bytes, line: int, column: int) -> int:
    lines_before = data.splitlines(keepends=True)[: line - 1]
    before = b"".join(lines_before)
    return len(before) + column


def _needs_parentheses(replacement: ast.AST, parent: ast.AST) -> bool:
    # Commas and statements separate their expressions already.
    if isinstance(parent, (ast.Call, ast.Tuple, ast.List)) or not isinstance(parent, ast.expr):
        return False
    if type(replacement) not in _PRECEDENCE:
        return False
    if type(parent) not in _PRECEDENCE:
        return True  # the replacement is called or indexed, or has an attribute

    tightness = _PRECEDENCE.index(type(replacement))
    return tightness <= _PRECEDENCE.index(type(parent))


def _mutant(change: str, source: str, changed: str, node: ast.AST) -> Mutant:
    """Name the mutant by its changed lines."""
    before = source.splitlines()
    after = changed.splitlines()
    first = node.lineno  # type: ignore[attr-defined]
    last = node.end_lineno  # type: ignore[attr-defined]
    # A replacement may span fewer lines than the original.
    last_after = last + len(after) - len(before)

    # Keys of equivalent.yaml: they must not depend on how the author breaks lines.
    was = single_spaced(" ".join(before[first - 1 : last]))
    becomes = single_spaced(" ".join(after[first - 1 : last_after]))
    return Mutant(
        change=change,
        line=first,
        was=was,
        becomes=becomes,
        source=changed,
    )
