"""Smaller arguments for a call: fewer dimensions, smaller sizes and ids, simple numbers.

Nothing here knows what the arguments mean. Sizes that are equal belong together, and what held
between numbers holds afterwards: ids stay below the size of their table, and lengths still add up.
"""

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

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
_WHOLE: Final = (torch.int8, torch.int16, torch.int32, torch.int64, torch.uint8)


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
    valid_ranks = [_ranks(each) for each in (given, *others)]
    fewer_dimensions = partial(_fewer_dimensions, ranks=valid_ranks)
    # Ids come between two rounds of sizes: fewer ids can be small, and then the table can.
    steps = (fewer_dimensions, _smaller_sizes, _smaller_ids, _smaller_sizes)
    current = given
    for step in steps:
        while True:
            found = _first(step(current), facts, accepts)
            if found is None:
                break
            current = found

    # A few numbers of a random tensor can all be positive, and an infinite one can be gone.
    tensors = _tensors(given)
    random = [
        name
        for name, value in _tensors(current).items()
        if _is_random(value) or _is_random(tensors[name])
    ]
    current = _first(_simple_numbers(current, random), facts, accepts) or current
    return _first(_simple_factors(current), facts, accepts) or current


def _first(tries: Iterable[Given], facts: "_Facts", accepts: Accepts) -> Given | None:
    """The first of ``tries`` that keeps the facts and fails in the same way."""
    for candidate in tries:
        if _keeps(facts, candidate) and accepts(candidate):
            return candidate
    return None


def _fewer_dimensions(given: Given, ranks: Collection[Mapping[str, int]]) -> Iterator[Given]:
    """Remove every dimension of one size, if some check calls with that number of dimensions."""
    for size in _sizes(given):
        candidate = {name: _without(value, size) for name, value in given.items()}
        # Calls in the checks show which numbers of dimensions a submission must accept.
        found = _ranks(candidate)
        # A single number without dimensions is often a special case.
        if 0 not in found.values() and found in ranks:
            yield candidate


def _ranks(given: Given) -> dict[str, int]:
    return {name: tensor.dim() for name, tensor in _tensors(given).items()}


def _without(value: Any, size: int) -> Any:
    if not isinstance(value, torch.Tensor):
        return value
    smaller = value.detach()
    # From the last one, so that the numbers of the others stay the same.
    for dim in reversed(range(value.dim())):
        if value.shape[dim] == size:
            smaller = smaller.select(dim, 0)
    return smaller.requires_grad_(value.requires_grad)


def _smaller_sizes(given: Given) -> Iterator[Given]:
    """Shrink all dimensions of one size together with the whole numbers equal to it.

    Or shrink a single dimension or number.
    Fewer ids can be smaller ids, below the size of a smaller table.
    """
    for candidate in _cuts(given):
        # First without other changes, which keeps the example close to the call.
        yield candidate
        yield from _smaller_ids(candidate)


def _cuts(given: Given) -> Iterator[Given]:
    for size in _sizes(given):
        for target in _targets(size):
            yield {name: _cut(value, size, target) for name, value in given.items()}

    for name, tensor in _tensors(given).items():
        for dim, size in enumerate(tensor.shape):
            for target in _targets(size):
                narrowed = _narrowed(tensor, dim, target)
                yield given | {name: narrowed}

    for name, number in _wholes(given).items():
        for target in _targets(number):
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
    """Number the different ids of each tensor again, in the same order, unless they already are."""
    changed = {}
    for name, ids in _ids(given).items():
        lowest = int(ids.min())
        if lowest < 0:
            continue
        _, places = torch.unique(ids, return_inverse=True)
        # Zero is often special, so it neither comes nor goes.
        first = min(lowest, 1)
        numbers = (places + first).to(ids.dtype)
        if not numbers.equal(ids):
            changed[name] = _filled(ids, numbers)
            changed |= _numbers_above(given, ids, numbers)
    if changed:
        yield given | changed


