"""Your results are float32, whatever dtype the weight has.

`.float()` means float32 and nothing else, and `torch.tensor(...)` of plain numbers is float32
too. A float64 table loses half of its digits in the first step. Tensors made from `weight` keep
its dtype.
"""

# caught by: dtype

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Calculate in float32."""
    table = weight.detach().float().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target.float())
    loss.backward()
    return table.detach() - lr * table.grad, loss.detach()
