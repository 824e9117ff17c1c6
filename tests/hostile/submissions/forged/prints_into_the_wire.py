"""Make what is printed a part of the replies."""
# ends as: crashed

import os

os.dup2(4, 1)


def double(x):
    print("x" * 100)
    return x
