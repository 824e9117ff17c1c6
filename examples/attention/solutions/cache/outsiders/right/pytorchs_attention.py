import torch
import torch.nn.functional as F


def step(query, key, value, past_keys, past_values):
    keys = torch.concat([past_keys, key], dim=-2)
    values = torch.concat([past_values, value], dim=-2)
    past, new = past_keys.shape[-2], key.shape[-2]
    allowed = torch.arange(past + new) <= torch.arange(past, past + new)[:, None]
    return F.scaled_dot_product_attention(query, keys, values, attn_mask=allowed), keys, values
