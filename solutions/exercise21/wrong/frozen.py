"""Your code leaves the Parameter frozen: it does not require a gradient any more.

`weight.requires_grad = False` lets you change a leaf in place, and nothing turns it on again, so
the next `backward()` skips the table or raises a RuntimeError. Use `torch.no_grad()`, which ends
with its block.
"""

# caught by: parameter


def sparse_step(weight, idx, grad_output, lr):
    """Freeze first."""
    ids, rows = idx.reshape(-1), grad_output.reshape(-1, weight.shape[1])
    weight.requires_grad_(False)
    weight.index_add_(0, ids, rows, alpha=-lr)
