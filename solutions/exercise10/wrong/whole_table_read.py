"""Your lookup reads the whole table.

That it doesn't is the point of it: whatever the size of the table, only the rows that are named
are read, one for each id.
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
