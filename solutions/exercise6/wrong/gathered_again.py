"""Your code looks up rows of `grad_output` as if the backward pass were another lookup.

The lookup copies row `idx[i]` of the table to position i. Backward, row i of `grad_output` goes
to row `idx[i]` of the result: the index now says where to write, not where to read. Follow the
first id of the example by hand.
"""

# caught by: rows


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Look up in the gradient."""
    dim = grad_output.shape[-1]
    rows = grad_output.reshape(idx.numel(), dim)
    gradient = grad_output.new_zeros(num_embeddings, dim)
    if idx.numel():
        picked = rows[idx.reshape(-1).clamp(max=len(rows) - 1)]
        kept = min(num_embeddings, len(picked))
        gradient[:kept] = picked[:kept]
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
