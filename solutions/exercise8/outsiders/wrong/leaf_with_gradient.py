# fails: no_graph: the new weight is a Parameter

from torch import nn
from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    return nn.Parameter(weight.detach() - lr * table.grad), loss.detach()
