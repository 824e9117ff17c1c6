"""A mask of 0 and -inf that is added to the scores."""

import torch


def causal_weights(scores):
    queries, keys = scores.shape[-2:]
    mask = torch.full((queries, keys), float("-inf"), dtype=scores.dtype)
    return torch.softmax(scores + mask.triu(keys - queries + 1), dim=-1)
