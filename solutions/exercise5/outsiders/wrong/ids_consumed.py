# fails: inputs_untouched: it counts the ids down in place while it fills the rows

import torch


def one_hot_lookup(weight, idx):
    rows = torch.eye(len(weight), dtype=weight.dtype, device=weight.device)[idx]
    idx -= idx
    return rows @ weight
