# fails: loss, step: it looks up the ids in the target

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    table = weight.detach().clone().requires_grad_()
    goals = target.reshape(-1, weight.shape[1])
    loss = F.mse_loss(table[idx], goals[idx.long() % len(goals)])
    loss.backward()
    return weight.detach() - lr * table.grad, loss.detach()
