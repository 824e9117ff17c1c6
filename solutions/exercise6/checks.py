"""Hidden checks of exercise 6. Autograd through ``F.embedding`` gives the expected gradients."""

import math

import torch
from torch.nn import functional as F

from grader.checks import assert_close, assert_equal, assert_shape, reference_vjp


def gradient_of(rng, *shape, dtype=torch.float32):
    """Return distinct random numbers."""
    return torch.randn(shape, generator=rng, dtype=torch.float64).to(dtype)


def ids(rng, below, *shape):
    """Return ids below ``below`` in random order, repeated until ``shape`` is full."""
    count = math.prod(shape)
    return torch.randperm(below, generator=rng).repeat(count // below + 1)[:count].reshape(shape)


def all_in_float32(value):
    """Return whether float32 can hold every number of ``value`` exactly.

    Numbers computed in float64 almost never fit into float32 by chance.
    """
    return bool((value == value.float()).all())


def reference(grad_output, idx, num):
    """Return the gradient that autograd gives the weight of PyTorch's embedding, in float64."""
    weight = torch.zeros(num, grad_output.shape[-1], dtype=torch.float64, requires_grad=True)
    _, (gradient, _) = reference_vjp(
        lambda w, i: F.embedding(i, w), weight, idx, cotangent=grad_output.double()
    )
    return gradient.to(grad_output.dtype)


def test_rows(learner, rng, device):
    """Different ids in random order: each gradient goes to its own row, also if dim is 1."""
    for num, dim in ((6, 4), (3, 5), (5, 1)):
        idx = 1 + torch.randperm(num - 1, generator=rng)
        grad = gradient_of(rng, num - 1, dim)
        assert_close(
            learner.lookup_backward(grad.to(device), idx.to(device), num), reference(grad, idx, num)
        )


def test_repeats(learner, rng, device):
    """Ids occur two and three times, apart and side by side.

    The last id is always one of them.
    """
    for num, dim, below, count in ((7, 3, 4, 10), (4, 5, 3, 8)):
        idx = num - 1 - ids(rng, below, count)
        for order in (idx, idx.sort().values):
            grad = gradient_of(rng, count, dim)
            result = learner.lookup_backward(grad.to(device), order.to(device), num)
            assert_close(result, reference(grad, order, num))


def test_any_rank(learner, rng, device):
    """Repeats within a row, across rows, and both give the same result as a list of ids.

    No size of ``idx`` equals the size of the table.
    """
    within = torch.tensor([[3, 3, 1], [0, 2, 0]])
    across = torch.tensor([[3, 1, 0], [1, 3, 2]])
    for num, dim, idx in (
        (5, 4, within),
        (5, 4, across),
        (7, 5, ids(rng, 3, 2, 4)),
        (8, 5, ids(rng, 8, 2, 3, 4)),
    ):
        grad = gradient_of(rng, *idx.shape, dim).to(device)
        result = learner.lookup_backward(grad, idx.to(device), num)
        listed = learner.lookup_backward(grad.reshape(-1, dim), idx.flatten().to(device), num)
        assert_close(result, listed, "the result, compared with that for a list of the ids")


def test_untouched_rows(learner, rng, device):
    """The first and the last ids do not occur; their rows are present and exactly zero."""
    for num, dim, count in ((9, 4, 5), (8, 5, 6)):
        idx = 2 + ids(rng, 4, count)
        result = learner.lookup_backward(
            gradient_of(rng, count, dim).to(device), idx.to(device), num
        )
        assert_shape(result, (num, dim))
        named = torch.isin(torch.arange(num), idx)
        assert_equal(
            result[~named],
            torch.zeros(int((~named).sum()), dim),
            "the rows of ids that do not occur",
        )


def check_padding(learner, device, grad, idx, num, padding):
    """Compare the results with and without ``padding``, passed by position and by name.

    They may differ only in that row, which must be zero.
    """
    grad, idx = grad.to(device), idx.to(device)
    without = learner.lookup_backward(grad, idx, num)
    assert_shape(without, (num, grad.shape[-1]), "the result without a padding_idx")
    expected = without.clone()
    expected[padding] = 0
    assert_close(learner.lookup_backward(grad, idx, num, padding), expected)
    assert_close(learner.lookup_backward(grad, idx, num, padding_idx=padding), expected)


def test_padding(learner, rng, device):
    """The padding id occurs, is the last id, or does not occur.

    With None, every row keeps its gradient.
    """
    num, dim = 6, 4
    for idx, padding in ((ids(rng, 6, 8), 3), (ids(rng, 6, 7), 5), (5 - ids(rng, 4, 5), 1)):
        check_padding(learner, device, gradient_of(rng, len(idx), dim), idx, num, padding)
    idx = torch.randperm(num, generator=rng)
    result = learner.lookup_backward(
        gradient_of(rng, num, dim).to(device), idx.to(device), num, None
    )
    assert_shape(result, (num, dim))
    zeros = (result == 0).all(1)
    assert_equal(
        zeros, torch.zeros(num, dtype=torch.bool), "which rows are zero if padding_idx is None"
    )


def test_padding_zero(learner, rng, device):
    """Zero is an id like any other, and differs from None."""
    for num, dim, count in ((5, 3, 7), (4, 6, 9)):
        check_padding(learner, device, gradient_of(rng, count, dim), ids(rng, num, count), num, 0)


def test_single_and_empty(learner, rng, device):
    """A 0-d id gives the same result as a list with this one id.

    An empty idx gives a table of zeros.
    """
    num, dim = 6, 4
    grad, idx = gradient_of(rng, dim).to(device), ids(rng, 5, 1).to(device)
    listed = learner.lookup_backward(grad.unsqueeze(0), idx, num)
    assert_close(
        learner.lookup_backward(grad, idx[0], num),
        listed,
        "the result, compared with that for a list of this id",
    )
    for shape in ((0,), (3, 0), (0, 2)):
        grad, idx = torch.empty(*shape, dim), torch.empty(shape, dtype=torch.int64)
        assert_equal(
            learner.lookup_backward(grad.to(device), idx.to(device), num), torch.zeros(num, dim)
        )


def test_dtype(learner, rng, device):
    """The result keeps each float dtype.

    A float64 gradient must not pass through float32 on the way, because that loses digits.
    """
    for dtype in (torch.float64, torch.float32, torch.float16, torch.bfloat16):
        grad, idx = gradient_of(rng, 9, 3, dtype=dtype), ids(rng, 7, 9)
        result = learner.lookup_backward(grad.to(device), idx.to(device), 7)
        assert_shape(result, (7, 3))
        assert_equal(result.dtype, dtype, "the dtype of the result")
        if dtype is torch.float64:
            assert_equal(
                all_in_float32(result), False, "whether float32 can hold every number of the result"
            )


def test_id_types(learner, rng, device):
    """int32 ids give the same result as int64 ids: PyTorch's embedding accepts both."""
    grad, idx = gradient_of(rng, 9, 3).to(device), ids(rng, 7, 9).to(device)
    result = learner.lookup_backward(grad, idx, 7)
    assert_shape(result, (7, 3))
    found = learner.lookup_backward(grad, idx.int(), 7)
    assert_close(found, result, "the result for int32 ids, compared with that for int64 ids")


def look_afterwards(
    learner, grad_output, idx, padding_idx
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Called lookup_backward(grad_output, idx, 7, padding_idx), then read its result and inputs."""
    result = learner.lookup_backward(grad_output, idx, 7, padding_idx)
    return result, grad_output, idx


def test_inputs_untouched(learner, rng, device):
    """The inputs are the same after the call, with and without a padding_idx."""
    for padding in (None, 2):
        grad, idx = gradient_of(rng, 9, 5), ids(rng, 7, 9)
        result, grad_after, idx_after = learner.run(
            look_afterwards, grad.to(device), idx.to(device), padding
        )
        assert_shape(result, (7, 5))
        assert_equal(grad_after, grad, "grad_output after the call")
        assert_equal(idx_after, idx, "idx after the call")
