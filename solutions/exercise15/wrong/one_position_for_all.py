"""Your code adds the same row of the positions to every id of a text.

`start` is the position of the first id only; the next one has `start + 1`. With one row for all
ids, two texts with the same words in another order have the same rows.

Try a text that consists of the same id twice: its rows should differ.
"""

# caught by: sum


def embed(idx, tokens, positions, start=0):
    """Look up the first position."""
    if start + idx.shape[-1] > len(positions):
        raise IndexError("the text is too long")
    if not idx.numel():
        return tokens[idx]
    return tokens[idx] + positions[start]
