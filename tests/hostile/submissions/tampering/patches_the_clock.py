"""Stop the clock, then loop forever."""
# ends as: timeout

import time

time.monotonic = time.time = time.perf_counter = lambda: 0.0


def double(x):
    while True:
        pass
