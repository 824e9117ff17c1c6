"""A wrong tensor beside the expected one, and what is true of it."""

from collections.abc import Iterator
from typing import Any

import msgspec
import torch

from grader.examiner.compare import TOLERANCES


class Fact(msgspec.Struct, frozen=True):
    """Something that is true of a wrong result."""

    name: str
    sentence: str
    """For the learner."""


class Pair(msgspec.Struct, frozen=True):
    """Two tensors of a failed comparison on the CPU, and the arguments of the last call."""

    what: str
    """The name of ``actual`` as the subject of a sentence."""
    actual: torch.Tensor
    expected: torch.Tensor
    given: dict[str, Any]
    rehearsed: bool = False
    """Whether the same call ran before with its tensors rolled by one.

    Code that remembers a table then returns shifted rows, which is another mistake.
    """

    @property
    def lower_what(self) -> str:
        """The name of ``actual`` within a sentence."""
        return self.what[:1].lower() + self.what[1:]

    def same(self, one: torch.Tensor, other: torch.Tensor) -> bool:
        """Whether two tensors have one shape and the same numbers within the tolerance."""
        if one.shape != other.shape:
            return False

        # The less precise dtype decides; whole numbers and bools must be equal.
        tolerance = (0.0, 0.0)
        for dtype in (self.actual.dtype, self.expected.dtype):
            tolerance = max(tolerance, TOLERANCES.get(dtype, tolerance))
        return are_close(one, other, tolerance)

    def tensors(self) -> Iterator[tuple[str, torch.Tensor]]:
        """The names and values of the arguments that are tensors."""
        for name, value in self.given.items():
            if isinstance(value, torch.Tensor):
                yield name, value.detach()

    def ids(self) -> Iterator[tuple[str, torch.Tensor]]:
        """The arguments that name rows of the expected table: whole numbers below its height.

        Each is flattened. An argument must have this height, or be this number. Otherwise, rows
        of the result could stand for something else, such as bags.
        """
        height = 0
        if self.expected.dim():
            height = len(self.expected)
        known_sizes = []
        for value in self.given.values():
            if isinstance(value, int):
                known_sizes.append(value)
            elif isinstance(value, torch.Tensor) and value.dim() > 1:
                known_sizes.append(len(value))
        if height not in known_sizes:
            return
        for name, value in self.tensors():
            if are_rows(value, height):
                yield name, value.flatten().long()


def are_close(one: torch.Tensor, other: torch.Tensor, tolerance: tuple[float, float]) -> bool:
    """Whether all numbers are the same within a relative and an absolute tolerance.

    The absolute tolerance is meant for numbers up to 1. If all numbers are smaller, so is the
    tolerance; otherwise tiny numbers would be the same as any others.
    """
    relative, absolute = tolerance
    one, other = as_float64(one), as_float64(other)
    finite = other[other.isfinite()].abs()
    largest = float(finite.max()) if finite.numel() else 0.0
    absolute *= min(1.0, largest)
    return torch.allclose(one, other, relative, absolute, equal_nan=True)


def are_rows(tensor: torch.Tensor, height: int) -> bool:
    """Whether a tensor has numbers of rows of a table of this height, and nothing else."""
    if tensor.is_floating_point() or tensor.dtype is torch.bool:
        return False
    if not tensor.numel():
        return False
    lowest = tensor.min()
    highest = tensor.max()
    return bool(lowest >= 0 and highest < height)


def as_float64(tensor: torch.Tensor) -> torch.Tensor:
    """Return the numbers in a dtype in which they can be compared and added."""
    return tensor.detach().to(torch.float64)
