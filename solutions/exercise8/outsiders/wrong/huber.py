# fails: loss: the loss is linear for large errors

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    table = weight.detach().clone().requires_grad_()
    loss = 2 * F.smooth_l1_loss(table[idx], target, beta=5.0) * 5.0
    loss.backward()
    return weight.detach() - lr * table.grad, loss.detach()
