"""Your loop ends at the first id that is `padding_idx`, so the ids behind it get no gradient.

Only the padding row stays 0. Texts often have padding in the middle of a batch, and other words
follow. Go on with the next id: `continue`, not `break`.
"""

# caught by: padding

import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Stop at the padding."""
    dim = grad_output.shape[-1]
    if padding_idx is not None and padding_idx < 0:
        padding_idx += num_embeddings
    flat = idx.reshape(-1)
    last = len(flat)
    if padding_idx is not None:
        places = (flat == padding_idx).nonzero()
        last = int(places[0]) if len(places) else last
    gradient = torch.zeros(num_embeddings, dim, dtype=grad_output.dtype, device=grad_output.device)
    rows = grad_output.reshape(idx.numel(), dim)
    return gradient.index_add(0, flat[:last], rows[:last])
