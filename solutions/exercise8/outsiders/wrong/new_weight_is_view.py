# fails: inputs_untouched: the new weight shares the caller's memory

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    new = weight.detach()
    new -= lr * table.grad
    return new, loss.detach()
