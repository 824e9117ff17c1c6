"""Your code takes a negative id as a class, counted from the end.

In square brackets, -1 is the last column. A target of -1 is usually a mistake in the data, or
padding with another `ignore_index`, and the loss then trains the last class without an error.
`gather` refuses negative ids.

Try `torch.arange(3)[torch.tensor([-1])]`.
"""

# caught by: out_of_range

import torch


def cross_entropy(scores, target, ignore_index=-100):
    """Use square brackets for the lookup."""
    keep = target != ignore_index
    table = torch.log_softmax(scores[keep], -1)
    ids = target[keep]
    return -table[torch.arange(len(ids), device=ids.device), ids].mean()
