"""Connect to local sockets, abstract and with a path."""
# ends as: failed

import socket

for address in ("\0@ABSTRACT@", "@SHARED@/socket"):
    try:
        socket.socket(socket.AF_UNIX).connect(address)
        print("BREACH connected", address)
    except OSError:
        continue


def double(x):
    return x
