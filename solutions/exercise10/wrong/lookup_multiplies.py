"""You count multiplications for the lookup, but a lookup only copies.

A lookup reads the rows and writes them. It computes no number.

Look at `weight[idx]`: which numbers would it multiply?
"""

# caught by: lookup_multiply_adds


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    """Count a multiplication for each number that is copied."""
    one_hot = num_indices * num_embeddings
    table = num_embeddings * embedding_dim
    result = num_indices * embedding_dim
    return {
        "product_multiply_adds": num_indices * num_embeddings * embedding_dim,
        "product_bytes": 4 * (one_hot + table + result),
        "lookup_multiply_adds": result,
        "lookup_bytes": 8 * num_indices + 4 * (result + result),
    }


def lookup(weight, idx):
    """Return the rows."""
    return weight[idx]
