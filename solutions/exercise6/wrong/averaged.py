"""Your code averages the gradients of an id that occurs several times instead of summing them.

If the loss is a mean over the batch, `grad_output` already contains that division. The chain
rule adds the influence of every use of a row. Compute the example of the statement: row 3 must
be [11, 22].
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
