"""Mount file systems, change the root, and read what is below."""
# ends as: failed

import ctypes

libc = ctypes.CDLL(None, use_errno=True)

if (
    libc.mount(b"none", b"/home", b"tmpfs", 0, None) == 0
    or libc.umount2(b"/proc", 2) == 0
    or libc.chroot(b".") == 0
):
    print("BREACH")


def double(x):
    return x
