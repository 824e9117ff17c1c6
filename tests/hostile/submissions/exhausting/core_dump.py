"""Ask for a core dump of its whole memory."""
# ends as: crashed

import os
import resource

try:
    resource.setrlimit(resource.RLIMIT_CORE, (-1, -1))
    print("BREACH raised a limit")
except ValueError:
    pass


def double(x):
    os.abort()
