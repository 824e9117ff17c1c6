"""Mutants: small changes of a reference solution that the checks should notice.

A mutant replaces one expression or statement of the source text by another. All other
text stays, so that a difference reads as an author would have typed it.
"""

# Why no library: mutmut and cosmic-ray write mutants to disk and start a whole test process for
# each one. Here a warm examiner grades hundreds of mutants of one file, and a finding shows the
# changed line, so each mutant needs its source text and position.

import ast
import copy
import difflib
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

import msgspec


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _renames(swaps: str, **replacements: str) -> dict[str, str]:
    """Name to other name: ``"sum/mean"`` replaces each by the other, ``prod="sum"`` only one."""
    renames = dict(replacements)
    for swap in swaps.split():
        one, other = swap.split("/")
        renames |= {one: other, other: one}
    return renames


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
_COMMUTATIVE: Final = (ast.Add, ast.Mult, ast.BitAnd, ast.BitOr)
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
_IN_PLACE_OPERATORS: Final[dict[type[ast.operator], str]] = {
    ast.Add: "add_",
    ast.Sub: "sub_",
    ast.Mult: "mul_",
    ast.Div: "div_",
}
_OTHER_NAMES: Final = {
    "other reduction": _renames(
        "sum/mean max/min amax/amin argmax/argmin any/all",
        prod="sum",
        cumsum="cumprod",
        logsumexp="amax",
        index_add="index_copy",
        index_add_="index_copy_",
        scatter_add="scatter",
        scatter_add_="scatter_",
    ),
    "other values": _renames(
        "zeros/ones zeros_like/ones_like new_zeros/new_ones ceil/floor stack/cat exp/log "
        "sqrt/square softmax/log_softmax",
        repeat_interleave="repeat",
    ),
    "other dtype": _renames(
        "float32/float64 int32/int64 float/double long/int", float16="float32", bfloat16="float32"
    ),
    "gradients on": _renames("", no_grad="enable_grad", inference_mode="enable_grad"),
}
_RENAMED_ONLY_IN_CALLS: Final = _names("exp log float int long double max min sum any all")
_DROPPED_CALLS: Final = {
    "dropped clone": _names("clone contiguous copy detach"),
    "dropped conversion": _names("to float double long int type_as type"),
    "dropped axes": _names(
        "unsqueeze squeeze flatten reshape view transpose permute t movedim expand "
        "expand_as view_as reshape_as swapaxes unflatten"
    ),
    "dropped step": _names("Parameter clamp clamp_min clamp_max masked_fill abs softmax relu sqrt"),
}
"""Calls that can be left out, so that what they were called on remains."""
_UNARY_FUNCTIONS: Final = {"Parameter", "abs", "relu", "sqrt"}
"""Of these, the functions of a module that can be left out, so that their argument remains."""
_IN_PLACE_METHODS: Final = _names(
    "masked_fill clamp index_add index_copy index_fill scatter scatter_add unsqueeze "
    "squeeze transpose t mul add sub div"
)
"""Methods that have an in-place form, whose name ends with an underscore."""
_KEEP_ARGUMENT_ORDER: Final = _names(
    # The first two arguments may change places.
    "max min maximum minimum equal allclose isclose eq ne mse_loss l1_loss where "
    # The arguments are not values of the computation.
    "isinstance issubclass getattr setattr hasattr register_buffer zip super"
)
_SAFEGUARDS: Final = {"strict"}
"""Keyword arguments that only guard what is true anyway, so no check can miss them."""
_MODULES: Final = {"torch", "nn", "F", "functional", "math", "numpy", "np"}
_PRECEDENCE: Final = (ast.Lambda, ast.IfExp, ast.BoolOp, ast.Compare, ast.UnaryOp, ast.BinOp)
"""Kinds of expressions from loose to tight; all others bind tighter still."""
_DROPPED_STATEMENTS: Final = (
    ast.Expr,
    ast.AugAssign,
    ast.Raise,
    ast.Delete,
    ast.Break,
    ast.Continue,
)


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


class Place(NamedTuple):
    """Where a node is: its parent, and the annotations of the function around it."""

    parent: ast.AST
    tensors: frozenset[str] = frozenset()
    """Parameters of the function that are annotated as tensors."""
    numbers: tuple[str, ...] = ()
    """Parameters that are annotated as ``int`` or ``float``."""
    returns: str = ""


