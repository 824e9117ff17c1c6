"""Hidden checks of exercise 11.

The oracle is ``F.embedding_bag`` in float64. It runs only in the examiner's process.
"""

import torch
from torch.nn import functional as F

from grader.checks import assert_close, assert_equal, assert_shape, reference_vjp

MODES = ("sum", "mean", "max")


def table(rng, num, dim, dtype=torch.float32):
    """A random table in which all numbers differ."""
    return torch.randn(num, dim, generator=rng, dtype=torch.float64).to(dtype)


def bags(rng, below, *sizes):
    """Ids for bags of these sizes, and their offsets.

    The ids are below ``below``, in random order, repeated as often as needed.
    """
    count = sum(sizes)
    idx = torch.randperm(below, generator=rng).repeat(count // below + 1)[:count]
    return idx, torch.tensor([0, *sizes[:-1]]).cumsum(0)


def reference(weight, idx, offsets, mode):
    """The result of PyTorch's embedding bag, computed in float64."""
    return F.embedding_bag(idx, weight.double(), offsets, mode=mode).to(weight.dtype)


def all_in_float32(value):
    """Whether float32 can hold every number of ``value``.

    Numbers calculated in float64 almost never fit by chance.
    """
    return bool((value == value.float()).all())


def check(learner, device, weight, idx, offsets, mode):
    """Check that the learner's result is PyTorch's result."""
    result = learner.embedding_bag(weight.to(device), idx.to(device), offsets.to(device), mode)
    assert_close(result, reference(weight, idx, offsets, mode))


def check_sizes(learner, rng, device, mode):
    """Check bags of different sizes with repeated ids."""
    for num, dim, below, sizes in (
        (9, 4, 3, (5, 2, 6)),
        (5, 8, 5, (3, 1, 7, 2)),
        (6, 3, 4, (4, 4)),
    ):
        check(learner, device, table(rng, num, dim), *bags(rng, below, *sizes), mode)


def test_sum(learner, rng, device):
    """The sums are right, also for ids that occur two or three times in a bag."""
    check_sizes(learner, rng, device, "sum")


def test_mean(learner, rng, device):
    """The means are right for bags of different sizes."""
    check_sizes(learner, rng, device, "mean")


def test_max(learner, rng, device):
    """The maxima come from different rows, column by column, and may be negative."""
    check_sizes(learner, rng, device, "max")
    check(learner, device, -table(rng, 7, 3).abs(), *bags(rng, 6, 4, 2, 5, 1), "max")


def test_empty_bags(learner, rng, device):
    """Empty bags give zeros anywhere, in all modes, and do not affect the other bags.

    The reference for the other bags and for the gradient is the learner's own result with the
    empty bags replaced by bags of one id at the end.
    """
    for sizes in ((2, 0, 3), (0, 4, 2), (3, 2, 0), (0, 0, 5, 0, 0, 0, 1), (0,), (0, 0)):
        weight = table(rng, 6, 4).to(device).requires_grad_()
        idx, offsets = (tensor.to(device) for tensor in bags(rng, 5, *sizes))
        filled, starts = (
            tensor.to(device)
            for tensor in bags(rng, 5, *filter(None, sizes), *[1] * sizes.count(0))
        )
        filled[: len(idx)] = idx
        empty = torch.tensor(sizes) == 0
        cotangent = torch.randn(len(sizes), 4, generator=rng)
        cotangent[empty] = 0
        moved = torch.cat([cotangent[~empty], cotangent[empty]])
        for mode in MODES:
            given = (weight, idx, offsets, mode)
            result, (gradient, *_) = learner.vjp(
                "embedding_bag", *given, cotangent=cotangent.to(device)
            )
            assert_equal(
                result[empty], torch.zeros(int(empty.sum()), 4), "the vectors of the empty bags"
            )
            given = (weight, filled, starts, mode)
            without, (expected, *_) = learner.vjp(
                "embedding_bag", *given, cotangent=moved.to(device)
            )
            others = without[: int((~empty).sum())]
            assert_close(
                result[~empty],
                others,
                "the other bags, compared with the result without empty bags",
            )
            if len(idx):  # without ids, the result may have no graph
                assert_close(
                    gradient,
                    expected,
                    "the gradient of weight, compared with that without empty bags",
                )


def test_one_bag(learner, rng, device):
    """A single bag, and bags of one id, give one vector each; for sum, its numbers are right."""
    for num, dim, sizes in ((7, 4, (5,)), (6, 5, (1, 1, 1)), (5, 3, (1,)), (8, 1, (3, 2))):
        weight, (idx, offsets) = table(rng, num, dim), bags(rng, num - 1, *sizes)
        for mode in MODES:
            result = learner.embedding_bag(
                weight.to(device), idx.to(device), offsets.to(device), mode
            )
            assert_shape(result, (len(sizes), dim))
            if mode == "sum":
                assert_close(result, reference(weight, idx, offsets, mode))


def test_dtype(learner, rng, device):
    """The dtypes are right, and float64 numbers have not lost digits in a float32 on the way."""
    for dtype in (torch.float64, torch.float32, torch.float16, torch.bfloat16):
        for mode in MODES:
            weight, (idx, offsets) = table(rng, 7, 3, dtype), bags(rng, 6, 2, 4, 1, 8)
            result = learner.embedding_bag(
                weight.to(device), idx.to(device), offsets.to(device), mode
            )
            assert_shape(result, (4, 3))
            assert_equal(result.dtype, dtype, "the dtype of the result")
            if dtype is torch.float64:
                assert_equal(
                    all_in_float32(result),
                    False,
                    "whether float32 can hold the digits of the result",
                )


def check_gradient(learner, rng, device, mode):
    """Check that the gradient of the weight is PyTorch's."""
    for num, dim, below, sizes in ((8, 4, 3, (5, 2, 6)), (6, 3, 5, (2, 7, 1))):
        weight = table(rng, num, dim).requires_grad_()
        idx, offsets = bags(rng, below, *sizes)
        cotangent = torch.randn(len(sizes), dim, generator=rng)
        _, (wanted, *_) = reference_vjp(reference, weight, idx, offsets, mode, cotangent=cotangent)
        sent = (weight.detach().to(device).requires_grad_(), idx.to(device), offsets.to(device))
        _, (gradient, *_) = learner.vjp(
            "embedding_bag", *sent, mode, cotangent=cotangent.to(device)
        )
        assert_close(gradient, wanted, "the gradient of weight")


def test_sum_gradient(learner, rng, device):
    """Each use of an id adds its bag's gradient to the row; for mean, divided by the bag's size."""
    check_gradient(learner, rng, device, "sum")
    check_gradient(learner, rng, device, "mean")


def test_max_gradient(learner, rng, device):
    """Each number of the gradient goes only to the row that had the largest number."""
    check_gradient(learner, rng, device, "max")


def test_unknown_mode(learner, rng, device):
    """Unknown modes raise ValueError, but sum does not.

    The sum comes first, so that a function that always raises fails.
    """
    given = [tensor.to(device) for tensor in (table(rng, 5, 3), *bags(rng, 4, 2, 4))]
    result = learner.embedding_bag(*given, "sum")
    assert_shape(result, (2, 3))
    for mode in ("median", "Mean", ""):
        learner.must_raise(ValueError, "embedding_bag", *given, mode)


def look_afterwards(
    learner, weight, idx, offsets, mode
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Called embedding_bag(weight, idx, offsets, mode).

    Returns the result, and weight, idx and offsets as they are afterwards.
    """
    result = learner.embedding_bag(weight, idx, offsets, mode)
    return result, weight, idx, offsets


def test_inputs_untouched(learner, rng, device):
    """The inputs do not change in any mode."""
    for mode in MODES:
        weight, (idx, offsets) = table(rng, 7, 4), bags(rng, 6, 3, 2)
        sent = (weight.to(device), idx.to(device), offsets.to(device))
        result, *after = learner.run(look_afterwards, *sent, mode)
        assert_shape(result, (2, 4))
        for name, now, before in zip(
            ("weight", "idx", "offsets"), after, (weight, idx, offsets), strict=True
        ):
            assert_equal(now, before, f"after the call, {name}")
