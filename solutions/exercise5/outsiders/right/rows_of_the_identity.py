# passes: selects rows of an identity matrix, then multiplies

import torch


def one_hot_lookup(weight, idx):
    identity = torch.eye(weight.shape[0]).to(weight)
    return identity[idx] @ weight
