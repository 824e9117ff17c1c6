"""Your loss is right, but not its gradient where a score is exactly 0.

The slope of minus the log of the sigmoid is -1/2 there. Code with `clamp` and `abs` has kinks at 0,
where PyTorch takes a slope of 0 for `abs`, and of 1 for `clamp(min=0)` (0 since PyTorch 2.15):
together, -1 or 0. A new table of contexts is often all zeros, and then every score is 0. PyTorch's
function for the log of the sigmoid has the right slope everywhere.
"""

# caught by: gradient

import torch


def softplus(x):
    """Add up two parts that have a kink at 0."""
    return x.clamp(min=0) + torch.log1p(torch.exp(-x.abs()))


def sgns_loss(centers, contexts, center, context, negatives):
    """Use a formula without the right slope at 0."""
    vectors = centers[center]
    scores = (vectors * contexts[context]).sum(-1)
    others = (vectors.unsqueeze(-2) * contexts[negatives]).sum(-1)
    return (softplus(-scores) + softplus(others).sum(-1)).mean()
