# passes: torch.optim.SGD with a sparse gradient
import torch
import torch.nn.functional as F


def sparse_step(weight, idx, grad_output, lr):
    table = torch.nn.Parameter(weight.detach())
    with torch.enable_grad():
        F.embedding(idx, table, sparse=True).backward(grad_output)
    torch.optim.SGD([table], lr=lr).step()
