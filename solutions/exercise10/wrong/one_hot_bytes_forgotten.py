"""Your bytes of the product leave out the one-hot matrix.

The product has to read it like any other matrix: one row per id and one number per row of the
table. Nearly all are zeros, but each takes 4 bytes. It is the largest of the three matrices if
there are more ids than columns and more rows than columns.

List the three matrices and their shapes for the example of the statement.
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
