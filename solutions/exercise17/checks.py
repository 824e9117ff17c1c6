"""Hidden checks of exercise 17.

The oracle adds up the loss pair by pair in float64, with ``F.softplus``: minus the log
of sigmoid(x) is softplus(-x). Above 20, it is x, which is right to nine digits, so code may use it.

Each check judges only its title. ``positive`` and ``negatives`` use the same numbers in both
tables, so that only ``two_tables`` and later checks tell them apart. In ``positive``, the one
negative of a pair is a row of zeros, which costs log 2 with either sign; in ``negatives``, the
context is. Where the mean is not the point, the sum over the pairs is right too.
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

COMBINATIONS = tuple(
    pairwise(
        shape=((4,), (2, 1, 2), (), (1,)),
        count=(3, 0),
        dtype=(torch.float32, torch.float64),
        id_dtype=(torch.int64, torch.int32),
        # These are num and dim.
        table=((6, 4), (300, 1)),
        size=(1, 2**13),
        arrange_ids=(torch.clone, noncontiguous),
        arrange_tables=(torch.clone, noncontiguous),
        trained=(False, True),
    )
)


def table(rng, num, dim, dtype=torch.float32):
    """A random table whose last row is zero.

    All scores are below 5, where even the log of a rounded sigmoid is right.
    """
    weight = 1.4 * torch.rand(num, dim, generator=rng, dtype=torch.float64) - 0.7
    weight[-1] = 0
    return weight.to(dtype)


def ids(rng, below, *shape):
    """Ids below ``below`` in random order, repeated until they fill ``shape``."""
    count = math.prod(shape)
    return torch.randperm(below, generator=rng).repeat(count // below + 1)[:count].reshape(shape)


def arguments(centers, contexts, center, context, negatives):
    """What softplus gets, in float64: minus the score of each context, then those of its negatives.

    Returns it in shape (pairs, 1 + count), with the rows of the centers in shape (pairs, 1, dim)
    and the others, those of contexts with the opposite sign, in shape (pairs, 1 + count, dim).
    """
    words = torch.cat([context.unsqueeze(-1), negatives], -1)
    vectors = centers.double()[center.reshape(-1)].unsqueeze(1)
    others = contexts.double()[words.reshape(center.numel(), -1)]
    others[:, 0] *= -1
    return (others @ vectors.transpose(1, 2)).squeeze(-1), vectors, others


def total(*tensors):
    """The loss of all pairs together, in float64."""
    return F.softplus(arguments(*tensors)[0]).sum()


def reference(centers, contexts, center, context, negatives):
    """The loss, computed in float64."""
    pairs = center.numel()
    return (total(centers, contexts, center, context, negatives) / pairs).to(centers.dtype)


def call(learner, device, *tensors):
    """The learner's loss."""
    return learner.sgns_loss(*(tensor.to(device) for tensor in tensors))


def compare(learner, device, *tensors):
    """Compare the loss with the mean over the pairs."""
    assert_close(call(learner, device, *tensors), reference(*tensors), "the loss")


def compare_mean_or_sum(learner, device, *tensors):
    """Compare the loss with the mean over the pairs, or with their sum if it is that."""
    found = call(learner, device, *tensors)
    assert_shape(found, (), "the loss")
    expected = reference(*tensors)
    added = total(*tensors).to(expected.dtype)
    if torch.allclose(found.detach().to(added), added):
        expected = added
    assert_close(found, expected, "the loss")


def test_positive(learner, rng, device):
    """The scores of the pairs have both signs, and the negatives have a row of zeros."""
    num, dim, pairs = distinct_sizes(rng, 3, 4, 9)
    weight = table(rng, num, dim)
    zeros = torch.full((pairs, 1), num - 1)
    for _ in range(2):
        center, context = ids(rng, num - 1, pairs), ids(rng, num - 1, pairs)
        compare_mean_or_sum(learner, device, weight, weight.clone(), center, context, zeros)

    # More rows than int16 or bfloat16 can count.
    num = 2**15 + 9
    weight, far = table(rng, num, 2), torch.tensor([2**15 + 1, num - 2])
    zeros = torch.tensor([[num - 1], [num - 1]])
    compare_mean_or_sum(learner, device, weight, weight.clone(), far, far.flip(0), zeros)


