# fails: step: an extra backward pass doubles the gradient

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    F.mse_loss(table[idx], target).backward()
    return weight.detach() - lr * table.grad, loss.detach()
