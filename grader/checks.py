"""The names that an author imports in ``checks.py``.

The ``assert_…`` functions raise ``Mismatch``, which fails the check and tells the learner what
differs. ``reference_vjp`` computes the gradients that ``learner.vjp`` should return. ``Learner``
is the type of the fixture ``learner``. ``distinct_sizes``, ``noncontiguous`` and ``pairwise`` make
inputs on which code that fits only the example fails. ``replay`` is for the checks of a handout.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import torch

from grader.examiner.compare import Mismatch, assert_close, assert_equal, assert_shape
from grader.examiner.learner import Learner
from grader.examiner.probes import reference_vjp
from grader.examiner.recording import replay

__all__ = [
    "Learner",
    "Mismatch",
    "assert_close",
    "assert_equal",
    "assert_shape",
    "distinct_sizes",
    "noncontiguous",
    "pairwise",
    "reference_vjp",
    "replay",
]


def distinct_sizes(rng: torch.Generator, count: int, low: int = 2, high: int = 8) -> list[int]:
    """Return ``count`` different sizes from ``low`` to ``high``, in random order.

    With different sizes, no axis can be mistaken for another.
    """
    drawn = torch.randperm(high - low + 1, generator=rng)[:count]
    sizes: list[int] = (drawn + low).tolist()
    return sizes


def noncontiguous(tensor: torch.Tensor) -> torch.Tensor:
    """Return a copy of ``tensor`` whose memory has the dimensions in reverse order.

    With two or more sizes above 1 it is a transposed tensor, and ``view`` fails on it. Otherwise
    there are gaps between the numbers.
    """
    has_order = sum(size > 1 for size in tensor.shape) > 1
    strides, step = [], 1 if has_order else 2
    for size in tensor.shape:
        strides.append(step)
        step *= max(1, size)

    # Zeros in the gaps, because all of the memory may be sent to a submission.
    copy = tensor.new_zeros(step).as_strided(tensor.shape, strides)
    copy.copy_(tensor.detach())
    return copy


def pairwise(
    *,
    empty: Mapping[str, Any] | None = None,
    without: Iterable[Mapping[str, Any]] = (),
    **factors: Sequence[Any],
) -> Iterator[dict[str, Any]]:
    """Yield few combinations of the values of ``factors``, the same ones each time.

    Each two values of different factors occur together in some combination. So code that is
    wrong for one value, or only for two together, fails. ``factors`` has two names or more.

    ``empty`` has the values with which a result has no numbers, such as ``{"shape": (0,)}``. Two
    other values that occurred together only beside one of these would prove nothing, so they also
    occur together without it. ``without`` has pairs that mean nothing together, such as
    ``{"shape": (), "arrange": noncontiguous}``: they never occur. Of values that are equally
    useful, the first one is taken: begin a factor with the value that takes the least time.

    Raises ``ValueError`` for a name or value that ``factors`` lacks, and if ``without`` leaves no
    value of a factor for a combination.
    """
    numbers = {name: range(len(values)) for name, values in factors.items()}

    def numbered(values: Mapping[str, Any]) -> frozenset[tuple[str, int]]:
        found = set()
        for name, value in values.items():
            if value not in factors.get(name, ()):
                raise ValueError(f"pairwise: `{name}` has no value {value!r}")
            found.add((name, list(factors[name]).index(value)))
        return frozenset(found)

    empties = numbered(empty or {})
    never = {numbered(pair) for pair in without}
    missing = {
        frozenset({(one, number), (other, another)})
        for one, other in itertools.combinations(factors, 2)
        for number in numbers[one]
        for another in numbers[other]
    } - never
    while missing:
        # Starts with a missing pair, so that each combination has at least one.
        chosen = dict(min(missing, key=sorted))
        # What is wrong with a pair shows only if no empty value stands beside it.
        shown = {pair for pair in missing if pair >= empties & chosen.items()}
        for name in factors:
            if name in chosen:
                continue

            usefulness = {}
            for number in numbers[name]:
                pairs = {frozenset({(name, number), pair}) for pair in chosen.items()}
                if (name, number) not in empties and not pairs & never:
                    usefulness[number] = len(pairs & shown)
            if not usefulness:
                beside = {key: factors[key][chosen[key]] for key in factors if key in chosen}
                raise ValueError(f"pairwise: `without` leaves no `{name}` for {beside}")
            chosen[name] = max(usefulness, key=usefulness.__getitem__)
        found = {frozenset(pair) for pair in itertools.combinations(chosen.items(), 2)}
        missing -= found & shown
        yield {name: factors[name][number] for name, number in chosen.items()}
