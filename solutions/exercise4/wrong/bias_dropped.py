"""The bias has no effect on your result.

The layer computes `x @ weight.T + bias`. Without the bias, an input of zeros always gives
zeros. You may only leave the bias out if it is None. Try an `x` of zeros: the result should be
the bias.
"""

# caught by: bias


def linear(x, weight, bias=None):
    """Forget the bias."""
    return x @ weight.T
