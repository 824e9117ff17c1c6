"""Allocate memory that no limit counts."""
# ends as: raised

import os


def double(x):
    hoard = [os.memfd_create("x") for _ in range(10)]
    for descriptor in hoard:
        os.truncate(descriptor, 1 << 30)
