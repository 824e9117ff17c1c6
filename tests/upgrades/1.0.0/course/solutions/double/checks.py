"""Hidden checks of double. MARKER-IN-CHECKS"""

import pytest
import torch

from grader.checks import assert_close, assert_equal, reference_vjp


@pytest.mark.parametrize("size", [3, 4])
def test_value(learner, size):
    """Twice the input."""
    x = torch.arange(float(size))
    assert_equal(learner.double(x), torch.stack([x, x]).sum(0))


def test_gradient(learner):
    """Two everywhere."""
    x = torch.arange(3.0, requires_grad=True)
    cotangent = torch.tensor([1.0, 10.0, 100.0])
    _, (found, *_) = learner.vjp("double", x, cotangent=cotangent)
    _, (wanted, *_) = reference_vjp(lambda x: x.add(x), x, cotangent=cotangent)
    assert_close(found, wanted, "the gradient of x")


def untouched(learner, x) -> torch.Tensor:
    """After `double(x)`, x is looked at again."""
    learner.double(x)
    return x


def test_untouched(learner):
    """The input stays."""
    x = torch.arange(3.0)
    assert_equal(learner.run(untouched, x), x, "x afterwards")


def test_refuses(learner):
    """Text raises."""
    learner.must_raise((TypeError, ValueError), "double", "text")
