"""torch.optim.SGD on a private Parameter."""

import torch
from torch import Tensor, nn


def train_step(weight: Tensor, idx: Tensor, target: Tensor, lr: float) -> tuple[Tensor, Tensor]:
    with torch.enable_grad():
        copy = nn.Parameter(torch.clone(weight.detach()))
        optimizer = torch.optim.SGD([copy], lr=lr)
        optimizer.zero_grad()
        loss = nn.MSELoss()(copy[idx.to(torch.long)], target)
        loss.backward()
        optimizer.step()
    return copy.detach(), loss.detach()
