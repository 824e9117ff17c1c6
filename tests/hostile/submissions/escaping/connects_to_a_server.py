"""Connect to a server on this machine."""
# ends as: failed

import socket

try:
    with socket.create_connection(("127.0.0.1", int("@PORT@")), timeout=1) as connection:
        connection.sendall(b"hello")
        print("BREACH connected")
except OSError:
    pass


def double(x):
    return x
