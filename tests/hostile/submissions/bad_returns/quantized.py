"""A quantized tensor."""
# ends as: failed

import torch


def double(x):
    return torch.quantize_per_tensor(x, 0.5, 0, torch.qint8)
