"""Your multiply-adds are those of a single id.

num * dim is the cost of one one-hot row. With n ids the one-hot matrix has n rows, and each of
them is multiplied by the whole table.

Compute the example of the statement by hand: 3 ids, 5 rows, 2 columns.
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
