"""Your code computes in float32, whatever the dtype of the weight is.

`.float()` converts float64 numbers and loses half of their digits. If only the result is
converted back, its dtype is right, but the digits are gone. Print `dtype` of your scores for
float64 inputs.
"""

# caught by: dtype

from torch.nn import functional as F


def padded_size(num, multiple):
    """Return the smallest multiple that is large enough."""
    return -(-num // multiple) * multiple


def padded_loss(hidden, weight, target, num):
    """Convert to float32 and back."""
    scores = hidden.float() @ weight[:num].float().T
    return F.cross_entropy(scores.reshape(-1, num), target.reshape(-1)).to(weight.dtype)
