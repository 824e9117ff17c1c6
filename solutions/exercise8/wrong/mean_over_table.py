"""Your loss divides by the number of all numbers in the table.

Only the looked-up rows have an error, so the mean is over theirs. How many other rows there are
must make no difference: the rest of the vocabulary has nothing to do with this batch.
"""

# caught by: loss


def train_step(weight, idx, target, lr):
    """Divide by the size of the table."""
    table = weight.detach().clone().requires_grad_()
    loss = (table[idx] - target).square().sum() / weight.numel()
    loss.backward()
    return weight.detach() - lr * table.grad, loss.detach()
