"""Einstein sums, and a scaled query instead of scaled scores."""

import math

import torch


def attention(query, key, value):
    scores = torch.einsum("...qd,...kd->...qk", query / math.sqrt(query.size(-1)), key)
    return torch.einsum("...qk,...kw->...qw", torch.softmax(scores, dim=-1), value)