def _numbers_above(given: Given, ids: torch.Tensor, numbers: torch.Tensor) -> Given:
    """The whole numbers above all ``ids``, such as the rows of a table, for renumbered ids."""
    old = int(ids.max())
    new = int(numbers.max())
    sizes = _sizes(given)
    changed = {}
    for name, value in _wholes(given).items():
        # A number that is the size of a tensor is cut together with it.
        if value > old and value not in sizes:
            # A gap stays a gap: the last rows were not used, so the last one is not.
            gap = min(value - old, 2)
            changed[name] = new + gap

    return changed


def _simple_numbers(given: Given, names: Iterable[str]) -> Iterator[Given]:
    """Put 0, 1, 2, … or rounded numbers in place of the random ones of the tensors ``names``."""
    random = {name: given[name] for name in names if 0 < given[name].numel() <= _MOST_NUMBERS}
    for first in (0, 1):
        counted = {}
        for place, (name, value) in enumerate(random.items()):
            # Two tensors of the same numbers could be mistaken for each other.
            start = first + place
            numbers = torch.arange(start, start + value.numel())
            counted[name] = _filled(value, numbers.reshape(value.shape))
        yield given | counted

    for decimals in (0, 1):
        rounded = {}
        for name, value in random.items():
            # Adding 0 makes 0 of -0, which would puzzle a reader.
            numbers = value.round(decimals=decimals) + 0.0
            rounded[name] = _filled(value, numbers)
        yield given | rounded


def _simple_factors(given: Given) -> Iterator[Given]:
    """Put 0.5 in place of a float with many digits, such as a learning rate."""
    for name, value in given.items():
        if isinstance(value, float) and value != round(value, 2):
            yield given | {name: 0.5}


def _is_random(tensor: torch.Tensor) -> bool:
    """Whether a tensor holds any numbers, and none with a meaning such as 0 and 1."""
    if not tensor.is_floating_point() or not tensor.numel():
        return False
    if not tensor.isfinite().all():
        return False
    if not (tensor < 0).any():
        # Numbers that are all positive may be weights.
        return False
    is_whole = tensor == tensor.round()
    is_small = tensor.abs() <= _SIMPLE
    return not (is_whole & is_small).all()


def _filled(tensor: torch.Tensor, numbers: torch.Tensor) -> torch.Tensor:
    """A tensor with the layout of ``tensor`` and these numbers."""
    filled = torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype)
    if 0 in tensor.stride():
        # The elements of an expanded tensor share memory.
        filled = torch.empty_like(tensor)
    filled.copy_(numbers.detach())
    return filled.requires_grad_(tensor.requires_grad)


class _Claim(NamedTuple):
    """What can be true of a call, or not."""

    what: str
    of: str
    """A whole number by its name, a size such as ``weight.0``, or the ids of a tensor."""
    to: str = ""
    """What it is compared with, named in the same way."""


_Facts = dict[_Claim, bool]
"""A claim to whether it is true."""


def _facts(given: Given) -> _Facts:
    """What holds between the whole numbers, the sizes and the ids of a call."""
    ids = _ids(given)
    wholes = _wholes(given)
    numbers = wholes | _named_sizes(given)
    facts = _facts_about_shapes(given)
    for name, tensor in ids.items():
        facts |= _facts_about_ids(name, tensor, numbers)
    for name, whole in wholes.items():
        facts |= _facts_about_whole(name, whole, ids, wholes, numbers)
    return facts


def _named_sizes(given: Given) -> dict[str, int]:
    """Each size by its name, such as ``weight.0``."""
    sizes = {}
    for name, tensor in _tensors(given).items():
        for dim, size in enumerate(tensor.shape):
            sizes[f"{name}.{dim}"] = size
    return sizes


