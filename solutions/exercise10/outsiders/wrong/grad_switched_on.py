# fails: inputs_untouched: the call switches requires_grad on in the weight of the caller


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    n, v, d = num_indices, num_embeddings, embedding_dim
    return {
        "product_multiply_adds": n * v * d,
        "product_bytes": 4 * (n * v + v * d + n * d),
        "lookup_multiply_adds": 0,
        "lookup_bytes": 8 * n + 8 * n * d,
    }


def lookup(weight, idx):
    return weight.requires_grad_()[idx]
