import torch
import torch.nn.functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    ids = torch.cat([context.unsqueeze(-1).long(), negatives.long()], -1)
    used_rows, row = torch.unique(center.long(), return_inverse=True)
    used_cols, col = torch.unique(ids, return_inverse=True)
    small = centers.index_select(0, used_rows) @ contexts.index_select(0, used_cols).T
    scores = small[row.unsqueeze(-1).expand_as(col), col]
    logits = torch.stack([torch.zeros_like(scores), scores], -1).reshape(-1, 2)
    label = torch.zeros_like(col)
    label[..., 0] = 1
    return F.cross_entropy(logits, label.reshape(-1), reduction="sum") / center.numel()
