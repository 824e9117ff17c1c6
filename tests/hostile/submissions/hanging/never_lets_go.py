"""Catch everything that would end it and go on."""
# ends as: timeout

import time


def double(x):
    while True:
        try:
            time.sleep(1)
        except BaseException:
            continue
