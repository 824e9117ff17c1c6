"""The checks count the row of each key, one query at a time."""

import torch

from grader.checks import (
    assert_close,
    assert_shape,
    distinct_sizes,
    noncontiguous,
    pairwise,
    reference_vjp,
)


def reference(scores, table):
    """Add the bias of each query, whose rows of the table are counted key by key."""
    queries, keys = scores.shape[-2:]
    last = len(table) - 1
    columns = table.T
    biases = []
    for query in range(queries):
        first = last // 2 - query
        rows = [max(0, min(last, first + key)) for key in range(keys)]
        biases.append(columns[:, rows])
    return scores + torch.stack(biases, 1)


def draw(rng, shape, far, dtype=torch.float32):
    """Return scores of this shape and a table with 2 * far + 1 rows for their heads."""
    scores = torch.randn(shape, generator=rng, dtype=dtype)
    table = torch.randn(2 * far + 1, shape[-3], generator=rng, dtype=dtype)
    return scores, table


def test_value(learner, rng):
    """Try a batch of square scores, with a table that has a row for each distance, or more."""
    batch, heads, length = distinct_sizes(rng, 3)
    for far in (length - 1, length + 2):
        scores, table = draw(rng, (batch, heads, length, length), far)
        assert_close(learner.relative_bias(scores, table), reference(scores, table))


def test_clipped(learner, rng):
    """Try tables with fewer rows than distances, down to a single row."""
    for far in (3, 1, 0):
        scores, table = draw(rng, (2, 3, 7, 7), far)
        assert_close(learner.relative_bias(scores, table), reference(scores, table))


def test_rectangular(learner, rng):
    """Try more keys than queries, fewer, and one of each, without clipping."""
    for queries, keys in ((3, 6), (6, 3), (1, 5), (5, 1)):
        scores, table = draw(rng, (2, 3, queries, keys), 6)
        assert_close(learner.relative_bias(scores, table), reference(scores, table))


def test_leading(learner, rng):
    """Try no leading dimension, two, one of size 1, and an empty one."""
    for leading in ((), (2, 3), (1,), (0,)):
        scores, table = draw(rng, (*leading, 4, 5, 5), 4)
        assert_close(learner.relative_bias(scores, table), reference(scores, table))


def test_dtype(learner, rng):
    """Try scores and biases whose large parts cancel, so that float32 loses digits."""
    for dtype in (torch.float32, torch.float64):
        scores, table = draw(rng, (2, 3, 4, 4), 3, dtype)
        if dtype == torch.float64:
            scores, table = scores - 2**20, table + 2**20
        assert_close(learner.relative_bias(scores, table), reference(scores, table))


def gradients(learner, rng, far):
    """Return the gradients of scores and table, those wanted first."""
    scores, table = draw(rng, (2, 3, 5, 5), far)
    cotangent = torch.randn(2, 3, 5, 5, generator=rng)
    arguments = scores.requires_grad_(), table.requires_grad_()
    _, wanted = reference_vjp(reference, *arguments, cotangent=cotangent)
    _, got = learner.vjp("relative_bias", *arguments, cotangent=cotangent)
    return wanted, got


def test_scores_gradient(learner, rng):
    """Send a random gradient back to the scores."""
    wanted, got = gradients(learner, rng, 4)
    assert_close(got[0], wanted[0], "the gradient of scores")


def test_table_gradient(learner, rng):
    """Send a random gradient back to the table, without clipping and with it."""
    for far in (4, 2):
        wanted, got = gradients(learner, rng, far)
        assert_close(got[1], wanted[1], "the gradient of table")


def test_combinations(learner, rng):
    """Try each two of the promised properties together."""
    for case in pairwise(
        dtype=(torch.float32, torch.float64),
        leading=((), (2,), (2, 1)),
        heads=(1, 3),
        lengths=((4, 4), (2, 5), (5, 2)),
        far=(0, 2, 6),
        layout=(torch.Tensor.contiguous, noncontiguous),
    ):
        shape = (*case["leading"], case["heads"], *case["lengths"])
        inputs = draw(rng, shape, case["far"], case["dtype"])
        scores, table = map(case["layout"], inputs)
        assert_close(learner.relative_bias(scores, table), reference(scores, table))


def test_untouched(learner, rng):
    """The grader compares scores and table before and after each call. This is one of them."""
    scores, table = draw(rng, (2, 3, 5, 5), 2)
    assert_shape(learner.relative_bias(scores, table), (2, 3, 5, 5))
