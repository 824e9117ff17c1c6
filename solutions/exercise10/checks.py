"""Hidden checks of exercise 10.

The oracle for the costs is PyTorch: it creates real tensors and counts their bytes and numbers.
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

NAMES = ("product_multiply_adds", "product_bytes", "lookup_multiply_adds", "lookup_bytes")
SIZES = (
    (5, 2, 3),
    (7, 4, 6),
    (1, 9, 4),
    (12, 1, 7),
    (6, 4, 0),
    (0, 2, 3),
)
EXTREMES = (3, 0, 1, 2**33)
EXTREME_SIZES = tuple(pairwise(num=EXTREMES, dim=EXTREMES, count=EXTREMES))
COMBINATIONS = tuple(
    pairwise(
        empty={"shape": (0,)},
        # Such a tensor is always contiguous.
        without=({"shape": (), "arrange_ids": noncontiguous},),
        shape=((5,), (), (0,), (2, 1, 3)),
        dtype=(torch.float32, torch.float64, torch.float16, torch.bfloat16),
        size=((6, 4), (300, 1)),
        arrange_ids=(torch.clone, noncontiguous),
        arrange_weight=(torch.clone, noncontiguous),
        trained=(False, True),
        finite=(True, False),
    )
)


def ids(rng, below, *shape):
    """Ids below ``below`` in random order, repeated until they fill ``shape``."""
    count = math.prod(shape)
    return torch.randperm(below, generator=rng).repeat(count // below + 1)[:count].reshape(shape)


def strided(tensor):
    """The same numbers in a tensor that is not contiguous: transposed, or every second of a list.

    A tensor without dimensions stays as it is.
    """
    if tensor.dim() > 1:
        return tensor.mT.contiguous().mT
    return torch.stack([tensor, tensor], -1)[..., 0]


def measured(num, dim, count):
    """The four numbers, measured on tensors of these sizes."""
    idx = torch.zeros(count, dtype=torch.int64)
    one_hot, weight = torch.zeros(count, num), torch.zeros(num, dim)
    picked, result = torch.zeros(count, dim), one_hot @ weight
    pairs = one_hot.unsqueeze(-1) * weight  # one number per multiplication of the product
    return {
        "product_multiply_adds": pairs.numel(),
        "product_bytes": sum(tensor.nbytes for tensor in (one_hot, weight, result)),
        "lookup_multiply_adds": 0,
        "lookup_bytes": sum(tensor.nbytes for tensor in (idx, picked, result)),
    }


def cost(learner, *sizes, names=NAMES):
    """The learner's dictionary, after checking that it has ``names``.

    If one is missing, the message lists all four.
    """
    found = learner.lookup_cost(*sizes)
    if any(name not in found for name in names):
        # Sorted as text, because names of different types have no order.
        assert_equal(sorted(found, key=str), sorted(NAMES), "the names in the dictionary")
    return found


def check_number(learner, rng, name):
    """Check one of the four numbers, for the sizes above and for random sizes."""
    drawn = (torch.randperm(30, generator=rng)[:3] + 2).tolist()
    for sizes in (*SIZES, drawn):
        assert_equal(cost(learner, *sizes, names=[name])[name], measured(*sizes)[name], name)


def test_product_multiply_adds(learner, rng):
    """One multiply-add per pair of numbers that the product multiplies."""
    check_number(learner, rng, "product_multiply_adds")


def test_product_bytes(learner, rng):
    """The product moves three matrices, each once."""
    check_number(learner, rng, "product_bytes")


def test_lookup_multiply_adds(learner, rng):
    """The lookup multiplies nothing, for all sizes."""
    check_number(learner, rng, "lookup_multiply_adds")


def test_lookup_bytes(learner, rng):
    """The lookup moves the ids, the rows that it reads, and the rows that it writes."""
    check_number(learner, rng, "lookup_bytes")


def calculated(num, dim, count):
    """The four numbers for sizes of which no tensor fits into memory."""
    return {
        "product_multiply_adds": num * dim * count,
        "product_bytes": 4 * count * num + 4 * num * dim + 4 * count * dim,
        "lookup_multiply_adds": 0,
        "lookup_bytes": 8 * count + 8 * count * dim,
    }


def written_out(learner, num, dim, count) -> dict:
    """Called lookup_cost(num, dim, count), and emptied the dict that it returned.

    Called it again with the same sizes, and then with other sizes. Wrote out each number of the
    second dict with its type.
    """
    learner.lookup_cost(num, dim, count).clear()
    found = learner.lookup_cost(num, dim, count)
    learner.lookup_cost(count, dim + 1, num)
    return {name: f"{type(value).__name__} {value}" for name, value in found.items()}


def all_written_out(learner, sizes) -> list:
    """Called lookup_cost(num, dim, count) for each of the sizes, and wrote out each number."""
    found = [learner.lookup_cost(*three) for three in sizes]
    return [{name: str(one[name]) for name in sorted(one)} for one in found]


def test_large_sizes(learner, rng):
    """The numbers are exact beyond the range of floats and of 32-bit and 64-bit integers."""
    scale = int(torch.randint(1000, 2000, (), generator=rng)) * 2 + 1
    sizes = 7001 * scale, 301, 1013 * scale
    expected = calculated(*sizes)
    found = cost(learner, *sizes)
    for name in NAMES:
        assert_equal(found[name], expected[name], name)

    # Such numbers do not fit into a message, so they arrive as text. Here there are more ids than
    # rows, above fewer.
    drawn = torch.randint(2**31, 2**32, (3,), generator=rng).tolist()
    dim, num, count = sorted(2 * size + 1 for size in drawn)
    sizes = num, dim, count
    shown = learner.run(written_out, *sizes)
    for name, number in calculated(*sizes).items():
        assert_equal(shown.get(name), f"int {number}", f"the type and value of {name}")

    # Each two sizes may be 0, 1 or the largest. Products of sizes below 2**31 leave 64 bits, too.
    sizes = [list(case.values()) for case in EXTREME_SIZES]
    sizes += [[2**bits - 1] * 3 for bits in (22, 26, 31)]
    shown = learner.run(all_written_out, sizes)
    for three, found in zip(sizes, shown, strict=True):
        for name, number in calculated(*three).items():
            assert_equal(found.get(name), str(number), f"{name} for the sizes {three}")
        assert_equal(sorted(found), sorted(NAMES), "the names in the dictionary")


def test_rows(learner, rng, device):
    """The rows are right for ids in any order, repeated ids and the last id included."""
    for num, dim, below, count in (
        (7, 5, 4, 6),
        (4, 270, 4, 5),
        (401, 2, 401, 10_300),
        (5, 5, 5, 5),
    ):
        weight, idx = torch.randn(num, dim, generator=rng), ids(rng, below, count)
        result = learner.lookup(strided(weight).to(device), strided(idx).to(device))
        assert_equal(result, F.embedding(idx, weight))


def test_any_shape(learner, rng, device):
    """Ids of any shape, 0-d and empty included, give the right rows.

    All shapes have one dtype, whichever that is. The weight is float64, but float32 can hold it, so
    a detour costs points only in ``gradient``.
    """
    dtype = None
    for num, dim, shape in (
        (7, 5, (4, 4)),
        (6, 5, (2, 3, 4)),
        (7, 6, (2, 1, 3)),
        (4, 3, (1,)),
        (5, 3, (1, 4)),
        (5, 3, (4, 1)),
        (6, 4, ()),
        (5, 4, (3, 0)),
        (6, 1, (1, 2, 1, 3, 2)),
        (1, 3, (4, 2)),
    ):
        weight, idx = torch.randn(num, dim, generator=rng), ids(rng, num, *shape)
        result = learner.lookup(strided(weight.double()).to(device), strided(idx).to(device))
        assert_shape(result, (*shape, dim))
        assert_equal(result.double(), F.embedding(idx, weight).double())
        dtype = dtype or result.dtype
        what = "the dtype of the result, compared with that for ids of another shape"
        assert_equal(result.dtype, dtype, what)


def test_gradient(learner, rng, device):
    """The result has the dtype of the table, and the gradient is right for ids of any shape."""
    for num, dim, below, shape, dtype in (
        (6, 5, 3, (2, 4), torch.float32),
        (300, 2, 280, (10_300,), torch.float64),
        (5, 1, 5, (), torch.float32),
        (4, 2, 4, (2, 1, 3, 2), torch.float32),
    ):
        weight = torch.randn(num, dim, generator=rng, dtype=dtype).requires_grad_()
        idx = ids(rng, below, *shape)
        cotangent = torch.randn(*shape, dim, generator=rng, dtype=dtype)
        if len(idx.shape) == 1:
            # Sums of many whole numbers are exact in every order.
            cotangent = (cotangent * 1000).round()
        cotangent = strided(cotangent)
        expected, (wanted, _) = reference_vjp(
            lambda w, i: F.embedding(i, w), weight, idx, cotangent=cotangent
        )
        sent = weight.detach().to(device).requires_grad_()
        result, (gradient, _) = learner.vjp(
            "lookup", sent, idx.to(device), cotangent=cotangent.to(device)
        )
        assert_equal(result.detach(), expected)
        assert_close(gradient, wanted, "the gradient of weight")


def test_combinations(learner, rng, device):
    """Each two properties of the weight and the ids occur together, with and without gradients.

    Without ids, the gradient may be zeros or None. An infinite row or gradient stays infinite, and
    changes no other row.
    """
    for case in COMBINATIONS:
        (num, dim), dtype = case["size"], case["dtype"]
        weight = torch.randn(num, dim, generator=rng, dtype=torch.float64).to(dtype)
        idx = torch.randint(num, case["shape"], generator=rng)
        if not case["finite"]:
            weight[0, 0], weight[-1, -1] = math.inf, math.nan
            idx.view(-1)[:1] = 0
        sent = [case["arrange_weight"](weight).to(device), case["arrange_ids"](idx).to(device)]
        if not case["trained"] or not idx.numel():
            assert_equal(learner.lookup(*sent), weight[idx], equal_nan=True)
            continue
        numbers = 3 * torch.randn((*case["shape"], dim), generator=rng, dtype=torch.float64)
        if dtype.itemsize == 2:
            # Sums of whole numbers are exact in 16 bits, too.
            numbers.round_()
        cotangent = numbers.to(dtype)
        if not case["finite"]:
            cotangent[idx == 0] = math.inf
        pulls = cotangent.reshape(-1, dim)
        wanted = torch.zeros_like(weight).index_add(0, idx.flatten(), pulls)
        sent[0].requires_grad_()
        result, (gradient, _) = learner.vjp(
            "lookup", *sent, cotangent=noncontiguous(cotangent).to(device)
        )
        assert_equal(result.detach(), weight[idx], equal_nan=True)
        assert_close(gradient, wanted, "the gradient of weight")


def serve(learner, num, dim, places, rows, idx) -> torch.Tensor:
    """Made a weight of num rows and dim columns: rows at places, nan in row 0, zeros elsewhere.

    Then called lookup(weight, idx).
    """
    import mmap  # noqa: PLC0415 - a probe runs alone, without this module's imports

    # The system provides this memory, all zero, only where it is used. That takes far less time.
    weight = torch.frombuffer(mmap.mmap(-1, 4 * num * dim), dtype=torch.float32).view(num, dim)
    weight[0] = float("nan")
    weight[places] = rows
    return learner.lookup(weight, idx)


def test_million_rows(learner, rng):
    """Ids from the whole table, the last one included, within the memory limit.

    The second table has more rows than float32 can count. A product that reads row 0 gives nan,
    even if it is computed in small pieces, or only for small tables. This check always runs on the
    CPU, because the limit applies to the memory of the process.
    """
    for num, dim, count in ((1_000_000, 4, 2000), (2**24 + 5, 1, 1700), (200, 3, 90)):
        # Each of these rows makes the system provide a page of memory, so there are few of them.
        places = 1 + torch.randint(num - 1, (90,), generator=rng)
        places[:2] = torch.tensor([num - 1, num - 2])
        places = places.unique()
        rows = torch.randn(len(places), dim, generator=rng)
        order = ids(rng, len(places), count)
        result = learner.run(serve, num, dim, places, rows, places[order])
        assert_equal(result, rows[order])


def look_afterwards(learner, weight, idx) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, bool]:
    """Called lookup(weight, idx) under torch.no_grad(), then computed weight * 2.

    Returns the result of lookup, weight and idx afterwards, and whether the product requires a
    gradient.
    """
    with torch.no_grad():
        result = learner.lookup(weight, idx)
        product = weight * 2
    return result, weight.detach(), idx, product.requires_grad


def test_inputs_untouched(learner, rng, device):
    """The table, the ids and gradient mode are the same after the call.

    The grader itself compares the arguments and torch's settings in every other call.
    """
    weight, idx = torch.randn(6, 4, generator=rng), ids(rng, 6, 9)
    sent = weight.to(device).requires_grad_()
    result, weight_after, idx_after, is_recorded = learner.run(
        look_afterwards, sent, idx.to(device)
    )
    assert_equal(result.detach(), weight.detach()[idx])
    assert_equal(weight_after, weight.detach(), "weight after the call")
    assert_equal(idx_after, idx, "idx after the call")
    name = "whether a product requires a gradient, under torch.no_grad() and after the call"
    assert_equal(is_recorded, False, name)
