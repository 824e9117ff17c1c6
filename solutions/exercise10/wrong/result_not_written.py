"""Your bytes end with the reading, and the result has to be written too.

n rows of dim numbers come out, of the product and of the lookup. They have to be put somewhere:
4 bytes for each of the numbers.
"""

# caught by: product_bytes


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    """Leave out the writes."""
    one_hot = num_indices * num_embeddings
    table = num_embeddings * embedding_dim
    result = num_indices * embedding_dim
    return {
        "product_multiply_adds": num_indices * num_embeddings * embedding_dim,
        "product_bytes": 4 * (one_hot + table),
        "lookup_multiply_adds": 0,
        "lookup_bytes": 8 * num_indices + 4 * result,
    }


def lookup(weight, idx):
    """Return the rows."""
    return weight[idx]
