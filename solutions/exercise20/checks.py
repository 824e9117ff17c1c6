"""Hidden checks of exercise 20.

The oracle is a whole table, of which the shard is a part. Its rows outside the shard are zeros.
"""

import math

import torch
from torch.nn import functional as F

from grader.checks import (
    assert_close,
    assert_equal,
    assert_shape,
    distinct_sizes,
    noncontiguous,
    pairwise,
    reference_vjp,
)

# Powers of two that only this dtype and larger ones hold.
LARGE = {
    torch.float64: 2.0**300,
    torch.float32: 2.0**60,
    torch.float16: 2.0**13,
    torch.bfloat16: 2.0**60,
}

COMBINATIONS = tuple(
    pairwise(
        empty={"shape": (2, 0), "size": (0, 2, 5)},
        shape=((5,), (), (2, 0), (2, 1, 3)),
        dtype=(torch.float32, torch.float64, torch.float16, torch.bfloat16),
        # These are rows, dim and first; without first, the last id is the largest one possible.
        size=((6, 3, 4), (0, 2, 5), (1, 1, 0), (300, 1, None)),
        places=("both", "inside", "outside"),
        id_dtype=(torch.int64, torch.int32),
        arrange_ids=(torch.clone, noncontiguous),
        arrange_shard=(torch.clone, noncontiguous),
        trained=(False, True),
        finite=(True, False),
    )
)


def table(rng, num, dim, dtype=torch.float32):
    """A table of random numbers, all different."""
    return torch.randn(num, dim, generator=rng, dtype=torch.float64).to(dtype)


