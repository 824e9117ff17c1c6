"""A learner process as the examiner holds it: asked with a deadline, and ended."""

import contextlib
import os
import select
import signal
import socket
import time
from typing import Any, Final

from grader.errors import ExaminerError, WireError
from grader.grades.grade import Outcome
from grader.sandbox import wire

MAX_DRAINED: Final = 256 * 2**20
_CHUNK: Final = 1 << 16
# How long a process that closed its pipe may take to be seen dead.
_GRACE_MS: Final = 500
# How long the fork server may take over anything, in seconds.
_PATIENCE: Final = 30
# More than a pipe holds (pipe(7)): with so many reads, all that was printed before a reply is there.
_FULL_PIPE: Final = 32


class LearnerFailure(Exception):  # noqa: N818 - not an error of ours
    """The learner's code did not answer with a value: the check ends with ``outcome``."""

    def __init__(
        self, outcome: Outcome, message: str, frames: list[wire.Frame] | None = None
    ) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.message = message
        self.frames = frames or []


class ForkServer:
    """The trusted end of the socket to ``grader.sandbox.fork_server``."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._control.settimeout(_PATIENCE)
        self.lost = False
        """Whether it died, or could not do its work: it is of no more use."""

    def spawn(self, order: wire.Spawn, descriptors: list[int]) -> int:
        """Fork a learner process that is given ``descriptors``; a descriptor readable once it is dead."""
        answer, handles = self._ask(order, wire.Spawned | wire.NotSpawned, descriptors)
        if isinstance(answer, wire.NotSpawned):
            self.lost = True
            raise ExaminerError(f"no process for the submission could be made ({answer.reason})")
        if not handles:
            self.lost = True
            raise ExaminerError("no process for the submission could be made (too many open files)")
        return handles[0]

    def reap(self) -> wire.Reaped:
        """End the learner process and all it started; how it had ended."""
        reaped: wire.Reaped = self._ask(wire.Reap(), wire.Reaped, [])[0]
        return reaped

    def _ask(self, message: wire.Plain, kind: Any, descriptors: list[int]) -> tuple[Any, list[int]]:
        try:
            socket.send_fds(self._control, [wire.pack(message)], descriptors)
            answer, handles, _, _ = socket.recv_fds(self._control, 4096, 1)
        except OSError:
            answer, handles = b"", []
        if not answer:
            self.lost = True
            raise ExaminerError("the fork server is gone")
        return wire.unpack(answer[wire.HEADER :], kind), handles


class Output:
    """What the learner's code printed: the first bytes kept, the rest drained and dropped."""

    def __init__(self, cap: int) -> None:
        self.cap = cap
        self.kept = bytearray()
        self.drained = 0

    def add(self, data: bytes) -> None:
        """Take what was printed next."""
        self.drained += len(data)
        self.kept += data[: max(0, self.cap - len(self.kept))]

    def mute(self) -> None:
        """Keep nothing of what is printed from now on."""
        self.cap = len(self.kept)


