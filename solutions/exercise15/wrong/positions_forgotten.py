"""Your result is the row of each id alone: the positions are missing.

A lookup gives an id the same row wherever it stands. Without positions, the next layers cannot see
the order of the words unless they look at it themselves.

Try a text that consists of the same id twice: its rows should differ.
"""

# caught by: sum


def embed(idx, tokens, positions, start=0):
    """Look up the tokens only."""
    if idx.shape[-1] + start > len(positions):
        raise IndexError("the text is too long")
    return tokens[idx]
