"""Start threads forever."""
# ends as: raised|memory|crashed

import threading
import time


def double(x):
    while True:
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
