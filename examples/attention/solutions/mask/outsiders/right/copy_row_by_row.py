"""A copy of the scores, masked row by row."""

import torch


def causal_weights(scores):
    masked = scores.clone()
    queries, keys = scores.shape[-2:]
    for i in range(queries):
        masked[..., i, keys - queries + i + 1 :] = float("-inf")
    return torch.nn.functional.softmax(masked, dim=-1)
