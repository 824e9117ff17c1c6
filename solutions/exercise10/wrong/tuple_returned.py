"""Your code returns the four numbers without their names.

The order of four numbers is easily mixed up, and they look alike. A dictionary says which is
which: curly brackets, and a name before each number.
"""

# caught by: product_multiply_adds


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    """Return a tuple."""
    one_hot = num_indices * num_embeddings
    table = num_embeddings * embedding_dim
    result = num_indices * embedding_dim
    return num_indices * num_embeddings * embedding_dim, 4 * (one_hot + table + result), 0, 8 * num_indices + 8 * result


def lookup(weight, idx):
    """Return the rows."""
    return weight[idx]
