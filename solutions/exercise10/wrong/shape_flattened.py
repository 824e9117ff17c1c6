"""Your `lookup` returns the right rows but loses the shape of the ids.

The result keeps all dimensions of `idx` and adds one at the end: ids of shape (2, 4) give (2,
4, dim).

Print `lookup(weight, idx).shape` for ids of shape (2, 4).
"""

# caught by: any_shape


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
    """Drop the shape of the ids."""
    return weight[idx.reshape(-1)]
