"""Your code counts positions whose target is `ignore_index` if that is a class.

Other code pads with the id of a `<pad>` word, which is a class, so the sign of a target does not
tell whether it counts. A negative target that is not `ignore_index` is a mistake
in the data, which must raise an error. Compare `target` with the argument.

Call your function with `ignore_index=0`: positions with the id 0 should not count.
"""

# caught by: ignored

import torch


def cross_entropy(scores, target, ignore_index=-100):
    """Ignore what is negative."""
    keep = target >= 0
    table, ids = torch.log_softmax(scores[keep], -1), target[keep]
    return -table[torch.arange(len(ids)), ids].mean()
