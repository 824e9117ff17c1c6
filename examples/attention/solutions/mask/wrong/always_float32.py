"""Your weights are float32 whatever the dtype of the scores.

Float64 keeps about 16 digits, float32 about 7. A caller who computes in float64 expects a result
of that precision. `masked_fill` and `softmax` keep the dtype by themselves.
"""

# caught by: dtype

import torch


def causal_weights(scores):
    """Compute in float32."""
    queries, keys = scores.shape[-2:]
    later = torch.ones(queries, keys, dtype=torch.bool).triu(keys - queries + 1)
    return scores.float().masked_fill(later, -torch.inf).softmax(-1)
