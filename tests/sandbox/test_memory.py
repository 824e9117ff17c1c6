"""Large pages: the same memory in fewer pages."""

import ctypes
import subprocess
import sys

import pytest

from grader.sandbox import kernel, memory

PROGRAM = """
from grader.sandbox import memory
def large():
    with open("/proc/self/smaps_rollup") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("AnonHugePages"))
data = bytes(range(256)) * 64 * 1024
before = large()
memory.use_large_pages()
assert data == bytes(range(256)) * 64 * 1024
print(large() - before)
"""


def can_collapse() -> bool:
    """Return whether this kernel moves memory into large pages."""
    size = 4 * 2**20
    buffer = ctypes.create_string_buffer(b"\1" * size, size)
    start = -(-ctypes.addressof(buffer) // (2 * 2**20)) * 2 * 2**20
    try:
        kernel.collapse(start, 2 * 2**20)
    except OSError:
        return False
    return True


@pytest.mark.skipif(not can_collapse(), reason="needs Linux 6.1 and a free large page")
def test_content_stays_the_same():
    """The content of the memory stays the same, and is then in large pages."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) >= 8 * 1024


def test_kernel_that_refuses(monkeypatch):
    """If the kernel refuses, nothing changes."""
    asked = []

    def refuse(address, _size):
        asked.append(address)
        raise OSError(22, "madvise: Invalid argument")

    monkeypatch.setattr(kernel, "collapse", refuse)
    memory.use_large_pages()
    assert asked
