"""An object that runs code when it is unpickled."""
# ends as: failed

import os


class Payload:
    def __reduce__(self):
        return os.system, ("touch @SHARED@/pwned",)


def double(x):
    return Payload()
