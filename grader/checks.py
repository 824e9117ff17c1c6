"""The names that an author imports in ``checks.py``.

The ``assert_…`` functions raise ``Mismatch``, which fails the check and tells the learner what
differs. ``reference_vjp`` computes the gradients that ``learner.vjp`` should return. ``Learner``
is the type of the fixture ``learner``. ``distinct_sizes`` and ``noncontiguous`` make inputs on
which code that fits only the example fails. ``replay`` is for the checks of a handout.
"""

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
    """Return a copy of ``tensor`` whose memory has the dimensions in reverse order, and gaps.

    ``view`` fails on it if it has two or more sizes above 1.
    """
    reverse = tuple(reversed(range(tensor.dim())))
    turned = tensor.detach().permute(reverse)
    with_gaps = torch.stack([turned, turned], -1)[..., 0]
    return with_gaps.permute(reverse)
