"""Finds the resident: an examiner that an earlier command left running.

A resident is an optimization and never a dependency. If none answers at once, the caller starts
an examiner of its own and gets the same grade.

All residents of a user share one private folder. In it, a resident has a socket and one of
``SEATS`` seats. A seat is a file that the resident keeps locked while it lives, so a lock that is
held proves that the process in the file is alive. The socket's name stands for everything that
affects a grade and that stays the same while files change. The version in the first message
stands for the files.

A resident listens only while it is idle. So a busy one refuses at once, and nobody waits for it.
"""

import contextlib
import json
import os
import signal
import socket
import stat
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final, NamedTuple

from grader.errors import ExaminerError
from grader.examiner import launch
from grader.system import SYSTEM

SEATS: Final = 2
"""How many residents a user can have."""
IDLE_SECONDS: Final = 600.0
WELCOME: Final = b"\x01"
HELLO_BYTES: Final = 32
# With one that hangs, a grade is at most 0.3 s later than without any. One that is alive answers
# within milliseconds; with six programs for each core, it took at most 0.13 s.
_HELLO_SECONDS: Final = 0.25
# A killed process frees its memory before its seat, which takes longer on a busy machine.
_END_SECONDS: Final = 5.0
# Capabilities, no new privileges, and filters of system calls.
_RESTRICTIONS: Final = ("Cap", "NoNewPrivs", "Seccomp")
_PACKAGE: Final = Path(__file__).resolve().parents[1]


class Place(NamedTuple):
    """What an examiner is started for. A resident serves one place."""

    course: str
    isolation: str
    device: str


class Connection(NamedTuple):
    """A socket to a resident that has agreed to serve this command."""

    socket: socket.socket
    pid: int

    def end(self) -> None:
        """Kill the resident."""
        self.socket.close()
        end(self.pid)


class Stay(NamedTuple):
    """What an examiner needs to know to become a resident."""

    name: str
    """The name of the socket, which stands for everything that affects a grade except files."""
    version: str
    """Stands for the files that affect a grade."""
    course: str
    private_folder: str
    idle_seconds: float


class Found(NamedTuple):
    """An examiner for one command."""

    place: Place
    link: Connection | launch.Launched
    stay: Stay | None
    """Given if it is a new process that may stay."""


class Resident(NamedTuple):
    """A resident as its seat describes it."""

    pid: int
    name: str
    folder: str
    course: str
    namespace: int
    """The PID namespace in which ``pid`` is its number."""


# What ``begin`` found, at most one. The command line is not parsed yet, so nobody can hold it.
_begun: list[Found] = []


def place_of(course: str, isolation: str, device: str) -> Place:
    """Return the place for a course that can be named in several ways."""
    return Place(os.path.realpath(course), isolation, device)


def idle_seconds() -> float:
    """Return how long an examiner may stay idle; 0 if none may stay."""
    # On a CI machine there is no next command.
    if not SYSTEM.has_residents or os.environ.get("CI"):
        return 0.0
    # A resident would use up the time of later commands.
    if SYSTEM.limit("CPU") is not None:
        return 0.0

    try:
        return max(0.0, float(os.environ.get("GRADE_RESIDENT", IDLE_SECONDS)))
    except ValueError:
        return IDLE_SECONDS


def take(place: Place) -> Found:
    """Return the resident of ``place``, or a new process; what ``begin`` found if it fits."""
    while _begun:
        found = _begun.pop()
        if found.place == place:
            return found
        found.link.end()
    if not idle_seconds():
        return start(place)
    return connect(place) or start(place)


def begin(place: Place) -> None:
    """Find the resident of ``place``, or start a process, for a later call of ``take``."""
    # The later call reports what is wrong.
    with contextlib.suppress(OSError, ExaminerError):
        _begun.append(take(place))


def begun() -> Place | None:
    """Return the place for which ``begin`` found an examiner that nobody has taken yet."""
    return _begun[0].place if _begun else None


def start(place: Place) -> Found:
    """Start an examiner process for ``place``. Raises ``OSError`` if that is impossible."""
    if place.isolation == "none":
        # Code without a sandbox could ask a resident.
        end()

    launched = launch.start(place.isolation, place.device)
    # One that stays idle must not occupy the memory of a GPU.
    if not idle_seconds() or place.device != "cpu":
        return Found(place, launched, None)
    # The process imports PyTorch meanwhile.
    return Found(place, launched, _stay(place))


