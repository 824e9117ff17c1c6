# passes: the real torch.optim.SGD on a fresh Parameter copy
import torch


def train_step(weight, idx, target, lr):
    p = torch.nn.Parameter(weight.detach().clone())
    opt = torch.optim.SGD([p], lr=lr)
    with torch.enable_grad():
        loss = torch.nn.MSELoss()(p[idx.long()], target.detach())
        loss.backward()
    opt.step()
    return p.detach(), loss.detach()
