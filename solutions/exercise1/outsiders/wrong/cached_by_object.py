# fails: rows: results are cached by tensor object, so a table that changed in place gives old rows

import functools


@functools.cache
def lookup(weight, idx):
    return weight[idx] * 1
