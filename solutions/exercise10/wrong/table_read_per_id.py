"""You count the whole table again for each id of the product.

The product uses the table for each id, but the exercise counts each matrix once: a processor
keeps parts of the table close by and multiplies many one-hot rows with them. Only the one-hot
matrix and the result grow with the number of ids.

Compare your number with the 124 of the example.
"""

# caught by: product_bytes


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    """Read the table for each id."""
    one_hot = num_indices * num_embeddings
    table = num_embeddings * embedding_dim
    result = num_indices * embedding_dim
    return {
        "product_multiply_adds": num_indices * num_embeddings * embedding_dim,
        "product_bytes": 4 * (one_hot + num_indices * table + result),
        "lookup_multiply_adds": 0,
        "lookup_bytes": 8 * num_indices + 4 * (result + result),
    }


def lookup(weight, idx):
    """Return the rows."""
    return weight[idx]
