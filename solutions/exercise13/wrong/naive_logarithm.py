"""Your loss becomes inf or nan for large scores.

`exp` of 89 or more is infinite in float32, and the exponentials of very negative scores are all
0, whose logarithm is -inf. `log_softmax` subtracts the largest score of each row first. The result
is the same, because softmax depends only on differences.

Try `torch.tensor([1000.0, 0.0]).exp()`, and then `torch.log_softmax` of the same scores.
"""

# caught by: large


def cross_entropy(scores, target, ignore_index=-100):
    """Compute exponentials and a logarithm one after the other."""
    keep = target != ignore_index
    exponentials = scores[keep].exp()
    table = (exponentials / exponentials.sum(-1, keepdim=True)).log()
    return -table.gather(-1, target[keep].unsqueeze(-1)).mean()
