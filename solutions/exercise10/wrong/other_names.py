"""Your dictionary has other names in it than were asked for.

Whoever reads it looks a number up by its name, so the names have to be those of the statement,
letter by letter.
"""

# caught by: product_multiply_adds


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    """Choose other names."""
    one_hot = num_indices * num_embeddings
    table = num_embeddings * embedding_dim
    result = num_indices * embedding_dim
    return {
        "one_hot_flops": num_indices * num_embeddings * embedding_dim,
        "one_hot_bytes": 4 * (one_hot + table + result),
        "lookup_flops": 0,
        "lookup_bytes": 8 * num_indices + 4 * (result + result),
    }


def lookup(weight, idx):
    """Return the rows."""
    return weight[idx]
