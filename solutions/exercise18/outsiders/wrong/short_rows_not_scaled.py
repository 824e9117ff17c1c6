# fails: cosine: rows shorter than 10 * eps keep their length, as with normalize of scikit-learn
import torch
from torch import Tensor


def handle_zeros_in_scale(scale: Tensor) -> Tensor:
    """Detect near constant values to avoid division by a very small value."""
    constant_mask = scale < 10 * torch.finfo(scale.dtype).eps
    return torch.where(constant_mask, torch.ones_like(scale), scale)


def nearest(weight: Tensor, ids: Tensor, k: int) -> Tensor:
    x = weight.detach()
    norms = handle_zeros_in_scale((x * x).sum(1).sqrt())
    x = x / norms.unsqueeze(1)
    flat = ids.reshape(-1).long()
    similarity = x[flat] @ x.T
    similarity.scatter_(1, flat.unsqueeze(1), float("-inf"))
    order = similarity.argsort(dim=1, descending=True)
    return order[:, :k].reshape(*ids.shape, k)
