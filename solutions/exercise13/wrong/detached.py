"""Your loss has the right value, but no gradient reaches the scores.

`.detach()`, `.data`, `.item()` and `torch.tensor(...)` return numbers without a graph. `backward()`
then raises an error, or nothing is trained.

Print `requires_grad` of your result for scores that require a gradient.
"""

# caught by: large, gradient

import torch


def cross_entropy(scores, target, ignore_index=-100):
    """Compute without a graph."""
    keep = target != ignore_index
    table = torch.log_softmax(scores.detach()[keep], -1)
    return -table.gather(-1, target[keep].unsqueeze(-1)).mean()
