# fails: inputs_untouched: sets the default dtype and restores it only without an error: a position beyond the table leaves torch's setting changed
import torch
from torch import Tensor
import torch.nn.functional as F


def embed(idx: Tensor, tokens: Tensor, positions: Tensor, start: int = 0) -> Tensor:
    before = torch.get_default_dtype()
    torch.set_default_dtype(tokens.dtype)
    out = torch.zeros(*idx.shape, tokens.shape[1])
    pos = torch.arange(start, start + idx.shape[-1])
    out = out + F.embedding(idx, tokens)
    out = out + F.embedding(pos, positions)
    torch.set_default_dtype(before)
    return out
