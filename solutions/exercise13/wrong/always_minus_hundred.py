"""Your code ignores -100 only, whatever `ignore_index` is.

-100 is only the default. Other code pads with the id of a `<pad>` word, which is a class. Compare
`target` with the argument.

Call your function with `ignore_index=0`: positions with the id 0 should not count.
"""

# caught by: ignored

import torch


def cross_entropy(scores, target, ignore_index=-100):
    """Ignore the argument."""
    keep = target != -100
    table = torch.log_softmax(scores[keep], -1)
    return -table.gather(-1, target[keep].unsqueeze(-1)).mean()
