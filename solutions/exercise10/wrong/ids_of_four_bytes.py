"""You count 4 bytes per id, but an int64 takes 8.

64 bits are 8 bytes. PyTorch also accepts int32 ids, but this exercise counts int64 ids, which
is what `torch.tensor([1, 2])` gives.

Print `torch.tensor([1, 2]).element_size()`.
"""

# caught by: lookup_bytes


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    """Count ids as int32."""
    one_hot = num_indices * num_embeddings
    table = num_embeddings * embedding_dim
    result = num_indices * embedding_dim
    return {
        "product_multiply_adds": num_indices * num_embeddings * embedding_dim,
        "product_bytes": 4 * (one_hot + table + result),
        "lookup_multiply_adds": 0,
        "lookup_bytes": 4 * (num_indices + result + result),
    }


def lookup(weight, idx):
    """Return the rows."""
    return weight[idx]
