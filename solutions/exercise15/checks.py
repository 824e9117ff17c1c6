"""Hidden checks of exercise 15. Two calls of ``F.embedding`` give the expected rows."""

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
)

TOO_LONG = (IndexError, RuntimeError, ValueError)

COMBINATIONS = tuple(
    pairwise(
        empty={"shape": (3, 0)},
        shape=((5,), (2, 1, 3), (3, 0), (2, 1)),
        dtype=(torch.float32, torch.float64, torch.float16, torch.bfloat16),
        start=(None, 4),
        sizes=((6, 3), (1, 1)),
        id_dtype=(torch.int64, torch.int32),
        is_full=(True, False),
        arrange_ids=(torch.clone, noncontiguous),
        arrange_tables=(torch.clone, noncontiguous),
        trained=(False, True),
        finite=(True, False),
    )
)


def table(rng, *shape, dtype=torch.float32):
    """Random numbers, all different."""
    return torch.randn(shape, generator=rng, dtype=torch.float64).to(dtype)


def ids(rng, below, *shape):
    """Ids below ``below`` in random order, repeated until they fill ``shape``."""
    count = math.prod(shape)
    return torch.randperm(below, generator=rng).repeat(count // below + 1)[:count].reshape(shape)


def reference(idx, tokens, positions, start=0):
    """The sum of both lookups."""
    places = (start + torch.arange(idx.shape[-1])).expand(idx.shape)
    return F.embedding(idx, tokens) + F.embedding(places, positions)


def check(learner, device, idx, tokens, positions, *start):
    """Compare the learner's result with the reference."""
    sent = [each.to(device) for each in (idx, tokens, positions)]
    expected = reference(idx, tokens, positions, *start)
    assert_close(learner.embed(*sent, *start), expected)


def test_sum(learner, rng, device):
    """A single text, with repeats, that begins at position 0.

    The table of positions has more rows than are needed, or just as many, and more or fewer rows
    than that of the tokens.
    """
    num, longest, length, dim = distinct_sizes(rng, 4)
    length, longest = sorted((length, longest))
    tokens, positions = table(rng, num, dim), table(rng, longest, dim)
    check(learner, device, ids(rng, num, length), tokens, positions)
    check(learner, device, ids(rng, 3, 5), table(rng, 7, 5), table(rng, 5, 5))
    check(learner, device, ids(rng, 1, 1), table(rng, 1, 270), table(rng, 1, 270))
    # More ids than a 16-bit number can name, and more positions than an 8-bit number can.
    many = 2**15 + 41
    idx = many - 1 - ids(rng, 40, 270)
    check(learner, device, idx, torch.rand(many, 1, generator=rng), table(rng, 290, 1))

    # Rows that no id and no position names do not matter. In the others, infinity is a number.
    tokens, positions = table(rng, 6, 3), table(rng, 5, 3)
    tokens[4:], positions[4:] = math.nan, math.inf
    tokens[2, 0], positions[1, 1] = math.inf, -math.inf
    check(learner, device, ids(rng, 4, 4), tokens, positions)


def test_batch(learner, rng, device):
    """All texts have the same positions, also if there are as many texts as ids in a text."""
    for count, length, dim in ((3, 5, 4), (4, 4, 4), (5, 1, 3), (2, 6, 1), (1, 4, 3)):
        idx = ids(rng, 7, count, length)
        check(learner, device, idx, table(rng, 7, dim), table(rng, 31, dim))
    # A repeated text, once more in memory that repeats.
    idx = ids(rng, 6, 1, 5).expand(3, 5)
    check(learner, device, idx, table(rng, 6, 4), table(rng, 8, 4))


def test_start(learner, rng, device):
    """The positions begin at start, and the last row of the table may be used."""
    num, length, dim = distinct_sizes(rng, 3)
    tokens, positions = table(rng, num, dim), table(rng, 40, dim)
    begin = int(torch.randint(1, 20, (), generator=rng))
    check(learner, device, ids(rng, num, length), tokens, positions, begin)
    check(learner, device, ids(rng, num, 9, length), tokens, positions, 40 - length)
    # More positions than a 16-bit number can name.
    last = 2**15 + 41
    positions = torch.rand(last + 2, 1, generator=rng)
    check(learner, device, ids(rng, 6, 2), table(rng, 6, 1), positions, last)
    # Only these rows have finite numbers: no other row is read.
    positions = torch.full((9, dim), math.nan)
    positions[4:6] = table(rng, 2, dim)
    idx = ids(rng, num, 2, 2)
    sent = [each.to(device) for each in (idx, tokens, positions)]
    assert_close(learner.embed(*sent, start=4), reference(idx, tokens, positions, 4))
    # The sizes of the statement's example, with other numbers.
    check(learner, device, ids(rng, 2, 2), table(rng, 2, 1), table(rng, 3, 1), 1)


def test_too_long(learner, rng):
    """A text that ends after the last row of positions raises an error, here by one and by more.

    A slice of the table has one row or none in some of these cases, which would broadcast. On the
    CPU only, because a wrong index makes a GPU unusable.
    """
    tokens = table(rng, 6, 3)
    idx = ids(rng, 6, 4)
    found = learner.embed(idx, tokens, table(rng, 4, 3))
    assert_shape(found, (4, 3), "the result for a text that fits")
    for longest, start in ((3, 0), (1, 0), (7, 4), (7, 6), (5, 9)):
        learner.must_raise(TOO_LONG, "embed", idx, tokens, table(rng, longest, 3), start)
    # In float64, a default dtype that an error leaves behind shows.
    doubles = tokens.double(), table(rng, 5, 3).double()
    learner.must_raise(TOO_LONG, "embed", ids(rng, 6, 2, 1), *doubles, 5)
    # Converted to the dtype of these ids, this position is 0.
    learner.must_raise(TOO_LONG, "embed", idx.int(), tokens, table(rng, 5, 3), 2**32)


def test_any_shape(learner, rng, device):
    """A batch of another shape gives the same rows, and an empty one gives an empty result.

    Tensors whose dimensions are swapped in memory cannot be flattened by `view`. The results have
    one dtype, whichever that is.
    """
    num, dim, start = 7, 5, 2
    tables = table(rng, num, dim, dtype=torch.float64), table(rng, 9, dim, dtype=torch.float64)
    tokens, positions = (each.to(device) for each in tables)
    idx = ids(rng, num, 12, 3)
    listed = learner.embed(idx.to(device), tokens, positions, start)
    assert_shape(listed, (12, 3, dim), "the result for a batch of 12 texts")
    for batch in ((3, 4), (12, 1), (2, 1, 3, 1, 2)):
        sent = noncontiguous(idx.reshape(*batch, 3)).to(device)
        found = learner.embed(sent, noncontiguous(tokens), noncontiguous(positions), start)
        what = "the result, compared with that for a batch of one dimension"
        assert_close(found, listed.reshape(*batch, 3, dim), what)
    # An empty text needs no position, so it may begin behind the last one.
    for shape, begin in (((0,), 9), ((0, 4), start)):
        empty = torch.zeros(shape, dtype=torch.int64)
        found = learner.embed(empty.to(device), tokens, positions, begin)
        zeros = torch.zeros(*shape, dim, dtype=listed.dtype)
        assert_equal(found, zeros, "the result for an empty batch")


def test_gradient(learner, rng, device):
    """Both tables get the gradients of all uses, and rows that are not used get zeros.

    A table that requires no gradient gets none.
    """
    for shape, start, frozen in (
        ((5,), 0, None),
        ((3, 4), 2, None),
        ((4, 2), 1, "tokens"),
        ((2, 3), 0, "positions"),
    ):
        idx, dim = ids(rng, 4, *shape), 3
        tables = {"tokens": table(rng, 6, dim), "positions": table(rng, 7, dim)}
        check_gradients(learner, rng, device, idx, tables, frozen, start)


def check_gradients(learner, rng, device, idx, tables, frozen, *start):
    """Compare the gradients of the tables for a random gradient of the result. Return the result.

    The numbers are whole, so 16 bits hold their sums.
    """
    tokens = tables["tokens"]
    shape = (*idx.shape, tokens.shape[1])
    cotangent = torch.randint(-9, 10, shape, generator=rng).to(tokens.dtype)
    rows = cotangent.reshape(-1, shape[-1])
    places = sum(start) + torch.arange(idx.shape[-1]).expand(idx.shape)
    sent = [
        each.detach().to(device).requires_grad_(name != frozen) for name, each in tables.items()
    ]
    cotangent = noncontiguous(cotangent).to(device)
    result, found = learner.vjp("embed", idx.to(device), *sent, *start, cotangent=cotangent)
    for (name, each), mine, used in zip(tables.items(), found[1:3], (idx, places), strict=True):
        wanted = torch.zeros_like(each).index_add(0, used.reshape(-1), rows)
        # Without ids, there may be no gradient.
        if mine is None and name != frozen and not idx.numel():
            continue
        assert_close(mine, None if name == frozen else wanted, f"the gradient of {name}")
    return result


def test_combinations(learner, rng, device):
    """Each two properties of the inputs occur together, with and without gradients."""
    for case in COMBINATIONS:
        num, dim = case["sizes"]
        start = () if case["start"] is None else (case["start"],)
        longest = sum(start) + case["shape"][-1] + (0 if case["is_full"] else 3)
        idx = torch.randint(num, case["shape"], generator=rng, dtype=case["id_dtype"])
        idx = case["arrange_ids"](idx)
        tables = {}
        for name, count in (("tokens", num), ("positions", max(1, longest))):
            each = table(rng, count, dim, dtype=case["dtype"])
            if not case["finite"]:
                each[-1, 0] = math.inf
            tables[name] = case["arrange_tables"](each)
        if case["trained"]:
            result = check_gradients(learner, rng, device, idx, tables, None, *start)
            assert_equal(result, reference(idx, *tables.values(), *start))
        else:
            check(learner, device, idx, *tables.values(), *start)


def test_types(learner, rng, device):
    """int32 ids, and tables of every float dtype, whose numbers keep their precision.

    Other dtypes cannot hold numbers of this size. The 16-bit dtypes cannot count the positions.
    """
    for dtype, id_type, size, length in (
        (torch.float64, torch.int32, 2.0**200, 9),
        (torch.float16, torch.int32, 1.0, 12_007),
        (torch.bfloat16, torch.int64, 2.0**40, 270),
    ):
        idx = 399 - ids(rng, 30, 1, length)
        tokens, positions = table(rng, 400, 2, dtype=dtype), table(rng, length + 3, 2, dtype=dtype)
        tokens, positions = tokens * size, positions * size
        sent = [each.to(device) for each in (idx.to(id_type), tokens, positions)]
        # A sum of two numbers is rounded once, however it is computed.
        assert_equal(learner.embed(*sent, 3), reference(idx, tokens, positions, 3))

    # No int32 can number the pairs of an id and a position.
    tokens, positions = table(rng, 2**16 + 9, 1), table(rng, 2**15 + 41, 1)
    idx = len(tokens) - 1 - ids(rng, 9, 5)
    check(learner, device, idx.int(), tokens, positions, len(positions) - 5)


def look_afterwards(
    learner, idx, tokens, positions, start
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Called embed(idx, tokens, positions, start), then wrote 0 into its result.

    Returns idx, tokens and positions as they are afterwards.
    """
    learner.embed(idx, tokens, positions, start).zero_()
    return idx, tokens, positions


def test_inputs_untouched(learner, rng, device):
    """The inputs are the same afterwards, and the result has memory of its own.

    The grader itself looks at the inputs of every other call, and at the result of the first call
    here after the second one.
    """
    for _ in range(2):
        check(learner, device, ids(rng, 6, 2, 4), table(rng, 6, 3), table(rng, 7, 3))
    # Rows next to each other could be used in place.
    for start, idx in ((0, ids(rng, 6, 2, 4)), (2, torch.arange(1, 5))):
        given = idx, table(rng, 6, 3), table(rng, 7, 3)
        after = learner.run(look_afterwards, *(each.to(device) for each in given), start)
        for name, now, then in zip(("idx", "tokens", "positions"), after, given, strict=True):
            assert_equal(now, then, f"{name} after the call")
