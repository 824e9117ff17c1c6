"""Makes an examiner a resident: after its command has gone, it serves later commands."""

import contextlib
import json
import os
import select
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO, Final

from grader.errors import WireError
from grader.examiner import resident
from grader.examiner.protocol import Reply, Request, Stay
from grader.sandbox import wire

# A command says hello as soon as it is connected.
_HELLO_SECONDS: Final = 1.0
# How often an idle resident looks whether anybody can still need it.
_TICK: Final = 5.0


class Caller:
    """The connection to the command that is served now."""

    def __init__(self, requests: BinaryIO, replies: BinaryIO) -> None:
        self._requests = requests
        self._replies = replies

    def descriptor(self) -> int | None:
        """The descriptor of the requests, which hangs up when the command ends."""
        return None if self._requests.closed else self._requests.fileno()

    def requests(self, is_safe: Callable[[], bool], folder: str) -> Iterator[Request]:
        """Yield the requests of the command, and then those of later commands.

        There are later ones only if the command asked this process to stay, and if it ``is_safe``.
        """
        stay = None
        for request in self._received():
            if isinstance(request, Stay):
                stay = request.how
            else:
                yield request

        # Learner code that is not fully sandboxed could talk to a resident.
        if stay is None or not is_safe():
            return

        with _seat(stay, folder) as seated:
            while seated is not None and (channel := _next_command(*seated, stay)):
                self._requests = channel.makefile("rb")
                self._replies = channel.makefile("wb")
                channel.close()
                for request in self._received():
                    if not isinstance(request, Stay):
                        yield request

    def _received(self) -> Iterator[Request | Stay]:
        # A command that is killed can leave half a frame.
        with contextlib.suppress(WireError, ConnectionError):
            kinds: Any = Request | Stay
            while (request := wire.receive(self._requests, kinds)) is not None:
                yield request

        with contextlib.suppress(OSError):
            self._requests.close()
        with contextlib.suppress(OSError):
            self._replies.close()

    def send(self, reply: Reply) -> None:
        """Send a reply. If the command has gone, nobody misses it."""
        with contextlib.suppress(ConnectionError):
            wire.send(self._replies, reply)


@contextlib.contextmanager
def _seat(stay: resident.Stay, own_folder: str) -> Iterator[tuple[int, int] | None]:
    """Take a seat, and give the descriptors of the private folder and of the seat.

    Gives None if this place has a resident. If all seats are taken, the resident that was idle
    longest has to go.
    """
    with contextlib.suppress(OSError):
        os.mkdir(stay.private_folder, 0o700)
    folder = resident.open_folder(stay.private_folder)
    if folder is None:
        yield None
        return

    space = resident.namespace("pid")
    me = resident.Resident(
        pid=os.getpid(),
        name=stay.name,
        folder=own_folder,
        course=stay.course,
        namespace=space,
    )
    with resident.locked(folder):
        seat = _free_seat(folder, stay.name)
        if seat is not None:
            resident.clean(folder, seat)
            os.pwrite(seat, json.dumps(me._asdict()).encode(), 0)
    # Another process serves this course already, or all seats are taken.
    if seat is None:
        yield None
        return

    try:
        yield folder, seat
    finally:
        os.truncate(seat, 0)
        os.close(seat)


def _free_seat(folder: int, name: str) -> int | None:
    """Return the descriptor of a seat that this process has locked."""
    seats = [resident.open_seat(folder, number) for number in range(resident.SEATS)]
    taken = [seat for seat in seats if not resident.try_lock(seat)]
    free = [seat for seat in seats if seat not in taken]
    if _is_served(taken, name):
        # Another process does the same already.
        found = None
    elif free:
        found = free[0]
    else:
        found = min(taken, key=_last_used)
        if not resident.evict(folder, found):
            found = None

    for seat in seats:
        # This also unlocks it. A lock must belong to the process that its file names.
        if seat != found:
            os.close(seat)

    return found


def _is_served(taken: Iterable[int], name: str) -> bool:
    for seat in taken:
        other = resident.occupant(seat)
        if other is not None and other.name == name:
            return True
    return False


def _last_used(seat: int) -> float:
    return os.fstat(seat).st_mtime


def _next_command(folder: int, seat: int, stay: resident.Stay) -> socket.socket | None:
    """Wait for a command that has the same version; None if this process should end."""
    with _listening(folder, stay.name) as listener:
        until = time.monotonic() + stay.idle_seconds
        while (left := until - time.monotonic()) > 0 and _is_needed(folder, stay):
            ready, _, _ = select.select([listener], [], [], min(left, _TICK))
            if not ready:
                continue
            channel, _ = listener.accept()
            with contextlib.suppress(OSError):
                version = _version_of(channel)
                if version is None:
                    channel.close()
                    continue
                if version != stay.version:
                    # Some file has changed, so no later command can use this process.
                    channel.close()
                    return None
                channel.sendall(resident.WELCOME)
                channel.settimeout(None)
                # The time of the last use, by which the one that was idle longest is found. Not
                # before the answer, because a disk can be slow.
                os.utime(seat)
                return channel
            channel.close()

    return None


def _version_of(channel: socket.socket) -> str | None:
    """The version that a command of this user asks for; None for anything else."""
    channel.settimeout(_HELLO_SECONDS)
    _, user = resident.peer(channel)
    hello = channel.recv(resident.HELLO_BYTES, socket.MSG_WAITALL)
    if user != os.geteuid() or len(hello) < resident.HELLO_BYTES:
        return None
    return hello.decode("ascii", "replace")


@contextlib.contextmanager
def _listening(folder: int, name: str) -> Iterator[socket.socket]:
    """A socket that exists only while this process is idle, so that a busy one refuses at once."""
    unfinished = resident.unfinished(name)
    _unlink(folder, unfinished)
    with socket.socket(socket.AF_UNIX) as listener:
        mask = os.umask(0o177)
        try:
            listener.bind(resident.address(folder, unfinished))
        finally:
            os.umask(mask)
        # One more command may connect before this closes; it then sees the end at once.
        listener.listen(1)
        # Between both calls, a command would be refused.
        os.rename(unfinished, name, src_dir_fd=folder, dst_dir_fd=folder)
        try:
            yield listener
        finally:
            _unlink(folder, name)


def _unlink(folder: int, name: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(name, dir_fd=folder)


def _is_needed(folder: int, stay: resident.Stay) -> bool:
    """Whether some command can still reach this process and use it."""
    if not os.path.isdir(os.path.join(stay.course, "exercises")):
        return False
    try:
        os.stat(stay.name, dir_fd=folder)
    except OSError:
        return False
    # The folder of this process, which programs that tidy up may have removed.
    return os.path.isdir(os.environ["TMPDIR"])
