"""Which files a learner process may open: Landlock, a wall that needs no privileges.

Rights are those of linux/landlock.h. Landlock guards what files hold, what folders
list, and what is made, renamed and removed. It does not guard that a path exists
(stat(2)) nor modes, owners and times: ``syscalls`` refuses such changes where they
could matter.
"""

import os
from collections.abc import Mapping
from typing import Final

from grader.sandbox import kernel

EXECUTE: Final = 1 << 0
WRITE_FILE: Final = 1 << 1
LIST: Final = 1 << 3
READ: Final = 1 << 2 | LIST
WRITE: Final = (1 << 16) - 1
"""All rights, to execute too."""
IOCTL: Final = 1 << 15
"""On a device, from version 5 on; before, whoever may open it may do that as well."""
_ON_FILES: Final = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14 | 1 << 15
"""Rights that a file can have: execute, write, read, truncate, ioctl on a device. The others are of folders."""
# The rights that each version of the interface knows: 13 at first, then refer, truncate, ioctl on devices.
_KNOWN: Final = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
_TCP: Final = 3
"""To bind and to connect, from version 4 on."""
_SCOPES: Final = 3
"""Keep to one's own abstract sockets, and to one's own processes with signals."""

TRUNCATE_SINCE: Final = 3
"""Before this version a file that may be read can also be emptied."""
SIGNALS_SINCE: Final = 6


def ruleset(version: int, rights: Mapping[str, int]) -> int:
    """A descriptor of a ruleset that allows on, or beneath, each path its rights, and nothing else.

    ``version`` is ``kernel.landlock_version()``, at least 1.
    """
    known = _KNOWN.get(version, WRITE)
    descriptor = kernel.create_ruleset(
        known, _TCP if version >= 4 else 0, _SCOPES if version >= SIGNALS_SINCE else 0
    )
    for path, wanted in rights.items():
        possible = wanted & known if os.path.isdir(path) else wanted & known & _ON_FILES
        if possible:
            kernel.allow_beneath(descriptor, path, possible)
    return descriptor
