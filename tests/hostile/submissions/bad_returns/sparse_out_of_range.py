"""A sparse tensor with indices outside its shape."""
# ends as: failed

import torch


def double(x):
    return torch.sparse_coo_tensor(
        torch.tensor([[99]]), torch.ones(1), (3,), check_invariants=False
    )
