# passes: the multiply-adds are a sum over the numbers of the result


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    n, v, d = num_indices, num_embeddings, embedding_dim
    return {
        "product_multiply_adds": (n * d) * v,
        "product_bytes": sum(4 * rows * columns for rows, columns in ((n, v), (v, d), (n, d))),
        "lookup_multiply_adds": 0,
        "lookup_bytes": 8 * n + 8 * n * d,
    }


def lookup(weight, idx):
    return weight[idx]
