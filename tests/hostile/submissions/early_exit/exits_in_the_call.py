"""Exit with status 0 instead of answering."""
# ends as: crashed

import os


def double(x):
    os._exit(0)
