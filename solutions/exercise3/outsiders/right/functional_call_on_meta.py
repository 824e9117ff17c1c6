# passes: a Linear on the meta device, called with the given tensors instead of its own
import torch
import torch.nn.functional as F
from torch import Tensor, nn


def linear_to_embedding(weight: Tensor, bias: Tensor | None = None) -> Tensor:
    dim, num = weight.shape
    layer = nn.Linear(num, dim, bias=bias is not None, device="meta")
    state = {"weight": weight} if bias is None else {"weight": weight, "bias": bias}
    return torch.func.functional_call(layer, state, (torch.eye(num, dtype=weight.dtype),))
