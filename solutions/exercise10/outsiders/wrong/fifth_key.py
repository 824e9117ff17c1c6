# fails: large_sizes: the dict has a fifth key


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    cost = {
        "product_multiply_adds": num_indices * num_embeddings * embedding_dim,
        "product_bytes": 4
        * (
            num_indices * num_embeddings
            + num_embeddings * embedding_dim
            + num_indices * embedding_dim
        ),
        "lookup_multiply_adds": 0,
        "lookup_bytes": 8 * num_indices * (embedding_dim + 1),
    }
    cost["bytes_saved"] = cost["product_bytes"] - cost["lookup_bytes"]
    return cost


def lookup(weight, idx):
    return weight[idx]
