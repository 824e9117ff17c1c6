"""Your losses are too large by the factor 1.4427: they are measured in bits.

`log2` counts bits. Cross-entropy in PyTorch uses the natural logarithm, `torch.log`, and its
gradient is then the probabilities minus the one-hot rows, without a factor.

Compute the loss of the scores [0, 0]: it should be 0.6931, not 1.
"""

# caught by: value

import math

import torch


def cross_entropy(scores, target, ignore_index=-100):
    """Use the logarithm with base 2."""
    keep = target != ignore_index
    table = torch.log_softmax(scores[keep], -1) / math.log(2)
    return -table.gather(-1, target[keep].unsqueeze(-1)).mean()
