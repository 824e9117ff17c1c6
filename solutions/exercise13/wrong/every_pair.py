"""Your code looks up every id in every row, not one id per row.

`table[:, target]` has shape (count, count): each row gets the numbers of all ids. Row i needs
only the number of its own id. `gather` pairs rows and ids, and so does
`table[torch.arange(count), target]`.

Print the shape of what you look up: it should have one number per position.
"""

# caught by: value

import torch


def cross_entropy(scores, target, ignore_index=-100):
    """Select columns for all rows."""
    keep = target != ignore_index
    if (target[keep] < 0).any():
        raise IndexError("a negative id")
    table = torch.log_softmax(scores[keep], -1)
    return -table[:, target[keep]].mean()
