"""End its process with SIGKILL."""
# ends as: crashed

import os
import signal


def double(x):
    os.kill(os.getpid(), signal.SIGKILL)
