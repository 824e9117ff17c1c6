"""Mutants: small changes of a reference solution, each of which the checks ought to notice.

A mutant is one expression or statement replaced by another in the source text, so
that a difference reads as an author would have typed it.
"""

import ast
import copy
import difflib
from collections.abc import Callable, Iterator
from typing import Final

import msgspec

# What is put in the place of what: where a table names both directions, both are made.
_OPERATORS: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.MatMult: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_COMPARISONS: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_IN_PLACE: Final = {ast.Add: "add_", ast.Sub: "sub_", ast.Mult: "mul_", ast.Div: "div_"}
_OTHER_NAMES: Final = {
    "other reduction": {
        "sum": "mean",
        "mean": "sum",
        "max": "min",
        "min": "max",
        "amax": "amin",
        "amin": "amax",
        "argmax": "argmin",
        "argmin": "argmax",
        "any": "all",
        "all": "any",
        "prod": "sum",
        "cumsum": "cumprod",
        "logsumexp": "amax",
        "index_add": "index_copy",
        "index_add_": "index_copy_",
        "scatter_add": "scatter",
        "scatter_add_": "scatter_",
    },
    "other values": {
        "zeros": "ones",
        "ones": "zeros",
        "zeros_like": "ones_like",
        "ones_like": "zeros_like",
        "new_zeros": "new_ones",
        "new_ones": "new_zeros",
        "ceil": "floor",
        "floor": "ceil",
        "stack": "cat",
        "cat": "stack",
        "exp": "log",
        "log": "exp",
        "sqrt": "square",
        "square": "sqrt",
        "softmax": "log_softmax",
        "log_softmax": "softmax",
        "repeat_interleave": "repeat",
    },
    "other dtype": {
        "float16": "float32",
        "bfloat16": "float32",
        "float32": "float64",
        "float64": "float32",
        "int32": "int64",
        "int64": "int32",
        "float": "double",
        "double": "float",
        "long": "int",
        "int": "long",
    },
    "gradients on": {"no_grad": "enable_grad", "inference_mode": "enable_grad"},
}
_SWITCHED_BY_CALL: Final = {
    "exp",
    "log",
    "float",
    "int",
    "long",
    "double",
    "max",
    "min",
    "sum",
    "any",
    "all",
}
# Methods and functions that can be left out and leave what they were called on, or with.
_DROPPED: Final = {
    "dropped clone": {"clone", "contiguous", "copy", "detach"},
    "dropped conversion": {"to", "float", "double", "long", "int", "type_as", "type"},
    "dropped axes": {
        *(
            "unsqueeze",
            "squeeze",
            "flatten",
            "reshape",
            "view",
            "transpose",
            "permute",
            "t",
            "movedim",
            "expand",
        ),
        *("expand_as", "view_as", "reshape_as", "swapaxes", "unflatten"),
    },
    "dropped step": {
        "Parameter",
        "clamp",
        "clamp_min",
        "clamp_max",
        "masked_fill",
        "abs",
        "softmax",
        "relu",
        "sqrt",
    },
}
_ITS_ARGUMENT: Final = {
    "Parameter",
    "abs",
    "relu",
    "sqrt",
}  # as functions, that leave their argument
_TWINS: Final = {
    "masked_fill",
    "clamp",
    "index_add",
    "index_copy",
    "index_fill",
    "scatter",
    "scatter_add",
    "unsqueeze",
}
_TWINS_AXES: Final = {"squeeze", "transpose", "t", "mul", "add", "sub", "div"}
# Calls whose first two arguments may change places, or whose arguments are no numbers of ours.
_SYMMETRICAL: Final = {
    *(
        "max",
        "min",
        "maximum",
        "minimum",
        "equal",
        "allclose",
        "isclose",
        "eq",
        "ne",
        "mse_loss",
        "l1_loss",
        "where",
    ),
    *(
        "isinstance",
        "issubclass",
        "getattr",
        "setattr",
        "hasattr",
        "register_buffer",
        "zip",
        "super",
    ),
}
# From loose to tight; all other expressions hold together by themselves.
_PRECEDENCE: Final = (ast.Lambda, ast.IfExp, ast.BoolOp, ast.Compare, ast.UnaryOp, ast.BinOp)


# Arguments that only say what is so already.
_SAFEGUARDS: Final = {"strict"}


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
        lines = difflib.ndiff(original.splitlines(), self.source.splitlines())
        return [line.rstrip() for line in lines if line[:1] in "-+"]


class Place(msgspec.Struct, frozen=True):
    """Where a node stands: below which parent, in which function."""

    parent: ast.AST
    tensors: frozenset[str]
    """Parameters of the function that are annotated as tensors."""
    numbers: tuple[str, ...]
    """Parameters that are annotated as ``int`` or ``float``."""
    returns: str


