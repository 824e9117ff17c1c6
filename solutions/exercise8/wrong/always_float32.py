"""Your results are float32, even when the weight is float64.

`.float()` always means float32, and `torch.tensor(...)` of Python floats gives float32 too. A
float64 table then loses about half of its digits in the first step. Tensors that you compute
from `weight` keep its dtype.

Call your function with a float64 weight and print the dtype of both results.
"""

# caught by: dtype

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Calculate in float32."""
    table = weight.detach().float().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target.float())
    loss.backward()
    return table.detach() - lr * table.grad, loss.detach()
