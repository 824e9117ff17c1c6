"""Your `lookup` gives rows that are each one off: you read the ids as if counting began at 1.

A table of num rows holds the ids 0 to num - 1, as a Python list does. Python hides the slip,
since an index of -1 means the last row.
"""

# caught by: rows


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
    """Count from 1."""
    return weight[idx - 1]
