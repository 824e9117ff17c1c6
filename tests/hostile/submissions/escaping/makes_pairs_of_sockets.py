"""Create sockets that could pass descriptors."""
# ends as: failed

import socket

try:
    print("BREACH", socket.socketpair())
except OSError:
    pass


def double(x):
    return x
