"""Your `lookup` copies the whole table for each id, which needs too much memory.

`expand` alone copies nothing, but `repeat`, `clone` and masking an expanded table do. The
result is one table per id. You can index the one table with all ids at once.

Multiply the number of ids by the number of bytes of the table.
"""

# caught by: million_rows


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
    """Repeat the table for each id."""
    flat = idx.reshape(-1)
    tables = weight.repeat(flat.numel(), 1, 1)
    rows = tables.gather(1, flat.view(-1, 1, 1).expand(-1, 1, weight.shape[1]))
    return rows.reshape(*idx.shape, weight.shape[1])
