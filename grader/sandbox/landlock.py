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
_READ_FILE = 1 << 2
LIST = 1 << 3
READ = _READ_FILE | LIST
# To remove files and folders, and to make each kind of them.
_CHANGE_FOLDER = sum(1 << number for number in range(4, 13))
_REFER = 1 << 13
_TRUNCATE = 1 << 14
# ioctl(2) on a device. Versions that do not know it allow it on every open device.
IOCTL = 1 << 15
# The rights that each version knows; later ones know those of version 5.
_FIRST = EXECUTE | WRITE_FILE | READ | _CHANGE_FOLDER
_KNOWN = {
    1: _FIRST,
    2: _FIRST | _REFER,
    3: _FIRST | _REFER | _TRUNCATE,
    4: _FIRST | _REFER | _TRUNCATE,
    5: _FIRST | _REFER | _TRUNCATE | IOCTL,
}
# All rights, including the right to execute.
WRITE = _KNOWN[5]
# The rights that a file can have. Landlock refuses a rule that gives a file any other right.
_ON_FILES = EXECUTE | WRITE_FILE | _READ_FILE | _TRUNCATE | IOCTL
_BIND_TCP = 1 << 0
_CONNECT_TCP = 1 << 1
_TCP = _BIND_TCP | _CONNECT_TCP
_TCP_SINCE = 4
# Restrict abstract sockets and signals to processes under the same rules, since version 6.
_ABSTRACT_SOCKETS = 1 << 0
_SIGNALS = 1 << 1
_SCOPES = _ABSTRACT_SOCKETS | _SIGNALS
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
