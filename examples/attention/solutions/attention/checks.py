"""The checks compare with PyTorch's own attention, which submissions must not use."""

import torch
from torch.nn.functional import scaled_dot_product_attention

from grader.checks import assert_close, assert_shape, distinct_sizes, reference_vjp


def draw(rng, *leading, dim):
    """Draw a query, a key and a value whose numbers of rows and columns all differ from dim."""
    queries, keys, width = (dim + size for size in distinct_sizes(rng, 3))
    query = torch.randn(*leading, queries, dim, generator=rng)
    key = torch.randn(*leading, keys, dim, generator=rng)
    value = torch.randn(*leading, keys, width, generator=rng)
    return query, key, value


def test_average(learner, rng):
    """Try one number for each query and key, so that the scale is 1."""
    arguments = draw(rng, dim=1)
    assert_close(learner.attention(*arguments), scaled_dot_product_attention(*arguments))


def test_scale(learner, rng):
    """Try two other sizes of queries and keys."""
    for dim in (3, 8):
        arguments = draw(rng, dim=dim)
        assert_close(learner.attention(*arguments), scaled_dot_product_attention(*arguments))


def test_leading(learner, rng):
    """Try one and two leading dimensions. With dim 1 the scale does not matter."""
    for leading in ((3,), (2, 3)):
        arguments = draw(rng, *leading, dim=1)
        assert_close(learner.attention(*arguments), scaled_dot_product_attention(*arguments))


def test_gradient(learner, rng):
    """Send a random gradient back."""
    arguments = [tensor.requires_grad_() for tensor in draw(rng, dim=1)]
    shape = scaled_dot_product_attention(*arguments).shape
    cotangent = torch.randn(shape, generator=rng)
    _, wanted = reference_vjp(scaled_dot_product_attention, *arguments, cotangent=cotangent)
    _, gradients = learner.vjp("attention", *arguments, cotangent=cotangent)
    for name, gradient, expected in zip(("query", "key", "value"), gradients, wanted, strict=True):
        assert_close(gradient, expected, f"the gradient of {name}")


def test_large(learner, rng):
    """Try scores of thousands, above and below zero."""
    query, key, value = draw(rng, dim=1)
    query = 100 * query
    for moved in (100 * key, 100 * key.abs(), -100 * key.abs()):
        expected = scaled_dot_product_attention(query.abs(), moved, value)
        assert_close(learner.attention(query.abs(), moved, value), expected)


def test_dtype(learner, rng):
    """Try float64."""
    arguments = [tensor.double() for tensor in draw(rng, dim=1)]
    result = learner.attention(*arguments)
    assert result.dtype == torch.float64, f"Your result is {result.dtype}; expected torch.float64."


def test_untouched(learner, rng):
    """The grader compares the arguments before and after each call. This call is one of them."""
    query, key, value = draw(rng, dim=1)
    assert_shape(learner.attention(query, key, value), (len(query), value.shape[-1]))
