"""Hidden checks of exercise 11.

The oracle is ``F.embedding_bag`` in float64. It runs only in the examiner's process.
"""

import math

import torch
from torch.nn import functional as F

from grader.checks import (
    assert_close,
    assert_equal,
    assert_shape,
    noncontiguous,
    pairwise,
    reference_vjp,
)

MODES = ("sum", "mean", "max")
COMBINATIONS = tuple(
    pairwise(
        empty={"sizes": (0, 0)},
        # Such a table has no row that is in no bag.
        without=({"table": (1, 1), "finite": False},),
        sizes=((2, 0, 3), (1,), (0, 0), (3, 1, 2)),
        dtype=(torch.float32, torch.float64, torch.float16, torch.bfloat16),
        mode=MODES,
        table=((6, 4), (1, 1), (130, 2)),
        arrange_weight=(torch.clone, noncontiguous),
        arrange_ids=(torch.clone, noncontiguous),
        arrange_offsets=(torch.clone, noncontiguous),
        trained=(True, False),
        sign=(1, -1),
        finite=(True, False),
    )
)


def table(rng, num, dim, dtype=torch.float32):
    """A random table in which all numbers differ.

    In each column, one of the rows holds the largest number of the table. With at least as many
    columns as rows, each row does. So no row can join a bag without changing its maximum.
    """
    weight = torch.randn(num, dim, generator=rng, dtype=torch.float64)
    columns = torch.arange(dim)
    weight[columns % num, columns] = 4 + torch.rand(dim, generator=rng, dtype=torch.float64)
    return weight.to(dtype)


def exact_table(rng, num, dim, dtype):
    """A table whose sums need all bits of ``dtype``, and are exact in it.

    A sum of up to 3 numbers has no rounding error in any order. A detour through a dtype with
    fewer bits loses the last bits.
    """
    bits = -int(math.log2(torch.finfo(dtype).eps)) - 2
    numbers = torch.randint(-(2**bits), 2**bits, (num, dim), generator=rng)
    return (numbers.double() * 2 + 1).to(dtype)


