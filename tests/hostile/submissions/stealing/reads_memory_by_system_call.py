"""Read the memory of its parent with process_vm_readv."""
# ends as: failed

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


class Piece(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]


buffer = ctypes.create_string_buffer(64)
mine, theirs = Piece(ctypes.addressof(buffer), 64), Piece(id(buffer), 64)
for pid in (os.getppid(), int("@VICTIM@"), 1):
    if (
        pid != os.getpid()
        and libc.process_vm_readv(pid, ctypes.byref(mine), 1, ctypes.byref(theirs), 1, 0) > 0
    ):
        print("BREACH", pid)


def double(x):
    return x
