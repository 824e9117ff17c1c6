"""Your numbers are floats instead of whole numbers.

`/` returns a float even when the division leaves no remainder, and so does a factor such as
`4.0` or `1e6`. Above 2**53 a Python float cannot hold every whole number, and these counts
become that large. A Python int has no such limit.

Print `type(...)` of each value in your dictionary.
"""

# caught by: product_multiply_adds


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    """Calculate with floats."""
    one_hot = num_indices * num_embeddings
    table = num_embeddings * embedding_dim
    result = num_indices * embedding_dim
    return {
        "product_multiply_adds": float(num_indices) * num_embeddings * embedding_dim,
        "product_bytes": 4.0 * (one_hot + table + result),
        "lookup_multiply_adds": 0.0,
        "lookup_bytes": 8.0 * num_indices + 4.0 * (result + result),
    }


def lookup(weight, idx):
    """Return the rows."""
    return weight[idx]
