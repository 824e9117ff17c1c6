"""Fill a reply with millions of None."""
# ends as: crashed

import os


def double(x):
    count = (1 << 24) - 64
    head = b"\x93\xa8returned\x01\x92\xa4list\xdd" + count.to_bytes(4, "big")
    data = head + b"\xc0" * count
    os.write(4, len(data).to_bytes(4, "big"))
    sent = 0
    while sent < len(data):
        sent += os.write(4, data[sent:])
    return x
