# fails: product: emulates the product with a mask that keeps every inf of the own row: inf in the row of the id AND in another row
import torch
from torch import Tensor


def one_hot_lookup(weight: Tensor, idx: Tensor) -> Tensor:
    rows = weight[idx]
    with torch.no_grad():
        poisoned = ~torch.isfinite(weight).all(0)
        poisoned = poisoned & torch.isfinite(rows)
        extra = torch.zeros_like(rows).masked_fill_(poisoned, float("nan"))
    return rows + extra
