"""You count 8 bytes per number of the one-hot matrix.

`F.one_hot` does return int64. But a matrix product needs both sides in one dtype, so the matrix
that is multiplied is float32, like the table: 4 bytes per number.

Try to multiply an int64 matrix by a float32 matrix with `@`.
"""

# caught by: product_bytes


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    """Count the one-hot matrix as int64."""
    one_hot = num_indices * num_embeddings
    table = num_embeddings * embedding_dim
    result = num_indices * embedding_dim
    return {
        "product_multiply_adds": num_indices * num_embeddings * embedding_dim,
        "product_bytes": 8 * one_hot + 4 * (table + result),
        "lookup_multiply_adds": 0,
        "lookup_bytes": 8 * num_indices + 4 * (result + result),
    }


def lookup(weight, idx):
    """Return the rows."""
    return weight[idx]
