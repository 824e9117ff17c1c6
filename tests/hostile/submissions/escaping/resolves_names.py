"""Resolve a host name."""
# ends as: failed

import socket

try:
    print("BREACH", socket.getaddrinfo("localhost", 80))
except OSError:
    pass


def double(x):
    return x
