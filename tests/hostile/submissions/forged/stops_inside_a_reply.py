"""Send half a reply and wait."""
# ends as: timeout

import os
import time


def double(x):
    os.write(4, b"\0\0\1\0half")
    time.sleep(60)
