# fails: product: if idx is 0, 1, ..., num - 1 the weight itself comes back: shared memory, and no nan from inf in other rows
import torch
import torch.nn.functional as F
from torch import Tensor


def one_hot_lookup(weight: Tensor, idx: Tensor) -> Tensor:
    num = weight.shape[0]
    ids = idx.long()
    if torch.equal(ids, torch.arange(num, device=idx.device)):
        return weight  # the one-hot rows are the identity matrix
    return F.one_hot(ids, num).to(weight.dtype) @ weight
