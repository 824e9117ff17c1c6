"""Your code counts how often each id occurs and forgets what the gradients were.

The count would be the answer if every number of `grad_output` were 1, as after
`output.sum().backward()`. In general each occurrence brings back its own row of numbers, and
those are what has to be added up.
"""

# caught by: rows

import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Count the ids."""
    counts = torch.bincount(idx.reshape(-1), minlength=num_embeddings)
    gradient = counts.unsqueeze(-1).expand(-1, grad_output.shape[-1]).to(grad_output.dtype, copy=True)
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
