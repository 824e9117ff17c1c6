# fails: product_bytes, lookup_bytes: num_indices and embedding_dim are swapped


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    n, v, d = num_indices, num_embeddings, embedding_dim
    return {
        "product_multiply_adds": n * v * d,
        "product_bytes": 4 * (d * v + v * n + d * d),
        "lookup_multiply_adds": 0,
        "lookup_bytes": 8 * d + 8 * n * d,
    }


def lookup(weight, idx):
    return weight[idx]
