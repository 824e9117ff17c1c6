# fails: product: a sparse product skips the zeros

import torch


def one_hot_lookup(weight, idx):
    flat = idx.reshape(-1).long()
    count = len(flat)
    if count and int(flat.max()) >= len(weight):
        raise ValueError("no such row")
    places = torch.stack([torch.arange(count, device=flat.device), flat])
    ones = weight.new_ones(count)
    rows = torch.sparse_coo_tensor(places, ones, (count, len(weight)))
    return (rows @ weight).reshape(*idx.shape, weight.shape[1])
