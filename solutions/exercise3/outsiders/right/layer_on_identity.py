# passes: F.linear on an identity matrix

import torch
from torch.nn import functional as F


def linear_to_embedding(weight, bias=None):
    return F.linear(torch.eye(weight.shape[1]).to(weight), weight, bias)
