"""Checks. TODO(author): write one per line of the rubric, in another way than the solution."""

import torch

from grader.checks import assert_close, reference_vjp


def test_value(learner, rng):
    """Try two dtypes."""
    for dtype in (torch.float32, torch.float64):
        x = torch.randn(3, 4, generator=rng).to(dtype)
        assert_close(learner.double(x), x + x)


def test_gradient(learner, rng):
    """Send a random gradient back."""
    x, cotangent = torch.randn(2, 5, generator=rng)
    x.requires_grad_()
    _, expected = reference_vjp(lambda x: x + x, x, cotangent=cotangent)
    _, gradient = learner.vjp("double", x, cotangent=cotangent)
    assert_close(gradient[0], expected[0], "the gradient of x")


def test_untouched(learner, rng):
    """The grader compares the input before and after each call. This call is one of them."""
    x = torch.randn(3, generator=rng)
    assert_close(learner.double(x), x + x)
