"""Wait for connections."""
# ends as: failed

import socket

try:
    server = socket.create_server(("127.0.0.1", 0))
    print("BREACH listens on", server.getsockname())
except OSError:
    pass


def double(x):
    return x
