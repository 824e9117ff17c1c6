"""You leave out the product's terms that are zero.

Leaving them out is what a lookup does. A matrix product does not look at its numbers before it
multiplies them. Each number of the result takes num multiply-adds, and all but one of them
multiply by zero.

Compute the example of the statement by hand: 3 * 2 results of 5 terms each.
"""

# caught by: product_multiply_adds


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    """Count only the ones."""
    one_hot = num_indices * num_embeddings
    table = num_embeddings * embedding_dim
    result = num_indices * embedding_dim
    return {
        "product_multiply_adds": num_indices * embedding_dim,
        "product_bytes": 4 * (one_hot + table + result),
        "lookup_multiply_adds": 0,
        "lookup_bytes": 8 * num_indices + 4 * (result + result),
    }


def lookup(weight, idx):
    """Return the rows."""
    return weight[idx]
