"""End its process with SIGABRT."""
# ends as: crashed

import os


def double(x):
    os.abort()
