"""Your code works for a plain tensor, but autograd refuses it for a Parameter.

A leaf that requires a gradient cannot change in place while autograd records, because the step
would become part of the graph. Optimizers change their parameters inside of `torch.no_grad()`.
"""

# caught by: parameter


def sparse_step(weight, idx, grad_output, lr):
    """Let autograd record."""
    ids, rows = idx.reshape(-1), grad_output.reshape(-1, weight.shape[1])
    weight.index_add_(0, ids, rows, alpha=-lr)
