# fails: loss, step: the work is done in float16

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    table = weight.detach().half().requires_grad_()
    loss = F.mse_loss(table[idx], target.half())
    loss.backward()
    return weight.detach() - lr * table.grad.to(weight.dtype), loss.detach().to(weight.dtype)
