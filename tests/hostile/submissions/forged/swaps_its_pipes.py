"""Write replies to the pipe of requests, and read requests from that of replies."""
# ends as: crashed

import os

os.dup2(4, 9)
os.dup2(3, 4)
os.dup2(9, 3)


def double(x):
    return x
