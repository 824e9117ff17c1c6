# fails: inputs_untouched: without a step it returns the caller's own memory

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    if not lr:
        return weight.detach(), loss.detach()
    return weight.detach() - lr * table.grad, loss.detach()
