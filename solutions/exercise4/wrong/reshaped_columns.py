"""Your code returns the right shape, but mixes numbers of different examples.

`weight @ x.T` has one example per column. To get shape (batch, out), you need a transpose:
`reshape` and `view` keep the order of the numbers and only split them differently. Use an x
with rows that you can recognize, such as all ones and all hundreds, and follow one row.
"""

# caught by: batch


def linear(x, weight, bias=None):
    """Reshape where a transpose is needed."""
    columns = weight @ x.reshape(-1, weight.shape[1]).T
    product = columns.reshape(*x.shape[:-1], weight.shape[0])
    return product if bias is None else product + bias
