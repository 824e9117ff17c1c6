"""Hidden checks of exercise 5. ``F.embedding`` gives the expected rows; only this side uses it.

Each check compares values with the expected ones, so code that computes nothing earns nothing.
Only any_rank, empty and gradient use ids of two or more dimensions, so that code for lists keeps
most points.
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
)

REFUSALS = (IndexError, RuntimeError, ValueError)

COMBINATIONS = tuple(
    pairwise(
        empty={"shape": (0,)},
        # Such a tensor is always contiguous, and such a table has no other row.
        without=(
            {"shape": (), "arrange_ids": noncontiguous},
            {"size": (1, 1), "arrange_table": noncontiguous},
            {"size": (1, 1), "finite": False},
        ),
        shape=((5,), (), (0,), (2, 1, 3)),
        dtype=(torch.float32, torch.float64, torch.float16, torch.bfloat16),
        size=((6, 4), (1, 1), (300, 1), (3, 3)),
        id_dtype=(torch.int64, torch.int32),
        arrange_ids=(torch.clone, noncontiguous),
        arrange_table=(torch.clone, noncontiguous),
        trained=(False, True),
        finite=(True, False),
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
    """Call one_hot_lookup; float64 rows must be equal, because adding zeros is exact."""
    result = learner.one_hot_lookup(weight.to(device), idx.to(device))
    if weight.dtype is torch.float64:
        assert_equal(result, reference(weight, idx), what)
    else:
        # A GPU may compute products with fewer digits.
        assert_close(result, reference(weight, idx), what)


def test_rows(learner, rng, device):
    """Look up ids in random order, with repeats, with and without the id num - 1."""
    num, dim, count = distinct_sizes(rng, 3, 3, 9)
    compare(learner, device, table(rng, num, dim), ids(rng, num - 1, count))
    num, dim, count = distinct_sizes(rng, 3, 3, 9)
    compare(learner, device, noncontiguous(table(rng, num, dim)), ids(rng, num, count + num))
    # int8 and bfloat16 cannot hold all of these ids.
    compare(learner, device, table(rng, 300, 1), ids(rng, 300, 310))
    # Of so many ids, code that works in blocks makes several.
    compare(learner, device, table(rng, 2, 1), ids(rng, 2, 12_000))
    # The sizes of the statement's example, with other numbers.
    compare(learner, device, table(rng, 3, 2), ids(rng, 3, 2))


def product(weight, idx):
    """Return the product of one-hot rows and ``weight``."""
    return F.one_hot(idx.long(), len(weight)).to(weight.dtype) @ weight


def test_product(learner, rng, device):
    """Zero times infinity or nan is nan, and one times infinity is infinity.

    So an infinite number becomes nan in every row of the result except those of its own id, and
    two of them, or one nan, make the whole column nan. In the second table, most rows have no id,
    so code that works in blocks must not skip any. A sum of 0.0 and -0.0 is 0.0, so the product has
    no -0.0 where another row of the column is positive.
    """
    many = int(torch.randint(4100, 4200, (), generator=rng))
    for num, dim, below, count in ((8, 6, 7, 9), (many, 6, 5, 11)):
        weight, idx = table(rng, num, dim), ids(rng, below, count)
        columns = torch.randperm(dim, generator=rng).tolist()
        # The last row, which no id names, and two that some ids name.
        unused, one, other = num - 1, *torch.randperm(below, generator=rng)[:2].tolist()
        weight[unused, columns[0]] = math.inf
        weight[one, columns[1]] = -math.inf
        weight[other, columns[2]] = math.inf
        weight[other, columns[3]] = math.nan
        weight[[one, unused], columns[4]] = torch.tensor([math.inf, -math.inf])
        # The other columns stay finite.
        result = learner.one_hot_lookup(weight.to(device), idx.to(device))
        assert_same_nan(result, product(weight, idx))
    # All ids in order: the one-hot rows are the identity matrix.
    weight = table(rng, 4, 3)
    weight[2, 1] = math.inf
    result = learner.one_hot_lookup(weight.to(device), torch.arange(4).to(device))
    assert_same_nan(result, product(weight, torch.arange(4)))
    weight, idx = table(rng, 5, 3).abs(), ids(rng, 5, 6)
    weight[4] = -0.0
    result = learner.one_hot_lookup(weight.to(device), idx.to(device))
    assert_close(result, product(weight, idx))
    what = "whether the product has a -0.0, although 0.0 + -0.0 is 0.0"
    assert_equal(bool(result.signbit().any()), False, what)


def assert_same_nan(result, expected):
    """Compare where nan is, then the other numbers."""
    assert_shape(result, expected.shape)
    is_nan = expected.isnan()
    assert_equal(result.isnan().cpu(), is_nan, "which numbers of the result are nan")
    others = result.cpu().masked_fill(is_nan, 0)
    assert_close(others, expected.masked_fill(is_nan, 0), "the result, with 0 in place of nan")


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
    compare(learner, device, table(rng, 5, 5), ids(rng, 5, 3, 3))
    compare(learner, device, table(rng, 6, 4), ids(rng, 6, 1, 2, 1))


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
    exact in bfloat16 and float16. In bfloat16, there are more ids than the dtype can count. The
    product is dense in each dtype, so an infinite number makes its column nan, except in its row.
    """
    for num, dtype, count in (
        (9, torch.float64, 7),
        (2060, torch.float16, 7),
        (300, torch.bfloat16, 270),
        (5, torch.float32, 7),
    ):
        weight = table(rng, num, 3, dtype)
        limits = torch.finfo(dtype)
        # The sum of this column is infinite, but no product is.
        weight[num - 3 : num - 1, 0] = limits.max
        weight[num - 3, 1] = limits.tiny
        last = torch.tensor([num - 1, num - 2, num - 3])
        compare(learner, device, weight, torch.cat([ids(rng, num, count), last]))
    for dtype in (torch.float64, torch.float16, torch.bfloat16):
        weight = table(rng, 4, 3, dtype)
        weight[0, 0] = weight[2, 1] = math.inf
        idx = torch.tensor([3, 1, 2])
        result = learner.one_hot_lookup(weight.to(device), idx.to(device))
        assert_same_nan(result, product(weight, idx))


