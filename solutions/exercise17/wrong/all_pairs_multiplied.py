"""Your scores pair every center with every context.

`a @ b.T` has a number for each center and each context, and only those on its diagonal belong to a
pair. Use `(a * b).sum(-1)`: one score for each pair.
"""

# caught by: positive

from torch.nn import functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    """Multiply all centers with all contexts."""
    vectors = centers[center]
    scores = vectors @ contexts[context].T
    others = (vectors.unsqueeze(-2) * contexts[negatives]).sum(-1)
    return -F.logsigmoid(scores).mean() - F.logsigmoid(-others).sum(-1).mean()
