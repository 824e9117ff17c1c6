# fails: untouched: backward scales the saved gradient in place, so a second backward pass gives another one
import torch
import torch.nn.functional as F
from torch import Tensor


class FusedLogistic(torch.autograd.Function):
    """Computes the gradient in the forward pass, like the fused losses of Liger."""

    @staticmethod
    def forward(ctx, scores, labels):
        ctx.grad_input = (torch.sigmoid(scores) - labels) / scores[..., 0].numel()
        losses = F.binary_cross_entropy_with_logits(scores, labels, reduction="sum")
        return losses / scores[..., 0].numel()

    @staticmethod
    def backward(ctx, grad_output):
        # if the loss is the last layer, grad_output is 1.0 and the multiplication can be skipped
        if not torch.equal(grad_output, torch.ones_like(grad_output)):
            ctx.grad_input.mul_(grad_output)
        return ctx.grad_input.clone(), None


def sgns_loss(
    centers: Tensor, contexts: Tensor, center: Tensor, context: Tensor, negatives: Tensor
) -> Tensor:
    targets = torch.cat((context.unsqueeze(-1).long(), negatives.long()), -1)
    scores = (centers[center.long()].unsqueeze(-2) * contexts[targets]).sum(-1)
    labels = torch.zeros_like(scores).detach()
    labels[..., 0] = 1
    return FusedLogistic.apply(scores, labels)
