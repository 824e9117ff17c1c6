"""Your code looks up the position under the number of the id, not under its place in the text.

An id is a name: the third word of a text has the position 2, whatever word it is. With your code,
a word has the same position wherever it stands, so the sum says nothing about the order.

Try a text that consists of the same id twice: its rows should differ.
"""

# caught by: sum


def embed(idx, tokens, positions, start=0):
    """Look up the ids in both tables."""
    if idx.shape[-1] + start > len(positions):
        raise IndexError("the text is too long")
    return tokens[idx] + positions[(idx + start) % len(positions)]
