# fails: any_shape: for a 0-d id the row is read with as_strided and the stride 1, so a 0-d id and a table whose columns are not adjacent give another row
import torch
from torch import Tensor
from torch.nn import functional as F


def nearest(weight: Tensor, ids: Tensor, k: int) -> Tensor:
    num, dim = weight.shape
    if ids.dim() == 0:
        begin = weight.storage_offset() + int(ids) * weight.stride(0)
        rows = weight.detach().as_strided((dim,), (1,), begin)
    else:
        rows = weight[ids]
    cosines = F.normalize(rows, dim=-1) @ F.normalize(weight, dim=1).T
    itself = ids.unsqueeze(-1) == torch.arange(num, device=ids.device)
    return cosines.masked_fill(itself, float("-inf")).topk(k).indices
