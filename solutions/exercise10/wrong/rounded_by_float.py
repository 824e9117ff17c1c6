"""Your numbers are whole, but they passed through a float and were rounded.

A Python float holds whole numbers exactly only up to 2**53, about 9 * 10**15. `int(a / b)` and
`math.pow` go through such a float. torch's default float has only 24 bits. With `*`, `+` and
`//` alone, Python's integers stay exact.

Print `int(float(2**53 + 1)) - 2**53`.
"""

# caught by: large_sizes


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    """Round to a float on the way."""
    one_hot = num_indices * num_embeddings
    table = num_embeddings * embedding_dim
    result = num_indices * embedding_dim
    return {
        "product_multiply_adds": int(float(num_indices) * num_embeddings * embedding_dim),
        "product_bytes": 4 * (one_hot + table + result),
        "lookup_multiply_adds": 0,
        "lookup_bytes": 8 * num_indices + 4 * (result + result),
    }


def lookup(weight, idx):
    """Return the rows."""
    return weight[idx]
