"""Your code returns a float32 gradient for a `grad_output` of any dtype.

`torch.zeros` gives float32 unless you pass a dtype. By default, a weight refuses a gradient of
another dtype, and `grad_output` has the dtype of the weight. Print the dtype of your result for
a float64 `grad_output`. Is there a method that makes zeros like a given tensor?
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
