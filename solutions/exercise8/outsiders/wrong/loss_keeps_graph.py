# fails: no_graph: the loss still requires a gradient when weight is a Parameter
import torch
import torch.nn.functional as F


def train_step(weight, idx, target, lr):
    i = idx.long()
    loss = F.mse_loss(weight[i], target)
    with torch.no_grad():
        diff = weight[i] - target
        new = weight.index_add(
            0, i.reshape(-1), (diff * (-2 * lr / diff.numel())).reshape(-1, weight.shape[1])
        )
    return new, loss
