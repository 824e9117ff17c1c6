"""Your code multiplies the rows of the ids by the root of dim.

The paper "Attention Is All You Need" does that, with positions that are not trained. The statement
asks for the plain sum: a trained table of tokens finds its own scale.

Use a table of positions of zeros: the result should be the rows of the ids.
"""

# caught by: sum

import torch


def embed(idx, tokens, positions, start=0):
    """Scale the tokens."""
    length = idx.shape[-1]
    places = torch.arange(start, start + length, device=idx.device)
    return tokens[idx] * tokens.shape[1] ** 0.5 + positions[places]
