"""Your gradient is float32, whatever dtype came in.

`torch.zeros` makes float32 unless it is told otherwise, and a gradient has to have the dtype of
its weight, which `grad_output` has too. `grad_output.new_zeros(...)` takes dtype and device
over from there.
"""

# caught by: dtype

import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Add up in a table of the default dtype."""
    dim = grad_output.shape[-1]
    gradient = torch.zeros(num_embeddings, dim, device=grad_output.device)
    gradient.index_add_(0, idx.reshape(-1), grad_output.reshape(idx.numel(), dim).float())
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
