"""Your code returns zeros for id 0, as if id 0 always meant padding.

Padding is an option of `nn.Embedding`, and it is off unless `padding_idx` is given. Even then
the lookup does not change: the layer sets that row to zero when it is built and gives it no
gradient. Id 0 is an id like any other. Look up id 0 and compare the result with row 0 of the
table.
"""

# caught by: rows


def lookup(weight, idx):
    """Set the rows of id 0 to zero."""
    return weight[idx].masked_fill((idx == 0).unsqueeze(-1), 0.0)
