"""Your bytes of the lookup lack the ids.

They are its input, as the one-hot matrix is the product's, and have to be read before any row
can be found: 8 bytes each. For narrow tables they are a good part of it all.
"""

# caught by: lookup_bytes


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    """Forget the ids."""
    one_hot = num_indices * num_embeddings
    table = num_embeddings * embedding_dim
    result = num_indices * embedding_dim
    return {
        "product_multiply_adds": num_indices * num_embeddings * embedding_dim,
        "product_bytes": 4 * (one_hot + table + result),
        "lookup_multiply_adds": 0,
        "lookup_bytes": 4 * (result + result),
    }


def lookup(weight, idx):
    """Return the rows."""
    return weight[idx]
