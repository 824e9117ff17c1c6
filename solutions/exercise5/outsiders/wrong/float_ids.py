# fails: dtype: it compares ids in the dtype of the weight
import torch
import torch.nn.functional as F


def one_hot_lookup(weight, idx):
    if idx.numel() and int(idx.max()) >= len(weight):
        raise IndexError("id")
    hot = (idx.to(weight.dtype).unsqueeze(-1) == torch.arange(len(weight)).to(weight.dtype)).to(
        weight.dtype
    )
    return hot @ weight
