"""Spend a century in one C function."""
# ends as: timeout

import re


def double(x):
    return re.match("(a+)+$", "a" * 60 + "b")