Change = tuple[str, ast.AST]
"""A kind of change, and the node that replaces the original."""


def mutants(source: str) -> list[Mutant]:
    """All mutants of ``source``, sorted by line; raises ``SyntaxError`` if it is not Python.

    Each one is valid Python and differs from ``source`` and from every other mutant.
    """
    tree = ast.parse(source)
    seen = {ast.dump(tree)}
    found = []
    for node, place in _nodes(tree, Place(tree)):
        for change, replacement in _changes(node, place):
            changed = _splice(source, node, replacement, place.parent)
            try:
                dump = ast.dump(ast.parse(changed))
            except SyntaxError:
                continue
            if dump not in seen:
                seen.add(dump)
                found.append(_mutant(change, source, changed, node))
    return sorted(found, key=lambda mutant: mutant.line)


# Which nodes change: every statement and expression that runs. A change of an annotation, a
# docstring or a message would change nothing that a check could see.


def _nodes(parent: ast.AST, place: Place) -> Iterator[tuple[ast.AST, Place]]:
    for child in _running_parts(parent):
        yield child, place._replace(parent=parent)
        if isinstance(child, ast.FunctionDef):
            yield from _nodes(child, _function(child))
        else:
            yield from _nodes(child, place)


def _function(node: ast.FunctionDef) -> Place:
    tensors, numbers, returns = set(), [], ""
    for parameter in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
        if parameter.annotation is None:
            continue
        annotation = ast.unparse(parameter.annotation)
        if "Tensor" in annotation:
            tensors.add(parameter.arg)
        elif annotation in ("int", "float"):
            numbers.append(parameter.arg)
    if node.returns is not None:
        returns = ast.unparse(node.returns)
    return Place(node, frozenset(tensors), tuple(numbers), returns)


def _running_parts(node: ast.AST) -> Iterable[ast.AST]:
    match node:
        case ast.Raise() | ast.JoinedStr() | ast.Import() | ast.ImportFrom():
            return []
        case ast.Global() | ast.Nonlocal():
            return []
        case ast.keyword(arg=name) if name in _SAFEGUARDS:
            return []
        case ast.AnnAssign():
            return filter(None, [node.target, node.value])
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
            case ast.If(test=test) if "__name__" in ast.unparse(test):
                continue  # a main block: it does not run when the file is imported
        statements.append(statement)
    return statements


# What replaces a node: for each kind of node, what an author could have typed instead.


def _changes(node: ast.AST, place: Place) -> Iterator[Change]:
    for kind, change in _CHANGES:
        if isinstance(node, kind):
            yield from change(node, place)


def _arithmetic(node: ast.BinOp, place: Place) -> Iterator[Change]:
    left, right = node.left, node.right
    operator = type(node.op)
    yield "dropped term", left
    yield "dropped term", right
    if operator in _OPERATORS:
        other = _OPERATORS[operator]()
        yield "other operator", ast.BinOp(left, other, right)
    if operator not in _COMMUTATIVE:
        yield "swapped operands", ast.BinOp(right, node.op, left)
    if operator in _IN_PLACE_OPERATORS and _is_parameter(left, place):
        yield "in place", _method(left, _IN_PLACE_OPERATORS[operator], right)
    if _is_tensor(left, place):
        yield "detached gradient", _with(node, "left", _method(left, "detach"))
    if _is_tensor(right, place):
        yield "detached gradient", _with(node, "right", _method(right, "detach"))


def _augmented(node: ast.AugAssign, _: Place) -> Iterator[Change]:
    assignment = ast.Assign([node.target], node.value, lineno=node.lineno)
    yield "set instead of accumulated", assignment
    other = _OPERATORS.get(type(node.op))
    if other is not None:
        yield "other operator", _with(node, "op", other())


def _assignment(node: ast.Assign, place: Place) -> Iterator[Change]:
    target, value = node.targets[0], node.value
    # Only the change of a parameter in place is visible to the caller.
    if not isinstance(target, ast.Name) or not _is_parameter(target, place):
        return
    if isinstance(value, ast.BinOp) and ast.unparse(value.left) == target.id:
        yield "in place", ast.AugAssign(target, value.op, value.right)


def _statement(node: ast.stmt, _: Place) -> Iterator[Change]:
    match node:
        case ast.Assign(targets=[ast.Subscript() | ast.Attribute(), *_]):
            yield "dropped statement", ast.Pass()
    if isinstance(node, _DROPPED_STATEMENTS):
        yield "dropped statement", ast.Pass()