def test_negatives(learner, rng, device):
    """The context has a row of zeros. Negatives repeat, and some equal the center or the context.

    The number of negatives is larger than the number of pairs, smaller, and the same.
    """
    for counts in ((3, 5), (6, 2), (4, 4)):
        pairs, count = counts
        num, dim = pairs + count, 9
        weight = table(rng, num, dim)
        center, context = ids(rng, num - 1, pairs), torch.full((pairs,), num - 1)
        negatives = ids(rng, num - 1, pairs, count)
        negatives[0, 1] = negatives[0, 0]
        negatives[1, 0] = num - 1
        negatives[2, 1] = center[2]
        compare_mean_or_sum(learner, device, weight, weight.clone(), center, context, negatives)


def test_two_tables(learner, rng, device):
    """The two tables differ, and change places in the second call."""
    num, dim, pairs, count = distinct_sizes(rng, 4, 3, 9)
    centers, contexts = table(rng, num, dim), table(rng, num, dim)
    center, context = ids(rng, num, pairs), ids(rng, num, pairs)
    negatives = ids(rng, num, pairs, count)
    for tables in ((centers, contexts), (contexts, centers)):
        compare_mean_or_sum(learner, device, *tables, center, context, negatives)
    # The sizes of the statement's example, with other numbers.
    tables, one = (table(rng, 2, 1), table(rng, 2, 1)), ids(rng, 2, 1)
    compare_mean_or_sum(learner, device, *tables, one, one, ids(rng, 2, 1, 2))


def test_loss(learner, rng, device):
    """The loss is a mean, for one pair and for many pairs with repeated ids.

    The scores of the many pairs rise from 0.2 to 2, so the mean of a part of them is another
    one. In float64, costs can be added one by one; its digits belong to another check.
    """
    for num, dim, pairs, count in ((3, 4, 11, 2), (6, 5, 1, 40)):
        tables = table(rng, num, dim), table(rng, num, dim)
        center, context = ids(rng, num, pairs), ids(rng, num, pairs).flip(0)
        compare(learner, device, *tables, center, context, ids(rng, num, pairs, count))

    # Hundreds of columns, and thousands of pairs.
    tables = table(rng, 6, 270) / 4, table(rng, 6, 270).abs()
    compare(learner, device, *tables, ids(rng, 6, 5), ids(rng, 6, 5), ids(rng, 6, 5, 3))
    num, pairs = 60, 12_007
    rising = torch.linspace(0.2, 2, num).unsqueeze(-1)
    given = (
        (1 + table(rng, num, 2, torch.float64).abs()) * rising,
        table(rng, num, 2, torch.float64).abs(),
        ids(rng, num, pairs).sort().values,
        ids(rng, num, pairs),
        ids(rng, num, pairs, 1),
    )
    assert_close(call(learner, device, *given).float(), reference(*given).float(), "the loss")


def test_any_shape(learner, rng, device):
    """Ids in any shape give the same loss as flat lists of the same ids.

    There may be one pair, one negative, or no negative. Without negatives, the
    loss is that of the positive scores.
    """
    for shape, count, dim in (
        ((), 3, 5),
        ((2, 3), 4, 7),
        ((3, 1), 2, 4),
        ((3, 1, 2), 1, 4),
    ):
        tables = table(rng, 8, dim), table(rng, 8, dim)
        center, context = ids(rng, 7, *shape), ids(rng, 7, *shape)
        negatives = ids(rng, 7, *shape, count)
        # The negatives of one pair serve all pairs, without a copy.
        if shape == (2, 3):
            center, context = noncontiguous(center), noncontiguous(context)
            negatives = ids(rng, 7, 3, count).expand(2, 3, count)
        flat = (center.reshape(-1), context.reshape(-1), negatives.reshape(-1, count))
        listed = call(learner, device, *tables, *flat)
        found = call(learner, device, *tables, center, context, negatives)
        assert_close(found, listed, "the loss, compared with that for flat lists of the ids")

    weight = table(rng, 6, 4)
    tables = noncontiguous(weight), noncontiguous(weight)
    pairs = ids(rng, 5, 7), ids(rng, 5, 7)
    none = torch.empty(7, 0, dtype=torch.int64)
    compare_mean_or_sum(learner, device, *tables, *pairs, none)


def large_tables(rng, num, size):
    """Two tables whose rows have scores between ``size`` and 1.6 times that, of both signs.

    One of the two columns is zero, so float32 computes a score to its last digits.
    """
    signs = 1 - 2 * (torch.arange(num) % 2)
    numbers = 1 + torch.rand(2, num, generator=rng) / 4
    centers = torch.stack([numbers[0], torch.zeros(num)], 1)
    contexts = torch.stack([signs * size * numbers[1], signs], 1)
    return centers, contexts


