"""Hidden checks of target. MARKER-IN-CHECKS"""

import pytest
import torch

from grader.checks import assert_equal


@pytest.mark.parametrize("size", [3, 4])
def test_value(learner, size):
    """Twice the input."""
    x = torch.arange(float(size))
    assert_equal(learner.double(x), torch.stack([x, x]).sum(0))
