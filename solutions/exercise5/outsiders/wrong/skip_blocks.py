# fails: product, dtype: it skips rows of the table that no id names
import torch
import torch.nn.functional as F


def one_hot_lookup(weight, idx):
    hot = F.one_hot(idx.long(), len(weight)).to(weight.dtype)
    out = weight.new_zeros(*idx.shape, weight.shape[1])
    for k in range(len(weight)):
        if hot[..., k].any():
            out = out + hot[..., k].unsqueeze(-1) * weight[k]
    return out
