"""Search the frames of the callers for an expected value."""
# ends as: failed|crashed

import sys


def double(x):
    frame = sys._getframe()
    while frame is not None:
        for name, value in list(frame.f_locals.items()):
            if "expected" in name or "MARKER-IN-" + "CHECKS" in str(value)[:100_000]:
                print("BREACH", name)
        frame = frame.f_back
    return x
