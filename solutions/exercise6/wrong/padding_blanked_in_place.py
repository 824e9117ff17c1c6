"""Your result is right, but the caller's `grad_output` has zeros in it now that were not there before.

You blank out the gradients of the padding id before you add up, and do so in the tensor that
was handed over. Other functions may still need that gradient. Blank out a copy, or the one row
of the result instead.
"""

# caught by: inputs_untouched


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Blank out the caller's gradient."""
    dim = grad_output.shape[-1]
    if padding_idx is not None:
        grad_output[idx == padding_idx] = 0
    gradient = grad_output.new_zeros(num_embeddings, dim)
    gradient.index_add_(0, idx.reshape(-1), grad_output.reshape(idx.numel(), dim))
    return gradient