def look_up_last_id(learner, row, idx) -> torch.Tensor:
    """Called one_hot_lookup(weight, idx) with a table of idx + 1 rows that are all equal."""
    return learner.one_hot_lookup(row.expand(int(idx) + 1, -1), idx)


def test_id_types(learner, rng, device):
    """int32 ids give the same rows as int64 ids, because PyTorch's embedding accepts both."""
    num, dim, count = distinct_sizes(rng, 3, 3, 9)
    weight, idx = table(rng, num, dim), ids(rng, num, count)
    compare(learner, device, weight, idx)
    compare(learner, device, weight, idx.int())
    # Only code that converts ids gets large tables: other correct code may need seconds for them.
    converted = learner.id_dtypes("one_hot_lookup", weight.to(device), idx.to(device))
    if torch.int16 in converted:
        compare(learner, device, table(rng, 2**15 + 3, 1), torch.tensor([2**15 + 1]))
    if torch.float32 in converted:
        row, last = table(rng, 1, 2), 2**24 + 3
        found = learner.run(look_up_last_id, row.to(device), torch.tensor([last], device=device))
        assert_close(found, row, f"the row of id {last}, which float32 rounds")


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
            learner.must_raise(REFUSALS, "one_hot_lookup", weight.double(), idx)


def multiply_without_gradients(learner, weight, idx) -> tuple[torch.Tensor, bool, bool]:
    """Called one_hot_lookup(weight, idx) under torch.no_grad(), then computed weight * 2.

    Returns the result of one_hot_lookup, and whether the two results require a gradient.
    """
    with torch.no_grad():
        result = learner.one_hot_lookup(weight, idx)
        product = weight * 2
    return result, result.requires_grad, product.requires_grad


def test_gradient(learner, rng, device):
    """Each row of the table gets the sum of the gradients of its copies in the result."""
    for shape in ((9,), (3, 2, 4)):
        num, dim = distinct_sizes(rng, 2, 4, 8)
        if shape == (9,):
            # As many ids as rows: a transposed one-hot matrix fits, too.
            num = 9
        weight = table(rng, num, dim)
        # Includes the last id, leaves out the first, and repeats others.
        idx = num - 1 - ids(rng, num - 1, *shape)
        if len(shape) == 3:
            idx = noncontiguous(idx)
        check_gradient(learner, rng, device, weight, idx)

    for dtype in (torch.float32, torch.float16):
        weight, idx = table(rng, 5, 3, dtype), ids(rng, 5, 4)
        sent = weight.to(device).requires_grad_()
        found = learner.run(multiply_without_gradients, sent, idx.to(device))
        assert_close(found[0], reference(weight, idx), "the result under torch.no_grad()")
        name = "whether the result under torch.no_grad() requires a gradient"
        assert_equal(found[1], False, name)
        name = "whether a product requires a gradient, under torch.no_grad() and after the call"
        assert_equal(found[2], False, name)


