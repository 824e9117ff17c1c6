"""Your `lookup` returns the right rows, but no gradient reaches the table.

`.data` and `.detach()` share the table's numbers without its graph, and `.tolist()` copies the
numbers. In each case the connection to the table is lost, so the table is never trained.

Print `lookup(weight, idx).requires_grad` for a weight that requires a gradient.
"""

# caught by: gradient


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    """Return the four numbers."""
    one_hot = num_indices * num_embeddings
    table = num_embeddings * embedding_dim
    result = num_indices * embedding_dim
    return {
        "product_multiply_adds": num_indices * num_embeddings * embedding_dim,
        "product_bytes": 4 * (one_hot + table + result),
        "lookup_multiply_adds": 0,
        "lookup_bytes": 8 * num_indices + 4 * (result + result),
    }


def lookup(weight, idx):
    """Look up in detached numbers."""
    return weight.data[idx]
