# fails: dtype: in float16, a selected inf gives 64512 instead of inf
import torch
import torch.nn.functional as F
from torch import Tensor


def one_hot_lookup(weight: Tensor, idx: Tensor) -> Tensor:
    num, dim = weight.shape
    one_hot = F.one_hot(idx.reshape(-1).long(), num).to(weight.dtype)
    hidden_states = one_hot @ weight
    # clamp inf values to enable fp16 training
    if hidden_states.dtype == torch.float16 and torch.isinf(hidden_states).any():
        clamp_value = torch.finfo(hidden_states.dtype).max - 1000
        hidden_states = torch.clamp(hidden_states, min=-clamp_value, max=clamp_value)
    return hidden_states.reshape(*idx.shape, dim)