def _stay(place: Place) -> Stay | None:
    # Without /proc there are no residents.
    with contextlib.suppress(OSError):
        version = version_of(place.course)
        return Stay(
            name=name_of(place),
            version=version,
            course=place.course,
            private_folder=private_folder(),
            idle_seconds=idle_seconds(),
        )

    return None


def connect(place: Place) -> Found | None:
    """Connect to the resident of ``place``, if there is one that is idle and up to date."""
    folder = open_folder(private_folder())
    if folder is None:
        return None

    channel = socket.socket(socket.AF_UNIX)
    try:
        channel.settimeout(_HELLO_SECONDS)
        channel.connect(address(folder, name_of(place)))
        pid, user = peer(channel)
        # The folder is private, so this holds unless something is very wrong.
        if user != os.geteuid() or pid <= 0:
            raise PermissionError
        channel.sendall(version_of(place.course).encode("ascii"))
        try:
            answer = channel.recv(1)
        except TimeoutError:
            # It hangs, and would cost every later command the same time. Who takes its seat next
            # cleans up.
            os.kill(pid, signal.SIGKILL)
            raise
        if answer == WELCOME:
            channel.settimeout(None)
            return Found(place, Connection(channel, pid), None)
    except OSError:
        # None is there, or it is busy or broken.
        pass
    finally:
        os.close(folder)

    channel.close()
    return None


def private_folder() -> str:
    """Return the path of the folder with the sockets and seats of this user."""
    base = os.environ.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(base) and os.access(base, os.W_OK):
        return os.path.join(base, "grade")
    # Several users share the folder for temporary files.
    name = f"grade-of-user-{os.geteuid()}"
    return os.path.join(tempfile.gettempdir(), name)


def open_folder(path: str) -> int | None:
    """Return a descriptor of the private folder, or None if there is none that can be trusted."""
    try:
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None

    found = os.fstat(folder)
    # In a shared folder, another user could have created it to receive our requests.
    if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
        os.close(folder)
        return None
    return folder


def address(folder: int, name: str) -> str:
    """Return the address of a socket in ``folder``, which is short however long the path is."""
    return f"/proc/self/fd/{folder}/{name}"


def unfinished(name: str) -> str:
    """Return the name of a socket that does not listen yet."""
    return f"{name}.new"


def peer(channel: socket.socket) -> tuple[int, int]:
    """Return the process and the user at the other end (unix(7), SO_PEERCRED)."""
    layout = "3i"
    size = struct.calcsize(layout)
    credentials = channel.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    pid, user, _ = struct.unpack(layout, credentials)
    return pid, user


# The two parts of the key.


def name_of(place: Place) -> str:
    """Return the name of a socket: a digest of all that affects a grade, except files."""
    # An environment has several names for its interpreter.
    parts: list[Any] = [*place, sys.prefix, sys.version, str(_PACKAGE)]
    parts += [os.environ.get(name) for name in launch.ENVIRONMENT]
    parts.append(sorted(os.getgroups()))
    parts.append(os.getegid())
    parts.append(sorted(os.sched_getaffinity(0)))
    parts.append(os.getpriority(os.PRIO_PROCESS, 0))
    parts.append(SYSTEM.limits())
    parts.append(SYSTEM.learners)
    parts.append(_restrictions())
    # A process in another container sees other files.
    parts += [namespace(kind) for kind in ("mnt", "pid", "net", "user")]
    text = repr(parts)
    return blake2b(text.encode(), digest_size=16).hexdigest()


def _restrictions() -> list[str]:
    """Return what the kernel forbids this process (proc(5)): it decides which sandbox there is."""
    with open("/proc/self/status", encoding="utf-8", errors="replace") as file:
        return [line for line in file if line.startswith(_RESTRICTIONS)]


def namespace(kind: str) -> int:
    """Return the number of a namespace of this process (namespaces(7))."""
    return os.stat(f"/proc/self/ns/{kind}").st_ino


