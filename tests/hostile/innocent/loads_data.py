"""Load data in batches, without workers."""

import torch
from torch.utils.data import DataLoader, TensorDataset


def double(x):
    return torch.cat([2 * batch for [batch] in DataLoader(TensorDataset(x), batch_size=2)])
