"""Raise SystemExit(0), which ends a test runner without an error."""
# ends as: crashed

import sys


def double(x):
    sys.exit(0)
