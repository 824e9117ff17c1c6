"""Hidden checks of exercise 1. ``F.embedding`` gives the expected rows; only this side uses it.

Each check compares values with the expected ones, so code that computes nothing earns nothing.
Only any_rank, empty and gradient use ids of two or more dimensions, so that code for lists keeps
most points.
"""

import math

import torch
from torch.nn import functional as F

from grader.checks import (
    Mismatch,
    assert_close,
    assert_equal,
    distinct_sizes,
    noncontiguous,
    pairwise,
)

REFUSALS = (IndexError, RuntimeError, ValueError)
# On the CPU, where PyTorch's own functions lead to these mistakes.
WRAPPED = (
    "returned the rows of the ids modulo num; expected an error. `%` does this, and in PyTorch "
    "2.10 to 2.15 also `take_along_dim`. Compare the ids with num yourself"
)
INT32_RESULT = (
    "the result for int32 ids (PyTorch 2.8 to 2.15 on the CPU: `gather` reads wrong rows for an "
    "expanded int32 index, so convert the ids with `.long()` before)"
)

COMBINATIONS = tuple(
    pairwise(
        empty={"shape": (0,)},
        # Such a tensor is always contiguous.
        without=(
            {"shape": (), "arrange_ids": noncontiguous},
            {"size": (1, 1), "arrange_table": noncontiguous},
        ),
        shape=((5,), (), (0,), (2, 1, 3)),
        dtype=(torch.float32, torch.float64, torch.float16, torch.bfloat16),
        size=((6, 4), (1, 1), (300, 1), (3, 3)),
        id_dtype=(torch.int64, torch.int32),
        arrange_ids=(torch.clone, noncontiguous),
        arrange_table=(torch.clone, noncontiguous),
        trained=(False, True),
    )
)


def table(rng, num, dim, dtype=torch.float32):
    """Return a random table of shape (num, dim)."""
    return torch.randn(num, dim, generator=rng, dtype=torch.float64).to(dtype)


