# fails: step: a learning rate above 10 is limited

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    lr = min(lr, 10.0)
    return weight.detach() - lr * table.grad, loss.detach()
