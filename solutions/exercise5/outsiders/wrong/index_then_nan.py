# fails: dtype: looks up and adds 0 * table rows summed only for float32
import torch
import torch.nn.functional as F


def one_hot_lookup(weight, idx):
    if idx.numel() and int(idx.max()) >= len(weight):
        raise IndexError("id")

    if weight.dtype == torch.float32:
        hot = F.one_hot(idx.long(), len(weight)).to(weight.dtype)
        return hot @ weight
    return weight[idx.long()]
