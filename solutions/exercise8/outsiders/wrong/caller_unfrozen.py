# fails: inputs_untouched: it turns on requires_grad of the caller's weight

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    weight.requires_grad_()
    return weight.detach() - lr * table.grad, loss.detach()
