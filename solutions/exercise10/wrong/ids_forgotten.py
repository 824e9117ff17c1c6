"""Your bytes of the lookup leave out the ids.

The ids are the input of the lookup, as the one-hot matrix is the input of the product. They
have to be read first, at 8 bytes each. For a narrow table they are a large part of the total.

Compute the example of the statement by hand: ids, rows read, rows written.
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
