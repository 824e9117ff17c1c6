# fails: step: row zero never moves

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    table.grad[0] = 0
    return weight.detach() - lr * table.grad, loss.detach()
