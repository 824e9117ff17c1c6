"""Your result is float32, whatever the dtype of the tables is.

`.float()` always means float32: float64 numbers lose digits, and a float16 model gets an input
of another dtype, which its next layer refuses. Indexing and addition keep the dtype.

Call your function with float64 tables and print the dtype of the result.
"""

# caught by: types

import torch


def embed(idx, tokens, positions, start=0):
    """Compute in float32."""
    places = torch.arange(start, start + idx.shape[-1], device=idx.device)
    return tokens[idx].float() + positions[places].float()