def _comparison(node: ast.Compare, _: Place) -> Iterator[Change]:
    if len(node.ops) == 1:
        other = _COMPARISONS[type(node.ops[0])]
        yield "other comparison", _with(node, "ops", [other()])


def _boolean(node: ast.BoolOp, _: Place) -> Iterator[Change]:
    other: ast.boolop = ast.And()
    if isinstance(node.op, ast.And):
        other = ast.Or()
    yield "other operator", ast.BoolOp(other, node.values)
    for dropped in node.values:
        kept = [value for value in node.values if value is not dropped]
        if len(kept) == 1:
            yield "dropped term", kept[0]
        else:
            yield "dropped term", ast.BoolOp(node.op, kept)


def _unary(node: ast.UnaryOp, _: Place) -> Iterator[Change]:
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(number))):
            yield "off by one", ast.Constant(-number + 1)
            yield "off by one", ast.Constant(-number - 1)
        case _:
            yield "dropped sign", node.operand


def _constant(node: ast.Constant, place: Place) -> Iterator[Change]:
    match node.value:
        case bool(choice):
            yield "other choice", ast.Constant(not choice)
        case (int() | float()) as number if not isinstance(place.parent, ast.UnaryOp):
            yield "off by one", ast.Constant(number + 1)
            yield "off by one", ast.Constant(number - 1)


def _choice(node: ast.IfExp, _: Place) -> Iterator[Change]:
    yield "dropped case", node.body
    yield "dropped case", node.orelse


def _condition(node: ast.expr, place: Place) -> Iterator[Change]:
    if isinstance(place.parent, ast.If) and place.parent.test is node:
        yield "dropped case", ast.Constant(value=True)
        yield "dropped case", ast.Constant(value=False)


def _name(node: ast.Name, place: Place) -> Iterator[Change]:
    if isinstance(node.ctx, ast.Load) and node.id in place.numbers:
        following = place.numbers.index(node.id) + 1
        other = place.numbers[following % len(place.numbers)]
        yield "other argument", ast.Name(other)


def _attribute(node: ast.Attribute, place: Place) -> Iterator[Change]:
    is_called = isinstance(place.parent, ast.Call) and place.parent.func is node
    if node.attr in ("T", "mT", "H"):
        yield "swapped axes", node.value
    if node.attr == "data":
        yield "detached gradient", node.value
    if node.attr in _RENAMED_ONLY_IN_CALLS and not is_called:
        return
    for change, names in _OTHER_NAMES.items():
        if node.attr in names:
            yield change, ast.Attribute(node.value, names[node.attr])


def _subscript(node: ast.Subscript, place: Place) -> Iterator[Change]:
    index = node.slice
    is_read = isinstance(node.ctx, ast.Load)
    if isinstance(index, (ast.Name, ast.Attribute)):
        for operator in (ast.Add(), ast.Sub()):
            shifted = ast.BinOp(index, operator, ast.Constant(1))
            yield "off by one", _with(node, "slice", shifted)
        if is_read:
            second_axis = ast.Tuple([ast.Slice(), index], ast.Load())
            yield "swapped axes", _with(node, "slice", second_axis)
            yield "dropped index", node.value
    # The gradient of an index is none, so detaching it changes nothing.
    is_index = isinstance(place.parent, ast.Subscript) and place.parent.slice is node
    if is_read and not is_index and _is_tensor(node.value, place):
        yield "detached gradient", _with(node, "value", _method(node.value, "detach"))


def _slice(node: ast.Slice, _: Place) -> Iterator[Change]:
    for bound in ("lower", "upper", "step"):
        if getattr(node, bound) is not None:
            yield "dropped bound", _with(node, bound, None)


def _tuple(node: ast.Tuple, place: Place) -> Iterator[Change]:
    # The order is irrelevant in a comparison such as `mode in ("sum", "mean")`.
    if len(node.elts) > 1 and not isinstance(place.parent, ast.Compare):
        first, second, *rest = node.elts
        yield "swapped items", ast.Tuple([second, first, *rest], node.ctx)


