"""Your code counts multiplications and additions apart, and a multiply-add is both in one.

Many papers count floating-point operations, where a product of n * num * dim terms has twice as
many of them. Asked for are multiply-adds: processors do the two in one instruction.
"""

# caught by: product_multiply_adds


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    """Count two operations for each term."""
    one_hot = num_indices * num_embeddings
    table = num_embeddings * embedding_dim
    result = num_indices * embedding_dim
    return {
        "product_multiply_adds": 2 * num_indices * num_embeddings * embedding_dim,
        "product_bytes": 4 * (one_hot + table + result),
        "lookup_multiply_adds": 0,
        "lookup_bytes": 8 * num_indices + 4 * (result + result),
    }


def lookup(weight, idx):
    """Return the rows."""
    return weight[idx]
