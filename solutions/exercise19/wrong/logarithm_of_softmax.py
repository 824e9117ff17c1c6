"""Your loss is infinite where the right word has a very small probability.

`torch.softmax` itself is safe, but a probability below about 1e-45 is rounded to 0 in float32, and
the logarithm of 0 is -inf. `torch.log_softmax` and `F.cross_entropy` compute both steps at once,
which keeps such losses finite.

Try `torch.softmax(torch.tensor([0.0, 200.0]), -1).log()`.
"""

# caught by: loss


def padded_size(num, multiple):
    """Return the smallest multiple that is large enough."""
    return -(-num // multiple) * multiple


def padded_loss(hidden, weight, target, num):
    """Take the logarithm of softmax."""
    scores = (hidden @ weight[:num].T).reshape(-1, num)
    logs = scores.softmax(-1).log()
    return -logs.gather(1, target.reshape(-1, 1)).mean()
