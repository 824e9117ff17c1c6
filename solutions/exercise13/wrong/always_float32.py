"""Your loss is computed in float32, even for float64 scores.

`.float()` always means float32. A float64 computation loses more than half of its digits there.
`log_softmax` keeps the dtype of its input.

Call your function with float64 scores and print the dtype of the result.
"""

# caught by: dtype

import torch


def cross_entropy(scores, target, ignore_index=-100):
    """Compute in float32."""
    keep = target != ignore_index
    table = torch.log_softmax(scores[keep].float(), -1)
    return -table.gather(-1, target[keep].unsqueeze(-1)).mean()