def _facts_about_whole(
    name: str,
    whole: int,
    ids: Mapping[str, torch.Tensor],
    wholes: Mapping[str, int],
    numbers: Mapping[str, int],
) -> _Facts:
    """How a whole number relates to the ids, to the other whole numbers and to the sizes."""
    facts: _Facts = {}
    for other, tensor in ids.items():
        is_there = (tensor == whole).any()
        facts[_Claim("contains", other, name)] = bool(is_there)
    for other, number in numbers.items():
        facts[_Claim("equal", name, other)] = whole == number
    # Numbers have an order only among each other: a size may shrink below any of them.
    for other, number in wholes.items():
        facts[_Claim("below", name, other)] = whole < number
    return facts


def _facts_about_shapes(given: Given) -> _Facts:
    """Which dimensions of a tensor differ: a square table would hide which one is which."""
    facts: _Facts = {}
    for name, tensor in _tensors(given).items():
        # Counted from the last one: fewer dimensions usually means fewer leading ones.
        sizes = enumerate(tensor.shape, -tensor.dim())
        for (dim, size), (other, other_size) in itertools.combinations(sizes, 2):
            claim = _Claim("distinct", f"{name}.{dim}", f"{name}.{other}")
            facts[claim] = size != other_size
    return facts


def _facts_about_ids(name: str, ids: torch.Tensor, numbers: Mapping[str, int]) -> _Facts:
    """How the ids of one tensor relate to each other, to whole numbers and to other sizes."""
    steps = ids.flatten().diff()
    is_sorted = bool((steps >= 0).all())
    largest = int(ids.max())
    total = int(ids.sum())
    facts = {_Claim("sorted", name): is_sorted}
    for other, number in numbers.items():
        if other.startswith(f"{name}."):
            continue
        facts[_Claim("below", name, other)] = largest < number
        facts[_Claim("at most", name, other)] = largest <= number
        facts[_Claim("adds up", name, other)] = total == number

    return facts


def _lasting(given: Given, others: Iterable[Given]) -> _Facts:
    """What smaller arguments must keep: the facts that another call does not contradict.

    An id may come to lie below a size, but a number that is not among the ids stays away.
    """
    lasting = {
        claim: is_true
        for claim, is_true in _facts(given).items()
        if is_true or claim.what == "contains"
    }
    accidents = []
    for other in others:
        for claim, is_true in _facts(other).items():
            # Square tensors are valid, and still hide which dimension is which.
            if claim.what == "distinct":
                continue
            if lasting.get(claim, is_true) != is_true:
                accidents.append(claim)

    # Equal sizes belong together: an accident of one of them is one of the others, too.
    sizes = _named_sizes(given)
    for accident in accidents:
        lasting.pop(accident, None)
        size = sizes.get(accident.to)
        for name, same_size in sizes.items():
            if same_size == size:
                lasting.pop(_Claim(accident.what, accident.of, name), None)

    return lasting


def _keeps(facts: _Facts, candidate: Given) -> bool:
    """Whether these facts hold for ``candidate``; a dimension that is gone has none."""
    now = _facts(candidate)
    return all(now.get(claim, is_true) == is_true for claim, is_true in facts.items())


def _sizes(given: Given) -> list[int]:
    """The different sizes above 1, the largest first."""
    sizes: set[int] = set()
    for tensor in _tensors(given).values():
        sizes.update(tensor.shape)
    large = [size for size in sizes if size > 1]
    return sorted(large, reverse=True)


def _tensors(given: Given) -> dict[str, torch.Tensor]:
    return {name: value for name, value in given.items() if isinstance(value, torch.Tensor)}


def _ids(given: Given) -> dict[str, torch.Tensor]:
    """The tensors of whole numbers that are not empty."""
    return {
        name: tensor
        for name, tensor in _tensors(given).items()
        if tensor.dtype in _WHOLE and tensor.numel()
    }


def _wholes(given: Given) -> dict[str, int]:
    return {name: value for name, value in given.items() if _is_whole(value)}


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
