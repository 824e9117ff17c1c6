"""You count each row of the table at most once.

The lookup processes one id after the other and does not remember earlier reads. A row whose id
occurs twice is read twice, so n rows are read from a table of any size.

Compute the cost for a table with one row and 4 ids: 4 rows are read.
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
        "lookup_bytes": 8 * num_indices
        + 4 * (min(num_indices, num_embeddings) * embedding_dim + result),
    }


def lookup(weight, idx):
    """Return the rows."""
    return weight[idx]
