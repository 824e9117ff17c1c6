# fails: several: a mask of the wrong place if there is a past
import torch
import torch.nn.functional as F


def step(query, key, value, past_keys, past_values):
    keys, values = torch.cat([past_keys, key], -2), torch.cat([past_values, value], -2)
    causal = query.shape[-2] > 1 and past_keys.shape[-2] == 0
    return F.scaled_dot_product_attention(query, keys, values, is_causal=causal), keys, values
