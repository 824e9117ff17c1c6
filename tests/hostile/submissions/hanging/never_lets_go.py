"""Catch every exception and continue."""
# ends as: timeout

import time


def double(x):
    while True:
        try:
            time.sleep(1)
        except BaseException:
            continue
