"""Replace its output stream with another object."""
# ends as: failed

import sys


class Stream:
    def flush(self):
        raise SystemExit(0)

    def write(self, text):
        raise SystemExit(0)


sys.stdout = sys.stderr = Stream()


def double(x):
    return x
