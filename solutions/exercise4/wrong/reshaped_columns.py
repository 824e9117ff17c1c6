"""Your result has the right shape, but the numbers of different examples are mixed up in it.

`weight @ x.T` has an example in each column. Bringing that into the shape (batch, out) takes a
transpose; `reshape` and `view` swap no axes, they only break the same sequence of numbers into
other lines. Follow one example through your code, with numbers you can recognise.
"""

# caught by: batch


def linear(x, weight, bias=None):
    """Reshape where a transpose is needed."""
    columns = weight @ x.reshape(-1, weight.shape[1]).T
    product = columns.reshape(*x.shape[:-1], weight.shape[0])
    return product if bias is None else product + bias
