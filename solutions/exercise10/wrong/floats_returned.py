"""Your numbers are floats, and whole numbers were asked for.

`/` makes a float even where nothing is left over, and so does a factor like `4.0` or `1e6`.
Above 2 to the 53rd a float can't hold every whole number any more, and counts like these get
there. Python's int has no such end.
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