def check_gradient(learner, rng, device, weight, idx):
    """Compare result and gradient for a random gradient of the result.

    Like that of a transposed result, the gradient is not contiguous.
    """
    shape = (*idx.shape, weight.shape[1])
    numbers = 3 * torch.randn(shape, generator=rng, dtype=torch.float64)
    if weight.element_size() == 2 or idx.numel() > 1000:
        # Sums of whole numbers are exact in 16 bits and in any order, too.
        numbers.round_()
    cotangent = noncontiguous(numbers.to(weight.dtype))
    rows = cotangent.reshape(-1, weight.shape[1])
    wanted = torch.zeros(weight.shape, dtype=weight.dtype).index_add(0, idx.reshape(-1), rows)
    sent = weight.detach().to(device).requires_grad_()
    result, (gradient, _) = learner.vjp(
        "one_hot_lookup", sent, idx.to(device), cotangent=cotangent.to(device)
    )
    assert_close(gradient, wanted, "the gradient of weight")
    compare_result(result, weight.detach(), idx)


def compare_result(result, weight, idx):
    """Compare the result with the rows, or with the product if some numbers are not finite."""
    if weight.isfinite().all():
        assert_close(result, reference(weight, idx))
    else:
        assert_same_nan(result, product(weight, idx))


def test_combinations(learner, rng, device):
    """Each two properties of the inputs occur together, with and without gradients.

    Without ids, the gradient may be zeros or None. Many ids have gradients, too.
    """
    for case in COMBINATIONS:
        num, dim = case["size"]
        weight = table(rng, num, dim, case["dtype"])
        if not case["finite"]:
            # Of 300 rows, no id names these two.
            weight[0, 0], weight[num // 2, -1] = math.inf, math.nan
        weight = case["arrange_table"](weight)
        # The last ids are the largest, and of five at least two are the same.
        first = max(0, num - 3)
        idx = torch.randint(first, num, case["shape"], generator=rng, dtype=case["id_dtype"])
        idx = case["arrange_ids"](idx)
        if case["trained"] and idx.numel():
            check_gradient(learner, rng, device, weight, idx)
        else:
            result = learner.one_hot_lookup(weight.to(device), idx.to(device))
            compare_result(result, weight, idx)
    check_gradient(learner, rng, device, table(rng, 2, 1), ids(rng, 2, 12_000))
    # A frozen table, a batch, and an infinite number in another row.
    weight, idx = table(rng, 6, 3), 1 + ids(rng, 5, 2, 3)
    weight[0, 0] = math.inf
    compare_result(learner.one_hot_lookup(weight.to(device), idx.to(device)), weight, idx)


def look_afterwards(learner, weight, idx) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Called one_hot_lookup(weight, idx), then read its result, weight and idx."""
    result = learner.one_hot_lookup(weight, idx)
    return result, weight, idx


def precision_after_call(learner, weight, idx) -> str:
    """Called one_hot_lookup(weight, idx) after torch.set_float32_matmul_precision("high").

    Returns torch.get_float32_matmul_precision() after the call, also if it raised an error.
    """
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("high")
    try:
        learner.one_hot_lookup(weight, idx)
    except Exception as error:
        # Another check asks for it.
        del error
    after = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision(before)
    return after


def test_inputs_untouched(learner, rng, device):
    """The table and the ids are the same after the call.

    The grader itself compares the arguments of every other call, also of the second one here.
    A setting of the caller stays after an id of num. This call is on the CPU, as in out_of_range.
    """
    num, dim, count = distinct_sizes(rng, 3, 3, 9)
    weight, idx = table(rng, num, dim), ids(rng, num, count)
    result, weight_after, idx_after = learner.run(
        look_afterwards, weight.to(device), idx.to(device)
    )
    assert_close(result, reference(weight, idx))
    assert_equal(weight_after, weight, "weight after the call")
    assert_equal(idx_after, idx, "idx after the call")
    compare(learner, device, noncontiguous(weight), idx)
    idx[0] = num
    found = learner.run(precision_after_call, weight, idx)
    assert_equal(found, "high", "the precision after the call")