Change = tuple[str, ast.AST]


def mutants(source: str) -> list[Mutant]:
    """All mutants of ``source`` that parse and differ from it and from each other, in order of their lines."""
    tree = ast.parse(source)
    seen = {ast.dump(tree)}
    made = []
    for node, place in _nodes(tree, Place(tree, frozenset(), (), "")):
        for change, replacement in _changes(node, place):
            changed = _splice(source, node, replacement, place.parent)
            try:
                dump = ast.dump(ast.parse(changed))
            except SyntaxError:
                continue
            if dump not in seen:
                seen.add(dump)
                made.append(_mutant(change, source, changed, node))
    return sorted(made, key=lambda mutant: mutant.line)


# Where: every statement and expression that runs, and none of the annotations, docstrings and messages.


def _nodes(node: ast.AST, place: Place) -> Iterator[tuple[ast.AST, Place]]:
    for child in _running_parts(node):
        yield child, _place(child, node, place)
        yield from _nodes(child, _place(child, node, place, inside=True))


def _place(child: ast.AST, parent: ast.AST, place: Place, *, inside: bool = False) -> Place:
    """The place of ``child``, or of what is inside it."""
    if inside and isinstance(child, ast.FunctionDef):
        return _function(child)
    return msgspec.structs.replace(place, parent=parent)


def _function(node: ast.FunctionDef) -> Place:
    written = {
        argument.arg: ast.unparse(argument.annotation) if argument.annotation else ""
        for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
    }
    return Place(
        node,
        frozenset(name for name, kind in written.items() if "Tensor" in kind),
        tuple(name for name, kind in written.items() if kind in ("int", "float")),
        ast.unparse(node.returns) if node.returns else "",
    )


