# fails: untouched: backward scales the saved gradients in place, so a second backward pass gives others
import torch
import torch.nn.functional as F
from torch import Tensor


def padded_size(num: int, multiple: int) -> int:
    return (num + multiple - 1) // multiple * multiple


class FusedLinearCrossEntropy(torch.autograd.Function):
    """Liger's fused loss: the gradients are computed in the forward pass."""

    @staticmethod
    def forward(ctx, hidden, weight, target, num):
        words = weight[:num]
        scores = hidden @ words.t()
        loss = F.cross_entropy(scores, target)
        grad_scores = scores.softmax(-1)
        grad_scores[torch.arange(target.numel(), device=target.device), target] -= 1
        grad_scores /= target.numel()
        ctx.grad_input = grad_scores @ words
        ctx.grad_weight = torch.zeros_like(weight, memory_format=torch.contiguous_format)
        ctx.grad_weight[:num] = grad_scores.t() @ hidden
        return loss

    @staticmethod
    def backward(ctx, grad_output):
        # If cross entropy is the last layer, grad_output is 1.0. Skip the mul to save time
        if torch.ne(grad_output, torch.tensor(1.0, device=grad_output.device)):
            ctx.grad_input.mul_(grad_output)
            ctx.grad_weight.mul_(grad_output)
        return ctx.grad_input.clone(), ctx.grad_weight.clone(), None, None


def padded_loss(hidden: Tensor, weight: Tensor, target: Tensor, num: int) -> Tensor:
    flat = target.reshape(-1)
    return FusedLinearCrossEntropy.apply(
        hidden.reshape(flat.numel(), weight.shape[1]), weight, flat, num
    )
