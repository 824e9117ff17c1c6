"""Your lookup reads each row of the table once at most.

A row that is named twice is read twice: the lookup takes one id after the other and doesn't
know what it has read before. So there are n rows to read, be they more than the table has or
less.
"""

# caught by: lookup_bytes


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    """Count each row at most once."""
    one_hot = num_indices * num_embeddings
    table = num_embeddings * embedding_dim
    result = num_indices * embedding_dim
    return {
        "product_multiply_adds": num_indices * num_embeddings * embedding_dim,
        "product_bytes": 4 * (one_hot + table + result),
        "lookup_multiply_adds": 0,
        "lookup_bytes": 8 * num_indices + 4 * (min(num_indices, num_embeddings) * embedding_dim + result),
    }


def lookup(weight, idx):
    """Return the rows."""
    return weight[idx]
