"""Your code returns zeros for id 0, as if that id always meant padding.

Padding is an option of `nn.Embedding`, off unless `padding_idx` is given, and even
then it leaves the lookup alone: the row is set to zero once, when the layer
is built, and gets no gradient. Here nobody asked for padding. Id 0 is an id like
any other, and its row is row 0 of the table.
"""

# caught by: rows


def lookup(weight, idx):
    """Blank out id 0."""
    return weight[idx].masked_fill((idx == 0).unsqueeze(-1), 0.0)
