"""Send a datagram to this machine."""
# ends as: failed

import socket

try:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"hello", ("127.0.0.1", int("@PORT@")))
    print("BREACH sent")
except OSError:
    pass


def double(x):
    return x
