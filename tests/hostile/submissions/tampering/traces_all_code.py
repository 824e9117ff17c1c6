"""Trace every line that the process runs."""
# ends as: failed

import sys

seen = []


def trace(frame, event, argument):
    if "checks" in frame.f_code.co_filename or "solution" in frame.f_code.co_filename:
        print("BREACH", frame.f_code.co_filename)
    return trace


sys.settrace(trace)


def double(x):
    return x
