# fails: several_steps: the rate shrinks from call to call

from torch.nn import functional as F


CALLS = []


def train_step(weight, idx, target, lr):
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    lr = lr / (1 + 0.1 * len(CALLS))
    CALLS.append(1)
    return weight.detach() - lr * table.grad, loss.detach()
