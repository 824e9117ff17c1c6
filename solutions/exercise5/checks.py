"""Hidden checks of exercise 5. ``F.embedding`` gives the expected rows; only this side uses it."""

import math

import torch
from torch.nn import functional as F

from grader.checks import assert_close, assert_equal, assert_shape, reference_vjp


def table(rng, num, dim, dtype=torch.float32):
    """Return a random table of shape (num, dim)."""
    return torch.randn(num, dim, generator=rng, dtype=torch.float64).to(dtype)


def ids(rng, below, *shape):
    """Return ids below ``below`` in random order, repeated until ``shape`` is full."""
    count = math.prod(shape)
    return torch.randperm(below, generator=rng).repeat(count // below + 1)[:count].reshape(shape)


def all_in_float32(value):
    """Return whether float32 can hold every number of ``value`` exactly.

    Numbers computed in float64 almost never fit into float32 by chance.
    """
    return bool((value == value.float()).all())


def reference(weight, idx):
    """Return the rows that PyTorch's own embedding returns."""
    return F.embedding(idx, weight)


def test_rows(learner, rng, device):
    """Look up ids in random order, with repeats, with and without the id num - 1."""
    for num, dim, below, count in ((7, 5, 4, 6), (4, 3, 4, 5)):
        weight, idx = table(rng, num, dim), ids(rng, below, count)
        assert_close(
            learner.one_hot_lookup(weight.to(device), idx.to(device)), reference(weight, idx)
        )


def which_are_nan(learner, weight, idx) -> torch.Tensor:
    """Called one_hot_lookup(weight, idx) and marked the nan values of its result.

    In the second call, one number of weight is infinite, in a row that no id names.
    """
    return learner.one_hot_lookup(weight, idx).isnan()


def test_product(learner, rng, device):
    """Zero times infinity is nan, so the column of the infinite number becomes nan in every row."""
    for num, dim, count, value in ((6, 4, 3, math.inf), (8, 3, 5, -math.inf)):
        # No id names a neighbor of the infinite row: another check finds ids that are off by one.
        weight, idx = table(rng, num, dim), 1 + ids(rng, num - 3, count)
        row, column = num - 1, int(torch.randint(dim, (), generator=rng))
        # First without infinity: the result must not contain nan for another reason.
        nan = learner.run(which_are_nan, weight.to(device), idx.to(device))
        assert_equal(
            nan,
            torch.zeros(count, dim, dtype=torch.bool),
            "which numbers of the result are nan, without infinity",
        )
        weight[row, column] = value
        nan = learner.run(which_are_nan, weight.to(device), idx.to(device))
        expected = (torch.arange(dim) == column).expand(count, dim)
        assert_equal(nan, expected, "which numbers of the result are nan")


def test_any_rank(learner, rng, device):
    """Look up ids of two and more dimensions.

    The expected numbers are those of a list of the same ids, so that a wrong row costs points in
    one check only.
    """
    for num, dim, shape in ((3, 5, (2, 4)), (6, 5, (2, 3, 4)), (7, 6, (2, 1, 3, 4))):
        weight, idx = table(rng, num, dim).to(device), ids(rng, num, *shape).to(device)
        result = learner.one_hot_lookup(weight, idx)
        assert_shape(result, (*shape, dim))
        listed = learner.one_hot_lookup(weight, idx.flatten())
        assert_close(
            result.flatten(),
            listed.flatten(),
            "the numbers of the result, compared with those for a list of ids",
        )


def test_single_id(learner, rng, device):
    """Look up a 0-d id, also the last one.

    The expected row is that of a list with this one id, so that a wrong row costs points in one
    check only.
    """
    weight = table(rng, 6, 4).to(device)
    for number in (ids(rng, 5, 1).item(), 5):
        idx = torch.tensor(number, device=device)
        result = learner.one_hot_lookup(weight, idx)
        assert_shape(result, (4,))
        listed = learner.one_hot_lookup(weight, idx.reshape(1))
        assert_close(
            result, listed.flatten(), "the result, compared with that for a list of this id"
        )


def test_empty(learner, rng, device):
    """An empty idx still determines the shape of the result."""
    weight = table(rng, 6, 4)
    for shape in ((0,), (3, 0), (0, 2)):
        idx = torch.empty(shape, dtype=torch.int64)
        assert_equal(
            learner.one_hot_lookup(weight.to(device), idx.to(device)), torch.empty(*shape, 4)
        )


def test_dtype(learner, rng, device):
    """The result keeps each float dtype.

    A float64 table must not pass through float32 on the way, because that loses digits.
    """
    for dtype in (torch.float64, torch.float16, torch.bfloat16, torch.float32):
        weight, idx = table(rng, 7, 3, dtype), ids(rng, 7, 10)
        result = learner.one_hot_lookup(weight.to(device), idx.to(device))
        assert_shape(result, (10, 3))
        assert_equal(result.dtype, dtype, "the dtype of the result")
        if dtype is torch.float64:
            assert_equal(
                all_in_float32(result), False, "whether float32 can hold every number of the result"
            )


def test_id_types(learner, rng, device):
    """int32 ids give the same rows as int64 ids: PyTorch's embedding accepts both."""
    weight, idx = table(rng, 7, 3).to(device), ids(rng, 7, 10).to(device)
    result = learner.one_hot_lookup(weight, idx)
    assert_close(
        learner.one_hot_lookup(weight, idx.int()),
        result,
        "the result for int32 ids, compared with that for int64 ids",
    )


def test_out_of_range(learner, rng):
    """An id that the table does not have raises an error.

    A valid call comes first, so that only a working lookup passes. The check always runs on the
    CPU: on other devices, an id out of range can end the whole process.
    """
    weight, idx = table(rng, 5, 3), ids(rng, 5, 8)
    result = learner.one_hot_lookup(weight, idx)
    assert_shape(result, (8, 3))
    for too_large in (5, 9):
        idx[3] = too_large
        learner.must_raise((IndexError, RuntimeError, ValueError), "one_hot_lookup", weight, idx)


def test_gradient(learner, rng, device):
    """Each row of the table gets the sum of the gradients of its copies in the result."""
    for num, dim, below, count in ((7, 2, 4, 6), (6, 3, 3, 8), (5, 6, 5, 11)):
        weight = table(rng, num, dim).requires_grad_()
        idx = num - 1 - ids(rng, below, count)  # includes the last id, leaves out some of the first
        cotangent = torch.randn(count, dim, generator=rng)
        _, (wanted, _) = reference_vjp(reference, weight, idx, cotangent=cotangent)
        sent = weight.detach().to(device).requires_grad_()
        _, (gradient, _) = learner.vjp(
            "one_hot_lookup", sent, idx.to(device), cotangent=cotangent.to(device)
        )
        assert_close(gradient, wanted, "the gradient of weight")


def look_afterwards(learner, weight, idx) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Called one_hot_lookup(weight, idx), then read its result, weight and idx."""
    result = learner.one_hot_lookup(weight, idx)
    return result, weight, idx


def test_inputs_untouched(learner, rng, device):
    """The table and the ids are the same after the call."""
    weight, idx = table(rng, 6, 5), ids(rng, 6, 8)
    result, weight_after, idx_after = learner.run(
        look_afterwards, weight.to(device), idx.to(device)
    )
    assert_shape(result, (8, 5))
    assert_equal(weight_after, weight, "weight after the call")
    assert_equal(idx_after, idx, "idx after the call")
