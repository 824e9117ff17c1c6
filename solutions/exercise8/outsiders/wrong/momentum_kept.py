# fails: several_steps: it keeps momentum from one call to the next

from torch.nn import functional as F


STATE = {}


def train_step(weight, idx, target, lr):
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    previous = STATE.get(weight.shape)
    step = table.grad if previous is None else table.grad + 0.9 * previous
    STATE[weight.shape] = step
    return weight.detach() - lr * step, loss.detach()
