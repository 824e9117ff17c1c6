"""Mutation rules: what an author could have typed instead of an expression or statement."""

import ast
import copy
import functools
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from types import EllipsisType
from typing import Any, Final, NamedTuple

# Each letter stands for an expression: `t` for a parameter that is annotated as a tensor, `g` for
# a tensor that surely has gradients, `i` for a name or an attribute, `m` for a module, `v` for
# anything but a module, `n` for anything but an integer, every other letter for anything.
# A pair of braces stands for each word in it, and `{}` for the same word again; `...` stands
# for all arguments that are left. `<->` is a rule in both directions.
_RULES: Final = """
dropped term: a {+ - * / // % @ ** & | ^ << >>} b -> a
dropped term: a {+ - * / // % @ ** & | ^ << >>} b -> b
other operator: a + b <-> a - b
other operator: a * b <-> a / b
other operator: a & b <-> a | b
other operator: a {// @ **} b -> a * b
other operator: a % b -> a // b
swapped operands: a {- / // % @ ** ^ << >>} b -> b {} a
detached gradient: g {+ - * / // % @ ** & | ^ << >>} b -> g.detach() {} b
detached gradient: a {+ - * / // % @ ** & | ^ << >>} g -> a {} g.detach()
in place: t + b -> t.add_(b)
in place: t - b -> t.sub_(b)
in place: t * b -> t.mul_(b)
in place: t / b -> t.div_(b)
in place: t = t {+ - * / // % @ ** & | ^ << >>} b -> t {}= b
in place: t.{masked_fill clamp unsqueeze squeeze transpose t}(...) -> t.{}_(...)
in place: t.{mul add sub div scatter scatter_add}(...) -> t.{}_(...)
in place: t.{index_add index_copy index_fill}(...) -> t.{}_(...)
set instead of accumulated: a {+ - * / // % @ ** & | ^ << >>}= b -> a = b
other operator: a += b <-> a -= b
other operator: a *= b <-> a /= b
other operator: a &= b <-> a |= b
other operator: a {// @ **}= b -> a *= b
other operator: a %= b -> a //= b
other comparison: a < b <-> a <= b
other comparison: a > b <-> a >= b
other comparison: a == b <-> a != b
other comparison: a is b <-> a is not b
other comparison: a in b <-> a not in b
dropped sign: -n -> n
dropped sign: {not + ~} a -> a
dropped case: a if c else b -> a
dropped case: a if c else b -> b
swapped axes: a.{T mT H} -> a
detached gradient: a.data -> a
off by one: a[i] -> a[i + 1]
off by one: a[i] -> a[i - 1]
other reduction: a.sum <-> a.mean
other reduction: a.max <-> a.min
other reduction: a.amax <-> a.amin
other reduction: a.argmax <-> a.argmin
other reduction: a.any <-> a.all
other reduction: a.prod -> a.sum
other reduction: a.cumsum -> a.cumprod
other reduction: a.logsumexp -> a.amax
other reduction: a.index_add -> a.index_copy
other reduction: a.index_add_ -> a.index_copy_
other reduction: a.scatter_add -> a.scatter
other reduction: a.scatter_add_ -> a.scatter_
other values: a.zeros <-> a.ones
other values: a.zeros_like <-> a.ones_like
other values: a.new_zeros <-> a.new_ones
other values: a.ceil <-> a.floor
other values: a.stack <-> a.cat
other values: a.exp <-> a.log
other values: a.sqrt <-> a.square
other values: a.softmax <-> a.log_softmax
other values: a.repeat_interleave -> a.repeat
other dtype: a.float32 <-> a.float64
other dtype: a.int32 <-> a.int64
other dtype: a.float <-> a.double
other dtype: a.long <-> a.int
other dtype: a.{float16 bfloat16} -> a.float32
gradients on: a.{no_grad inference_mode} -> a.enable_grad
dropped clone: v.{clone contiguous copy detach}(...) -> v
dropped conversion: v.{to float double long int type_as type}(...) -> v
dropped axes: v.{unsqueeze squeeze flatten unflatten reshape reshape_as view view_as}(...) -> v
dropped axes: v.{transpose permute t movedim expand expand_as swapaxes}(...) -> v
dropped step: v.{Parameter clamp clamp_min clamp_max masked_fill abs}(...) -> v
dropped step: v.{softmax relu sqrt}(...) -> v
dropped step: m.{Parameter abs relu sqrt}(b, ...) -> b
"""
_RULES_FOR_READING: Final = """
swapped axes: a[i] -> a[:, i]
dropped index: a[i] -> a
detached gradient: g[b] -> g.detach()[b]
"""
"""Rules that do not apply to the target of an assignment."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_RENAMED_ONLY_IN_CALLS: Final = _names("exp log float int long double max min sum any all")
_KEEP_ARGUMENT_ORDER: Final = _names(
    # The first two arguments may change places.
    "max min maximum minimum equal allclose isclose eq ne mse_loss l1_loss where "
    "transpose swapaxes swapdims "
    # The arguments are not values of the computation.
    "isinstance issubclass getattr setattr hasattr register_buffer zip super"
)
SAFEGUARDS: Final = {"strict"}
"""Keyword arguments that only guard what is true anyway, so no check can miss them."""
_MODULES: Final = {"torch", "nn", "F", "functional", "math", "numpy", "np"}


class Place(NamedTuple):
    """Where a node is: its parent, and the annotations of the function around it."""

    parent: ast.AST
    tensors: set[str]
    """Parameters of the function that are annotated as tensors."""
    other_numbers: dict[str, str]
    """Each parameter that is annotated as ``int`` or ``float``, with the next one in turn."""
    returns: str
    """The annotation of what the function returns."""


Change = tuple[str, ast.AST]
"""A kind of change, and the node that replaces the original."""


def changes(node: ast.AST, place: Place) -> Iterator[Change]:
    """Everything that could replace ``node``; some of it may not be valid there."""
    for rule in _rules()[type(node)]:
        match = _Match(place)
        if _applies(rule, node, place) and match.fits(rule.before, node):
            # A copy, because filling in the letters changes the pattern.
            after = copy.deepcopy(rule.after)
            yield rule.change, match.visit(after)

    yield from _special_changes(node, place)

    # Not for `while`: a loop that never ends would cost a whole time limit.
    parent = place.parent
    if isinstance(parent, ast.If) and parent.test is node:
        for value in (True, False):
            yield "dropped case", ast.Constant(value)


# Rules as data: two patterns with letters for the parts that both have.


class _Rule(NamedTuple):
    change: str
    before: ast.AST
    after: ast.AST
    only_for_reading: bool


@functools.cache
def _rules() -> dict[type[ast.AST], list[_Rule]]:
    """The rules for each kind of node."""
    # Most rules fit one kind of node only, so looking at the others would be a waste.
    rules = defaultdict(list)
    for text, only_for_reading in ((_RULES, False), (_RULES_FOR_READING, True)):
        for change, before, after in _expanded(text):
            rule = _Rule(
                change=change,
                before=_pattern(before),
                after=_pattern(after),
                only_for_reading=only_for_reading,
            )
            rules[type(rule.before)].append(rule)

    return rules


def _expanded(text: str) -> Iterator[tuple[str, str, str]]:
    """Change, before and after of each rule, without braces and double arrows."""
    for line in text.strip().splitlines():
        change, rule = line.split(": ", 1)
        before, arrow, after = re.split(r" (<?->) ", rule)
        if arrow == "<->":
            yield change, after, before

        braces = re.search(r"\{(.+?)\}", before)
        if braces is None:
            yield change, before, after
            continue

        # The rule takes the same word on both sides.
        for word in braces[1].split():
            yield change, before.replace(braces[0], word), after.replace("{}", word)


def _pattern(text: str) -> ast.AST:
    statement = ast.parse(text).body[0]
    if isinstance(statement, ast.Expr):
        return statement.value

    return statement


def _applies(rule: _Rule, node: ast.AST, place: Place) -> bool:
    """Whether a rule applies in this place, as far as its pattern cannot say it."""
    parent = place.parent
    match node:
        case ast.Attribute(attr=name) if name in _RENAMED_ONLY_IN_CALLS:
            return isinstance(parent, ast.Call) and parent.func is node
        case ast.Subscript(ctx=context):
            if rule.only_for_reading and not isinstance(context, ast.Load):
                return False

            # No gradient flows through an index, so detaching it changes nothing.
            is_index = isinstance(parent, ast.Subscript) and parent.slice is node
            return rule.change != "detached gradient" or not is_index

    return True


class _Match(ast.NodeTransformer):
    """What the letters of a rule stand for; as a transformer, it puts that into a pattern."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._letters: dict[str, ast.AST] = {}
        self._rest: list[ast.expr] = []
        self._keywords: list[ast.keyword] = []

    def fits(self, pattern: Any, node: Any) -> bool:
        """Whether ``node`` has the form of ``pattern``: both are nodes, lists or plain values."""
        match pattern:
            case ast.Name(id=letter):
                return self._fits_letter(letter, node)
            case [*named, ast.Constant(value=EllipsisType())]:
                number = len(named)
                self._rest = node[number:]
                return self.fits(named, node[:number])
            case list():
                if len(pattern) != len(node):
                    return False
                return all(map(self.fits, pattern, node))
            case ast.AST():
                if type(pattern) is not type(node):
                    return False
                return self._fits_fields(pattern, node)

        return bool(pattern == node)

    def _fits_letter(self, letter: str, node: ast.AST) -> bool:
        # A letter that comes twice stands for the same expression.
        known = self._letters.get(letter)
        if known is not None:
            return ast.unparse(known) == ast.unparse(node)

        self._letters[letter] = node
        is_allowed = _LETTERS.get(letter)
        if is_allowed is None:
            return True

        return is_allowed(node, self._place)

    def _fits_fields(self, pattern: ast.AST, node: ast.AST) -> bool:
        # A letter is read in the pattern, but the node may be assigned.
        ignored = "ctx"
        if isinstance(node, ast.Call):
            # `...` stands for the keyword arguments, too.
            ignored = "keywords"
            self._keywords = node.keywords

        for field in pattern._fields:
            if field == ignored:
                continue

            wanted = getattr(pattern, field)
            if not self.fits(wanted, getattr(node, field)):
                return False

        return True

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self._letters[node.id]

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        match node.args:
            case [*named, ast.Constant(value=EllipsisType())]:
                return ast.Call(node.func, [*named, *self._rest], self._keywords)

        return node


