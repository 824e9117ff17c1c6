import torch


def step(query, key, value, past_keys, past_values):
    keys, values = torch.cat([past_keys, key], -2), torch.cat([past_values, value], -2)
    scores = query @ keys.mT / query.shape[-1] ** 0.5
    mask = torch.ones(scores.shape[-2:], dtype=scores.dtype).tril(past_keys.shape[-2])
    raised = (scores - scores.detach().amax(-1, keepdim=True)).exp() * mask
    return raised @ values / raised.sum(-1, keepdim=True), keys, values
