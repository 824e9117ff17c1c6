"""Your code returns the right result, but writes zeros into the caller's `grad_output`.

A function receives the caller's tensor, not a copy, and other functions may still need that
gradient. You can clear a copy, or change only the result. Print `grad_output` before and after
your call.
"""

# caught by: inputs_untouched


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Set rows of the caller's gradient to zero."""
    dim = grad_output.shape[-1]
    if padding_idx is not None:
        grad_output[idx == padding_idx] = 0
    gradient = grad_output.new_zeros(num_embeddings, dim)
    gradient.index_add_(0, idx.reshape(-1), grad_output.reshape(idx.numel(), dim))
    return gradient
