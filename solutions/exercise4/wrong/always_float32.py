"""Your result is float32, whatever dtype was put in.

`.float()` means float32 and nothing else, and `torch.zeros` or `torch.empty` make float32
tensors unless they are told otherwise. float64 loses half of its digits that way, and float16
gets a dtype that the next layer refuses. A product of two tensors keeps their dtype by itself.
"""

# caught by: dtype


def linear(x, weight, bias=None):
    """Calculate in float32."""
    product = x.float() @ weight.float().T
    return product if bias is None else product + bias.float()
