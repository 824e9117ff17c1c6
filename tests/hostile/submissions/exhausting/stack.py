"""Overflow the stack in C."""
# ends as: crashed|raised

import sys

sys.setrecursionlimit(10**9)


def double(x):
    def deeper(values):
        return sorted([values], key=deeper)

    return deeper(1)
