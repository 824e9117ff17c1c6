"""Keep a thread running after the end."""
# ends as: failed

import threading
import time

threading.Thread(target=time.sleep, args=(60,)).start()


def double(x):
    return x
