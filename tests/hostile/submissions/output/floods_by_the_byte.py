"""Print single bytes from threads forever."""
# ends as: timeout|failed

import os
import threading


def flood():
    while True:
        os.write(1, b"x")


for _ in range(3):
    threading.Thread(target=flood, daemon=True).start()


def double(x):
    return x
