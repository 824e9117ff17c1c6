"""Your code returns the right numbers, but merges the leading dimensions.

A batch of sentences has shape (batch, length, in), and the result must have shape (batch,
length, out): otherwise nobody knows which vector belongs to which sentence. If you flatten the
input, you must restore its leading shape at the end. Does `@` need any flattening? Try it with
an x of shape (2, 3, in).
"""

# caught by: leading


def linear(x, weight, bias=None):
    """Merge the leading dimensions and keep them merged."""
    product = x.flatten(0, -2) @ weight.T if x.dim() > 2 else x @ weight.T
    return product if bias is None else product + bias
