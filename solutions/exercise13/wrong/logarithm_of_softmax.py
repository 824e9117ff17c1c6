"""Your loss is infinite where the right class has a very small probability.

`torch.softmax` itself is safe, but a probability below about 1e-45 is rounded to 0 in float32,
and the logarithm of 0 is -inf. `torch.log_softmax` computes both steps at once and keeps such
losses finite.

Try `torch.softmax(torch.tensor([0.0, 200.0]), -1).log()`.
"""

# caught by: large

import torch


def cross_entropy(scores, target, ignore_index=-100):
    """Take the logarithm of softmax."""
    keep = target != ignore_index
    table = torch.softmax(scores[keep], -1).log()
    return -table.gather(-1, target[keep].unsqueeze(-1)).mean()
