"""Your code averages the gradients of an id that occurs several times, where they are summed.

A loss may be a mean over the batch, but that is in `grad_output` already: each of its rows was
made smaller by it. What is left to do here is the chain rule, and there the influences of all
uses of a row add up.
"""

# caught by: repeats

import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Divide by how often the id occurs."""
    dim = grad_output.shape[-1]
    gradient = grad_output.new_zeros(num_embeddings, dim)
    gradient.index_add_(0, idx.reshape(-1), grad_output.reshape(idx.numel(), dim))
    counts = torch.bincount(idx.reshape(-1), minlength=num_embeddings).clamp(min=1)
    gradient = gradient / counts.unsqueeze(-1).to(gradient.dtype)
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
