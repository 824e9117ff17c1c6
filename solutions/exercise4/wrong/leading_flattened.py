"""Your numbers are right, but leading dimensions were merged into one long batch.

A batch of sentences has the shape (batch, length, in), and afterwards one still needs to know
which vector belongs to which sentence: (batch, length, out). If you flatten on the way in, give
back the old shape on the way out; `@` needs no flattening at all.
"""

# caught by: leading


def linear(x, weight, bias=None):
    """Merge the leading dimensions for good."""
    product = x.flatten(0, -2) @ weight.T if x.dim() > 2 else x @ weight.T
    return product if bias is None else product + bias
