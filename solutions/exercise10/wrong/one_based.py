"""Your `lookup` returns rows that are off by one.

You read the ids as if counting started at 1. Ids are 0 to num - 1, as in a Python list. Python
hides this mistake, because the index -1 means the last row.

Try `idx = torch.tensor([0])`: it should return the first row.
"""

# caught by: rows


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    """Return the four numbers."""
    one_hot = num_indices * num_embeddings
    table = num_embeddings * embedding_dim
    result = num_indices * embedding_dim
    return {
        "product_multiply_adds": num_indices * num_embeddings * embedding_dim,
        "product_bytes": 4 * (one_hot + table + result),
        "lookup_multiply_adds": 0,
        "lookup_bytes": 8 * num_indices + 4 * (result + result),
    }


def lookup(weight, idx):
    """Count from 1."""
    return weight[idx - 1]
