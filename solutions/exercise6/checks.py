"""Hidden checks of exercise 6. The oracle is autograd, sent back through ``F.embedding`` on this side only."""

import math

import torch
from torch.nn import functional as F

from grader.examiner.compare import assert_close, assert_equal
from grader.examiner.probes import reference_vjp


def gradient_of(rng, *shape, dtype=torch.float32):
    """Random numbers of which no two are equal; of the short dtypes, small and whole ones that add up exactly."""
    if dtype.itemsize < 4:
        return torch.randint(1, 8, shape, generator=rng).to(dtype)
    return torch.randn(shape, generator=rng, dtype=torch.float64).to(dtype)


def ids(rng, below, *shape):
    """Ids under ``below`` in random order, again and again until ``shape`` is full."""
    count = math.prod(shape)
    return torch.randperm(below, generator=rng).repeat(count // below + 1)[:count].reshape(shape)


def reference(grad_output, idx, num, padding_idx=None):
    """What autograd gives the weight of PyTorch's own embedding, calculated in float64."""
    weight = torch.zeros(num, grad_output.shape[-1], dtype=torch.float64, requires_grad=True)
    cotangent = grad_output.double()
    _, (gradient, *_) = reference_vjp(
        lambda weight, idx: F.embedding(idx, weight, padding_idx), weight, idx.long(), cotangent=cotangent
    )
    return gradient.to(grad_output.dtype)


def test_rows(learner, rng, device):
    """Different ids in random order: each gradient has a row to itself, even if that is a single number."""
    for num, dim in ((6, 4), (3, 5), (5, 1)):
        idx = 1 + torch.randperm(num - 1, generator=rng)
        grad = gradient_of(rng, num - 1, dim)
        assert_close(learner.lookup_backward(grad.to(device), idx.to(device), num), reference(grad, idx, num))


def test_repeats(learner, rng, device):
    """Ids that occur two and three times, apart from each other and side by side."""
    for num, dim, below, count in ((7, 3, 4, 10), (4, 5, 3, 8)):
        idx = ids(rng, below, count)
        for order in (idx, idx.sort().values):
            grad = gradient_of(rng, count, dim)
            result = learner.lookup_backward(grad.to(device), order.to(device), num)
            assert_close(result, reference(grad, order, num))


def test_any_rank(learner, rng, device):
    """Repeats within a row, across rows, and both; no size of the ids is that of the table."""
    within = torch.tensor([[3, 3, 1], [0, 2, 0]])
    across = torch.tensor([[3, 1, 0], [1, 3, 2]])
    for num, dim, idx in ((5, 4, within), (5, 4, across), (7, 5, ids(rng, 3, 2, 4)), (8, 5, ids(rng, 8, 2, 3, 4))):
        grad = gradient_of(rng, *idx.shape, dim)
        assert_close(learner.lookup_backward(grad.to(device), idx.to(device), num), reference(grad, idx, num))


def test_untouched_rows(learner, rng, device):
    """Neither the first nor the last ids occur; their rows are there, and zero to the bit."""
    for num, dim, shape in ((9, 4, (5,)), (8, 5, (2, 3))):
        idx = 2 + ids(rng, 4, *shape)
        grad = gradient_of(rng, *shape, dim)
        result = learner.lookup_backward(grad.to(device), idx.to(device), num)
        expected = reference(grad, idx, num)
        assert_close(result, expected)
        named = torch.isin(torch.arange(num), idx)
        assert_equal(result[~named], torch.zeros(int((~named).sum()), dim), "the rows that no id names")


def test_padding(learner, rng, device):
    """An id that occurs, the last one too, one that doesn't, and None; given by place and by name."""
    num, dim = 6, 4
    for idx, padding in ((ids(rng, 5, 2, 3), 3), (ids(rng, 6, 7), 5), (ids(rng, 4, 5), 4), (ids(rng, 6, 7), None)):
        grad = gradient_of(rng, *idx.shape, dim)
        expected = reference(grad, idx, num, padding)
        assert_close(learner.lookup_backward(grad.to(device), idx.to(device), num, padding), expected)
        assert_close(learner.lookup_backward(grad.to(device), idx.to(device), num, padding_idx=padding), expected)


def test_padding_zero(learner, rng, device):
    """Zero is an id like any other, and not the same as None."""
    num, dim = 5, 3
    for shape in ((7,), (2, 4)):
        idx = ids(rng, 4, *shape)
        grad = gradient_of(rng, *shape, dim)
        result = learner.lookup_backward(grad.to(device), idx.to(device), num, 0)
        assert_close(result, reference(grad, idx, num, 0))


def test_single_and_empty(learner, rng, device):
    """A 0-d id brings one gradient; no ids bring none, and a table of zeros is the result."""
    num, dim = 6, 4
    grad, idx = gradient_of(rng, dim), ids(rng, 5, 1)[0]
    assert_close(learner.lookup_backward(grad.to(device), idx.to(device), num), reference(grad, idx, num))
    for shape in ((0,), (3, 0), (0, 2)):
        grad, idx = torch.empty(*shape, dim), torch.empty(shape, dtype=torch.int64)
        assert_equal(learner.lookup_backward(grad.to(device), idx.to(device), num), torch.zeros(num, dim))


def test_dtype(learner, rng, device):
    """The four float dtypes; sums are compared that none of them rounds."""
    for dtype in (torch.float64, torch.float32, torch.float16, torch.bfloat16):
        grad, idx = gradient_of(rng, 2, 4, 3, dtype=dtype), ids(rng, 4, 2, 4)
        assert_close(learner.lookup_backward(grad.to(device), idx.to(device), 7), reference(grad, idx, 7))


def test_id_types(learner, rng, device):
    """Both integer dtypes that PyTorch's embedding takes."""
    for dtype in (torch.int64, torch.int32):
        grad, idx = gradient_of(rng, 2, 4, 3), ids(rng, 4, 2, 4)
        result = learner.lookup_backward(grad.to(device), idx.to(dtype).to(device), 7)
        assert_close(result, reference(grad, idx, 7))


def look_afterwards(learner, grad_output, idx, padding_idx) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Called lookup_backward(grad_output, idx, 7, padding_idx); then looked at its result, grad_output and idx."""
    result = learner.lookup_backward(grad_output, idx, 7, padding_idx)
    return result, grad_output, idx


def test_inputs_untouched(learner, rng, device):
    """The gradient that came in belongs to the caller, without and with a padding_idx."""
    for padding in (None, 2):
        grad, idx = gradient_of(rng, 2, 3, 5), ids(rng, 4, 2, 3)
        result, grad_after, idx_after = learner.run(look_afterwards, grad.to(device), idx.to(device), padding)
        assert_close(result, reference(grad, idx, 7, padding))
        assert_equal(grad_after, grad, "after the call, grad_output")
        assert_equal(idx_after, idx, "after the call, idx")
