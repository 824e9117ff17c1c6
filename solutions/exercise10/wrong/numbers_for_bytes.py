"""You count numbers instead of bytes.

A float32 takes 4 bytes and an int64 takes 8. So the ids are twice as wide as all other numbers
here, and you cannot leave the factors out.

Compare your numbers with `tensor.nbytes` for small tensors.
"""

# caught by: product_bytes


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    """Count numbers."""
    one_hot = num_indices * num_embeddings
    table = num_embeddings * embedding_dim
    result = num_indices * embedding_dim
    return {
        "product_multiply_adds": num_indices * num_embeddings * embedding_dim,
        "product_bytes": one_hot + table + result,
        "lookup_multiply_adds": 0,
        "lookup_bytes": num_indices + result + result,
    }


def lookup(weight, idx):
    """Return the rows."""
    return weight[idx]
