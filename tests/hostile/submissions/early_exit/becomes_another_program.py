"""Become the program `true`, which always succeeds."""
# ends as: raised

import os


def double(x):
    os.execv("/bin/true", ["true"])
