"""Make system calls by x32 numbers and through the 32-bit entry."""
# ends as: failed|crashed
# needs: x86_64

import ctypes

libc = ctypes.CDLL(None, use_errno=True)

import mmap

ctypes.set_errno(0)
if libc.syscall(0x40000000 + 39) >= 0:
    print("BREACH x32")
code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
code.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")  # mov eax, 20 (getpid of 32 bits); int 0x80; ret
function = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
if function() > 0:
    print("BREACH int 0x80")


def double(x):
    return x
