"""The examiner's end of a learner process: requests have deadlines, and it can be ended."""

import contextlib
import math
import os
import select
import signal
import socket
import time
from typing import Any, Final

import msgspec

from grader.errors import ExaminerError, WireError
from grader.examiner import cpu_time, failures
from grader.examiner.failures import LearnerFailure
from grader.grades.grade import Outcome
from grader.sandbox import wire

MAX_DRAINED: Final = 256 * 2**20
"""Bytes that a submission may print."""
_CHUNK: Final = 1 << 16
# After a process closed its pipe, the kernel may need this long to end it.
_GRACE_MS: Final = 500
# Seconds that the fork server may take for a request.
_FORK_SERVER_SECONDS: Final = 30
# A pipe holds less than this many chunks (pipe(7)), so reading them takes all that was printed.
_CHUNKS_PER_PIPE: Final = 32
# At least this many seconds pass between two looks at the CPU time of a process that waits.
_LOOK_SECONDS: Final = 0.02


class Deadline(msgspec.Struct, frozen=True):
    """When a reply must have arrived: whichever of the two ends first."""

    end: float
    """In seconds of ``time.monotonic``."""
    cpu_seconds: float = math.inf
    """CPU time that the process may use until then."""


class ForkServer:
    """The trusted end of the socket to ``grader.sandbox.fork_server``."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._control.settimeout(_FORK_SERVER_SECONDS)
        self.lost = False
        """Whether it died or failed. The examiner must then be started again."""

    def spawn(self, request: wire.Spawn, descriptors: list[int]) -> int:
        """Fork a learner process, which gets ``descriptors``.

        Returns a descriptor that becomes readable when the process is dead.
        """
        expected = wire.Spawned | wire.NotSpawned
        answer, handles = self._ask(request, expected, descriptors)
        if isinstance(answer, wire.NotSpawned):
            raise self.spawn_error(answer.reason)
        # The kernel drops a descriptor that this process has no room for (unix(7)).
        if not handles:
            raise self.spawn_error("too many open files")

        return handles[0]

    def reap(self) -> wire.Reaped:
        """End the learner process and all that it started; return how it ended."""
        reaped: wire.Reaped = self._ask(wire.Reap(), wire.Reaped, [])[0]
        return reaped

    def spawn_error(self, reason: str | None) -> ExaminerError:
        """Mark the fork server as lost; return the error to raise."""
        self.lost = True
        return ExaminerError(f"no process for the submission could be created ({reason})")

    def _ask(self, message: wire.Plain, kind: Any, descriptors: list[int]) -> tuple[Any, list[int]]:
        answer = b""
        handles: list[int] = []
        with contextlib.suppress(OSError):
            socket.send_fds(self._control, [wire.pack(message)], descriptors)
            answer, handles, _, _ = socket.recv_fds(self._control, 4096, 1)

        if not answer:
            self.lost = True
            raise ExaminerError("the fork server ended")

        # A message of the fork server is small, so it arrives as one frame.
        payload = answer[wire.HEADER :]
        return wire.unpack(payload, kind), handles


class Output:
    """What the learner's code printed: the first ``cap`` bytes, and the number of all."""

    def __init__(self, cap: int) -> None:
        self.cap = cap
        self.kept = bytearray()
        self.drained = 0

    def add(self, data: bytes) -> None:
        """Add what was printed next."""
        self.drained += len(data)
        room = self.cap - len(self.kept)
        if room > 0:
            self.kept += data[:room]

    def mute(self) -> None:
        """Keep nothing that is printed from now on."""
        self.cap = len(self.kept)


