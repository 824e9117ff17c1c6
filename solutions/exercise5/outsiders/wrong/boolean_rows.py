# fails: rows, product: a matrix product does not take boolean one-hot rows

import torch


def one_hot_lookup(weight, idx):
    numbers = torch.arange(len(weight), device=idx.device)
    return (idx[..., None] == numbers) @ weight
