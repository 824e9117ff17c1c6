"""Your table is still laid out as a linear layer is: (dim, num), output size first.

Both layers are written (num, dim) when they are built, which makes it look as if both
stored that. Only the embedding does. `nn.Linear(num, dim).weight` is (dim, num), because
the layer multiplies with its transpose. Print the two shapes for num = 10 and dim = 3.
"""

# caught by: table


def linear_to_embedding(weight, bias=None):
    """Copy the weight as it is."""
    table = weight.clone()
    return table if bias is None else table + bias.unsqueeze(1)
