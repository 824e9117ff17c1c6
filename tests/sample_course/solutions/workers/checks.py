"""Hidden checks of workers."""

import torch

from grader.checks import assert_equal


def test_value(learner):
    """Twice the input."""
    x = torch.arange(3.0)
    assert_equal(learner.double(x), torch.stack([x, x]).sum(0))
