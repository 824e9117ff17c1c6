# fails: step: the step is computed with 8 binary digits

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    return weight.detach() - (lr * table.grad).bfloat16().to(weight.dtype), loss.detach()
