"""You count the whole table for the lookup.

A lookup reads only one row per id, for a table of any size. That is why it is cheap.

Double `num_embeddings`: the lookup's bytes should not change.
"""

# caught by: lookup_bytes


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    """Read all of the table."""
    one_hot = num_indices * num_embeddings
    table = num_embeddings * embedding_dim
    result = num_indices * embedding_dim
    return {
        "product_multiply_adds": num_indices * num_embeddings * embedding_dim,
        "product_bytes": 4 * (one_hot + table + result),
        "lookup_multiply_adds": 0,
        "lookup_bytes": 8 * num_indices + 4 * (table + result),
    }


def lookup(weight, idx):
    """Return the rows."""
    return weight[idx]