# Changes that no pattern can describe.


def _special_changes(node: ast.AST, place: Place) -> Iterator[Change]:
    match node:
        # Without the assignment to a name, its next use would only raise NameError.
        case ast.Assign(targets=[ast.Subscript() | ast.Attribute(), *_]):
            yield "dropped statement", ast.Pass()
        case ast.Expr() | ast.AugAssign() | ast.Delete():
            yield "dropped statement", ast.Pass()
        case ast.Raise() | ast.Break() | ast.Continue():
            yield "dropped statement", ast.Pass()

        case ast.BoolOp(op=operator, values=values):
            swapped = ast.And() if isinstance(operator, ast.Or) else ast.Or()
            yield "other operator", ast.BoolOp(swapped, values)

            for dropped in values:
                kept = [value for value in values if value is not dropped]
                if len(kept) == 1:
                    yield "dropped term", kept[0]
                else:
                    yield "dropped term", ast.BoolOp(operator, kept)

        # Python reads -1 as the negation of 1, but an author sees one number.
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(number))):
            yield "off by one", ast.Constant(1 - number)
            yield "off by one", ast.Constant(-1 - number)

        case ast.Constant(value=bool(choice)):
            yield "other choice", ast.Constant(not choice)
        # The case above changes a number together with its sign.
        case ast.Constant(value=int(number) | float(number)):
            if not isinstance(place.parent, ast.UnaryOp):
                yield "off by one", ast.Constant(number + 1)
                yield "off by one", ast.Constant(number - 1)

        case ast.Name(id=name, ctx=ast.Load()) if name in place.other_numbers:
            yield "other argument", ast.Name(place.other_numbers[name])

        # A slice without a bound takes everything on that side.
        case ast.Slice():
            for bound in ("lower", "upper", "step"):
                if getattr(node, bound) is not None:
                    yield "dropped bound", _with(node, bound, None)

        # The order is irrelevant in a comparison such as `mode in ("sum", "mean")`.
        case ast.Tuple(elts=[first, second, *rest]):
            if not isinstance(place.parent, ast.Compare):
                yield "swapped items", _with(node, "elts", [second, first, *rest])

        case ast.Call():
            yield from _argument_changes(node)

        case ast.Return(value=ast.expr() as value) if "Tensor" in place.returns:
            for changed in _with_method(value, "detach"):
                yield "detached gradient", ast.Return(changed)

            for changed in _with_method(value, "float"):
                yield "other dtype", ast.Return(changed)