def _running_parts(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(
        node, (ast.Raise, ast.JoinedStr, ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal)
    ):
        return
    if isinstance(node, ast.FunctionDef):
        yield from (
            default
            for default in (*node.args.defaults, *node.args.kw_defaults)
            if default is not None
        )
        yield from (part for part in node.body if not _is_docstring(part))
    elif isinstance(node, (ast.ClassDef, ast.Module)):
        yield from (
            part for part in node.body if not _is_docstring(part) and not _is_main_block(part)
        )
    elif isinstance(node, ast.keyword) and node.arg in _SAFEGUARDS:
        return
    elif isinstance(node, ast.AnnAssign):
        yield from (part for part in (node.target, node.value) if part is not None)
    else:
        yield from ast.iter_child_nodes(node)


def _is_docstring(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _is_main_block(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)


# What: for each kind of node, what an author could have written in its place.


def _changes(node: ast.AST, place: Place) -> Iterator[Change]:
    for kind, change in _CHANGES:
        if isinstance(node, kind):
            yield from change(node, place)


def _arithmetic(node: ast.BinOp, place: Place) -> Iterator[Change]:
    kind = type(node.op)
    yield "dropped term", node.left
    yield "dropped term", node.right
    if kind in _OPERATORS:
        yield "other operator", ast.BinOp(node.left, _OPERATORS[kind](), node.right)
    if not isinstance(node.op, (ast.Add, ast.Mult, ast.BitAnd, ast.BitOr)):
        yield "swapped operands", ast.BinOp(node.right, node.op, node.left)
    if isinstance(node.left, ast.Name) and node.left.id in place.tensors and kind in _IN_PLACE:
        yield "in place", _method(node.left, _IN_PLACE[kind], node.right)
    for side in ("left", "right"):
        if _is_tensor(getattr(node, side), place):
            yield "detached gradient", _with(node, side, _method(getattr(node, side), "detach"))


def _augmented(node: ast.AugAssign, _: Place) -> Iterator[Change]:
    yield "set instead of accumulated", ast.Assign([node.target], node.value, lineno=node.lineno)
    if type(node.op) in _OPERATORS:
        yield "other operator", ast.AugAssign(node.target, _OPERATORS[type(node.op)](), node.value)


def _assignment(node: ast.Assign, place: Place) -> Iterator[Change]:
    value, target = node.value, node.targets[0]
    given = isinstance(target, ast.Name) and target.id in place.tensors  # a caller would see it
    if given and isinstance(value, ast.BinOp) and ast.unparse(value.left) == ast.unparse(target):
        yield "in place", ast.AugAssign(target, value.op, value.right)  # type: ignore[arg-type]


def _statement(node: ast.stmt, _: Place) -> Iterator[Change]:
    stores = isinstance(node, ast.Assign) and isinstance(
        node.targets[0], (ast.Subscript, ast.Attribute)
    )
    if stores or isinstance(
        node, (ast.Expr, ast.AugAssign, ast.Raise, ast.Delete, ast.Break, ast.Continue)
    ):
        yield "dropped statement", ast.Pass()


def _comparison(node: ast.Compare, _: Place) -> Iterator[Change]:
    other = _COMPARISONS.get(type(node.ops[0]))
    if other is not None and len(node.ops) == 1:
        yield "other comparison", ast.Compare(node.left, [other()], node.comparators)


def _boolean(node: ast.BoolOp, _: Place) -> Iterator[Change]:
    yield (
        "other operator",
        ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values),
    )
    for dropped in node.values:
        kept = [value for value in node.values if value is not dropped]
        yield "dropped term", ast.BoolOp(node.op, kept) if len(kept) > 1 else kept[0]


def _unary(node: ast.UnaryOp, _: Place) -> Iterator[Change]:
    operand = node.operand
    if (
        isinstance(operand, ast.Constant)
        and type(operand.value) is int
        and isinstance(node.op, ast.USub)
    ):
        for number in (-operand.value + 1, -operand.value - 1):
            yield "off by one", ast.Constant(number)
    else:
        yield "dropped sign", operand


def _constant(node: ast.Constant, place: Place) -> Iterator[Change]:
    if isinstance(node.value, bool):
        yield "other choice", ast.Constant(not node.value)
    elif isinstance(node.value, (int, float)) and not isinstance(place.parent, ast.UnaryOp):
        yield "off by one", ast.Constant(node.value + 1)
        yield "off by one", ast.Constant(node.value - 1)


def _choice(node: ast.IfExp, _: Place) -> Iterator[Change]:
    yield "dropped case", node.body
    yield "dropped case", node.orelse


def _condition(node: ast.expr, place: Place) -> Iterator[Change]:
    if isinstance(place.parent, ast.If) and place.parent.test is node:
        yield "dropped case", ast.Constant(True)
        yield "dropped case", ast.Constant(False)


def _name(node: ast.Name, place: Place) -> Iterator[Change]:
    if isinstance(node.ctx, ast.Load) and node.id in place.numbers:
        position = place.numbers.index(node.id) + 1
        yield "other argument", ast.Name(place.numbers[position % len(place.numbers)])


def _attribute(node: ast.Attribute, place: Place) -> Iterator[Change]:
    called = isinstance(place.parent, ast.Call) and place.parent.func is node
    if node.attr in ("T", "mT", "H", "data"):
        yield ("detached gradient" if node.attr == "data" else "swapped axes"), node.value
    for change, names in _OTHER_NAMES.items():
        if node.attr in names and (called or node.attr not in _SWITCHED_BY_CALL):
            yield change, ast.Attribute(node.value, names[node.attr])


def _subscript(node: ast.Subscript, place: Place) -> Iterator[Change]:
    index, reads = node.slice, isinstance(node.ctx, ast.Load)
    if isinstance(index, (ast.Name, ast.Attribute)):
        for operator in (ast.Add(), ast.Sub()):
            yield "off by one", _with(node, "slice", ast.BinOp(index, operator, ast.Constant(1)))
    if isinstance(index, (ast.Name, ast.Attribute)) and reads:
        yield "swapped axes", _with(node, "slice", ast.Tuple([ast.Slice(), index], ast.Load()))
        yield "dropped index", node.value
    is_index = isinstance(place.parent, ast.Subscript) and place.parent.slice is node
    if reads and not is_index and _is_tensor(node.value, place):
        yield "detached gradient", _with(node, "value", _method(node.value, "detach"))


def _slice(node: ast.Slice, _: Place) -> Iterator[Change]:
    for side in ("lower", "upper", "step"):
        if getattr(node, side) is not None:
            yield "dropped bound", _with(node, side, None)


def _tuple(node: ast.Tuple, place: Place) -> Iterator[Change]:
    if len(node.elts) > 1 and not isinstance(
        place.parent, ast.Compare
    ):  # as in: mode in ("sum", "mean")
        first, second, *rest = node.elts
        yield "swapped items", ast.Tuple([second, first, *rest], node.ctx)


def _call(node: ast.Call, place: Place) -> Iterator[Change]:
    function = node.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if (
        len(node.args) > 1
        and name not in _SYMMETRICAL
        and not any(isinstance(part, ast.Starred) for part in node.args)
    ):
        first, second, *rest = node.args
        yield "swapped arguments", _with(node, "args", [second, first, *rest])
    for keyword in node.keywords:
        if keyword.arg in _SAFEGUARDS:
            continue
        yield (
            "dropped argument",
            _with(node, "keywords", [other for other in node.keywords if other is not keyword]),
        )
    if not isinstance(function, ast.Attribute):
        return
    for change, names in _DROPPED.items():
        if name in names and _is_module(function.value) and name in _ITS_ARGUMENT and node.args:
            yield change, node.args[0]
        elif name in names and not _is_module(function.value):
            yield change, function.value
    if (
        name in _TWINS | _TWINS_AXES
        and isinstance(function.value, ast.Name)
        and function.value.id in place.tensors
    ):
        yield "in place", _with(node, "func", ast.Attribute(function.value, f"{name}_"))


def _return(node: ast.Return, place: Place) -> Iterator[Change]:
    if node.value is None or "Tensor" not in place.returns:
        return
    parts = list(node.value.elts) if isinstance(node.value, ast.Tuple) else [node.value]
    for change, method in (("detached gradient", "detach"), ("other dtype", "float")):
        for position, part in enumerate(parts):
            if f".{method}()" in ast.unparse(part):
                continue
            changed = [*parts[:position], _method(part, method), *parts[position + 1 :]]
            value = (
                ast.Tuple(changed, ast.Load()) if isinstance(node.value, ast.Tuple) else changed[0]
            )
            yield change, ast.Return(value)


_CHANGES: Final[tuple[tuple[type[ast.AST], Callable[..., Iterator[Change]]], ...]] = (
    (ast.BinOp, _arithmetic),
    (ast.AugAssign, _augmented),
    (ast.Assign, _assignment),
    (ast.stmt, _statement),
    (ast.Compare, _comparison),
    (ast.BoolOp, _boolean),
    (ast.UnaryOp, _unary),
    (ast.Constant, _constant),
    (ast.IfExp, _choice),
    (ast.expr, _condition),
    (ast.Name, _name),
    (ast.Attribute, _attribute),
    (ast.Subscript, _subscript),
    (ast.Slice, _slice),
    (ast.Tuple, _tuple),
    (ast.Call, _call),
    (ast.Return, _return),
)


def _is_tensor(node: ast.AST, place: Place) -> bool:
    """Whether this can be told to be a tensor with gradients: a parameter annotated so, or an attribute of self."""
    if isinstance(node, ast.Attribute) and node.attr in ("T", "mT"):
        return _is_tensor(node.value, place)
    own = (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    )
    return own or (isinstance(node, ast.Name) and node.id in place.tensors)


def _is_module(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in (
        "torch",
        "nn",
        "F",
        "functional",
        "math",
        "numpy",
        "np",
    )


def _method(value: ast.AST, name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Attribute(value, name), list(arguments), [])  # type: ignore[arg-type]


def _with(node: ast.AST, field: str, value: object) -> ast.AST:
    changed = copy.copy(node)
    setattr(changed, field, value)
    return changed


# How: the node's text is replaced, and all other text stays as it is.


def _splice(source: str, node: ast.AST, replacement: ast.AST, parent: ast.AST) -> str:
    """``source`` with ``node`` replaced; columns are counted in bytes, as Python does."""
    data = source.encode()
    lines = data.splitlines(keepends=True)
    start = len(b"".join(lines[: node.lineno - 1])) + node.col_offset  # type: ignore[attr-defined]
    end = len(b"".join(lines[: node.end_lineno - 1])) + node.end_col_offset  # type: ignore[attr-defined]
    text = ast.unparse(ast.fix_missing_locations(replacement))
    enclosed = data[start - 1 : start] == b"(" and data[end : end + 1] == b")"
    if isinstance(replacement, ast.Tuple) and data[start : start + 1] != b"(":
        text = text[1:-1]
    elif not enclosed and _looser(replacement, parent):
        text = f"({text})"
    return (data[:start] + text.encode() + data[end:]).decode()


def _looser(replacement: ast.AST, parent: ast.AST) -> bool:
    """Whether ``replacement`` has to stand in brackets below ``parent``."""
    unbound = isinstance(parent, (ast.Call, ast.Tuple, ast.List)) or not isinstance(
        parent, ast.expr
    )
    if unbound or type(replacement) not in _PRECEDENCE:
        return False
    order = [
        *_PRECEDENCE,
        type(parent),
    ]  # the last: what is called, indexed or asked for an attribute
    return order.index(type(replacement)) <= order.index(type(parent))


def _mutant(change: str, source: str, changed: str, node: ast.AST) -> Mutant:
    """Name the mutant by its changed lines."""
    before, after = source.splitlines(), changed.splitlines()
    first, last = node.lineno, node.end_lineno  # type: ignore[attr-defined]
    after_last = last + len(after) - len(before)
    return Mutant(
        change,
        first,
        " ".join(" ".join(before[first - 1 : last]).split()),
        _joined(after[first - 1 : after_last]),
        changed,
    )


def _joined(lines: list[str]) -> str:
    return " ".join(" ".join(lines).split())
