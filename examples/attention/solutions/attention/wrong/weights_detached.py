"""Your numbers are right, but the gradient does not flow through the weights.

Query and key act on the result only through the weights. If the weights lose their history, for
example by `detach`, `.data` or `torch.no_grad()`, only the values can learn.
"""

# caught by: gradient


def attention(query, key, value):
    """Compute the weights without history."""
    scores = query @ key.mT / query.shape[-1] ** 0.5
    return scores.detach().softmax(-1) @ value
