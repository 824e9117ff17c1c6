"""Smaller arguments for a call: fewer dimensions, smaller sizes and ids, simple numbers.

Nothing here knows what the arguments mean. Sizes that are equal belong together, and what held
between numbers holds afterwards: ids stay below the size of their table, and lengths still add up.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

import torch

from grader.sandbox import values, wire

Given = dict[str, Any]
"""Parameter name to argument."""
Accepts = Callable[[Given], bool]
"""Whether the call still fails in the same way with these arguments."""

_SIZES: Final = (2, 3, 4, 6)
_MOST_NUMBERS: Final = 48
"""Elements of a tensor that may become 0, 1, 2, …: more than that are not simple any more."""

_SIMPLE: Final = 9


def decoded(given: Mapping[str, wire.Value]) -> Given:
    """The arguments with their strides, as the submission got them."""
    return {name: values.decode_argument(value) for name, value in given.items()}


def encoded(given: Given) -> dict[str, wire.Value]:
    """The arguments as they are sent."""
    return {name: values.encode(value) for name, value in given.items()}


def shrink(given: Given, others: Sequence[Given], accepts: Accepts) -> Given:
    """The smallest arguments that were found, in a fixed order of tries.

    ``others`` are the arguments of other calls in the checks. They show which numbers of
    dimensions are valid together, and which facts are accidents of one call.
    """
    facts = _lasting(given, others)
    ranks = [_ranks(each) for each in (given, *others)]
    current = given
    # Ids come between two rounds of sizes: fewer ids can be small, and then the table can.
    fewer_dimensions = partial(_fewer_dimensions, ranks=ranks)
    for step in (fewer_dimensions, _smaller_sizes, _smaller_ids, _smaller_sizes):
        while (found := _first(step(current), facts, accepts)) is not None:
            current = found
    simple = _first(_simple_numbers(current), facts, accepts)
    return current if simple is None else simple


def _first(tries: Iterable[Given], facts: "_Facts", accepts: Accepts) -> Given | None:
    """The first of ``tries`` that keeps the facts and fails in the same way."""
    for candidate in tries:
        if _keeps(facts, candidate) and accepts(candidate):
            return candidate
    return None


def _fewer_dimensions(given: Given, ranks: Collection[Mapping[str, int]]) -> Iterator[Given]:
    """Take one of each dimension of a size away, where the checks use that many dimensions."""
    for size in _sizes(given):
        candidate = {name: _without(value, size) for name, value in given.items()}
        found = _ranks(candidate)
        # A single number without dimensions is often a special case.
        if found in ranks and all(found.values()):
            yield candidate


def _ranks(given: Given) -> dict[str, int]:
    return {name: value.dim() for name, value in _tensors(given).items()}


def _without(value: Any, size: int) -> Any:
    if not isinstance(value, torch.Tensor):
        return value
    for dim in reversed(range(value.dim())):
        if value.shape[dim] == size:
            value = value.detach().select(dim, 0).requires_grad_(value.requires_grad)
    return value


def _smaller_sizes(given: Given) -> Iterator[Given]:
    """Cut all dimensions of one size, with the whole numbers that are equal to it; or one.

    Fewer ids can be smaller ids, below the size of a smaller table.
    """
    for candidate in _cuts(given):
        yield candidate
        yield from _smaller_ids(candidate)


def _cuts(given: Given) -> Iterator[Given]:
    for size in _sizes(given):
        for target in _targets(size):
            yield {name: _cut(value, size, target) for name, value in given.items()}
    for name, value in _tensors(given).items():
        for dim, size in enumerate(value.shape):
            for target in _targets(size):
                yield given | {name: _narrowed(value, dim, target)}
    for name, value in given.items():
        if _is_whole(value):
            for target in _targets(value):
                yield given | {name: target}


def _targets(size: int) -> list[int]:
    return [target for target in _SIZES if target < size]


def _cut(value: Any, size: int, target: int) -> Any:
    if _is_whole(value) and value == size:
        return target
    if isinstance(value, torch.Tensor):
        for dim in range(value.dim()):
            if value.shape[dim] == size:
                value = _narrowed(value, dim, target)
    return value


def _narrowed(tensor: torch.Tensor, dim: int, size: int) -> torch.Tensor:
    cut = tensor.detach().narrow(dim, 0, size)
    # A cut leaves gaps in memory, which the tensor did not have before.
    if tensor.is_contiguous():
        cut = cut.contiguous()
    return cut.requires_grad_(tensor.requires_grad)


def _smaller_ids(given: Given) -> Iterator[Given]:
    renumbered = _renumbered(given)
    if renumbered is not None:
        yield renumbered


def _renumbered(given: Given) -> Given | None:
    """The different ids of each tensor numbered again, in the same order; None if they are."""
    changed = {}
    for name, value in _ids(given).items():
        lowest = int(value.min())
        if lowest < 0:
            continue
        _, places = torch.unique(value, return_inverse=True)
        # Zero is often special, so it neither comes nor goes.
        numbers = (places + min(lowest, 1)).to(value.dtype)
        if not numbers.equal(value):
            changed[name] = _filled(value, numbers)
            changed |= _numbers_above(given, value, numbers)
    if not changed:
        return None
    return given | changed


def _numbers_above(given: Given, ids: torch.Tensor, numbers: torch.Tensor) -> Given:
    """The whole numbers above all ``ids``, such as the rows of a table, for renumbered ids."""
    old, new = int(ids.max()), int(numbers.max())
    sizes = _sizes(given)
    changed = {}
    for name, value in given.items():
        # A number that is the size of a tensor is cut together with it.
        if _is_whole(value) and value > old and value not in sizes:
            # A gap stays a gap: the last rows were not used, so the last one is not.
            changed[name] = new + min(value - old, 2)
    return changed


def _simple_numbers(given: Given) -> Iterator[Given]:
    """Put 0, 1, 2, … or rounded numbers in place of random ones."""
    tensors = _tensors(given)
    random = {name: value for name, value in tensors.items() if _is_random(value)}
    for first in (0, 1):
        simple = {}
        for place, (name, value) in enumerate(random.items()):
            # Two tensors of the same numbers could be mistaken for each other.
            numbers = torch.arange(value.numel()) + first + place
            simple[name] = _filled(value, numbers.reshape(value.shape).to(value.dtype))
        yield given | simple
    for decimals in (0, 1):
        rounded = {}
        for name, value in random.items():
            rounded[name] = _filled(value, value.round(decimals=decimals))
        yield given | rounded


def _is_random(tensor: torch.Tensor) -> bool:
    """Whether a tensor holds any numbers, and none with a meaning such as 0 and 1."""
    if not tensor.is_floating_point() or not 0 < tensor.numel() <= _MOST_NUMBERS:
        return False
    if not tensor.isfinite().all() or not (tensor < 0).any():
        # Numbers that are all positive may be weights.
        return False
    is_simple = (tensor == tensor.round()) & (tensor.abs() <= _SIMPLE)
    return not bool(is_simple.all())


def _filled(tensor: torch.Tensor, numbers: torch.Tensor) -> torch.Tensor:
    """A tensor with the layout of ``tensor`` and these numbers."""
    filled = torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype)
    if 0 in tensor.stride():
        # The elements of an expanded tensor share memory.
        filled = torch.empty_like(tensor)
    filled.copy_(numbers.detach())
    return filled.requires_grad_(tensor.requires_grad)


_Facts = dict[tuple[str, str, str], bool]
"""What is said, about which argument and which number, to whether it is true."""


def _facts(given: Given) -> _Facts:
    """What holds between the whole numbers, the sizes and the ids of a call."""
    ids = _ids(given)
    wholes = {name: value for name, value in given.items() if _is_whole(value)}
    sizes: dict[str, int] = {}
    for name, tensor in _tensors(given).items():
        for dim, size in enumerate(tensor.shape):
            sizes[f"{name}.{dim}"] = size

    facts = _facts_about_shapes(given)
    for name, tensor in ids.items():
        facts |= _facts_about_ids(name, tensor, wholes | sizes)
    for name, whole in wholes.items():
        for key, tensor in ids.items():
            has_it = (tensor == whole).any()
            facts["contains", key, name] = bool(has_it)
        for key, number in (wholes | sizes).items():
            facts["equal", name, key] = whole == number
        for key, number in wholes.items():
            facts["below", name, key] = whole < number
    return facts


def _facts_about_shapes(given: Given) -> _Facts:
    """Which dimensions of a tensor differ: a square table would hide which one is which."""
    facts: _Facts = {}
    for name, tensor in _tensors(given).items():
        for dim, size in enumerate(tensor.shape):
            for other in range(dim):
                facts["distinct", f"{name}.{dim}", str(other)] = size != tensor.shape[other]
    return facts


def _facts_about_ids(name: str, ids: torch.Tensor, numbers: Mapping[str, int]) -> _Facts:
    """How the ids of one tensor relate to each other, to whole numbers and to other sizes."""
    steps = ids.flatten().diff()
    largest, total = int(ids.max()), int(ids.sum())
    facts: _Facts = {("sorted", name, ""): bool((steps >= 0).all())}
    for key, number in numbers.items():
        if key.startswith(f"{name}."):
            continue
        facts["below", name, key] = largest < number
        facts["at most", name, key] = largest <= number
        facts["adds up", name, key] = total == number
    return facts


def _lasting(given: Given, others: Iterable[Given]) -> _Facts:
    """What smaller arguments must keep: the facts that another call does not contradict.

    An id may come to lie below a size, but a number that is not among the ids stays away.
    """
    lasting = _facts(given)
    for fact, is_true in list(lasting.items()):
        if not is_true and fact[0] != "contains":
            del lasting[fact]
    for other in others:
        for fact, is_true in _facts(other).items():
            # Square tensors are valid, and still hide which dimension is which.
            if fact[0] != "distinct" and lasting.get(fact, is_true) != is_true:
                del lasting[fact]
    return lasting


def _keeps(facts: _Facts, candidate: Given) -> bool:
    """Whether these facts hold for ``candidate``; a dimension that is gone has none."""
    now = _facts(candidate)
    return all(now.get(fact, is_true) == is_true for fact, is_true in facts.items())


def _sizes(given: Given) -> list[int]:
    """The different sizes above 1, the largest first."""
    sizes = {size for tensor in _tensors(given).values() for size in tensor.shape}
    return sorted((size for size in sizes if size > 1), reverse=True)


def _tensors(given: Given) -> dict[str, torch.Tensor]:
    return {name: value for name, value in given.items() if isinstance(value, torch.Tensor)}


def _ids(given: Given) -> dict[str, torch.Tensor]:
    """The tensors of whole numbers that are not empty."""
    whole = (torch.int8, torch.int16, torch.int32, torch.int64, torch.uint8)
    tensors = _tensors(given).items()
    return {name: value for name, value in tensors if value.dtype in whole and value.numel()}


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
