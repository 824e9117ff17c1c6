"""Your rows are right, but the shape of the ids got lost.

You treat the ids as one long list. That is fine on the way in; the result, though, keeps
every dimension of `idx` and adds one at its end. Sentences of words, of shape
(2, 4), become (2, 4, dim): otherwise nobody can tell where the second sentence begins.
"""

# caught by: any_rank


def lookup(weight, idx):
    """Drop the shape of the ids."""
    return weight[idx.reshape(-1)]
