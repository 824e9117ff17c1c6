"""The memory of the fork server, laid out so that a fork of it costs little.

A fork copies the page tables of its parent and, at its end, gives them back: with
torch loaded that is most of what an empty fork costs. In pages of 2 MiB there is
hardly anything to copy; what a child writes to is still copied in pages of 4 KiB.
"""

import contextlib
from collections.abc import Iterator
from typing import Final

from grader.sandbox import kernel

_LARGE: Final = 2 * 2**20
"""The size of a large page on x86-64, and on AArch64 with pages of 4 KiB; elsewhere nothing is gained or lost."""


def use_large_pages() -> None:
    """Move what this process has written to into large pages, as far as the kernel does that."""
    for start, end in _written():
        for address in range(-(-start // _LARGE) * _LARGE, end - _LARGE + 1, _LARGE):
            with contextlib.suppress(OSError):  # before Linux 6.1, or where no large page is free
                kernel.collapse(address, _LARGE)


def _written() -> Iterator[tuple[int, int]]:
    """Where the heap and other memory of no file lies (proc(5), maps)."""
    with (
        contextlib.suppress(OSError),
        open("/proc/self/maps", encoding="utf-8", errors="replace") as file,
    ):
        for line in file.read().splitlines():
            addresses, rights, _, _, _, *name = line.split()
            if "w" in rights and name in ([], ["[heap]"]):
                start, end = (int(address, 16) for address in addresses.split("-"))
                yield start, end
