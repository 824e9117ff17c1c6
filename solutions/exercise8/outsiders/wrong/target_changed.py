# fails: inputs_untouched: it writes the errors into the target

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    target -= weight.detach()[idx]
    return weight.detach() - lr * table.grad, loss.detach()