def _argument_changes(node: ast.Call) -> Iterator[Change]:
    name = ast.unparse(node.func).rpartition(".")[2]
    # The source does not show how many arguments a star stands for.
    has_star = any(isinstance(argument, ast.Starred) for argument in node.args)
    if name not in _KEEP_ARGUMENT_ORDER and not has_star:
        match node.args:
            case [first, second, *rest]:
                swapped = [second, first, *rest]
                yield "swapped arguments", _with(node, "args", swapped)

    # A positional argument that is dropped would move the others.
    for dropped in node.keywords:
        if dropped.arg not in SAFEGUARDS:
            kept = [keyword for keyword in node.keywords if keyword is not dropped]
            yield "dropped argument", _with(node, "keywords", kept)


def _with_method(value: ast.expr, method: str) -> Iterator[ast.expr]:
    """``value.method()``; for a tuple, one tuple for each item that gets the call."""
    if not isinstance(value, ast.Tuple):
        # A second call would change nothing.
        if f".{method}()" not in ast.unparse(value):
            yield ast.Call(ast.Attribute(value, method), [], [])
        return

    for position, item in enumerate(value.elts):
        for changed in _with_method(item, method):
            items = list(value.elts)
            items[position] = changed
            yield ast.Tuple(items, ast.Load())


def _with(node: ast.AST, field: str, value: object) -> ast.AST:
    changed = copy.copy(node)
    setattr(changed, field, value)
    return changed


# What the letters of a pattern stand for.


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


def _is_module(node: ast.AST, _: Place) -> bool:
    return isinstance(node, ast.Name) and node.id in _MODULES


_LETTERS: Final[dict[str, Callable[[ast.AST, Place], bool]]] = {
    "t": _is_parameter,
    "g": _is_tensor,
    "i": lambda node, _: isinstance(node, (ast.Name, ast.Attribute)),
    "m": _is_module,
    "v": lambda node, place: not _is_module(node, place),
    "n": lambda node, _: not isinstance(getattr(node, "value", None), int),
}