def bags(rng, below, *sizes):
    """Ids for bags of these sizes, and their offsets.

    The ids are below ``below``, in random order, repeated as often as needed.
    """
    count = sum(sizes)
    idx = torch.randperm(below, generator=rng).repeat(count // below + 1)[:count]
    return idx, torch.tensor([0, *sizes[:-1]]).cumsum(0)


def strided(tensor):
    """The same numbers in a tensor that is not contiguous: transposed, or every second of a list.

    A tensor without dimensions stays as it is.
    """
    if tensor.dim() > 1:
        return tensor.mT.contiguous().mT
    return torch.stack([tensor, tensor], -1)[..., 0]


def reference(weight, idx, offsets, mode):
    """The result of PyTorch's embedding bag, computed in float64."""
    return F.embedding_bag(idx, weight.double(), offsets, mode=mode).to(weight.dtype)


def call(learner, device, weight, idx, offsets, mode):
    """The learner's result."""
    return learner.embedding_bag(weight.to(device), idx.to(device), offsets.to(device), mode)


def check(learner, device, weight, idx, offsets, mode):
    """Check that the learner's result is PyTorch's result."""
    result = call(learner, device, weight, idx, offsets, mode)
    assert_close(result, reference(weight, idx, offsets, mode))


def check_sizes(learner, rng, device, mode):
    """Check bags of different sizes with repeated ids, and tensors that are not contiguous."""
    large = (2**15 + 9, 1, 2**15 + 7, (3, 3150, 4300, 3011))
    if mode == "mean":
        # A mean begins with the sum, and so large a table would take a fifth of the check's time.
        large = (600, 1, 590, (3, 315, 430, 301))
    for num, dim, below, sizes in ((9, 4, 3, (5, 2, 6)), (5, 280, 4, (3, 1, 7, 2)), large):
        weight, (idx, offsets) = table(rng, num, dim), bags(rng, below, *sizes)
        # Sums of thousands of whole numbers are exact in every order.
        weight = (weight * 100).round()
        check(learner, device, strided(weight), strided(idx), strided(offsets), mode)

    # Means of two and four whole numbers are exact, too. float32 can hold them, so they are right
    # in a result of another dtype, which ``dtype`` judges.
    weight = (table(rng, 6, 3) * 100).round().double()
    idx, offsets = bags(rng, 4, 4, 2, 4)
    result = call(learner, device, weight, idx, offsets, mode)
    assert_shape(result, (3, 3))
    assert_equal(result.double(), reference(weight, idx, offsets, mode))


def check_unused(learner, rng, device, mode):
    """Check that rows affect only the bags whose ids name them.

    In the first table, all numbers are finite. In the second one, two rows of nan and infinity are
    in no bag. Only the first bag has the row of large numbers, and only the last one, which is the
    longest, has row 0. It is infinite and begins with nan, except for max, where it would hide
    which code is wrong about gradients only.
    """
    weight, (idx, offsets) = table(rng, 8, 9), bags(rng, 4, 3, 4, 5)
    idx = idx + 1
    idx[1], idx[9] = 5, 0
    weight[5] = 1e30
    check(learner, device, weight, idx, offsets, mode)

    weight[6] = math.inf
    weight[7] = math.nan
    if mode == "max":
        check(learner, device, weight, idx, offsets, mode)
        return
    weight[0] = math.inf
    weight[0, 0] = math.nan
    result = call(learner, device, weight, idx, offsets, mode)
    expected = reference(weight, idx, offsets, mode)
    assert_shape(result, (3, 9))
    assert_close(result[:2], expected[:2], "the vectors of the bags without nan and infinity")
    what = "the vector of the bag with nan and infinity"
    assert_equal(result[2:], expected[2:], what, equal_nan=True)


def test_sum(learner, rng, device):
    """The sums are right, also for ids that occur two or three times in a bag."""
    check_sizes(learner, rng, device, "sum")
    check_unused(learner, rng, device, "sum")


def test_mean(learner, rng, device):
    """The means are right for bags of different sizes."""
    check_sizes(learner, rng, device, "mean")
    check_unused(learner, rng, device, "mean")


def test_max(learner, rng, device):
    """The maxima come from different rows, column by column, and may be very negative.

    In one table all rows of a bag add up to zero, but their maxima are not zero. The maximum of
    a bag can be -infinity, which does not make the bag an empty one.
    """
    check_sizes(learner, rng, device, "max")
    check_unused(learner, rng, device, "max")
    negative = -table(rng, 7, 3).abs()
    check(learner, device, negative, *bags(rng, 6, 4, 2, 5, 1), "max")
    check(learner, device, negative * 1e30, *bags(rng, 6, 4, 2, 5, 1), "max")
    negative[2, 1] = -math.inf
    check(learner, device, negative, torch.tensor([2, 2, 4, 2, 5]), torch.tensor([0, 2]), "max")
    half = table(rng, 3, 4)
    opposites = torch.cat([half, -half])
    idx = torch.tensor([0, 3, 4, 1, 2, 5, 2])
    check(learner, device, opposites, idx, torch.tensor([0, 2, 4, 6]), "max")


def run_back(learner, device, weight, idx, offsets, mode, cotangent):
    """The learner's result, and the gradient that ``cotangent`` sends to the weight."""
    sent = (weight.detach().to(device).requires_grad_(), idx.to(device), offsets.to(device), mode)
    result, gradients = learner.vjp("embedding_bag", *sent, cotangent=cotangent.to(device))
    return result, gradients[0]


def test_empty_bags(learner, rng, device):
    """Empty bags give zeros anywhere, in all modes, and do not affect the other bags.

    For sum, PyTorch's result is the reference for the other bags. For mean, max and gradients it is
    the learner's own result without the empty bags, because other checks judge these.
    """
    for sizes in ((0, 4, 2), (3, 2, 0), (0, 0, 5, 0, 0, 0, 1), (0,), (0, 0)):
        # Row 0 is in no bag, so it cannot fill the empty ones unnoticed. An empty bag must not give
        # the other bags another dtype either.
        dtype = torch.float16 if sizes == (3, 2, 0) else torch.float32
        weight, (idx, offsets) = table(rng, 6, 7, dtype), bags(rng, 5, *sizes)
        idx = idx + 1
        full = torch.tensor(sizes) > 0
        cotangent = torch.randn(len(sizes), 7, generator=rng).to(dtype)
        # The grader looks closely at the first backward pass. Many write their own for the mean.
        for mode in ("mean", "sum", "max"):
            given = (weight, idx, offsets, mode)
            result, gradient = run_back(learner, device, *given, cotangent)
            zeros = torch.zeros(int((~full).sum()), 7)
            assert_equal(result[~full].float(), zeros, "the vectors of the empty bags")
            # Without ids, the result may have no graph.
            if not len(idx):
                continue
            given = (weight, idx, offsets[full], mode)
            expected, wanted = run_back(learner, device, *given, cotangent[full])
            if mode == "sum" and dtype is torch.float32:
                expected = reference(*given)
            assert_close(result[full], expected, "the vectors of the other bags")
            # Other checks judge a mode without any gradient.
            if wanted is not None:
                assert_close(gradient, wanted, "the gradient of weight")


def test_one_bag(learner, rng, device):
    """A single bag gives its sum, and bags of one id give its row in every mode."""
    for num, dim, sizes in (
        (7, 4, (5,)),
        (6, 5, (1, 1, 1)),
        (5, 3, (1,)),
        (8, 1, (3, 2)),
        (1, 3, (2, 1)),
        (4, 4, (4, 4, 4, 4)),
    ):
        weight, (idx, offsets) = table(rng, num, dim), bags(rng, max(num - 1, 1), *sizes)
        for mode in MODES:
            result = call(learner, device, weight, idx, offsets, mode)
            assert_shape(result, (len(sizes), dim))
            if mode == "sum" or set(sizes) == {1}:
                assert_close(result, reference(weight, idx, offsets, mode))


def all_in_float32(value):
    """Whether float32 can hold every number of ``value``."""
    return bool((value == value.float()).all())


def test_dtype(learner, rng, device):
    """The dtypes are right, and no number loses digits in a smaller dtype on the way."""
    for dtype in (torch.float64, torch.float32, torch.float16, torch.bfloat16):
        for mode in MODES:
            weight, (idx, offsets) = exact_table(rng, 7, 5, dtype), bags(rng, 6, 2, 3, 1, 2)
            result = call(learner, device, weight, idx, offsets, mode)
            assert_shape(result, (4, 5))
            assert_equal(result.dtype, dtype, "the dtype of the result")
            if mode == "sum":
                name = str(dtype).removeprefix("torch.")
                expected = reference(weight, idx, offsets, mode)
                assert_equal(result, expected, f"the sums of a weight in {name}")
            elif dtype is torch.float64:
                what = "whether float32 can hold the digits of the result"
                assert_equal(all_in_float32(result), False, what)

    # All bags are empty, so that the dtype comes from the weight alone.
    nothing = torch.empty(0, dtype=torch.int64), torch.tensor([0, 0])
    for mode in MODES:
        result = call(learner, device, table(rng, 4, 3, torch.float16), *nothing, mode)
        assert_equal(result, torch.zeros(2, 3, dtype=torch.float16), "the result for empty bags")
    # Neither the ids nor the numbers of such a bag can be added one by one in its dtype. PyTorch's
    # own `sum` adds in float32.
    for dtype, most in ((torch.bfloat16, 256), (torch.float16, 2048)):
        count = int(torch.randint(4000, 5000, (), generator=rng))
        weight = torch.ones(5, 2, dtype=dtype)
        weight[1:3] = 128
        idx = torch.zeros(count, dtype=torch.int64)
        idx[torch.randperm(count, generator=rng)[:3]] = torch.tensor([1, 2, 1])
        name = str(dtype).removeprefix("torch.")
        for mode in ("mean", "sum"):
            what = f"the {mode} of {count} ids in {name} (there, {most} + 1 is {most})"
            result = call(learner, device, weight, idx, torch.tensor([0]), mode)
            assert_close(result, reference(weight, idx, torch.tensor([0]), mode), what)


def check_gradient(learner, rng, device, mode):
    """Check that the gradient of the weight is PyTorch's.

    A row that no bag names is infinite. All maxima of the float64 table are negative, and a bag of
    zeros is no empty bag. In the first column, all bags send back negative numbers: PyTorch's
    ``segment_reduce`` gives these whole to each of several equal maxima.
    """
    for num, dim, below, sizes, dtype in (
        (8, 4, 3, (5, 2, 6), torch.float32),
        (6, 7, 5, (2, 7, 1), torch.float64),
        (290, 1, 280, (30, 1, 270), torch.float32),
        (5, 9, 4, (4,), torch.float32),
    ):
        weight, (idx, offsets) = table(rng, num, dim, dtype), bags(rng, below, *sizes)
        if dtype is torch.float64:
            weight -= weight.amax(0) + 1
        weight[-1] = math.inf
        if len(sizes) == 1 and mode != "max":
            weight[:-1] = 0
        weight.requires_grad_()
        cotangent = strided(torch.randn(len(sizes), dim, generator=rng, dtype=dtype))
        cotangent[:, 0] = -cotangent[:, 0].abs()
        _, (wanted, *_) = reference_vjp(reference, weight, idx, offsets, mode, cotangent=cotangent)
        _, gradient = run_back(learner, device, strided(weight), idx, offsets, mode, cotangent)
        assert_close(gradient, wanted, "the gradient of weight")


def test_sum_gradient(learner, rng, device):
    """Each use of an id adds its bag's gradient to the row; for mean, divided by the bag's size."""
    check_gradient(learner, rng, device, "sum")
    check_gradient(learner, rng, device, "mean")


def test_max_gradient(learner, rng, device):
    """Each number of the gradient goes only to the row that had the largest number."""
    check_gradient(learner, rng, device, "max")


def test_combinations(learner, rng, device):
    """Each two properties of the inputs occur together, with and without gradients.

    All numbers of a column differ, so that a maximum is in one row only. They have one sign, so
    that a mean may also be a sum of rounded shares. Row 0 is in no bag if it holds nan.
    """
    for case in COMBINATIONS:
        (num, dim), dtype, mode = case["table"], case["dtype"], case["mode"]
        sizes, sign = case["sizes"], case["sign"]
        columns = [1 + torch.randperm(num, generator=rng) for _ in range(dim)]
        weight = (sign * torch.stack(columns, 1)).to(dtype)
        first = 0 if case["finite"] else min(1, num - 1)
        idx = torch.randint(first, num, (sum(sizes),), generator=rng)
        offsets = torch.tensor([0, *sizes[:-1]]).cumsum(0)
        if sizes[0] > 1:
            # The first bag has an id twice.
            idx[1] = idx[0]
        if not case["finite"]:
            unused = torch.ones(num, dtype=torch.bool)
            unused[idx] = False
            weight[unused] = torch.tensor([math.inf, math.nan] * dim, dtype=dtype)[:dim]
        weight = case["arrange_weight"](weight)
        given = weight, case["arrange_ids"](idx), case["arrange_offsets"](offsets), mode
        if not case["trained"]:
            check(learner, device, *given)
            continue
        cotangent = sign * torch.randint(1, 9, (len(sizes), dim), generator=rng).to(dtype)
        expected, (wanted, *_) = reference_vjp(
            reference, weight.requires_grad_(), *given[1:], cotangent=cotangent
        )
        result, gradient = run_back(learner, device, *given, noncontiguous(cotangent))
        assert_close(result, expected)
        # Without ids, the result may have no graph.
        if len(idx):
            assert_close(gradient, wanted, "the gradient of weight")

    # A single bag, and a row of nan that it does not name.
    weight, (idx, offsets) = table(rng, 6, 3), bags(rng, 5, 3)
    weight[5] = math.nan
    check(learner, device, weight, idx, offsets, "sum")

    # In float16, a short bag of -infinity.
    weight, (idx, offsets) = table(rng, 6, 2, torch.float16), bags(rng, 6, 1, 0, 4)
    weight[idx[0]] = -math.inf
    check(learner, device, weight, idx, offsets, "max")


def test_unknown_mode(learner, rng, device):
    """Unknown modes raise ValueError, with ids and without, but sum gives the sums.

    The seed decides the order, so that no function can count its calls.
    """
    weight = table(rng, 5, 6)
    some, none = bags(rng, 4, 2, 4), bags(rng, 4, 0, 0)
    calls = [(*some, "sum"), (*some, "sum")]
    calls += [(*some, mode) for mode in ("median", "Mean", "MAX", "", "su", "ma", "max ", "sum2")]
    calls += [(*none, mode) for mode in ("min", "")]
    # Of bags of one id, all modes give the rows.
    calls.append((*bags(rng, 4, 1, 1, 1), "median"))
    for number in torch.randperm(len(calls), generator=rng).tolist():
        idx, offsets, mode = calls[number]
        if mode == "sum":
            check(learner, device, weight, idx, offsets, mode)
        else:
            # An error must not leave the default dtype behind that suits this weight.
            sent = [tensor.to(device) for tensor in (weight.double(), idx, offsets)]
            learner.must_raise(ValueError, "embedding_bag", *sent, mode)


def look_afterwards(
    learner, weight, idx, offsets, mode
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Called embedding_bag(weight, idx, offsets, mode).

    Returns the result, and weight, idx and offsets as they are afterwards.
    """
    result = learner.embedding_bag(weight, idx, offsets, mode)
    return result, weight, idx, offsets


def test_inputs_untouched(learner, rng, device):
    """The inputs do not change in any mode, while sum gives the right sums.

    The ids are 0, 1, 2, …, so that the table itself could take the place of its rows.
    """
    for mode in MODES:
        weight, idx, offsets = table(rng, 7, 4), torch.arange(7), torch.tensor([0, 3, 3])
        given = (weight, idx, offsets)
        sent = [tensor.to(device) for tensor in given]
        result, *after = learner.run(look_afterwards, *sent, mode)
        assert_shape(result, (3, 4))
        if mode == "sum":
            assert_close(result, reference(*given, mode))
        for name, now, before in zip(("weight", "idx", "offsets"), after, given, strict=True):
            assert_equal(now, before, f"{name} after the call")
