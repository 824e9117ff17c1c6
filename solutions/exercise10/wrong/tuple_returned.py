"""Your `lookup_cost` does not return a dictionary with the four names.

Four plain numbers look alike and are easy to mix up. A dictionary gives each number its name.

Print `type(lookup_cost(5, 2, 3))`.
"""

# caught by: product_multiply_adds


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    """Return a tuple."""
    one_hot = num_indices * num_embeddings
    table = num_embeddings * embedding_dim
    result = num_indices * embedding_dim
    return (
        num_indices * num_embeddings * embedding_dim,
        4 * (one_hot + table + result),
        0,
        8 * num_indices + 8 * result,
    )


def lookup(weight, idx):
    """Return the rows."""
    return weight[idx]
