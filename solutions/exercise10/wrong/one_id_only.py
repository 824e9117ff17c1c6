"""Your multiply-adds are those of a single id.

num * dim is what one one-hot row costs. With n ids the matrix has n such rows, and each of them
is multiplied with the whole table.
"""

# caught by: product_multiply_adds


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    """Forget the number of ids."""
    one_hot = num_indices * num_embeddings
    table = num_embeddings * embedding_dim
    result = num_indices * embedding_dim
    return {
        "product_multiply_adds": num_embeddings * embedding_dim,
        "product_bytes": 4 * (one_hot + table + result),
        "lookup_multiply_adds": 0,
        "lookup_bytes": 8 * num_indices + 4 * (result + result),
    }


def lookup(weight, idx):
    """Return the rows."""
    return weight[idx]
