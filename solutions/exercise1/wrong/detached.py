"""Your rows are right, but they have forgotten where they came from: no gradient gets back.

`.data`, `.detach()`, `.tolist()` and `torch.tensor(...)` all copy the numbers and leave the
graph behind, and a new tensor with `requires_grad=True` starts another graph instead
of continuing this one. A table that gets no gradient never learns. Ask your result for
its `grad_fn`: it should have one.
"""

# caught by: gradient


def lookup(weight, idx):
    """Leave the graph behind."""
    return weight.data[idx]
