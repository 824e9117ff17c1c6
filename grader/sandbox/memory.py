"""Cheap forks of the fork server.

A fork copies the page tables of its parent and frees them when it ends. With torch
loaded, that is most of the cost of an empty fork. Pages of 2 MiB leave little to
copy. The kernel still copies what a child writes in pages of 4 KiB.
"""

import contextlib

from grader.sandbox import kernel

# The size of a large page on x86-64, and on AArch64 with pages of 4 KiB. On other machines the
# kernel refuses the call below, and nothing changes.
_LARGE_PAGE = 2 * 2**20


def use_large_pages() -> None:
    """Move the memory that this process has written into large pages, if the kernel can."""
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="replace") as file:
            regions = file.read().splitlines()
    except OSError:
        return

    for region in regions:
        addresses, rights, _, _, _, *name = region.split()
        # The heap, and memory that belongs to no file (proc(5), maps).
        if "w" not in rights or name not in ([], ["[heap]"]):
            continue

        start, end = (int(address, 16) for address in addresses.split("-"))
        # Rounded up.
        first = -(-start // _LARGE_PAGE) * _LARGE_PAGE
        for address in range(first, end - _LARGE_PAGE + 1, _LARGE_PAGE):
            # Refused before Linux 6.1, and while no large page is free.
            with contextlib.suppress(OSError):
                kernel.collapse(address, _LARGE_PAGE)