def test_large(learner, rng, device):
    """The scores are around 6, 15, 25, 110 and 11,000, of both signs.

    With many negatives of 15, a product of their exponentials leaves the range of float32.
    """
    for size, count in ((5.0, 2), (12.0, 24), (20.0, 2), (90.0, 2), (9000.0, 2)):
        tables = large_tables(rng, 6, size)
        center, context, negatives = ids(rng, 6, 6), ids(rng, 6, 6), ids(rng, 6, 6, count)
        # The first pair costs nothing, and the second one most: none of them may be left out.
        context[:2] = torch.tensor([0, 1])
        negatives[:2, :2] = torch.tensor([[1, 3], [2, 4]])
        compare_mean_or_sum(learner, device, *tables, center, context, negatives)

    # A pair that scores very well beside a negative that scores very badly costs nothing.
    centers, contexts = torch.tensor([[50.0]]), torch.tensor([[60.0], [-70.0]])
    center, context = torch.tensor([0]), torch.tensor([0])
    compare_mean_or_sum(learner, device, centers, contexts, center, context, torch.tensor([[1]]))


def expected_gradients(centers, contexts, center, context, negatives):
    """The gradients of both tables, computed in float64: the slope of softplus is the sigmoid."""
    given = (centers.detach(), contexts.detach(), center, context, negatives)
    numbers, vectors, others = arguments(*given)
    slopes = (numbers.sigmoid() / len(numbers)).unsqueeze(-1)
    of_centers = torch.zeros(centers.shape, dtype=torch.float64)
    of_centers.index_add_(0, center.reshape(-1), (slopes * others).sum(1))
    rows = slopes * vectors
    rows[:, 0] *= -1
    words = torch.cat([context.unsqueeze(-1), negatives], -1)
    of_contexts = torch.zeros(contexts.shape, dtype=torch.float64)
    of_contexts.index_add_(0, words.reshape(-1), rows.flatten(0, 1))
    return of_centers, of_contexts


def gradients(learner, rng, device, centers, contexts, *words):
    """Compare the gradients of both tables, for a random gradient of the loss. Return the loss."""
    # An odd number, whose products with short numbers are exact.
    cotangent = (2 * torch.randint(-5, 5, (), generator=rng) + 1).to(centers.dtype)
    tables = (centers, contexts)
    wanted = expected_gradients(*tables, *words)
    sent = [
        tensor.detach().to(device).requires_grad_(tensor.requires_grad)
        for tensor in (*tables, *words)
    ]
    loss, found = learner.vjp("sgns_loss", *sent, cotangent=cotangent.to(device))
    for tensor, gradient, expected, name in zip(
        tables, found, wanted, ("centers", "contexts"), strict=False
    ):
        if tensor.requires_grad:
            expected = (expected * cotangent).to(tensor.dtype)
            assert_close(gradient, expected, f"the gradient of {name}")
    return loss


def test_gradient(learner, rng, device):
    """Gradients of repeated ids add up. Rows without an id are nan, and their gradient is zero.

    In some calls only one table is trained. Large scores have a gradient too, and scores of 0.
    """
    for num, dim, shape, count, trained in (
        (9, 4, (20,), 3, (True, True)),
        (8, 5, (2, 3), 4, (True, False)),
        (7, 3, (), 2, (False, True)),
        (6, 2, (5,), 3, (True, True)),
    ):
        tables = table(rng, num, dim), table(rng, num, dim)
        if dim == 2:
            # Scores around 7 have small gradients, which matter, too.
            tables = large_tables(rng, num, torch.tensor([7.0, 7.0, 900.0, 900.0, 6.0, 6.0]))
        for weight, needs_gradient in zip(tables, trained, strict=True):
            weight[-1] = math.nan
            weight.requires_grad_(needs_gradient)
        center, context = ids(rng, num - 1, *shape), ids(rng, num - 2, *shape)
        negatives = ids(rng, num - 1, *shape, count)
        gradients(learner, rng, device, *tables, center, context, negatives)

    # A new table of contexts is often all zeros.
    tables = table(rng, 5, 3).requires_grad_(), torch.zeros(5, 3).requires_grad_()
    pairs = ids(rng, 5, 4), ids(rng, 5, 4), ids(rng, 5, 4, 6)
    gradients(learner, rng, device, *tables, *pairs)


