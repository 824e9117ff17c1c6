"""Wait for a lock that it has."""
# ends as: timeout

import threading


def double(x):
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()
