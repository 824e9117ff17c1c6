# fails: product_bytes, lookup_bytes: the sizes are in bits


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    n, v, d = num_indices, num_embeddings, embedding_dim
    return {
        "product_multiply_adds": n * v * d,
        "product_bytes": 32 * (n * v + v * d + n * d),
        "lookup_multiply_adds": 0,
        "lookup_bytes": 64 * (n + n * d),
    }


def lookup(weight, idx):
    return weight[idx]