class LearnerProcess:
    """One forked learner process, the pipes to it, and its end.

    Pipes, not sockets: no descriptor can be passed along a pipe. Every byte has
    a deadline (``time.monotonic`` seconds).
    """

    def __init__(self, server: ForkServer, output: Output, order: wire.Spawn) -> None:
        self._server = server
        self._output = output
        self._received = bytearray()
        self.size = 0
        """Bytes of the last reply."""
        ours: list[int] = []
        theirs: list[int] = []
        try:
            # Which end of each pipe is whose: requests, replies, output.
            for mine, other in ((ours, theirs), (theirs, ours), (theirs, ours)):
                reading, writing = os.pipe()
                other.append(reading)
                mine.append(writing)
            ours.append(server.spawn(order, theirs))
        except BaseException as error:
            _close(ours)
            if isinstance(error, OSError):
                server.lost = True
                raise ExaminerError(
                    f"no process for the submission could be made ({error.strerror})"
                ) from None
            raise
        finally:
            _close(theirs)
        for descriptor in ours:
            os.set_blocking(descriptor, False)
        self._descriptors = ours
        self._requests, self._replies, self._printed, self._dead = ours

    def ask(self, request: wire.Request, deadline: float) -> wire.Reply:
        """Send ``request`` and wait for one reply; ``LearnerFailure`` where none comes in time."""
        return self._exchange(wire.pack(request), deadline)

    def receive(self, deadline: float) -> wire.Reply:
        """Wait for one more reply."""
        return self._exchange(b"", deadline)

    def end(self) -> wire.Reaped:
        """Kill the process and close the pipes; how it had ended."""
        if not self._descriptors:
            return wire.Reaped(0)  # that was said already
        try:
            reaped = self._server.reap()  # dead first: what is left to drain is finite
            with contextlib.suppress(_FloodError):
                self._drain()
            return reaped
        finally:
            _close(self._descriptors)
            self._descriptors = []

    def _exchange(self, data: bytes, deadline: float) -> wire.Reply:
        try:
            reply: wire.Reply = wire.unpack(self._transfer(data, deadline), wire.Reply)  # type: ignore[arg-type]
            self._drain()
            if time.monotonic() > deadline:
                raise TimeoutError  # what takes long to decode was made so
        except EOFError:
            alive = not _readable(self._dead, _GRACE_MS)
            reaped = self.end()
            if alive:
                raise LearnerFailure(
                    Outcome.CRASHED, "Your code closed the connection to the grader."
                ) from None
            raise _death(reaped) from None
        except TimeoutError:
            reaped = self.end()
            if reaped.status in (-signal.SIGKILL, -signal.SIGXCPU) and not reaped.overflowed:
                raise LearnerFailure(Outcome.TIMEOUT, "") from None
            raise _death(reaped) from None
        except WireError as error:
            self.end()
            raise LearnerFailure(
                Outcome.CRASHED, f"Its process answered with garbage: {error}."
            ) from None
        except _FloodError:
            self.end()
            raise LearnerFailure(
                Outcome.CRASHED, f"Your code printed more than {MAX_DRAINED >> 20} MiB."
            ) from None
        return reply

    def _transfer(self, data: bytes, deadline: float) -> bytes:
        """Write ``data`` and read one frame's payload, taking what is printed meanwhile."""
        poll = select.poll()
        poll.register(self._replies, select.POLLIN)
        poll.register(self._printed, select.POLLIN)
        poll.register(self._dead, select.POLLIN)
        if data:
            poll.register(self._requests, select.POLLOUT)
        outgoing = memoryview(data)
        while (payload := self._take_frame()) is None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            ready = [descriptor for descriptor, _ in poll.poll(left * 1000 + 1)]
            if self._dead in ready and self._replies not in ready:
                raise EOFError  # dead, though what it started may still hold the pipe
            for descriptor in ready:
                if descriptor == self._requests:
                    try:
                        outgoing = outgoing[os.write(self._requests, outgoing) :]
                    except BrokenPipeError:
                        outgoing = outgoing[:0]  # it died: the reply pipe will tell
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
        del self._received[:end]
        self.size = len(payload)
        return payload

    def _drain(self) -> None:
        """Take what was printed so far: so much at most that a process which goes on printing cannot hold us up."""
        with contextlib.suppress(BlockingIOError):
            for _ in range(_FULL_PIPE):
                if not self._take_output():
                    return

    def _take_output(self) -> bool:
        """Take one piece of what was printed; False once the pipe is closed at the other end."""
        data = os.read(self._printed, _CHUNK)
        self._output.add(data)
        if self._output.drained > MAX_DRAINED:
            raise _FloodError
        return bool(data)


class _FloodError(Exception):
    """More was printed than anyone would read."""


def _close(descriptors: list[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def _readable(descriptor: int, milliseconds: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(milliseconds))


def _death(reaped: wire.Reaped) -> LearnerFailure:
    """What to say of a process that ended instead of answering."""
    status = reaped.status
    if reaped.overflowed:
        return LearnerFailure(Outcome.CRASHED, "Your code wrote more to its folder than it may.")
    if status >= 0:
        return LearnerFailure(
            Outcome.CRASHED, f"Your code ended its process with exit status {status}."
        )
    if -status == signal.SIGXCPU:
        return LearnerFailure(Outcome.TIMEOUT, "")
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    meaning = {
        "SIGSEGV": "it reached memory that is not its own, often by endless recursion",
        "SIGKILL": "it was killed, often for want of memory",
        "SIGABRT": "a library gave up",
        "SIGXFSZ": "it wrote too large a file",
    }.get(name, "")
    why = f": {meaning}" if meaning else ""
    return LearnerFailure(Outcome.CRASHED, f"Your code's process died of {name}{why}.")
