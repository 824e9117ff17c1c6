"""Allocate all memory with bytes."""
# ends as: memory


def double(x):
    return [bytearray(1 << 26) for _ in range(1000)]
