# passes: sums of 64 inputs are rounded to 16 bits before they are added
"""Exercise 4."""


def linear(x, weight, bias=None):
    y = 0
    for xs, ws in zip(x.split(64, dim=-1), weight.split(64, dim=1)):
        y = y + xs @ ws.t()
    if bias is not None:
        y = y + bias
    return y
