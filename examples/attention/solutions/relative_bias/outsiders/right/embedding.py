import torch
import torch.nn.functional as F


def relative_bias(scores, table):
    q, k = scores.size(-2), scores.size(-1)
    far = (table.size(0) - 1) // 2
    rel = torch.arange(k).view(1, k) - torch.arange(q).view(q, 1)
    rel = torch.clamp(rel, min=-far, max=far)
    bias = F.embedding(rel + far, table)
    return scores + bias.movedim(-1, 0)