def _arguments(node: ast.Call, _: Place) -> Iterator[Change]:
    keeps_order = _called_name(node) in _KEEP_ARGUMENT_ORDER
    has_star = any(isinstance(argument, ast.Starred) for argument in node.args)
    if len(node.args) > 1 and not keeps_order and not has_star:
        first, second, *rest = node.args
        yield "swapped arguments", _with(node, "args", [second, first, *rest])
    for dropped in node.keywords:
        if dropped.arg not in _SAFEGUARDS:
            kept = [keyword for keyword in node.keywords if keyword is not dropped]
            yield "dropped argument", _with(node, "keywords", kept)


def _call(node: ast.Call, place: Place) -> Iterator[Change]:
    if not isinstance(node.func, ast.Attribute):
        return
    name, owner = node.func.attr, node.func.value
    is_function = isinstance(owner, ast.Name) and owner.id in _MODULES
    for change, names in _DROPPED_CALLS.items():
        if name in names and not is_function:
            yield change, owner
        elif name in names & _UNARY_FUNCTIONS and node.args:
            yield change, node.args[0]
    if name in _IN_PLACE_METHODS and _is_parameter(owner, place):
        yield "in place", _with(node, "func", ast.Attribute(owner, f"{name}_"))


def _return(node: ast.Return, place: Place) -> Iterator[Change]:
    if node.value is None or "Tensor" not in place.returns:
        return
    for change, method in (("detached gradient", "detach"), ("other dtype", "float")):
        for value in _with_method(node.value, method):
            yield change, ast.Return(value)


def _with_method(value: ast.expr, method: str) -> Iterator[ast.expr]:
    """``value.method()``; for a tuple, one tuple for each item that gets the call."""
    if not isinstance(value, ast.Tuple):
        if f".{method}()" not in ast.unparse(value):
            yield _method(value, method)
        return
    for position, item in enumerate(value.elts):
        for changed in _with_method(item, method):
            items = list(value.elts)
            items[position] = changed
            yield ast.Tuple(items, ast.Load())


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
    (ast.Call, _arguments),
    (ast.Call, _call),
    (ast.Return, _return),
)


def _is_parameter(node: ast.AST, place: Place) -> bool:
    """Whether ``node`` is a parameter that is annotated as a tensor."""
    return isinstance(node, ast.Name) and node.id in place.tensors


def _is_tensor(node: ast.AST, place: Place) -> bool:
    """Whether ``node`` surely is a tensor with gradients: such a parameter, or part of self."""
    match node:
        case ast.Attribute(value=value, attr="T" | "mT"):
            return _is_tensor(value, place)
        case ast.Attribute(value=ast.Name(id="self")):
            return True
    return _is_parameter(node, place)


def _called_name(node: ast.Call) -> str:
    match node.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def _method(value: ast.expr, name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Attribute(value, name), list(arguments), [])


def _with(node: ast.AST, field: str, value: object) -> ast.AST:
    changed = copy.copy(node)
    setattr(changed, field, value)
    return changed


# How the text changes: the node's text is replaced, and all other text stays.


def _splice(source: str, node: ast.AST, replacement: ast.AST, parent: ast.AST) -> str:
    """``source`` with ``node`` replaced."""
    data = source.encode()  # Python counts columns in bytes
    start = _offset(data, node.lineno, node.col_offset)  # type: ignore[attr-defined]
    end = _offset(data, node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]
    text = ast.unparse(ast.fix_missing_locations(replacement))
    if isinstance(replacement, ast.Tuple) and not data.startswith(b"(", start):
        text = text[1:-1]
    elif _needs_parentheses(replacement, parent):
        is_enclosed = data[start - 1 : start] == b"(" and data.startswith(b")", end)
        if not is_enclosed:
            text = f"({text})"
    return (data[:start] + text.encode() + data[end:]).decode()


def _offset(data: bytes, line: int, column: int) -> int:
    before = data.splitlines(keepends=True)[: line - 1]
    return len(b"".join(before)) + column


def _needs_parentheses(replacement: ast.AST, parent: ast.AST) -> bool:
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
    before, after = source.splitlines(), changed.splitlines()
    first, last = node.lineno, node.end_lineno  # type: ignore[attr-defined]
    last_after = last + len(after) - len(before)
    was = _on_one_line(before[first - 1 : last])
    becomes = _on_one_line(after[first - 1 : last_after])
    return Mutant(change, first, was, becomes, changed)


def _on_one_line(lines: list[str]) -> str:
    return " ".join(" ".join(lines).split())
