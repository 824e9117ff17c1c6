"""Reply from a finalizer and from the end of the process."""
# ends as: failed|crashed

import atexit
import os


class Late:
    def __del__(self):
        os.write(4, b"\0\0\0\1\xc0")


late = Late()
atexit.register(os.write, 4, b"\0\0\0\1\xc0")


def double(x):
    global late
    late = None
    return x
