# fails: inputs_untouched: it clears the gradient of the caller

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    weight.grad = None
    return weight.detach() - lr * table.grad, loss.detach()
