"""Your positions run backwards: the last id of a text gets the first row.

The first id of a text has the position `start`. Counted from the end, an id would get another
position as soon as the text grows, so a model could not write one id at a time.

Print the positions that you look up for a text of three ids.
"""

# caught by: sum

import torch


def embed(idx, tokens, positions, start=0):
    """Count from the end."""
    length = idx.shape[-1]
    places = torch.arange(start, start + length, device=idx.device).flip(0)
    return tokens[idx] + positions[places]
