"""A lazily conjugated complex view."""
# ends as: failed

import torch


def double(x):
    return torch.complex(x, x).conj()
