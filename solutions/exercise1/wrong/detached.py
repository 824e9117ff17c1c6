"""Your code returns the right rows, but no gradient reaches the table.

`.data` and `.detach()` share the numbers of `weight` without its graph; `.tolist()` and
`torch.tensor(...)` copy the numbers, also without the graph. Setting `requires_grad=True` on a
new tensor starts another graph. A table without a gradient never learns. Print the `grad_fn` of
your result: it should not be None.
"""

# caught by: gradient


def lookup(weight, idx):
    """Drop the graph."""
    return weight.data[idx]
