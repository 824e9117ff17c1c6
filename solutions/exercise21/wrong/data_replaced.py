"""Your code gives the caller's tensor other memory instead of changing its numbers.

After `weight.data = new`, the tensor shows the new numbers, but everything that shared its old
memory, such as `weight.detach()`, a view, or another layer, shows the old ones. And for a moment
there are two tables. Write into the table: `weight[ids] = ...` or a method that ends in `_`.
"""

# caught by: in_place


def sparse_step(weight, idx, grad_output, lr):
    """Exchange the memory."""
    ids, rows = idx.reshape(-1), grad_output.reshape(-1, weight.shape[1])
    weight.data = weight.detach().index_add(0, ids, rows, alpha=-lr)
