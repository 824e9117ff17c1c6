# fails: one, cache, several, first, leading, gradient, dtype, untouched: a tensor, not a tuple
import torch


def step(query, key, value, past_keys, past_values):
    keys, values = torch.cat([past_keys, key], -2), torch.cat([past_values, value], -2)
    scores = query @ keys.mT / query.shape[-1] ** 0.5
    later = torch.ones_like(scores, dtype=torch.bool).triu(past_keys.shape[-2] + 1)
    return scores.masked_fill(later, -torch.inf).softmax(-1) @ values
