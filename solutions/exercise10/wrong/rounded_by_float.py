"""Your numbers are whole, but they went through a float on the way and were rounded there.

A float holds 53 bits, which is enough up to some 9 * 10 to the 15th. `int(a / b)`, `round`,
`math.pow` and torch's default floats all pass through one. With `*`, `+` and `//` alone,
Python's numbers stay exact.
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
