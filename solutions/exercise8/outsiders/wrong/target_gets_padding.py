# fails: any_shape: a single id is refused

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    if idx.dim() == 0:
        message = "idx needs a dimension"
        raise ValueError(message)
    return weight.detach() - lr * table.grad, loss.detach()
