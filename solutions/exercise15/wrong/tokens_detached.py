"""No gradient reaches the table of tokens.

`.detach()`, `.data` and `torch.tensor(...)` return numbers without a graph. The positions are then
trained, but the rows of the words stay as they are.

Print `tokens.grad` after `embed(...).sum().backward()`.
"""

# caught by: gradient

import torch


def embed(idx, tokens, positions, start=0):
    """Look up detached tokens."""
    places = torch.arange(start, start + idx.shape[-1], device=idx.device)
    return tokens.detach()[idx] + positions[places]
