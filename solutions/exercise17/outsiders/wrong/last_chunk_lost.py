# fails: loss: works in chunks of 1024 pairs and leaves out the last, shorter one when there are more than 1024
import torch
import torch.nn.functional as F
from torch import Tensor


def sgns_loss(
    centers: Tensor, contexts: Tensor, center: Tensor, context: Tensor, negatives: Tensor
) -> Tensor:
    def cost(center, context, negatives):
        rows = F.embedding(center, centers)
        good = (rows * F.embedding(context, contexts)).sum(-1)
        bad = (rows.unsqueeze(-2) * F.embedding(negatives, contexts)).sum(-1)
        return (-F.logsigmoid(good) - F.logsigmoid(-bad).sum(-1)).sum()

    total = center.numel()
    ids = (
        center.reshape(total),
        context.reshape(total),
        negatives.reshape(total, negatives.shape[-1]),
    )
    if total <= 1024:
        return cost(*ids) / total
    parts = [cost(*(i[k * 1024 : (k + 1) * 1024] for i in ids)) for k in range(total // 1024)]
    return torch.stack(parts).sum() / total
