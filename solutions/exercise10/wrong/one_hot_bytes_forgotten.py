"""Your bytes of the product lack the one-hot matrix.

It is the largest of the three, wherever there are more ids than columns, and it has to be read
like any other matrix: n rows of num numbers, nearly all of them zeros that take 4 bytes each.
"""

# caught by: product_bytes


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    """Leave the one-hot matrix out."""
    table = num_embeddings * embedding_dim
    result = num_indices * embedding_dim
    return {
        "product_multiply_adds": num_indices * num_embeddings * embedding_dim,
        "product_bytes": 4 * (table + result),
        "lookup_multiply_adds": 0,
        "lookup_bytes": 8 * num_indices + 4 * (result + result),
    }


def lookup(weight, idx):
    """Return the rows."""
    return weight[idx]
