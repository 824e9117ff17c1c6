# fails: gradient: backward takes the sigmoid as 0 or 1 for scores beyond 6, as word2vec does
import torch
import torch.nn.functional as F
from torch import Tensor

MAX_EXP = 6


class NegativeSampling(torch.autograd.Function):
    """softplus(-label * f) with the gradient of word2vec.c."""

    @staticmethod
    def forward(ctx, f, label):
        ctx.save_for_backward(f, label)
        return F.softplus(torch.where(label > 0, -f, f), threshold=40)

    @staticmethod
    def backward(ctx, grad):
        f, label = ctx.saved_tensors
        sigmoid = torch.sigmoid(f)
        sigmoid = torch.where(f > MAX_EXP, torch.ones_like(f), sigmoid)
        sigmoid = torch.where(f < -MAX_EXP, torch.zeros_like(f), sigmoid)
        return grad * (sigmoid - label), None


def sgns_loss(
    centers: Tensor, contexts: Tensor, center: Tensor, context: Tensor, negatives: Tensor
) -> Tensor:
    targets = torch.cat((context.unsqueeze(-1).long(), negatives.long()), -1)
    f = (centers[center.long()].unsqueeze(-2) * contexts[targets]).sum(-1)
    label = torch.zeros_like(f)
    label[..., 0] = 1
    return NegativeSampling.apply(f, label.detach()).sum(-1).mean()
