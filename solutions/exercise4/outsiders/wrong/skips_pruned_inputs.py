# fails: any_sizes: without gradients it drops inputs whose weights are all 0: inf or nan in x there no longer gives nan
import torch
from torch import Tensor


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    tensors = [x, weight] if bias is None else [x, weight, bias]
    if not (torch.is_grad_enabled() and any(t.requires_grad for t in tensors)):
        used = (weight != 0).any(0)
        if not bool(used.all()):  # pruned layer: less to multiply
            x, weight = x[..., used], weight[:, used]
    y = x @ weight.t()
    return y if bias is None else y + bias
