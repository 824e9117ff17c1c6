"""Your code uses the `weight.grad` that was there before.

`backward` adds the gradient of your lookup to the one that the Parameter already has, and the step
then moves by both. The old one belongs to the caller and must stay unchanged. You need no
`backward`: `grad_output` has the gradient of each looked-up row.
"""

# caught by: parameter

import torch


def sparse_step(weight, idx, grad_output, lr):
    """Let autograd compute the gradient."""
    is_trained = weight.requires_grad
    weight.requires_grad_()
    with torch.enable_grad():
        weight[idx].backward(grad_output)
    with torch.no_grad():
        weight -= lr * weight.grad
    if not is_trained:
        weight.grad = None
        weight.requires_grad_(False)
