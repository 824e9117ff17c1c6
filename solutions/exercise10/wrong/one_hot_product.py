"""Your `lookup` creates the one-hot matrix, which needs too much memory.

For 2000 ids and a million rows it has two billion numbers, of 8 bytes each as `F.one_hot`
returns them. With a small table nobody notices. Read the rows directly instead.

Multiply out how many GB this matrix takes.
"""

# caught by: million_rows

from torch.nn import functional as F


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
    """Multiply with one-hot rows."""
    return F.one_hot(idx, weight.shape[0]).to(weight.dtype) @ weight
