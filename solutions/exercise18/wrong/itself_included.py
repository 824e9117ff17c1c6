"""Your code returns each id as its own nearest one.

A row has the cosine 1 with itself, so it always comes first. The statement asks for other ids.
"""

# caught by: not_itself

from torch.nn import functional as F


def nearest(weight, ids, k):
    """Keep the id itself."""
    unit = F.normalize(weight.detach(), dim=1)
    cosines = unit[ids] @ unit.T
    return cosines.topk(k).indices
