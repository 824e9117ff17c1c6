"""Allocate all memory while it is loaded."""
# ends as: memory

hoard = [bytearray(1 << 26) for _ in range(1000)]


def double(x):
    return x
