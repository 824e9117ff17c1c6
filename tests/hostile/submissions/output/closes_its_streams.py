"""Close its output streams."""
# ends as: failed

import os
import sys

sys.stdout.close()
sys.stderr.close()
os.close(1)
os.close(2)


def double(x):
    return x
