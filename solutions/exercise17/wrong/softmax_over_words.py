"""Your code lets the context compete with the negatives in a softmax.

That is another loss, cross-entropy with sampled classes. Here each score has its own sigmoid: is
this pair real, yes or no? The scores of other words do not change that answer.
"""

# caught by: positive

import torch


def sgns_loss(centers, contexts, center, context, negatives):
    """Use a softmax over the context and the negatives."""
    vectors = centers[center]
    scores = (vectors * contexts[context]).sum(-1)
    others = (vectors.unsqueeze(-2) * contexts[negatives]).sum(-1)
    together = torch.cat([scores.unsqueeze(-1), others], -1)
    return -together.log_softmax(-1)[..., 0].mean()
