"""The checks take the softmax of each query by itself, over the keys that it may see."""

import torch

from grader.checks import assert_close, assert_shape, distinct_sizes, reference_vjp


def causal(scores):
    """Return the expected weights, row by row."""
    queries, keys = scores.shape[-2:]
    rows = []
    for i in range(queries):
        seen = keys - queries + i + 1
        shares = torch.softmax(scores[..., i, :seen], -1)
        rows.append(torch.nn.functional.pad(shares, (0, keys - seen)))
    return torch.stack(rows, -2)


def draw_square(rng):
    """Draw scores with as many queries as keys, at least 3."""
    (length,) = distinct_sizes(rng, 1)
    return torch.randn(length + 2, length + 2, generator=rng)


def test_square(learner, rng):
    """Try as many queries as keys, and a single token."""
    for scores in (draw_square(rng), torch.randn(1, 1, generator=rng)):
        assert_close(learner.causal_weights(scores), causal(scores))


def test_later(learner, rng):
    """Move the scores of the later keys far up, and all scores far down."""
    scores = draw_square(rng)
    high = scores + 3000 * torch.ones_like(scores).triu(1)
    for moved in (high, scores - 3000):
        assert_close(learner.causal_weights(moved), causal(moved))


def test_last_queries(learner, rng):
    """Try one query and several, and more keys than queries."""
    queries, more = distinct_sizes(rng, 2)
    for rows in (1, queries + 1):
        scores = torch.randn(rows, rows + more, generator=rng)
        assert_close(learner.causal_weights(scores), causal(scores))


def test_leading(learner, rng):
    """Try one and two leading dimensions, with as many queries as keys."""
    first, second, length = distinct_sizes(rng, 3)
    for leading in ((first,), (first, second)):
        scores = torch.randn(*leading, length + 1, length + 1, generator=rng)
        assert_close(learner.causal_weights(scores), causal(scores))


def test_gradient(learner, rng):
    """Send a random gradient back."""
    scores = draw_square(rng).requires_grad_()
    cotangent = torch.randn(scores.shape, generator=rng)
    _, (wanted,) = reference_vjp(causal, scores, cotangent=cotangent)
    _, (gradient,) = learner.vjp("causal_weights", scores, cotangent=cotangent)
    assert_close(gradient, wanted, "the gradient of scores")


def test_dtype(learner, rng):
    """Try float64."""
    weights = learner.causal_weights(draw_square(rng).double())
    assert weights.dtype == torch.float64, (
        f"Your weights are {weights.dtype}; expected torch.float64."
    )


def test_untouched(learner, rng):
    """The grader compares the scores before and after each call. This call is one of them."""
    scores = draw_square(rng)
    assert_shape(learner.causal_weights(scores), scores.shape)
