"""Hidden checks of exercise 6. The oracle is autograd, sent back through ``F.embedding`` on this side only."""

import math

import torch
from torch.nn import functional as F

from grader.checks import assert_close, assert_equal, assert_shape, reference_vjp


def gradient_of(rng, *shape, dtype=torch.float32):
    """Random numbers of which no two are equal."""
    return torch.randn(shape, generator=rng, dtype=torch.float64).to(dtype)


def ids(rng, below, *shape):
    """Ids under ``below`` in random order, again and again until ``shape`` is full."""
    count = math.prod(shape)
    return torch.randperm(below, generator=rng).repeat(count // below + 1)[:count].reshape(shape)


def all_in_float32(value):
    """Whether float32 could hold every number of ``value``: nearly none that float64 calculates with, by chance."""
    return bool((value == value.float()).all())


def reference(grad_output, idx, num):
    """What autograd gives the weight of PyTorch's own embedding, calculated in float64."""
    weight = torch.zeros(num, grad_output.shape[-1], dtype=torch.float64, requires_grad=True)
    _, (gradient, _) = reference_vjp(lambda w, i: F.embedding(i, w), weight, idx, cotangent=grad_output.double())
    return gradient.to(grad_output.dtype)


def test_rows(learner, rng, device):
    """Different ids in random order: each gradient has a row to itself, even if that is a single number."""
    for num, dim in ((6, 4), (3, 5), (5, 1)):
        idx = 1 + torch.randperm(num - 1, generator=rng)
        grad = gradient_of(rng, num - 1, dim)
        assert_close(learner.lookup_backward(grad.to(device), idx.to(device), num), reference(grad, idx, num))


def test_repeats(learner, rng, device):
    """Ids that occur two and three times, apart from each other and side by side; the last is always one of them."""
    for num, dim, below, count in ((7, 3, 4, 10), (4, 5, 3, 8)):
        idx = num - 1 - ids(rng, below, count)
        for order in (idx, idx.sort().values):
            grad = gradient_of(rng, count, dim)
            result = learner.lookup_backward(grad.to(device), order.to(device), num)
            assert_close(result, reference(grad, order, num))


def test_any_rank(learner, rng, device):
    """Repeats within a row, across rows, and both give what they give in a list; no size is that of the table."""
    within = torch.tensor([[3, 3, 1], [0, 2, 0]])
    across = torch.tensor([[3, 1, 0], [1, 3, 2]])
    for num, dim, idx in ((5, 4, within), (5, 4, across), (7, 5, ids(rng, 3, 2, 4)), (8, 5, ids(rng, 8, 2, 3, 4))):
        grad = gradient_of(rng, *idx.shape, dim).to(device)
        result = learner.lookup_backward(grad, idx.to(device), num)
        listed = learner.lookup_backward(grad.reshape(-1, dim), idx.flatten().to(device), num)
        assert_close(result, listed, "the result, beside that for a list of the ids")


def test_untouched_rows(learner, rng, device):
    """Neither the first nor the last ids occur; their rows are there, and zero to the bit."""
    for num, dim, count in ((9, 4, 5), (8, 5, 6)):
        idx = 2 + ids(rng, 4, count)
        result = learner.lookup_backward(gradient_of(rng, count, dim).to(device), idx.to(device), num)
        assert_shape(result, (num, dim))
        named = torch.isin(torch.arange(num), idx)
        assert_equal(result[~named], torch.zeros(int((~named).sum()), dim), "the rows that no id names")


def check_padding(learner, device, grad, idx, num, padding):
    """With ``padding``, given by place and by name, the result is what it is without, but for zeros in that row."""
    grad, idx = grad.to(device), idx.to(device)
    without = learner.lookup_backward(grad, idx, num)
    assert_shape(without, (num, grad.shape[-1]), "the result without a padding_idx")
    expected = without.clone()
    expected[padding] = 0
    assert_close(learner.lookup_backward(grad, idx, num, padding), expected)
    assert_close(learner.lookup_backward(grad, idx, num, padding_idx=padding), expected)


def test_padding(learner, rng, device):
    """An id that occurs, the last one too, and one that doesn't; then None, which takes no row's gradient away."""
    num, dim = 6, 4
    for idx, padding in ((ids(rng, 6, 8), 3), (ids(rng, 6, 7), 5), (5 - ids(rng, 4, 5), 1)):
        check_padding(learner, device, gradient_of(rng, len(idx), dim), idx, num, padding)
    idx = torch.randperm(num, generator=rng)
    result = learner.lookup_backward(gradient_of(rng, num, dim).to(device), idx.to(device), num, None)
    assert_shape(result, (num, dim))
    zeros = (result == 0).all(1)
    assert_equal(zeros, torch.zeros(num, dtype=torch.bool), "which rows are all zeros, where padding_idx is None")


def test_padding_zero(learner, rng, device):
    """Zero is an id like any other, and not the same as None."""
    for num, dim, count in ((5, 3, 7), (4, 6, 9)):
        check_padding(learner, device, gradient_of(rng, count, dim), ids(rng, num, count), num, 0)


def test_single_and_empty(learner, rng, device):
    """A 0-d id brings what it brings in a list of one; no ids bring nothing, and a table of zeros is the result."""
    num, dim = 6, 4
    grad, idx = gradient_of(rng, dim).to(device), ids(rng, 5, 1).to(device)
    listed = learner.lookup_backward(grad.unsqueeze(0), idx, num)
    assert_close(learner.lookup_backward(grad, idx[0], num), listed, "the result, beside that for a list of this id")
    for shape in ((0,), (3, 0), (0, 2)):
        grad, idx = torch.empty(*shape, dim), torch.empty(shape, dtype=torch.int64)
        assert_equal(learner.lookup_backward(grad.to(device), idx.to(device), num), torch.zeros(num, dim))


def test_dtype(learner, rng, device):
    """Nor has a float64 gone through a float32 on the way: that would have cost its last digits."""
    for dtype in (torch.float64, torch.float32, torch.float16, torch.bfloat16):
        grad, idx = gradient_of(rng, 9, 3, dtype=dtype), ids(rng, 7, 9)
        result = learner.lookup_backward(grad.to(device), idx.to(device), 7)
        assert_shape(result, (7, 3))
        assert_equal(result.dtype, dtype, "the dtype of the result")
        if dtype is torch.float64:
            assert_equal(all_in_float32(result), False, "whether the digits of the result would fit into float32")


def test_id_types(learner, rng, device):
    """Both integer dtypes that PyTorch's embedding takes give the same."""
    grad, idx = gradient_of(rng, 9, 3).to(device), ids(rng, 7, 9).to(device)
    result = learner.lookup_backward(grad, idx, 7)
    assert_shape(result, (7, 3))
    found = learner.lookup_backward(grad, idx.int(), 7)
    assert_close(found, result, "the result for int32 ids, beside that for int64 ids")


def look_afterwards(learner, grad_output, idx, padding_idx) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Called lookup_backward(grad_output, idx, 7, padding_idx); then looked at its result, grad_output and idx."""
    result = learner.lookup_backward(grad_output, idx, 7, padding_idx)
    return result, grad_output, idx


def test_inputs_untouched(learner, rng, device):
    """The gradient that came in belongs to the caller, without and with a padding_idx."""
    for padding in (None, 2):
        grad, idx = gradient_of(rng, 9, 5), ids(rng, 7, 9)
        result, grad_after, idx_after = learner.run(look_afterwards, grad.to(device), idx.to(device), padding)
        assert_shape(result, (7, 5))
        assert_equal(grad_after, grad, "after the call, grad_output")
        assert_equal(idx_after, idx, "after the call, idx")
