"""Announce a large reply and send it byte by byte."""
# ends as: timeout

import os
import time


def double(x):
    os.write(4, (1 << 24).to_bytes(4, "big"))
    while True:
        os.write(4, b"\x90")
        time.sleep(0.001)
