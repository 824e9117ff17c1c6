"""Your `lookup` always returns float32.

A float64 table loses about half of its digits this way. A lookup copies numbers and does not
need to convert them, so its result has the dtype of the table.

Print `lookup(weight.double(), idx).dtype`.
"""

# caught by: gradient


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
    """Return float32."""
    return weight[idx].float()
