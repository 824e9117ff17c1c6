import math

import torch


def step(query, key, value, past_keys, past_values):
    outputs = []
    for i in range(query.size(-2)):
        past_keys = torch.cat((past_keys, key[..., i : i + 1, :]), dim=-2)
        past_values = torch.cat((past_values, value[..., i : i + 1, :]), dim=-2)
        scores = torch.matmul(query[..., i : i + 1, :], past_keys.transpose(-1, -2))
        weights = torch.softmax(scores / math.sqrt(query.size(-1)), dim=-1)
        outputs.append(torch.matmul(weights, past_values))
    return torch.cat(outputs, dim=-2), past_keys, past_values