def ids(rng, low, high, *shape):
    """Ids from ``low`` to ``high - 1`` in random order, repeated until they fill ``shape``."""
    count = math.prod(shape)
    order = low + torch.randperm(high - low, generator=rng)
    return order.repeat(count // (high - low) + 1)[:count].reshape(shape)


def call(learner, device, shard, idx, first):
    """What the learner's function returns."""
    return learner.shard_lookup(shard.to(device), idx.to(device), first)


def test_own_rows(learner, rng, device):
    """All ids are inside: the first and the last row, repeats, one row, one column, many rows.

    The first id is 0 or more; in one case, no float holds it. Infinity and nan are numbers like any
    other.
    """
    rows, dim, first = distinct_sizes(rng, 3)
    cases = (
        (rows, dim, first),
        (dim, rows, 0),
        (300, 33, 299),
        (1, 3, 7),
        (5, 270, 3),
        (4, 4, 2**60 + 1),
        # The sizes of the statement's example, as many ids as it has.
        (2, 1, 10),
    )
    for number, case in enumerate(cases):
        rows, dim, first = case
        shard, idx = table(rng, rows, dim), ids(rng, first, first + rows, rows + 2)
        if number == len(cases) - 1:
            idx = idx[:3]
        if number > 1:
            shard[-1, -1] = math.inf
            shard[0, 0] = math.nan
        found = call(learner, device, shard, idx, first)
        assert_equal(found, shard[idx - first], equal_nan=True)


def outside(rng, rows, first, count, large=True):
    """Ids on both sides of the shard, with its neighbors; some are very large if ``large``."""
    below = ids(rng, max(0, first - 20), first, count)
    below[0] = first - 1
    above = ids(rng, first + rows, first + 3 * rows, count)
    above[0] = first + rows
    if large:
        above[1:3] = torch.tensor([2**33 + first, 2**62])
    return torch.cat([below, above])[torch.randperm(2 * count, generator=rng)]


def test_others_zero(learner, rng, device):
    """Ids below and above the shard, alone and among others; then infinity and nan in the shard.

    Only the results of the ids outside count here.
    """
    for rows, first, special in (
        # Small ids come first, because they are easy to read.
        (3, 8, 0.0),
        (5, 2**60, 0.0),
        (3, 8, math.inf),
        (300, 310, math.nan),
    ):
        is_small = first == 8 and not special
        shard, others = table(rng, rows, 4), outside(rng, rows, first, 5, large=not is_small)
        shard[0, 1] += special
        shard[-1, :2] += special
        found = call(learner, device, shard, others, first)
        assert_equal(found, torch.zeros(10, 4), "the result for ids outside")

        mixed = torch.cat([others, first + torch.arange(3)])
        order = torch.randperm(13, generator=rng)
        found = call(learner, device, shard, mixed[order], first)
        assert_shape(found, (13, 4))
        assert_equal(found[order < 10], torch.zeros(10, 4), "the result for ids outside")


def test_shards_add_up(learner, rng, device):
    """A table in four shards of different sizes, among them one without rows and one with one."""
    rows, dim, other = distinct_sizes(rng, 3)
    for sizes in ([rows, 1, 0, other], [other, 0, rows, 1]):
        num = sum(sizes)
        whole, idx, total, first = table(rng, num, dim), ids(rng, 0, num, num + 3), 0, 0
        # The one without rows has a check of its own.
        for shard in whole.split(sizes):
            if len(shard):
                found = call(learner, device, shard, idx, first)
                assert_shape(found, (len(idx), dim))
                total = total + found
            first += len(shard)
        assert_close(total, whole[idx], "the sum of the results of all shards")


def lookup(shard, idx, first):
    """The same as a lookup in the whole table: zeros before and after the shard."""
    after = max(int(idx.max()) + 1 - first - len(shard), 0)
    return F.embedding(idx, F.pad(shard, (0, 0, first, after)))


def check_gradient(learner, rng, device, rows, dim, first, shape):
    """Send a random gradient back for ids inside and outside, with repeats.

    Numbers that nobody looks up may be infinite.
    """
    shard, idx = table(rng, rows, dim), ids(rng, 0, first + rows + 3, *shape)
    # Nobody looks up the second row, and somebody looks up the third one twice, which may be zero.
    idx[idx == first + 1] = first + rows
    idx[(0,) * idx.dim()] = idx[(-1,) * idx.dim()] = first + 2
    shard[1, 0] = math.inf
    if not first:
        shard[2] = 0
    cotangent = torch.randn(*shape, dim, generator=rng)
    sent = shard.to(device).requires_grad_()
    result, (gradient, *_) = learner.vjp(
        "shard_lookup", sent, idx.to(device), first, cotangent=cotangent.to(device)
    )
    own = shard.clone().requires_grad_()
    expected, (wanted, *_) = reference_vjp(lookup, own, idx, first, cotangent=cotangent)
    named = torch.isin(idx, first + torch.arange(rows))
    assert_equal(result[named], expected[named], "the result for the ids of the shard")
    assert_close(gradient, wanted, "the gradient of shard")
    unused = ~torch.isin(first + torch.arange(rows), idx)
    assert_equal(gradient[unused], wanted[unused], "the gradient of the rows of no id")


def test_gradient(learner, rng, device):
    """Gradients go back for three lists of ids, one of them with thousands.

    If all ids are outside, zeros go back, even for an infinite gradient.
    """
    for rows, dim, first, count in ((6, 3, 4, 9), (5, 4, 0, 12), (300, 1, 310, 12_007)):
        check_gradient(learner, rng, device, rows, dim, first, (count,))

    sent = table(rng, 5, 3).to(device).requires_grad_()
    idx, cotangent = ids(rng, 0, 7, 6).to(device), torch.randn(6, 3, generator=rng)
    cotangent[0, 0] = math.inf
    _, (gradient, *_) = learner.vjp("shard_lookup", sent, idx, 7, cotangent=cotangent.to(device))
    assert_equal(gradient, torch.zeros(5, 3), "the gradient of shard, if all ids are outside")


def test_any_shape(learner, rng, device):
    """Ids of 0 to 5 dimensions, without any id, expanded, and in any order in memory.

    Gradients go back for ids of three dimensions.
    """
    for shape in ((), (3, 4), (2, 0, 3), (1, 2, 1, 3, 2)):
        rows, dim, first = distinct_sizes(rng, 3)
        shard, idx = table(rng, rows, dim), ids(rng, first, first + rows, *shape)
        arranged = noncontiguous(shard), noncontiguous(idx)
        found = call(learner, device, *arranged, first)
        assert_shape(found, (*shape, dim))
        assert_equal(found, shard[idx - first])

    shard, idx = table(rng, 1, 3).expand(5, 3), ids(rng, 2, 7, 1).expand(4, 2)
    assert_equal(call(learner, device, shard, idx, 2), shard[:1].expand(4, 2, 3))
    check_gradient(learner, rng, device, 4, 2, 3, (2, 1, 5))

    # Some ids are outside here, such as 2 and 10.
    shard, idx = table(rng, 5, 3), ids(rng, 0, 12, 2, 6)
    flat = idx.reshape(-1)
    listed = call(learner, device, shard, flat, 4)
    assert_shape(listed, (12, 3), "the result for a list of the ids")
    what = "the result, compared with that for a list of the ids"
    assert_equal(call(learner, device, shard, idx, 4), listed.reshape(2, 6, 3), what)
    for number in (2, 10):
        found = call(learner, device, shard, torch.tensor(number), 4)
        assert_equal(found, listed[flat == number][0], what)


def test_empty_shard(learner, rng, device):
    """A shard without rows, for the first and for later ids."""
    for count, first in ((4, 0), (9, 3)):
        dim = int(torch.randint(2, 9, (), generator=rng))
        found = call(learner, device, torch.empty(0, dim), ids(rng, 0, 7, count), first)
        assert_equal(found, torch.zeros(count, dim))


def test_types(learner, rng, device):
    """Each float dtype stays, bit by bit, and int32 ids give the same rows as int64 ids.

    The large shards have more rows than a 16-bit number can count. The end of a shard may be the
    largest number of the ids' dtype. Other ids are so far away that twice or 4 times their
    distance, a place in the flat shard, overflows.
    """
    for id_type in (torch.int32, torch.int64):
        end = torch.iinfo(id_type).max
        shard, places = table(rng, 5, 4), torch.randperm(5, generator=rng)
        far = end - 5 - (end // 2 + 1) + places
        idx = torch.cat([torch.tensor([end, 0]), far, end - 5 + places]).to(id_type)
        expected = torch.cat([torch.zeros(7, 4), shard[places]])
        assert_equal(call(learner, device, shard, idx, end - 5), expected)

    for dtype, large in LARGE.items():
        shard, idx = table(rng, 6, 3, dtype), ids(rng, 4, 10, 7)
        shard[:, :2] *= torch.tensor([large, 1 / large], dtype=dtype)
        found = call(learner, device, shard, idx.int(), 4)
        assert_equal(getattr(found, "dtype", None), dtype, "the dtype of the result")
        assert_equal(found, shard[idx - 4])

    for dtype in (torch.float16, torch.bfloat16):
        shard, idx = table(rng, 2100, 1, dtype), ids(rng, 3000, 5100, 2100)
        assert_equal(call(learner, device, shard, idx, 3000), shard[idx - 3000])

    shard = table(rng, 2**15 + 40, 1)
    idx = len(shard) - 1 - ids(rng, 0, 30, 9)
    assert_equal(call(learner, device, shard, 7 + idx, 7), shard[idx])


def test_combinations(learner, rng, device):
    """Each two properties of the inputs occur together, with and without gradients."""
    for case in COMBINATIONS:
        rows, dim, first = case["size"]
        if first is None:
            first = torch.iinfo(case["id_dtype"]).max - rows
        shard = table(rng, rows, dim, case["dtype"])
        if rows and not case["finite"]:
            shard[0, 0], shard[-1, -1] = math.inf, math.nan
        # Among the last rows, so that ids repeat in a large shard, too.
        idx = first + max(rows, 1) - 1
        idx = idx - torch.randint(min(max(rows, 1), 6), case["shape"], generator=rng)
        other = torch.tensor([max(first - 1, 0), 0, first + rows])
        if case["places"] == "outside":
            idx = other[torch.randint(3, case["shape"], generator=rng)]
        if case["places"] == "both":
            is_outside = torch.rand(case["shape"], generator=rng) < 0.5
            idx = torch.where(is_outside, first + rows, idx)
        check_combination(
            learner,
            rng,
            device,
            case["arrange_shard"](shard),
            case["arrange_ids"](idx.to(case["id_dtype"])),
            first,
            case["trained"],
        )


def check_combination(learner, rng, device, shard, idx, first, trained):
    """Compare the result, and the gradient for whole numbers, whose sums are exact in 16 bits.

    Without rows, the gradient has no numbers, so the result needs none.
    """
    local = idx.long() - first
    inside = (local >= 0) & (local < len(shard))
    expected = shard.new_zeros(*idx.shape, shard.shape[1])
    expected[inside] = shard[local[inside]]
    if not trained or not len(shard):
        assert_equal(call(learner, device, shard, idx, first), expected, equal_nan=True)
        return

    numbers = torch.randint(-9, 10, expected.shape, generator=rng)
    cotangent = noncontiguous(numbers.to(shard.dtype))
    sent = shard.to(device).requires_grad_()
    result, (gradient, *_) = learner.vjp(
        "shard_lookup", sent, idx.to(device), first, cotangent=cotangent.to(device)
    )
    assert_equal(result, expected, equal_nan=True)
    wanted = torch.zeros(shard.shape, dtype=shard.dtype)
    wanted.index_add_(0, local[inside], cotangent[inside])
    assert_equal(gradient, wanted, "the gradient of shard")


def write_into_results(learner, shard, each_idx, first) -> torch.Tensor:
    """Called shard_lookup(shard, idx, first) for each idx, and added 1 to each result in place.

    Returns shard.
    """
    for idx in each_idx:
        learner.shard_lookup(shard, idx, first).add_(1)
    return shard


def test_untouched(learner, rng, device):
    """The grader compares the inputs before and after each call. These calls are some of them.

    The result has its own memory, even if the ids are those of the shard in order, a single one of
    them, or none.
    """
    shard, order = table(rng, 5, 3), torch.arange(4, 9)
    each_idx = order, order.reshape(1, 5), torch.tensor(6), torch.tensor([1, 9])
    sent = tuple(idx.to(device) for idx in each_idx)
    after = learner.run(write_into_results, shard.to(device), sent, 4)
    assert_equal(after, shard, "shard after 1 was added to the results in place")
    for requires in (False, True):
        shard = table(rng, 5, 3).requires_grad_(requires)
        found = call(learner, device, shard, ids(rng, 0, 12, 14), 4)
        assert_shape(found, (14, 3))
