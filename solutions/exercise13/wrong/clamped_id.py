"""Your code changes an id that is no class into one that is.

`clamp` makes every lookup valid, but it also hides mistakes in the data: id num becomes the last
class. An error at the first such id is easier to find than a model that learns a wrong class.

Call your function with a target of num: it should raise an error.
"""

# caught by: out_of_range

import torch


def cross_entropy(scores, target, ignore_index=-100):
    """Clamp the ids."""
    keep = target != ignore_index
    table = torch.log_softmax(scores[keep], -1)
    ids = target[keep].clamp(0, scores.shape[-1] - 1)
    return -table.gather(-1, ids.unsqueeze(-1)).mean()
