# fails: step, repeats, other_rows, dtype, several_steps: adds a small weight decay, so rows without an id move too
import torch


def train_step(weight, idx, target, lr):
    w = weight.detach().clone().requires_grad_(True)
    opt = torch.optim.SGD([w], lr=lr, weight_decay=1e-2)
    with torch.enable_grad():
        loss = torch.nn.functional.mse_loss(w[idx.long()], target.detach())
    loss.backward()
    opt.step()
    return w.detach(), loss.detach()
