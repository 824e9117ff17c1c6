"""Your slice of the positions ends at the length of the text instead of `start` plus the length.

`positions[start:length]` has `length - start` rows: the second number of a slice is where it ends,
not how long it is. For `start=0` both are the same.

Print `torch.arange(10)[4:3]`.
"""

# caught by: start


def embed(idx, tokens, positions, start=0):
    """End the slice at length."""
    length = idx.shape[-1]
    if start + length > len(positions):
        raise IndexError("the text is too long")
    return tokens[idx] + positions[start:length]
