"""Your loss is infinite where the right class has a very small probability.

A probability below about 1e-45 is rounded to 0 in float32, and the logarithm of 0 is -inf. It does
not matter that you take the logarithm of the selected probabilities only. `torch.log_softmax`
computes both steps at once and keeps such losses finite: select from its result.

Try `torch.softmax(torch.tensor([0.0, 200.0]), -1)[0].log()`.
"""

# caught by: large

import torch


def cross_entropy(scores, target, ignore_index=-100):
    """Select a probability, and then take its logarithm."""
    keep = target != ignore_index
    ids = target[keep]
    if (ids < 0).any():
        raise IndexError("an id is negative")
    table = torch.softmax(scores[keep], -1)
    return -table.gather(-1, ids.unsqueeze(-1)).log().mean()
