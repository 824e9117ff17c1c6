"""The checks cut and join with chunk, stack, unbind and cat, without any reshape."""

import torch

from grader.checks import (
    assert_close,
    assert_equal,
    assert_shape,
    distinct_sizes,
    noncontiguous,
    reference_vjp,
)


def split(x, heads):
    """Return the expected heads."""
    return torch.stack(x.chunk(heads, -1), -3)


def merge(x):
    """Return the expected vectors."""
    return torch.cat(x.unbind(-3), -1)


def draw(rng, leading=1):
    """Draw a tensor in heads, with one leading dimension; its sizes all differ."""
    sizes = [size + 1 for size in distinct_sizes(rng, leading + 3)]
    return torch.randn(*sizes, generator=rng)


def test_split(learner, rng):
    """Try several heads, one head, and heads of size 1, in two dtypes."""
    x = draw(rng)
    _, heads, _, size = x.shape
    vectors = merge(x)
    for count in (heads, 1, heads * size):
        assert_equal(learner.split_heads(vectors, count), split(vectors, count))
    numbers = (100 * vectors).long()
    assert_equal(learner.split_heads(numbers, heads), split(numbers, heads))


def test_merge(learner, rng):
    """Try several heads and one, in two dtypes."""
    x = draw(rng)
    for heads in (x, x[:, :1], (100 * x).long()):
        assert_equal(learner.merge_heads(heads), merge(heads))


def test_leading(learner, rng):
    """Try no leading dimension and two."""
    for leading in (0, 2):
        x = draw(rng, leading)
        heads = x.shape[-3]
        assert_equal(learner.split_heads(merge(x), heads), x)
        assert_equal(learner.merge_heads(x), merge(x))


def test_indivisible(learner, rng):
    """Try one column too many, and more heads than columns."""
    x = draw(rng)
    heads = x.shape[1]
    vectors = merge(x)
    wider = torch.cat([vectors, vectors[..., :1]], -1)
    learner.must_raise(ValueError, "split_heads", wider, heads)
    learner.must_raise(ValueError, "split_heads", vectors, 2 * vectors.shape[-1])


def test_gradient(learner, rng):
    """Send random gradients back."""
    x = draw(rng).requires_grad_()
    vectors = merge(x).detach().requires_grad_()
    for name, function, arguments in (
        ("split_heads", split, (vectors, x.shape[1])),
        ("merge_heads", merge, (x,)),
    ):
        cotangent = torch.randn(function(*arguments).shape, generator=rng)
        _, wanted = reference_vjp(function, *arguments, cotangent=cotangent)
        _, gradients = learner.vjp(name, *arguments, cotangent=cotangent)
        assert_close(gradients[0], wanted[0], f"the gradient of x in {name}")


def test_layout(learner, rng):
    """Try tensors whose memory is not contiguous."""
    x = draw(rng)
    vectors = noncontiguous(merge(x))
    assert_equal(learner.split_heads(vectors, x.shape[1]), x)
    assert_equal(learner.merge_heads(noncontiguous(x)), merge(x))


def test_untouched(learner, rng):
    """The grader compares the inputs before and after each call. These calls are two of them."""
    x = draw(rng)
    vectors = merge(x)
    assert_shape(learner.split_heads(vectors, x.shape[1]), x.shape)
    assert_shape(learner.merge_heads(x), vectors.shape)
