# fails: untouched: backward writes zeros into the gradient that it gets, which other shards get, too
import torch
from torch import Tensor


class VocabParallelEmbedding(torch.autograd.Function):
    """Megatron's embedding: output[input_mask, :] = 0.0, forward and backward."""

    @staticmethod
    def forward(ctx, weight, masked_input, input_mask):
        ctx.save_for_backward(masked_input, input_mask)
        ctx.shape = weight.shape
        output = weight[masked_input]
        output[input_mask, :] = 0.0
        return output

    @staticmethod
    def backward(ctx, grad_output):
        masked_input, input_mask = ctx.saved_tensors
        if not grad_output.is_contiguous():
            grad_output = grad_output.contiguous()
        grad_output[input_mask, :] = 0.0
        grad_weight = torch.zeros(ctx.shape, dtype=grad_output.dtype, device=grad_output.device)
        grad_weight.index_add_(0, masked_input, grad_output)
        return grad_weight, None, None


def shard_lookup(shard: Tensor, idx: Tensor, first: int) -> Tensor:
    if shard.shape[0] == 0:
        return shard.sum() + shard.new_zeros(*idx.shape, shard.shape[1])
    flat = idx.reshape(-1)
    input_mask = (flat < first) | (flat >= first + shard.shape[0])
    masked_input = flat.long() - first
    masked_input[input_mask] = 0
    output = VocabParallelEmbedding.apply(shard, masked_input, input_mask)
    return output.reshape(*idx.shape, shard.shape[1])
