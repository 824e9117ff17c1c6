"""Your code returns the table in the layout of a linear layer: (dim, num).

Both constructors take (num, dim) here, but only the embedding stores its weight in that order.
`nn.Linear(num, dim).weight` has shape (dim, num), because the layer multiplies by its
transpose. Print both shapes for num = 10 and dim = 3.
"""

# caught by: table


def linear_to_embedding(weight, bias=None):
    """Copy the weight as it is."""
    table = weight.clone()
    return table if bias is None else table + bias.unsqueeze(1)
