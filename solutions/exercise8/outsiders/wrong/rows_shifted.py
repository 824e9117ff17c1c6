# fails: step: each step goes to the next row

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    return weight.detach() - lr * table.grad.roll(1, 0), loss.detach()
