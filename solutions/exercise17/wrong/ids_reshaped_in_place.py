"""Your code changes the shape of the ids that you were given.

A method that ends in `_`, such as `unsqueeze_`, changes the tensor itself, so the caller's tensor
has another shape after the call. The same name without `_` returns a new tensor.
"""

# caught by: untouched

from torch.nn import functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    """Change the caller's ids."""
    vectors = centers[center.unsqueeze_(-1)]
    scores = (vectors.squeeze(-2) * contexts[context]).sum(-1)
    others = (vectors * contexts[negatives]).sum(-1)
    logs = F.logsigmoid(scores) + F.logsigmoid(-others).sum(-1)
    return -logs.mean()
