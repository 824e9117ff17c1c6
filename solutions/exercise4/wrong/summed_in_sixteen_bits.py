"""A long sum of float16 or bfloat16 numbers loses most of them here.

Adding the products one after another has this effect: each sum is rounded to 16 bits. In float16,
2048 + 1 is 2048, so a sum of ones ends there; in bfloat16 it ends at 256. A matrix product keeps
its sums in float32 and rounds once, at the end.
"""

# caught by: dtype


def linear(x, weight, bias=None):
    """Add the products of one input after another."""
    product = x[..., :1] * weight[:, 0]
    for number in range(1, weight.shape[1]):
        product = product + x[..., number, None] * weight[:, number]
    return product if bias is None else product + bias
