# passes: an OrderedDict is a dict
from collections import OrderedDict


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    n, v, d = num_indices, num_embeddings, embedding_dim
    return OrderedDict(
        lookup_bytes=8 * n * (1 + d),
        lookup_multiply_adds=0,
        product_bytes=4 * (n * v + v * d + n * d),
        product_multiply_adds=n * v * d,
    )


def lookup(weight, idx):
    return weight[idx]
