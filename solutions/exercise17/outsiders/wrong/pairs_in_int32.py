# fails: types: numbers pairs of ids in int32

import torch
import torch.nn.functional as F
from torch import Tensor


def sgns_loss(
    centers: Tensor, contexts: Tensor, center: Tensor, context: Tensor, negatives: Tensor
) -> Tensor:
    num = contexts.shape[0]
    others = torch.cat([context.unsqueeze(-1), negatives], dim=-1)
    pairs, back = torch.unique(center.unsqueeze(-1) * num + others, return_inverse=True)
    scores = (centers[pairs // num] * contexts[pairs % num]).sum(-1)[back]  # each pair once
    pos, neg = scores[..., 0], scores[..., 1:]
    return -(F.logsigmoid(pos) + F.logsigmoid(-neg).sum(-1)).mean()
