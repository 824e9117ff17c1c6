"""Hidden checks of exercise 11. The oracle is ``F.embedding_bag``, in float64 and on this side only."""

import torch
from torch.nn import functional as F

from grader.examiner.compare import assert_close, assert_equal
from grader.examiner.probes import reference_vjp

MODES = ("sum", "mean", "max")


def table(rng, num, dim, dtype=torch.float32):
    """A random table of which no two numbers are equal."""
    return torch.randn(num, dim, generator=rng, dtype=torch.float64).to(dtype)


def bags(rng, below, *sizes):
    """Ids under ``below`` in random order, again and again, for bags of these sizes, and their offsets."""
    count = sum(sizes)
    idx = torch.randperm(below, generator=rng).repeat(count // below + 1)[:count]
    return idx, torch.tensor([0, *sizes[:-1]]).cumsum(0)


def reference(weight, idx, offsets, mode):
    """What PyTorch's own embedding bag returns, calculated in float64."""
    return F.embedding_bag(idx, weight.double(), offsets, mode=mode).to(weight.dtype)


def check(learner, device, weight, idx, offsets, mode):
    """The learner's vectors are PyTorch's."""
    result = learner.embedding_bag(weight.to(device), idx.to(device), offsets.to(device), mode)
    assert_close(result, reference(weight, idx, offsets, mode))


def check_sizes(learner, rng, device, mode):
    """Bags with repeated ids, of sizes that differ from each other and from the other sizes."""
    for num, dim, below, sizes in ((9, 4, 3, (5, 2, 6)), (5, 8, 5, (3, 1, 7, 2)), (6, 3, 4, (4, 4))):
        check(learner, device, table(rng, num, dim), *bags(rng, below, *sizes), mode)


def test_sum(learner, rng, device):
    """Sums over bags that hold some ids two and three times."""
    check_sizes(learner, rng, device, "sum")


def test_mean(learner, rng, device):
    """Means over bags of different sizes."""
    check_sizes(learner, rng, device, "mean")


def test_max(learner, rng, device):
    """Maxima, which come of different rows in different columns; then of negative numbers only."""
    check_sizes(learner, rng, device, "max")
    check(learner, device, -table(rng, 7, 3).abs(), *bags(rng, 6, 4, 2, 5, 1), "max")


def test_empty_bags(learner, rng, device):
    """Empty bags at both ends, in the middle and side by side, and nothing but empty bags."""
    for sizes in ((2, 0, 3), (0, 4, 2), (3, 2, 0), (0, 0, 5, 0, 0, 0, 1), (0,), (0, 0)):
        weight = table(rng, 6, 4)
        idx, offsets = bags(rng, 5, *sizes)
        for mode in MODES:
            check(learner, device, weight, idx, offsets, mode)


def test_one_bag(learner, rng, device):
    """All ids in one bag, one id in each bag, one id in one bag."""
    for num, dim, sizes in ((7, 4, (5,)), (6, 5, (1, 1, 1)), (5, 3, (1,)), (8, 1, (3, 2))):
        for mode in MODES:
            check(learner, device, table(rng, num, dim), *bags(rng, num - 1, *sizes), mode)


def test_dtype(learner, rng, device):
    """The four float dtypes; in the short ones, numbers and sizes whose sums and means are exact."""
    for dtype in (torch.float64, torch.float32, torch.float16, torch.bfloat16):
        for mode in MODES:
            weight = table(rng, 7, 3, dtype)
            if dtype.itemsize < 4:
                weight = torch.randint(-7, 8, weight.shape, generator=rng).to(dtype)
            check(learner, device, weight, *bags(rng, 6, 2, 4, 1, 8), mode)


def check_gradient(learner, rng, device, mode):
    """The gradients of the learner's vectors are those of PyTorch's."""
    for num, dim, below, sizes in ((8, 4, 3, (5, 2, 6)), (6, 3, 5, (2, 0, 7, 1, 0))):
        weight = table(rng, num, dim, torch.float64).requires_grad_()
        idx, offsets = bags(rng, below, *sizes)
        cotangent = torch.randn(len(sizes), dim, generator=rng, dtype=torch.float64)
        expected, (wanted, *_) = reference_vjp(reference, weight, idx, offsets, mode, cotangent=cotangent)
        sent = (weight.detach().to(device).requires_grad_(), idx.to(device), offsets.to(device))
        result, (gradient, *_) = learner.vjp("embedding_bag", *sent, mode, cotangent=cotangent.to(device))
        assert_close(result, expected)
        assert_close(gradient, wanted, "the gradient of weight")


def test_sum_gradient(learner, rng, device):
    """Each row gets its bag's gradient once for each time that its id occurs, for mean divided by the size."""
    check_gradient(learner, rng, device, "sum")
    check_gradient(learner, rng, device, "mean")


def test_max_gradient(learner, rng, device):
    """Each number of a bag's gradient goes to the row that had the largest, and nowhere else."""
    check_gradient(learner, rng, device, "max")


def test_unknown_mode(learner, rng, device):
    """A mode that there is, so that only embedding bags pass; then some that there are not."""
    weight, (idx, offsets) = table(rng, 5, 3), bags(rng, 4, 2, 4)
    check(learner, device, weight, idx, offsets, "sum")
    for mode in ("median", "Mean", ""):
        learner.must_raise(ValueError, "embedding_bag", weight.to(device), idx.to(device), offsets.to(device), mode)


def look_afterwards(
    learner, weight, idx, offsets, mode
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Called embedding_bag(weight, idx, offsets, mode), and then looked at its result, weight, idx and offsets."""
    result = learner.embedding_bag(weight, idx, offsets, mode)
    return result, weight, idx, offsets


def test_inputs_untouched(learner, rng, device):
    """What was given can be used again, after each mode."""
    for mode in MODES:
        weight, (idx, offsets) = table(rng, 7, 4), bags(rng, 6, 3, 2)
        sent = (weight.to(device), idx.to(device), offsets.to(device))
        result, *after = learner.run(look_afterwards, *sent, mode)
        assert_close(result, reference(weight, idx, offsets, mode))
        for name, now, before in zip(("weight", "idx", "offsets"), after, (weight, idx, offsets), strict=True):
            assert_equal(now, before, f"after the call, {name}")
