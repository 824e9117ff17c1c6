"""Allocate all memory with a mapping."""
# ends as: raised|memory

import mmap


def double(x):
    return [mmap.mmap(-1, 1 << 28) for _ in range(100)]
