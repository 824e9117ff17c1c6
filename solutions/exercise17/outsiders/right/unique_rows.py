# passes: looks up each needed row once
import torch
import torch.nn.functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    ids, where = torch.unique(
        torch.cat([context.reshape(-1), negatives.reshape(-1)]), return_inverse=True
    )
    rows = contexts[ids]
    n, k = center.numel(), negatives.shape[-1]
    c = centers[center.reshape(-1)]
    pos = (c * rows[where[:n]]).sum(-1)
    neg = torch.einsum(
        "nd,nkd->nk",
        c,
        rows[where[n:]].reshape(n, k, -1) if n * k else rows.new_zeros(n, k, c.shape[1]),
    )
    return (F.softplus(-pos) + F.softplus(neg).sum(-1)).mean()