def ids(rng, below, *shape):
    """Return ids below ``below`` in random order, as different ones as fit into ``shape``.

    They always include the last one, and 0 if there are two or more. So the points of a mistake
    that concerns one of these do not depend on the seed.
    """
    count = math.prod(shape)
    between = 1 + torch.randperm(below - 2, generator=rng)
    chosen = torch.cat([torch.tensor([below - 1, 0]), between]).repeat(count // below + 1)[:count]
    return chosen[torch.randperm(count, generator=rng)].reshape(shape)


def reference(weight, idx):
    """Return the rows that PyTorch's own embedding returns."""
    return F.embedding(idx, weight)


def compare(learner, device, weight, idx, what="the result"):
    """Call lookup; the rows must be equal, because a lookup computes nothing."""
    result = learner.lookup(weight.to(device), idx.to(device))
    assert_equal(result, reference(weight, idx), what, equal_nan=True)


def test_rows(learner, rng, device):
    """Look up ids in random order, with repeats, with and without the id num - 1."""
    num, dim, count = distinct_sizes(rng, 3, 3, 9)
    compare(learner, device, table(rng, num, dim), ids(rng, num - 1, count))
    num, dim, count = distinct_sizes(rng, 3, 3, 9)
    compare(learner, device, noncontiguous(table(rng, num, dim)), ids(rng, num, count + num))
    compare(learner, device, table(rng, 1, 70), torch.zeros(3, dtype=torch.int64))
    # int8 and bfloat16 cannot hold all of these ids.
    compare(learner, device, table(rng, 300, 1), ids(rng, 300, 310))
    # Of so many ids, code that works in blocks makes several.
    compare(learner, device, table(rng, 5, 1), ids(rng, 5, 12_000))
    # Infinity and nan in a selected row stay, and in other rows they change nothing.
    weight = table(rng, 7, 4)
    weight[6] = torch.tensor([math.nan, math.inf, -math.inf, math.inf])
    weight[2, 1:] = torch.tensor([math.inf, -math.inf, math.nan])
    compare(learner, device, weight, torch.tensor([2, 0, 5, 2, 1, 3]))
    # The sizes of the statement's example, with other numbers.
    compare(learner, device, table(rng, 3, 2), ids(rng, 3, 3))


def test_any_rank(learner, rng, device):
    """Look up ids of two to five dimensions, which may be transposed or expanded.

    Each dimension has size 1 in some call, because code must keep it.
    """
    num, dim, *shape = distinct_sizes(rng, 4)
    compare(learner, device, table(rng, num, dim), ids(rng, num, *shape))
    num, dim, *shape = distinct_sizes(rng, 5, 2, 7)
    compare(learner, device, table(rng, num, dim), noncontiguous(ids(rng, num, *shape)))
    expanded = ids(rng, 7, 2, 1, 3, 1, 1).expand(2, 1, 3, 1, 4)
    compare(learner, device, table(rng, 8, 6), expanded)
    compare(learner, device, table(rng, 5, 5), ids(rng, 5, 3, 3).T)
    for shape in ((1, 3), (3, 1), (1, 2, 1)):
        compare(learner, device, table(rng, 6, 4), ids(rng, 6, *shape))


def test_single_id(learner, rng, device):
    """Look up a 0-d id: the last one, and the first one in a table of one column."""
    num, dim = distinct_sizes(rng, 2, 3, 8)
    weight = table(rng, num, dim)
    compare(learner, device, weight, torch.tensor(num - 1))
    compare(learner, device, weight[:, :1], torch.tensor(0))


def test_empty(learner, rng, device):
    """An empty idx still determines the shape of the result."""
    num, dim, count = distinct_sizes(rng, 3)
    weight = table(rng, num, dim)
    for shape in ((0,), (count, 0, 2)):
        compare(learner, device, weight, torch.empty(shape, dtype=torch.int64))
    compare(learner, device, weight, ids(rng, num, 1))


def test_dtype(learner, rng, device):
    """The result keeps each float dtype, and each number of it.

    The tables contain numbers that a smaller dtype cannot hold. The last ids are too large to be
    exact in bfloat16 and float16.
    """
    for num, dtype in (
        (9, torch.float64),
        (2060, torch.float16),
        (300, torch.bfloat16),
        (5, torch.float32),
    ):
        weight = table(rng, num, 3, dtype)
        limits = torch.finfo(dtype)
        weight[num - 2, 0] = limits.max
        weight[num - 3, 1] = limits.tiny
        last = torch.tensor([num - 1, num - 2, num - 3])
        compare(learner, device, weight, torch.cat([ids(rng, num, 7), last]))
    empty = torch.empty(0, dtype=torch.int64)
    compare(learner, device, table(rng, 4, 3, torch.float64), empty, "the result for an empty idx")


def look_up_last_id(learner, row, idx) -> torch.Tensor:
    """Called lookup(weight, idx) with a table of idx + 1 rows that are all equal."""
    return learner.lookup(row.expand(int(idx) + 1, -1), idx)


def test_id_types(learner, rng, device):
    """int32 ids give the same rows as int64 ids, because PyTorch's embedding accepts both."""
    num, dim, count = distinct_sizes(rng, 3, 3, 9)
    weight, idx = table(rng, num, dim), ids(rng, num, count)
    compare(learner, device, weight, idx)
    compare(learner, device, weight, idx.int(), INT32_RESULT)
    # Only code that converts ids gets large tables: other correct code may need seconds for them.
    converted = learner.id_dtypes("lookup", weight.to(device), idx.to(device))
    if torch.int16 in converted:
        compare(learner, device, table(rng, 2**15 + 3, 1), torch.tensor([2**15 + 1]))
    if torch.float32 in converted:
        row, last = table(rng, 1, 2), 2**24 + 3
        found = learner.run(look_up_last_id, row.to(device), torch.tensor([last], device=device))
        assert_equal(found, row, f"the row of id {last}, which float32 rounds")


def test_out_of_range(learner, rng):
    """An id that the table does not have raises an error; all others don't.

    The order of the calls is random. The check always runs on the CPU: on other devices, an id
    out of range can end the whole process. The tables of wrong ids are in float64, so that code
    which switches the default dtype leaves it switched when it raises.
    """
    num, dim, count = distinct_sizes(rng, 3, 3, 9)
    weight = table(rng, num, dim)
    calls = []
    # The last of these ids becomes a valid one in int32, and so does its place in the flat table.
    for dtype, too_large, *shape in (
        (torch.int64, None, count),
        (torch.int32, num, count),
        (torch.int32, None, count),
        (torch.int64, num),
        (torch.int64, num + 3, 2, count),
        (torch.int64, 2**62 + 1, count),
    ):
        idx = ids(rng, num, *shape).to(dtype)
        if too_large is not None:
            idx.view(-1)[torch.randint(idx.numel(), (), generator=rng)] = too_large
        calls.append((idx, too_large is None))

    for number in torch.randperm(len(calls), generator=rng).tolist():
        idx, is_valid = calls[number]
        if is_valid:
            compare(learner, "cpu", weight, idx)
        else:
            must_refuse(learner, weight.double(), idx)


def must_refuse(learner, weight, idx):
    """Expect an error, and say if the ids were taken modulo num."""
    try:
        learner.must_raise(REFUSALS, "lookup", weight, idx)
    except Mismatch as mismatch:
        found, wrapped = mismatch.actual, reference(weight, idx % len(weight))
        if isinstance(found, torch.Tensor) and torch.equal(found, wrapped):
            raise Mismatch(WRAPPED, "", found, None) from None
        raise


def multiply_without_gradients(learner, weight, idx) -> tuple[torch.Tensor, bool, bool]:
    """Called lookup(weight, idx) under torch.no_grad(), then computed weight * 2.

    Returns the result of lookup, and whether the two results require a gradient.
    """
    with torch.no_grad():
        result = learner.lookup(weight, idx)
        product = weight * 2
    return result, result.requires_grad, product.requires_grad


def test_gradient(learner, rng, device):
    """Each row of the table gets the sum of the gradients of its copies in the result.

    A table of equal rows can be expanded from one row. Its gradient has a place for each row.
    """
    for shape in ((9,), (2, 5), (3, 2, 4), ()):
        num, dim = distinct_sizes(rng, 2, 4, 8)
        weight = table(rng, num, dim)
        if shape == (2, 5):
            weight = weight[:1].expand(num, dim)
        # Includes the last id, leaves out the first, and repeats others.
        idx = num - 1 - ids(rng, num - 1, *shape)
        if len(shape) == 3:
            idx = noncontiguous(idx)
        check_gradient(learner, rng, device, weight, idx)

    for dtype in (torch.float32, torch.float16):
        weight, idx = table(rng, 5, 3, dtype), ids(rng, 5, 4)
        sent = weight.to(device).requires_grad_()
        found = learner.run(multiply_without_gradients, sent, idx.to(device))
        assert_equal(found[0], reference(weight, idx), "the result under torch.no_grad()")
        name = "whether the result under torch.no_grad() requires a gradient"
        assert_equal(found[1], False, name)
        name = "whether a product requires a gradient, under torch.no_grad() and after the call"
        assert_equal(found[2], False, name)


def check_gradient(learner, rng, device, weight, idx, *, scale=1.0):
    """Compare result and gradient for a random gradient of the result.

    Like that of a transposed result, the gradient is not contiguous. ``scale`` multiplies the
    gradients of one id, unless the dtype has 16 bits.
    """
    shape = (*idx.shape, weight.shape[1])
    numbers = 3 * torch.randn(shape, generator=rng, dtype=torch.float64)
    if weight.element_size() == 2 or idx.numel() > 1000:
        # Sums of whole numbers are exact in 16 bits and in any order, too.
        numbers.round_()
    elif scale > 1 and len(idx.unique()) > 1:
        scaled = idx == idx.median()
        numbers[scaled] = scale * numbers[scaled].round()
    cotangent = noncontiguous(numbers.to(weight.dtype))
    rows = cotangent.reshape(-1, weight.shape[1])
    wanted = torch.zeros(weight.shape, dtype=weight.dtype).index_add(0, idx.reshape(-1), rows)
    sent = weight.detach().to(device).requires_grad_()
    result, (gradient, _) = learner.vjp(
        "lookup", sent, idx.to(device), cotangent=cotangent.to(device)
    )
    assert_close(gradient, wanted, "the gradient of weight")
    assert_equal(result, reference(weight.detach(), idx), equal_nan=True)


def test_combinations(learner, rng, device):
    """Each two properties of the inputs occur together, with and without gradients.

    Without ids, the gradient may be zeros or None. Many ids have gradients, too.
    """
    for case in COMBINATIONS:
        num, dim = case["size"]
        weight = table(rng, num, dim, case["dtype"])
        if dim > 1:
            # In each row, so each dtype returns an infinite number.
            weight[:, 0], weight[-1, -1] = math.inf, math.nan
        weight = case["arrange_table"](weight)
        # The last ids are the largest, and of five at least two are the same.
        first = max(0, num - 3)
        idx = torch.randint(first, num, case["shape"], generator=rng, dtype=case["id_dtype"])
        idx = case["arrange_ids"](idx)
        if case["trained"] and idx.numel():
            # Such gradients leave no digits of the others in a common sum.
            check_gradient(learner, rng, device, weight, idx, scale=2.0**60)
        else:
            compare(learner, device, weight, idx)
    check_gradient(learner, rng, device, table(rng, 300, 1), ids(rng, 300, 12_000))


def look_afterwards(learner, weight, idx) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Called lookup(weight, idx), then read its result, weight and idx."""
    result = learner.lookup(weight, idx)
    return result, weight, idx


def test_inputs_untouched(learner, rng, device):
    """The table and the ids are the same after the call.

    The grader itself compares the arguments of every other call, also of the second one here.
    """
    num, dim, count = distinct_sizes(rng, 3, 3, 9)
    weight, idx = table(rng, num, dim), ids(rng, num, count)
    result, weight_after, idx_after = learner.run(
        look_afterwards, weight.to(device), idx.to(device)
    )
    assert_equal(result, reference(weight, idx))
    assert_equal(weight_after, weight, "weight after the call")
    assert_equal(idx_after, idx, "idx after the call")
    compare(learner, device, noncontiguous(weight), idx)