class LearnerProcess:
    """One forked learner process and the pipes to it.

    They are pipes and not sockets, because no descriptor can be sent through a pipe.
    Each byte has a deadline.
    """

    def __init__(self, server: ForkServer, output: Output, request: wire.Spawn) -> None:
        self._server = server
        self._output = output
        self._received = bytearray()
        self.size = 0
        """Bytes of the last reply."""
        # Whether the first reply has arrived. Learner code prints only after it.
        self._is_prepared = False
        self._has_children = request.subprocesses
        # Its id here; 0 until it is needed.
        self._process = 0
        # CPU seconds that it has used, and how many of them ``take_cpu_seconds`` returned.
        self._used = self._taken = 0.0
        # Three pipes: requests go to the process; replies and output come back.
        ours: list[int] = []
        theirs: list[int] = []
        try:
            for reads, writes in ((theirs, ours), (ours, theirs), (ours, theirs)):
                reading, writing = os.pipe()
                reads.append(reading)
                writes.append(writing)
            ours.append(server.spawn(request, theirs))
        except OSError as error:
            _close(ours)
            raise server.spawn_error(error.strerror) from None
        except BaseException:
            _close(ours)
            raise
        finally:
            _close(theirs)

        # A submission that stops reading or writing must not block the examiner.
        for descriptor in ours:
            os.set_blocking(descriptor, False)

        self._descriptors = ours
        # In the order of their creation.
        self._requests, self._replies, self._printed, self._dead = ours

    def ask(self, request: wire.Request, deadline: Deadline) -> wire.Reply:
        """Send ``request`` and wait for one reply; raises ``LearnerFailure`` if none arrives."""
        return self._exchange(wire.pack(request), deadline)

    def receive(self, deadline: Deadline) -> wire.Reply:
        """Wait for one more reply; raises ``LearnerFailure`` if none arrives."""
        return self._exchange(b"", deadline)

    def take_cpu_seconds(self) -> float:
        """Return the CPU seconds that the process used since the last call."""
        self._measure()
        taken = max(0.0, self._used - self._taken)
        self._taken = self._used
        return taken

    def end(self) -> wire.Reaped:
        """Kill the process, close the pipes and return how it ended."""
        if not self._descriptors:
            # It has ended before.
            return wire.Reaped(0)

        self._measure()
        try:
            # It must be dead before the rest of its output is read; otherwise it could print on.
            reaped = self._server.reap()
            with contextlib.suppress(_FloodError):
                self._drain()
            return reaped
        finally:
            _close(self._descriptors)
            self._descriptors = []

    def _exchange(self, data: bytes, deadline: Deadline) -> wire.Reply:
        try:
            payload = self._transfer(data, deadline)
            wire.check_size(payload)
            reply: wire.Reply = wire.unpack(payload, wire.Reply)  # type: ignore[arg-type]
            # Learner code may already run, but what it prints belongs to the next exchange: a
            # failure of this one would be the grader's.
            if self._is_prepared:
                self._drain()
            self._is_prepared = True
        except EOFError:
            is_alive = not _is_readable(self._dead, _GRACE_MS)
            failure = failures.of_death(self.end())
            if is_alive:
                failure = failures.crash("Your code closed the connection to the grader.")
        except TimeoutError:
            reaped = self.end()
            failure = failures.of_death(reaped)
            # The grader sent this SIGKILL, unless the process broke another limit first.
            if reaped.status == -signal.SIGKILL and not reaped.overflowed:
                failure = LearnerFailure(Outcome.TIMEOUT, "")
        except WireError as error:
            self.end()
            failure = failures.of_garbage(str(error))
        except _FloodError:
            self.end()
            failure = failures.crash(f"Your code printed more than {MAX_DRAINED >> 20} MiB.")
        else:
            return reply

        raise failure

    def _measure(self) -> None:
        """Read its CPU time. It stays the same once the process has ended."""
        if not self._descriptors:
            return
        # If the fork server died, the process is gone, and its time with it.
        with contextlib.suppress(OSError):
            if not self._process:
                self._process = cpu_time.process_of(self._dead)
            if self._has_children:
                self._used = cpu_time.of_family(self._process)
            else:
                self._used = cpu_time.of_process(self._process)

    def _seconds_left(self, deadline: Deadline) -> float:
        """Return how long a reply can be waited for before the time must be looked at again."""
        self._measure()
        cpu_seconds = deadline.cpu_seconds - (self._used - self._taken)
        seconds = min(deadline.end - time.monotonic(), cpu_seconds)
        if seconds <= 0:
            raise TimeoutError
        return max(seconds, _LOOK_SECONDS)

    def _transfer(self, data: bytes, deadline: Deadline) -> bytes:
        """Write ``data`` and read the payload of one frame; read what is printed meanwhile."""
        poll = select.poll()
        poll.register(self._replies, select.POLLIN)
        poll.register(self._dead, select.POLLIN)
        if self._is_prepared:
            poll.register(self._printed, select.POLLIN)
        if data:
            poll.register(self._requests, select.POLLOUT)

        outgoing = memoryview(data)
        now = time.monotonic()
        # One thread cannot use more CPU time than passes, so the clock says when to look again.
        look = min(deadline.end, now + deadline.cpu_seconds)
        while (payload := self._take_frame()) is None:
            if now >= look:
                look = now + self._seconds_left(deadline)
            ready = [descriptor for descriptor, _ in poll.poll((look - now) * 1000 + 1)]
            now = time.monotonic()
            if self._dead in ready and self._replies not in ready:
                # A process that it started may keep the pipe open.
                raise EOFError
            for descriptor in ready:
                if descriptor == self._requests:
                    try:
                        outgoing = outgoing[os.write(self._requests, outgoing) :]
                    except BrokenPipeError:
                        # It died. The pipe of the replies or the handle reports that.
                        outgoing = outgoing[:0]
                    if not outgoing:
                        poll.unregister(self._requests)
                elif descriptor == self._printed:
                    if not self._take_output():
                        poll.unregister(self._printed)
                elif descriptor == self._replies:
                    part = os.read(self._replies, _CHUNK)
                    if not part:
                        raise EOFError
                    self._received += part

        return payload

    def _take_frame(self) -> bytes | None:
        if len(self._received) < wire.HEADER:
            return None

        end = wire.HEADER + wire.frame_size(bytes(self._received[: wire.HEADER]))
        if len(self._received) < end:
            return None

        payload = bytes(self._received[wire.HEADER : end])
        # The next reply may have begun.
        del self._received[:end]
        self.size = len(payload)
        return payload

    def _drain(self) -> None:
        """Read what was printed so far, but not more than a pipe holds."""
        with contextlib.suppress(BlockingIOError):
            for _ in range(_CHUNKS_PER_PIPE):
                if not self._take_output():
                    return

    def _take_output(self) -> bool:
        """Read one chunk of what was printed; return False if the pipe is closed."""
        data = os.read(self._printed, _CHUNK)
        self._output.add(data)
        if self._output.drained > MAX_DRAINED:
            raise _FloodError
        return bool(data)


class _FloodError(Exception):
    """The submission printed more than ``MAX_DRAINED`` bytes."""


def _close(descriptors: list[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def _is_readable(descriptor: int, milliseconds: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(milliseconds))
