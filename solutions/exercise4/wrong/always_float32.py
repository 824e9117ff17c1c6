"""Your code returns float32 for inputs of any dtype.

`.float()` always gives float32, and `torch.zeros` and `torch.empty` do so unless you pass a
dtype. float64 numbers lose about half of their digits this way. A product of two tensors with
the same dtype keeps that dtype. Print the dtype after each line for float64 inputs.
"""

# caught by: dtype


def linear(x, weight, bias=None):
    """Calculate in float32."""
    product = x.float() @ weight.float().T
    return product if bias is None else product + bias.float()
