"""Your code changes the caller's ids.

`+=` and methods that end with an underscore write into the tensor itself. The caller may use the
same ids as targets. Make a new tensor: `idx + 1` instead of `idx += 1`.

Print `idx` before and after the call.
"""

# caught by: inputs_untouched

import torch


def embed(idx, tokens, positions, start=0):
    """Turn the ids into positions in place."""
    rows = tokens[idx.clone()]
    length = idx.shape[-1]
    if start + length > len(positions):
        raise IndexError("the text is too long")
    if 0 in idx.stride() and idx.numel():
        idx = idx.clone()
    idx.copy_(torch.arange(start, start + length))
    return rows + positions[idx.clone()]
