"""Your code returns the right rows, but loses the shape of the ids.

It treats the ids as one long list. The result must keep every dimension of `idx` and add dim at
the end: ids of shape (2, 4) give (2, 4, dim). Without that shape, nobody can tell where the
second sentence begins. Print `idx.shape` and the shape of your result for a 2-D `idx`.
"""

# caught by: any_rank


def lookup(weight, idx):
    """Drop the shape of the ids."""
    return weight[idx.reshape(-1)]
