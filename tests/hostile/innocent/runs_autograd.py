"""Train a small model."""

import torch

layer = torch.nn.Linear(3, 3)
torch.optim.Adam(layer.parameters()).zero_grad()
layer(torch.ones(2, 3)).sum().backward()


def double(x):
    return x * 2
