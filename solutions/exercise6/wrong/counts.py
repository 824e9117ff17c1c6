"""Your code counts how often each id occurs and ignores the numbers of `grad_output`.

The count is the gradient only if every number of `grad_output` is 1, as after
`output.sum().backward()`. In general, each occurrence has its own row of numbers, and you must
add these rows. Compute the example of the statement by hand.
"""

# caught by: rows

import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Count the ids."""
    counts = torch.bincount(idx.reshape(-1), minlength=num_embeddings)
    gradient = (
        counts.unsqueeze(-1).expand(-1, grad_output.shape[-1]).to(grad_output.dtype, copy=True)
    )
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
