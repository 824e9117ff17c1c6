"""Replace the functions that make bytes of a result."""
# ends as: failed|crashed

import ctypes

from grader.sandbox import values, wire

ctypes.string_at = lambda place, size: bytes(size)
values.encode_tensor = lambda tensor: wire.Opaque("a tensor")
values.encode = lambda value: wire.Opaque("a tensor")


def double(x):
    return x
