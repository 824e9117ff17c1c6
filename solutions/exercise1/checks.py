"""Hidden checks of exercise 1. The oracle is ``F.embedding``, on this side only."""

import math

import torch
from torch.nn import functional as F

from grader.examiner.compare import assert_close, assert_equal
from grader.examiner.probes import reference_vjp


def table(rng, num, dim, dtype=torch.float32):
    """A random table of shape (num, dim)."""
    return torch.randn(num, dim, generator=rng).to(dtype)


def ids(rng, below, *shape):
    """Ids under ``below`` in random order, again and again until ``shape`` is full."""
    count = math.prod(shape)
    return torch.randperm(below, generator=rng).repeat(count // below + 1)[:count].reshape(shape)


def reference(weight, idx):
    """The rows that PyTorch's own embedding returns."""
    return F.embedding(idx, weight)


def test_rows(learner, rng, device):
    """Ids in any order, with repeats, without and with the id num - 1."""
    for num, dim, below, count in ((7, 5, 4, 6), (4, 3, 4, 5)):
        weight, idx = table(rng, num, dim), ids(rng, below, count)
        assert_close(learner.lookup(weight.to(device), idx.to(device)), reference(weight, idx))


def test_any_rank(learner, rng, device):
    """Ids of two and more dimensions; in the first case they repeat in a row and across rows."""
    for num, dim, below, shape in ((7, 5, 3, (2, 4)), (6, 5, 6, (2, 3, 4)), (8, 6, 7, (2, 1, 3, 4))):
        weight, idx = table(rng, num, dim), ids(rng, below, *shape)
        assert_close(learner.lookup(weight.to(device), idx.to(device)), reference(weight, idx))


def test_single_id(learner, rng, device):
    """A 0-d id is answered by one 1-D row, the last one too."""
    weight = table(rng, 6, 4)
    for number in (ids(rng, 5, 1).item(), 5):
        assert_close(learner.lookup(weight.to(device), torch.tensor(number, device=device)), weight[number])


def test_empty(learner, rng, device):
    """No ids at all: the shape still says what the rows would have been."""
    weight = table(rng, 6, 4)
    for shape in ((0,), (3, 0), (0, 2)):
        idx = torch.empty(shape, dtype=torch.int64)
        assert_equal(learner.lookup(weight.to(device), idx.to(device)), torch.empty(*shape, 4))


def test_dtype(learner, rng, device):
    """A row has the dtype of the table that it comes from."""
    for dtype in (torch.float64, torch.float16, torch.bfloat16, torch.float32):
        weight, idx = table(rng, 7, 3, dtype), ids(rng, 6, 2, 5)
        assert_close(learner.lookup(weight.to(device), idx.to(device)), reference(weight, idx))


def test_id_types(learner, rng, device):
    """Both integer dtypes that ``F.embedding`` takes."""
    for dtype in (torch.int64, torch.int32):
        weight, idx = table(rng, 7, 3), ids(rng, 6, 2, 5)
        assert_close(learner.lookup(weight.to(device), idx.to(dtype).to(device)), reference(weight, idx))


def test_out_of_range(learner, rng):
    """An id that the table has no row for; first one that it has, so that only lookups pass.

    On the CPU, whatever the device: elsewhere an id out of range may end the whole process.
    """
    weight, idx = table(rng, 5, 3), ids(rng, 5, 2, 4)
    assert_close(learner.lookup(weight, idx), reference(weight, idx))
    for too_large in (5, 9):
        idx[1, 2] = too_large
        learner.must_raise((IndexError, RuntimeError), "lookup", weight, idx)


def test_gradient(learner, rng, device):
    """The gradient of each result row is added to the row of the table that it came from."""
    for num, dim, below, shape in ((7, 2, 4, (6,)), (6, 3, 3, (2, 4)), (5, 6, 5, (2, 3, 4))):
        weight = table(rng, num, dim, torch.float64).requires_grad_()
        idx = ids(rng, below, *shape)
        cotangent = torch.randn(*shape, dim, generator=rng, dtype=torch.float64)
        expected, (wanted, _) = reference_vjp(reference, weight, idx, cotangent=cotangent)
        sent = weight.detach().to(device).requires_grad_()
        result, (gradient, _) = learner.vjp("lookup", sent, idx.to(device), cotangent=cotangent.to(device))
        assert_close(result, expected)
        assert_close(gradient, wanted, "the gradient of weight")


def look_afterwards(learner, weight, idx) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Called lookup(weight, idx), and then looked at its result, at weight and at idx."""
    result = learner.lookup(weight, idx)
    return result, weight, idx


def test_inputs_untouched(learner, rng, device):
    """Neither the table nor the ids change by being looked at."""
    weight, idx = table(rng, 7, 5), ids(rng, 4, 2, 3)
    result, weight_after, idx_after = learner.run(look_afterwards, weight.to(device), idx.to(device))
    assert_close(result, reference(weight, idx))
    assert_equal(weight_after, weight, "after the call, weight")
    assert_equal(idx_after, idx, "after the call, idx")
