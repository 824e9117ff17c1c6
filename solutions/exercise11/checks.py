"""Hidden checks of exercise 11. The oracle is ``F.embedding_bag``, in float64 and on this side only."""

import torch
from torch.nn import functional as F

from grader.checks import assert_close, assert_equal, assert_shape, reference_vjp

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


def all_in_float32(value):
    """Whether float32 could hold every number of ``value``: nearly none that float64 calculates with, by chance."""
    return bool((value == value.float()).all())


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
    """At both ends, in the middle, side by side, and nothing else; in all modes.

    The other bags, and gradients where there are ids, are what they are with as many bags of one id in their place.
    """
    for sizes in ((2, 0, 3), (0, 4, 2), (3, 2, 0), (0, 0, 5, 0, 0, 0, 1), (0,), (0, 0)):
        weight = table(rng, 6, 4).to(device).requires_grad_()
        idx, offsets = (tensor.to(device) for tensor in bags(rng, 5, *sizes))
        filled, starts = (tensor.to(device) for tensor in bags(rng, 5, *filter(None, sizes), *[1] * sizes.count(0)))
        filled[: len(idx)] = idx
        empty = torch.tensor(sizes) == 0
        cotangent = torch.randn(len(sizes), 4, generator=rng)
        cotangent[empty] = 0
        moved = torch.cat([cotangent[~empty], cotangent[empty]])
        for mode in MODES:
            given = (weight, idx, offsets, mode)
            result, (gradient, *_) = learner.vjp("embedding_bag", *given, cotangent=cotangent.to(device))
            assert_equal(result[empty], torch.zeros(int(empty.sum()), 4), "the vectors of the empty bags")
            given = (weight, filled, starts, mode)
            without, (expected, *_) = learner.vjp("embedding_bag", *given, cotangent=moved.to(device))
            others = without[: int((~empty).sum())]
            assert_close(result[~empty], others, "the other bags, beside what they are without empty ones")
            if len(idx):  # without any id there is nothing that a gradient could flow through
                assert_close(gradient, expected, "the gradient of weight, beside what it is without empty bags")


def test_one_bag(learner, rng, device):
    """All ids in one bag, one id in each bag, one id in one bag: one vector each, and the right one for sum."""
    for num, dim, sizes in ((7, 4, (5,)), (6, 5, (1, 1, 1)), (5, 3, (1,)), (8, 1, (3, 2))):
        weight, (idx, offsets) = table(rng, num, dim), bags(rng, num - 1, *sizes)
        for mode in MODES:
            result = learner.embedding_bag(weight.to(device), idx.to(device), offsets.to(device), mode)
            assert_shape(result, (len(sizes), dim))
            if mode == "sum":
                assert_close(result, reference(weight, idx, offsets, mode))


def test_dtype(learner, rng, device):
    """Nor has a float64 gone through a float32 on the way: that would have cost its last digits."""
    for dtype in (torch.float64, torch.float32, torch.float16, torch.bfloat16):
        for mode in MODES:
            weight, (idx, offsets) = table(rng, 7, 3, dtype), bags(rng, 6, 2, 4, 1, 8)
            result = learner.embedding_bag(weight.to(device), idx.to(device), offsets.to(device), mode)
            assert_shape(result, (4, 3))
            assert_equal(result.dtype, dtype, "the dtype of the result")
            if dtype is torch.float64:
                assert_equal(all_in_float32(result), False, "whether the digits of the result would fit into float32")


def check_gradient(learner, rng, device, mode):
    """The gradients of the learner's vectors are those of PyTorch's."""
    for num, dim, below, sizes in ((8, 4, 3, (5, 2, 6)), (6, 3, 5, (2, 7, 1))):
        weight = table(rng, num, dim).requires_grad_()
        idx, offsets = bags(rng, below, *sizes)
        cotangent = torch.randn(len(sizes), dim, generator=rng)
        _, (wanted, *_) = reference_vjp(reference, weight, idx, offsets, mode, cotangent=cotangent)
        sent = (weight.detach().to(device).requires_grad_(), idx.to(device), offsets.to(device))
        _, (gradient, *_) = learner.vjp("embedding_bag", *sent, mode, cotangent=cotangent.to(device))
        assert_close(gradient, wanted, "the gradient of weight")


def test_sum_gradient(learner, rng, device):
    """Each row gets its bag's gradient once for each time that its id occurs, for mean divided by the size."""
    check_gradient(learner, rng, device, "sum")
    check_gradient(learner, rng, device, "mean")


def test_max_gradient(learner, rng, device):
    """Each number of a bag's gradient goes to the row that had the largest, and nowhere else."""
    check_gradient(learner, rng, device, "max")


def test_unknown_mode(learner, rng, device):
    """First a mode that has to be answered, so that only embedding bags pass; then some that there are not."""
    given = [tensor.to(device) for tensor in (table(rng, 5, 3), *bags(rng, 4, 2, 4))]
    result = learner.embedding_bag(*given, "sum")
    assert_shape(result, (2, 3))
    for mode in ("median", "Mean", ""):
        learner.must_raise(ValueError, "embedding_bag", *given, mode)


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
        assert_shape(result, (2, 4))
        for name, now, before in zip(("weight", "idx", "offsets"), after, (weight, idx, offsets), strict=True):
            assert_equal(now, before, f"after the call, {name}")
