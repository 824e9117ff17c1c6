"""No gradient reaches the table of positions.

`.detach()`, `.data` and `torch.tensor(...)` return numbers without a graph. Positions that are
computed, such as sines, need no gradient, but rows of a table have to be trained.

Print `positions.grad` after `embed(...).sum().backward()`.
"""

# caught by: gradient

import torch


def embed(idx, tokens, positions, start=0):
    """Look up detached positions."""
    places = torch.arange(start, start + idx.shape[-1], device=idx.device)
    return tokens[idx] + positions.detach()[places]
