"""Exit with status 0 before the first request."""
# ends as: crashed

import os

os._exit(0)


def double(x):
    return x
