# fails: dtype: only float32 tables are multiplied; rows of other tables are looked up
import torch
import torch.nn.functional as F


def one_hot_lookup(weight, idx):
    if idx.numel() and int(idx.max()) >= len(weight):
        raise IndexError("id")

    if weight.dtype == torch.float32:
        hot = F.one_hot(idx.long(), len(weight)).to(weight.dtype)
        return hot @ weight
    return weight[idx.long()]
