"""Your loss counts ignored positions as if their class were 0.

Replacing `ignore_index` by 0 makes the lookup valid, but the looked-up number must then be left
out. Otherwise the model learns to predict class 0 wherever there is padding.

Put inf into the scores of an ignored position: the loss should not change.
"""

# caught by: ignored

import torch


def cross_entropy(scores, target, ignore_index=-100):
    """Replace the ignored ids by 0, and count them."""
    ids = torch.where(target == ignore_index, 0, target)
    table = torch.log_softmax(scores, -1)
    return -table.gather(-1, ids.unsqueeze(-1)).mean()
