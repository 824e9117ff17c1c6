# fails: dtype: sums in float32 always, so float64 gradients lose precision (the dtype is right)
import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    acc = torch.zeros(num_embeddings, dim, dtype=torch.float32, device=grad_output.device)
    acc.index_add_(0, idx.reshape(-1), grad_output.detach().float().reshape(idx.numel(), dim))
    if padding_idx is not None:
        acc[padding_idx].zero_()
    return acc.to(grad_output.dtype)
