# passes: binary cross-entropy with labels 1 and 0, ids flattened
import torch
import torch.nn.functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    n, k = center.numel(), negatives.shape[-1]
    c = centers[center.reshape(n)]
    ids = torch.cat([context.reshape(n, 1), negatives.reshape(n, k)], dim=1)
    scores = torch.bmm(contexts[ids], c.unsqueeze(2)).squeeze(2)
    labels = torch.zeros_like(scores)
    labels[:, 0] = 1
    return F.binary_cross_entropy_with_logits(scores, labels, reduction="sum") / n
