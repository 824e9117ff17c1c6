"""Your code drops the first id of each result, which is not always the id itself.

If another row is equal, both have the cosine 1, and either can come first. Leave out the id by its
number: give its own cosine a value below all others.
"""

# caught by: not_itself

from torch.nn import functional as F


def nearest(weight, ids, k):
    """Drop the best."""
    unit = F.normalize(weight.detach(), dim=1)
    cosines = unit[ids] @ unit.T
    return cosines.topk(k + 1).indices[..., 1:]
