# fails: step: a learning rate below 0.0001 makes no step

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    if lr < 1e-4:
        lr = 0.0
    return weight.detach() - lr * table.grad, loss.detach()