def test_types(learner, rng, device):
    """float64 tables give a float64 loss, right to 1e-9, and int32 ids give the same loss."""
    for dtype, *id_types in (
        (torch.float64, torch.int64, torch.int32),
        (torch.float32, torch.int32),
    ):
        for id_type in id_types:
            # New numbers each time: a loss that passed through float32 can be right by chance.
            tables = table(rng, 7, 4, dtype), table(rng, 7, 4, dtype)
            words = ids(rng, 7, 5), ids(rng, 7, 5), ids(rng, 7, 5, 3)
            given = [word.to(id_type) for word in words]
            found = call(learner, device, *tables, *given)
            assert_equal(getattr(found, "dtype", None), dtype, "the dtype of the loss")
            expected = reference(*tables, *words)
            # A sum over the pairs is judged elsewhere, but it must have as many digits.
            if torch.allclose(found.detach(), expected * 5):
                expected = expected * 5
            assert_close(found, expected, "the loss")

    # From 8 to 19, a cost is nearly a straight line. These scores are around 16.
    slopes = torch.tensor([[-5.1], [5.1]], dtype=torch.float64)
    contexts = slopes * (1 + torch.rand(2, 1, generator=rng) / 16)
    tables = torch.full((1, 1), 3.0, dtype=torch.float64), contexts
    compare_mean_or_sum(learner, device, *tables, *torch.tensor([[0], [0]]), torch.tensor([[1]]))
    # No int32 can number the pairs of these ids.
    num = 2**16 + 9
    tables = table(rng, num, 1), table(rng, num, 1)
    words = [(num - 1 - ids(rng, 9, *shape)).int() for shape in ((5,), (5,), (5, 3))]
    compare_mean_or_sum(learner, device, *tables, *words)


def test_combinations(learner, rng, device):
    """Each two properties of the inputs occur together, with and without gradients.

    In float32, the tables hold eighths, and each shape has 1 or 4 pairs, so that large scores and
    sums of large gradients are exact. float32 cannot hold the numbers of float64. The ids are those
    of the last six rows.
    """
    for case in COMBINATIONS:
        tables, shape, (num, dim) = [], case["shape"], case["table"]
        whole = 8 if case["dtype"] is torch.float32 else 8.8
        for size in (1, case["size"]):
            weight = torch.randint(-8, 9, (num, dim), generator=rng).to(case["dtype"])
            weight[-1] = 0
            weight = case["arrange_tables"](weight * size / whole)
            tables.append(weight.requires_grad_(case["trained"]))
        words = [
            num - 1 - torch.randint(6, each, generator=rng, dtype=case["id_dtype"])
            for each in (shape, shape, (*shape, case["count"]))
        ]
        # A score of 0 for each pair, if there are negatives.
        words[2][..., -1:] = num - 1
        words = [case["arrange_ids"](each) for each in words]
        if case["trained"]:
            loss = gradients(learner, rng, device, *tables, *words)
            assert_close(loss, reference(*tables, *words).detach(), "the loss")
        else:
            compare(learner, device, *tables, *words)


def look_afterwards(
    learner, centers, contexts, center, context, negatives
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Called sgns_loss, then read all five arguments."""
    learner.sgns_loss(centers, contexts, center, context, negatives)
    return centers.detach(), contexts.detach(), center, context, negatives


def test_untouched(learner, rng, device):
    """The arguments are the same after the call, for tables with and without a gradient.

    Without one, the negatives are 0, 1, 2, …, so that their rows could be used in place. The
    grader itself compares the arguments of every other call.
    """
    dim, pairs, count = distinct_sizes(rng, 3, 3, 9)
    num = pairs * count
    tables = table(rng, num, dim), table(rng, num, dim)
    for trained in (True, False):
        negatives = ids(rng, num, num) if trained else torch.arange(num)
        words = ids(rng, num, pairs), ids(rng, num, pairs), negatives.reshape(pairs, count)
        sent = [tensor.to(device).requires_grad_(trained) for tensor in tables]
        after = learner.run(look_afterwards, *sent, *(word.to(device) for word in words))
        names = ("centers", "contexts", "center", "context", "negatives")
        for name, now, then in zip(names, after, (*tables, *words), strict=True):
            assert_equal(now.detach(), then, f"{name} after the call")
