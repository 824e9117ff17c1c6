"""Your dictionary does not have the names that the statement asks for.

Code that reads the dictionary finds each number by its name, so every letter must match.

Print `sorted(lookup_cost(5, 2, 3))` and compare it with the statement.
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
