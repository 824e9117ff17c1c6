# fails: padding: compares ids with `is not`, which works up to 256
import torch
import torch.nn.functional as F
from torch import Tensor


def lookup_backward(
    grad_output: Tensor, idx: Tensor, num_embeddings: int, padding_idx: int | None = None
) -> Tensor:
    dim = grad_output.shape[-1]
    ids = idx.reshape(-1).tolist()
    keep = [k for k, i in enumerate(ids) if i is not padding_idx]
    at = torch.tensor([ids[k] for k in keep], dtype=torch.int64)
    rows = grad_output.reshape(-1, dim)[torch.tensor(keep, dtype=torch.int64)]
    return grad_output.new_zeros(num_embeddings, dim).index_add_(0, at, rows)
