"""A control group for the learner processes of one fork server (cgroups(7), version 2).

The limits of a process do not add up over its children, and nothing but a control group gives
the submissions of two examiners equal shares of the CPU. Few programs may create one, so this
is used where it is found and is not required.

The fork server joins the group once, and its children are born in it. Moving each learner
process would cost more than forking it.
"""

import contextlib
import os
import time
from collections.abc import Iterator

ROOT = "/sys/fs/cgroup"
"""Where every distribution mounts version 2."""
FILE = "control-group"
"""The file in the folder of an examiner that names its group."""
_PREFIX = "grade-learners-"
_NEEDED = ("memory", "pids")
_WANTED = ("cpu", *_NEEDED)
# Documentation/admin-guide/cgroup-v2.rst: the content of these files if they set no limit. A
# process that leaves a group with a limit would escape from it.
_UNLIMITED = {
    "memory.max": ("max",),
    "memory.high": ("max",),
    "cpu.max": ("max 100000",),
    "cpuset.cpus": ("",),
    "cpuset.mems": ("",),
    "io.max": ("",),
}
# Not every kernel has these files. Nice values do not count between groups, so the group has the
# weight of one; and swapping would slow everybody down.
_OPTIONAL = {"cpu.weight.nice": "5", "memory.swap.max": "0"}
# A group that was just created is empty, so another examiner may remove it.
_ATTEMPTS = 5


class Group:
    """The group of this process; its limits apply to all that it forks."""

    def __init__(self, path: str, controllers: list[str]) -> None:
        self.controllers = controllers
        self._memory = os.open(f"{path}/memory.max", os.O_WRONLY | os.O_CLOEXEC)
        self._limit = 0

    def limit_memory(self, size: int) -> None:
        """Limit what all processes of the group allocate together, in bytes; 0 means no limit."""
        if size == self._limit:
            return

        limit = str(size) if size else "max"
        with contextlib.suppress(OSError):
            os.pwrite(self._memory, limit.encode(), 0)
            self._limit = size


def join(folder: str, tasks: int) -> Group | None:
    """Move this process to a new group of at most ``tasks`` tasks; None if that is impossible.

    ``folder`` is that of the examiner, which then names the group. ``remove`` removes it.
    """
    parent = parent_of_groups(ROOT, _own_path())
    if parent is None:
        return None

    # Those of examiners that were killed together with their command.
    for left in _groups_in(parent):
        with contextlib.suppress(OSError):
            os.rmdir(left)

    path = f"{parent}/{_PREFIX}{os.getpid()}"
    for _ in range(_ATTEMPTS):
        with contextlib.suppress(OSError):
            os.makedirs(path, exist_ok=True)
            _write(f"{path}/pids.max", str(tasks))
            for name, value in _OPTIONAL.items():
                with contextlib.suppress(OSError):
                    _write(f"{path}/{name}", value)
            group = Group(path, _available(path))
            _write(f"{folder}/{FILE}", path, os.O_CREAT | os.O_TRUNC)
            _write(f"{path}/cgroup.procs", "0")
            return group

    with contextlib.suppress(OSError):
        os.rmdir(path)
    return None


def parent_of_groups(root: str, own: str) -> str | None:
    """Return the nearest group at or above ``own`` in which this user may create groups.

    It must hand out the needed controllers, and no group on the way may have a limit.
    """
    path = root + own.rstrip("/")
    while path.startswith(root):
        handed_out = _read(f"{path}/cgroup.subtree_control").split()
        is_open = all(os.access(place, os.W_OK) for place in (path, f"{path}/cgroup.procs"))
        if is_open and set(_NEEDED) <= set(handed_out):
            return path
        if _has_limit(path):
            return None
        path = os.path.dirname(path)

    return None


def name_in(folder: str) -> str | None:
    """Return the path of the group that the examiner with this folder created."""
    path = _read(f"{folder}/{FILE}")
    if not path.startswith(f"{ROOT}/") or not os.path.basename(path).startswith(_PREFIX):
        return None

    return path


def remove(path: str) -> None:
    """End all processes of a group, and remove it."""
    for _ in range(100):
        with contextlib.suppress(OSError):
            os.rmdir(path)
        if not os.path.isdir(path):
            return
        # The fork server is ending, with all that it started.
        with contextlib.suppress(OSError):
            _write(f"{path}/cgroup.kill", "1")
        time.sleep(0.02)


def _own_path() -> str:
    """Return the path of this process's group below ``ROOT``; the root itself is ``/``."""
    for line in _read("/proc/self/cgroup").splitlines():
        number, _, path = line.split(":", 2)
        if number == "0":
            return path

    return "/"


def _groups_in(parent: str) -> Iterator[str]:
    with contextlib.suppress(OSError), os.scandir(parent) as entries:
        for entry in entries:
            if entry.name.startswith(_PREFIX):
                yield entry.path


def _available(path: str) -> list[str]:
    present = _read(f"{path}/cgroup.controllers").split()
    return [name for name in _WANTED if name in present]


def _has_limit(path: str) -> bool:
    # The root of the hierarchy has none of these files.
    for name, unlimited in _UNLIMITED.items():
        if os.path.exists(f"{path}/{name}") and _read(f"{path}/{name}") not in unlimited:
            return True

    return False


def _read(path: str) -> str:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return ""


def _write(path: str, text: str, flags: int = 0) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC | flags, 0o600)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)
