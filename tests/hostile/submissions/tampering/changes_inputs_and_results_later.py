"""Return a tensor and change it afterwards."""
# ends as: failed

import threading
import time


def double(x):
    result = x * 3

    def later():
        time.sleep(0.01)
        result.copy_(x * 2)

    threading.Thread(target=later).start()
    return result
