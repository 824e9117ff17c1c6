"""Which files a learner process can open: rules for Landlock, which needs no privileges.

Rights are numbered as in linux/landlock.h. Landlock controls access to the content
of files, the lists of folders, and creating, renaming and deleting. It does not
hide that a path exists (stat(2)), and it does not protect modes, owners and times.
``syscalls`` blocks changes to those.
"""

import os
from collections.abc import Mapping

from grader.sandbox import kernel

EXECUTE = 1 << 0
WRITE_FILE = 1 << 1
LIST = 1 << 3
READ = 1 << 2 | LIST
# All rights, including the right to execute.
WRITE = (1 << 16) - 1
# ioctl(2) on a device, since version 5. Earlier versions allow it on every open device.
IOCTL = 1 << 15
# The rights that a file can have: execute, write, read, truncate and ioctl. Landlock refuses a
# rule that gives a file any other right.
_ON_FILES = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14 | 1 << 15
# The rights that older versions know. Version 2 added refer, 3 truncate, 5 ioctl on devices.
_KNOWN = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
# To bind and connect TCP sockets, since version 4.
_TCP = 3
_TCP_SINCE = 4
# Restrict abstract sockets and signals to processes under the same rules, since version 6.
_SCOPES = 3
SIGNALS_SINCE = 6
# Before this version, a process can truncate a file that it may only read.
TRUNCATE_SINCE = 3


def ruleset(version: int, rights: Mapping[str, int]) -> int:
    """Return the descriptor of a ruleset that allows nothing but ``rights``.

    ``rights`` maps a path, which need not exist, to what is allowed on it and below it.
    ``version`` is ``kernel.landlock_version()`` and at least 1.
    """
    known = _KNOWN.get(version, WRITE)
    network = _TCP if version >= _TCP_SINCE else 0
    scopes = _SCOPES if version >= SIGNALS_SINCE else 0
    descriptor = kernel.create_ruleset(known, network, scopes)
    for path, wanted in rights.items():
        allowed = wanted & known
        if not os.path.isdir(path):
            allowed &= _ON_FILES
        # Machines differ in which of these paths exist.
        if allowed and os.path.exists(path):
            kernel.allow_beneath(descriptor, path, allowed)

    return descriptor
