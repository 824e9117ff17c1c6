# fails: inputs_untouched: consecutive ids are read as a view of the table, which is changed in place
import torch
import torch.nn.functional as F
from torch import Tensor, nn


def embed(idx, tokens, positions, start=0):
    length = idx.shape[-1]
    if length and start + length > positions.shape[0]:
        raise IndexError("position")
    pos = positions[start : start + length]
    if (
        idx.dim() == 1
        and length > 1
        and not tokens.requires_grad
        and not pos.requires_grad
        and bool((idx.diff() == 1).all())
    ):
        out = tokens[int(idx[0]) : int(idx[0]) + length]  # contiguous ids: no gather needed
    else:
        out = F.embedding(idx, tokens)
    return out.add_(pos) if not out.requires_grad and not pos.requires_grad else out + pos
