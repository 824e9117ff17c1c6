"""Your code returns the right rows, but loses the shape of the ids.

It treats the ids as one long list. The result must keep every dimension of `idx` and add dim at
the end. For two sentences of four ids, `idx` has shape (2, 4) and the result has shape (2, 4,
dim); otherwise nobody knows where the second sentence begins. Print both shapes.
"""

# caught by: any_rank


def lookup(weight, idx):
    """Drop the shape of the ids."""
    return weight[idx.reshape(-1)]