def version_of(course: str) -> str:
    """Return a digest of the files that affect a grade: course, grader, and installed packages.

    It reads no file. A file that is changed gets a new time of change (ctime), which no program
    can set. Installing or updating a package changes the folder that contains it.
    """
    digest = blake2b(digest_size=HELLO_BYTES // 2)
    for folder in (_PACKAGE, Path(course, "exercises"), Path(course, "solutions")):
        for line in _files(str(folder)):
            digest.update(line)

    for folder_of_packages in _folders_of_packages():
        version_of_torch = os.path.join(folder_of_packages, "torch", "version.py")
        for path in (folder_of_packages, version_of_torch):
            # Installers that share files between environments change their times of change.
            size, modified, _, inode = _signature(path)
            state = repr((path, size, modified, inode))
            digest.update(state.encode())

    return digest.hexdigest()


def _folders_of_packages() -> list[str]:
    """Return where packages are installed. The current folder, which may be in the path, is not."""
    ends = ("site-packages", "dist-packages")
    folders = [path for path in sys.path if path.endswith(ends)]
    named = os.environ.get("PYTHONPATH", "")
    return folders + named.split(os.pathsep)


def _files(folder: str) -> Iterator[bytes]:
    """Yield a line for each file in ``folder``, however deep."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.name == "__pycache__":
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _files(entry.path)
            else:
                yield repr((entry.path, _signature(entry.path))).encode()


def _signature(path: str) -> tuple[int, int, int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return 0, 0, 0, 0
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


# Seats.


def running() -> list[Resident]:
    """Return the residents of this user that are alive."""
    found: list[Resident] = []

    def visit(_: int, seat: int) -> None:
        resident = occupant(seat)
        if resident is not None:
            found.append(resident)

    _visit(visit)
    return found


def end(pid: int | None = None) -> int:
    """Kill the resident ``pid``, or all of this user; return how many were killed."""
    ended = []

    def visit(folder: int, seat: int) -> None:
        resident = occupant(seat)
        is_other = pid is not None and resident is not None and resident.pid != pid
        if not is_other and evict(folder, seat):
            ended.append(seat)

    _visit(visit)
    return len(ended)


def _visit(visit: Callable[[int, int], None]) -> None:
    """Call ``visit`` with the private folder and each seat that is taken."""
    if not SYSTEM.has_residents:
        return

    folder = open_folder(private_folder())
    if folder is None:
        return

    # If the disk is full, a seat that nobody has taken yet cannot be opened.
    with contextlib.suppress(OSError), locked(folder):
        for number in range(SEATS):
            seat = open_seat(folder, number)
            if not try_lock(seat):
                visit(folder, seat)
            os.close(seat)

    os.close(folder)


@contextlib.contextmanager
def locked(folder: int) -> Iterator[None]:
    """Let one process at a time look at the seats."""
    SYSTEM.lock(folder, wait=True)
    try:
        yield
    finally:
        SYSTEM.unlock(folder)


def open_seat(folder: int, number: int) -> int:
    """Return a descriptor of the file of a seat."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
    return os.open(f"seat-{number}", flags, 0o600, dir_fd=folder)


def try_lock(seat: int) -> bool:
    """Return whether the seat was free; it is now locked by this process."""
    try:
        SYSTEM.lock(seat, wait=False)
    except BlockingIOError:
        return False
    return True


def occupant(seat: int) -> Resident | None:
    """Return who wrote into this seat last, if that can be read and is in this namespace."""
    try:
        written = json.loads(os.pread(seat, 1 << 16, 0))
        found = Resident(**written)
    except (ValueError, TypeError):
        return None
    # In another namespace, the number would belong to another process.
    if found.namespace != namespace("pid"):
        return None
    return found


def evict(folder: int, seat: int) -> bool:
    """Kill the process that holds ``seat``, clean up after it, and lock the seat."""
    resident = occupant(seat)
    if resident is None:
        return False
    # The lock proves that this process is alive and that the number is still its own.
    with contextlib.suppress(ProcessLookupError):
        os.kill(resident.pid, signal.SIGKILL)
    # The kernel unlocks the seat once the process is gone.
    until = time.monotonic() + _END_SECONDS
    while not try_lock(seat):
        if time.monotonic() > until:
            return False
        time.sleep(0.01)

    clean(folder, seat)
    return True


def clean(folder: int, seat: int) -> None:
    """Remove what a process that was killed left behind; the seat is locked by this process."""
    left = occupant(seat)
    # First, because the lock no longer belongs to that process.
    os.truncate(seat, 0)
    if left is None:
        return
    for name in (left.name, unfinished(left.name)):
        with contextlib.suppress(OSError):
            os.unlink(name, dir_fd=folder)
    # Whatever is written in the seat, only a folder of an examiner is removed.
    is_own = os.path.basename(left.folder).startswith("grade-")
    if is_own and not os.path.islink(left.folder):
        launch.remove(left.folder)
