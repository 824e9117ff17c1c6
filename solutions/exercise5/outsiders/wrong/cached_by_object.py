# fails: rows: results are cached by tensor object

import functools

from torch.nn import functional as F


@functools.cache
def one_hot_lookup(weight, idx):
    return F.one_hot(idx.long(), len(weight)).to(weight.dtype) @ weight
