"""Your code returns the right rows, but inf or nan in another row never reaches the result.

A lookup reads only the rows that the ids name, and so does a product with a sparse tensor.
`torch.where` replaces the other rows with zeros before they count. This exercise asks for the
dense product, because that is how a linear layer looks up an id. Put `inf` into a row that no
id names: its column of the result should become nan.
"""

# caught by: product


def one_hot_lookup(weight, idx):
    """Look the rows up."""
    return weight[idx]
