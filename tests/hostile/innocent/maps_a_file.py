"""Store numbers in a memory-mapped file."""

import mmap

with open("numbers", "wb") as file:
    file.write(bytes(8192))
with open("numbers", "r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
    memory[0] = 2
    memory.flush()


def double(x):
    return x * 2
