"""Hidden checks of exercise 10.

The oracle for the costs is PyTorch: it creates real tensors and counts their bytes and numbers.
"""

import math

import torch
from torch.nn import functional as F

from grader.checks import assert_close, assert_equal, assert_shape, reference_vjp

NAMES = ("product_multiply_adds", "product_bytes", "lookup_multiply_adds", "lookup_bytes")
SIZES = ((5, 2, 3), (7, 4, 6), (3, 8, 5), (1, 9, 4), (12, 1, 7), (11, 6, 1))


def ids(rng, below, *shape):
    """Ids below ``below`` in random order, repeated until they fill ``shape``."""
    count = math.prod(shape)
    return torch.randperm(below, generator=rng).repeat(count // below + 1)[:count].reshape(shape)


def measured(num, dim, count):
    """The four numbers, measured on tensors of these sizes."""
    idx = torch.arange(count) % num
    weight = torch.ones(num, dim)
    one_hot = F.one_hot(idx, num).float()
    picked, result = weight[idx], one_hot @ weight
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
        assert_equal(dict.fromkeys(found), dict.fromkeys(NAMES), "the names in the dictionary")
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


def test_large_sizes(learner, rng):
    """The numbers are exact beyond the range of floats and of 32-bit integers."""
    scale = int(torch.randint(1000, 2000, (), generator=rng)) * 2 + 1
    num, dim, count = 7001 * scale, 301, 1013 * scale
    # Tensors of these sizes do not fit into memory, so ``measured`` cannot be used here.
    expected = {
        "product_multiply_adds": num * dim * count,
        "product_bytes": 4 * count * num + 4 * num * dim + 4 * count * dim,
        "lookup_multiply_adds": 0,
        "lookup_bytes": 8 * count + 8 * count * dim,
    }
    found = cost(learner, num, dim, count)
    for name in NAMES:
        assert_equal(found[name], expected[name], name)


def test_rows(learner, rng, device):
    """The rows are right for ids in any order, repeated ids and the last id included."""
    for num, dim, below, count in ((7, 5, 4, 6), (4, 3, 4, 5)):
        weight, idx = torch.randn(num, dim, generator=rng), ids(rng, below, count)
        assert_close(learner.lookup(weight.to(device), idx.to(device)), F.embedding(idx, weight))


def test_any_shape(learner, rng, device):
    """Ids of any shape, 0-d and empty included, give the rows of a flat list, in their shape."""
    for num, dim, shape in (
        (7, 5, (2, 4)),
        (6, 5, (2, 3, 4)),
        (7, 6, (2, 1, 3)),
        (6, 4, ()),
        (5, 4, (3, 0)),
    ):
        weight, idx = (
            torch.randn(num, dim, generator=rng).to(device),
            ids(rng, num, *shape).to(device),
        )
        result = learner.lookup(weight, idx)
        assert_shape(result, (*shape, dim))
        listed = learner.lookup(weight, idx.flatten())
        assert_close(
            result.flatten(),
            listed.flatten(),
            "the numbers of the result, compared with those for a flat list of the ids",
        )


def test_gradient(learner, rng, device):
    """The result of a float64 table is float64, and its gradient is right."""
    for num, dim, below, count in ((7, 3, 4, 6), (6, 5, 3, 8)):
        weight = torch.randn(num, dim, generator=rng, dtype=torch.float64).requires_grad_()
        idx, cotangent = (
            ids(rng, below, count),
            torch.randn(count, dim, generator=rng, dtype=torch.float64),
        )
        _, (wanted, _) = reference_vjp(
            lambda w, i: F.embedding(i, w), weight, idx, cotangent=cotangent
        )
        sent = weight.detach().to(device).requires_grad_()
        result, (gradient, _) = learner.vjp(
            "lookup", sent, idx.to(device), cotangent=cotangent.to(device)
        )
        assert_equal(result.dtype, torch.float64, "the dtype of the result")
        assert_close(gradient, wanted, "the gradient of weight")


def serve(learner, num, dim, start, idx) -> torch.Tensor:
    """Made a weight of num rows and dim columns that holds start, start + 1, … row by row.

    Then called lookup(weight, idx).
    """
    weight = torch.arange(start, start + num * dim, dtype=torch.float32).reshape(num, dim)
    return learner.lookup(weight, idx)


def test_million_rows(learner, rng):
    """Ids from the whole table, the last one included, within the memory limit.

    The table holds whole numbers that float32 represents exactly. This check always runs on the
    CPU, because the limit applies to the memory of the process.
    """
    num, dim = 1_000_000, 16
    for count in (2000, 1700):
        start = int(torch.randint(1000, 700_000, (), generator=rng))
        idx = torch.randint(num, (count,), generator=rng)
        idx[7] = num - 1
        result = learner.run(serve, num, dim, start, idx)
        expected = start + idx.unsqueeze(-1) * dim + torch.arange(dim)
        assert_equal(result, expected.float())
