"""Your code accepts a text for which the table has too few positions.

A slice never raises an error: it is shorter than asked for. If it has one row left, broadcasting
adds that row to every id; if it has none, a text of one id gives an empty result. An index with
`torch.arange` raises an error instead.

Print `torch.arange(5)[4:8]`, and add it to `torch.zeros(4)`.
"""

# caught by: too_long


def embed(idx, tokens, positions, start=0):
    """Slice the table."""
    return tokens[idx] + positions[start : start + idx.shape[-1]]
