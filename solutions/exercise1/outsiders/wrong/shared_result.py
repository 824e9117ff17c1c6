# fails: inputs_untouched: each call writes its rows into one buffer and changes the result before

import torch

buffer = torch.empty(0)


def lookup(weight, idx):
    global buffer
    if buffer.dtype != weight.dtype or buffer.numel() < idx.numel() * weight.shape[1]:
        buffer = weight.new_empty(10_000 + idx.numel() * weight.shape[1])
    rows = weight[idx]
    if rows.requires_grad:
        return rows
    result = buffer[: rows.numel()].view(rows.shape)
    return result.copy_(rows)
