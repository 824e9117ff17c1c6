"""A generator that never ends."""
# ends as: failed

import itertools


def double(x):
    return itertools.count()
