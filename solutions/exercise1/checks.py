"""Hidden checks of exercise 1. The oracle is ``F.embedding``, on this side only."""

import math

import torch
from torch.nn import functional as F

from grader.checks import assert_close, assert_equal, assert_shape, reference_vjp


def table(rng, num, dim, dtype=torch.float32):
    """A random table of shape (num, dim)."""
    return torch.randn(num, dim, generator=rng, dtype=torch.float64).to(dtype)


def ids(rng, below, *shape):
    """Ids under ``below`` in random order, again and again until ``shape`` is full."""
    count = math.prod(shape)
    return torch.randperm(below, generator=rng).repeat(count // below + 1)[:count].reshape(shape)


def all_in_float32(value):
    """Whether float32 could hold every number of ``value``: nearly none that float64 calculates with, by chance."""
    return bool((value == value.float()).all())


def reference(weight, idx):
    """The rows that PyTorch's own embedding returns."""
    return F.embedding(idx, weight)


def test_rows(learner, rng, device):
    """Ids in any order, with repeats, without and with the id num - 1."""
    for num, dim, below, count in ((7, 5, 4, 6), (4, 3, 4, 5)):
        weight, idx = table(rng, num, dim), ids(rng, below, count)
        assert_close(learner.lookup(weight.to(device), idx.to(device)), reference(weight, idx))


def test_any_rank(learner, rng, device):
    """Ids of two and more dimensions get, in their shape, what they get in a list."""
    for num, dim, shape in ((3, 5, (2, 4)), (6, 5, (2, 3, 4)), (7, 6, (2, 1, 3, 4))):
        weight, idx = table(rng, num, dim).to(device), ids(rng, num, *shape).to(device)
        result = learner.lookup(weight, idx)
        assert_shape(result, (*shape, dim))
        listed = learner.lookup(weight, idx.flatten())
        assert_close(result.flatten(), listed.flatten(), "the numbers of the result, beside those for a list")


def test_single_id(learner, rng, device):
    """A 0-d id is answered by one 1-D row, the last one too: by what a list of this id is answered with."""
    weight = table(rng, 6, 4).to(device)
    for number in (ids(rng, 5, 1).item(), 5):
        idx = torch.tensor(number, device=device)
        result = learner.lookup(weight, idx)
        assert_shape(result, (4,))
        listed = learner.lookup(weight, idx.reshape(1))
        assert_close(result, listed.flatten(), "the result, beside that for a list of this id")


def test_empty(learner, rng, device):
    """No ids at all: the shape still says what the rows would have been."""
    weight = table(rng, 6, 4)
    for shape in ((0,), (3, 0), (0, 2)):
        idx = torch.empty(shape, dtype=torch.int64)
        assert_equal(learner.lookup(weight.to(device), idx.to(device)), torch.empty(*shape, 4))


def test_dtype(learner, rng, device):
    """Nor has a float64 gone through a float32 on the way: that would have cost its last digits."""
    for dtype in (torch.float64, torch.float16, torch.bfloat16, torch.float32):
        weight, idx = table(rng, 7, 3, dtype), ids(rng, 7, 10)
        result = learner.lookup(weight.to(device), idx.to(device))
        assert_shape(result, (10, 3))
        assert_equal(result.dtype, dtype, "the dtype of the result")
        if dtype is torch.float64:
            assert_equal(all_in_float32(result), False, "whether the digits of the result would fit into float32")


def test_id_types(learner, rng, device):
    """Both integer dtypes that PyTorch's embedding takes are answered alike."""
    weight, idx = table(rng, 7, 3).to(device), ids(rng, 7, 10).to(device)
    result = learner.lookup(weight, idx)
    assert_shape(result, (10, 3))
    found = learner.lookup(weight, idx.int())
    assert_close(found, result, "the result for int32 ids, beside that for int64 ids")


def test_out_of_range(learner, rng):
    """An id that the table has no row for; first a call that has to be answered, so that only lookups pass.

    On the CPU, whatever the device: elsewhere an id out of range may end the whole process.
    """
    weight, idx = table(rng, 5, 3), ids(rng, 5, 8)
    result = learner.lookup(weight, idx)
    assert_shape(result, (8, 3))
    for too_large in (5, 9):
        idx[3] = too_large
        learner.must_raise((IndexError, RuntimeError), "lookup", weight, idx)


def test_gradient(learner, rng, device):
    """The gradient of each result row is added to the row of the table that it came from."""
    for num, dim, below, count in ((7, 2, 4, 6), (6, 3, 3, 8), (5, 6, 5, 11)):
        weight = table(rng, num, dim).requires_grad_()
        idx = num - 1 - ids(rng, below, count)  # with the last id, and without some of the first
        cotangent = torch.randn(count, dim, generator=rng)
        _, (wanted, _) = reference_vjp(reference, weight, idx, cotangent=cotangent)
        sent = weight.detach().to(device).requires_grad_()
        _, (gradient, _) = learner.vjp("lookup", sent, idx.to(device), cotangent=cotangent.to(device))
        assert_close(gradient, wanted, "the gradient of weight")


def look_afterwards(learner, weight, idx) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Called lookup(weight, idx), and then looked at its result, at weight and at idx."""
    result = learner.lookup(weight, idx)
    return result, weight, idx


def test_inputs_untouched(learner, rng, device):
    """Neither the table nor the ids change by being looked at."""
    weight, idx = table(rng, 6, 5), ids(rng, 6, 8)
    result, weight_after, idx_after = learner.run(look_afterwards, weight.to(device), idx.to(device))
    assert_shape(result, (8, 5))
    assert_equal(weight_after, weight, "after the call, weight")
    assert_equal(idx_after, idx, "after the call, idx")
