"""A learner process as the examiner holds it: asked with a deadline, and ended."""

import contextlib
import os
import select
import signal
import socket
import time
from typing import Final, TypeVar

from grader import wire
from grader.errors import ExaminerError, WireError
from grader.results import Outcome

MAX_DRAINED: Final = 256 * 2**20
_CHUNK: Final = 1 << 16
# How long a process that closed its pipe may take to be seen dead.
_GRACE_MS: Final = 500
M = TypeVar("M")


class LearnerFailure(Exception):  # noqa: N818 - not an error of ours
    """The learner's code did not answer with a value: the check ends with ``outcome``."""

    def __init__(self, outcome: Outcome, message: str, frames: list[wire.Frame] | None = None) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.message = message
        self.frames = frames or []


class ForkServer:
    """The trusted end of the socket to ``grader.learner.server``."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control

    def spawn(self, descriptors: list[int]) -> int:
        """Fork a learner process that is given ``descriptors``; a descriptor readable once it is dead."""
        _, handles = self._ask(wire.Spawn(), wire.Spawned, descriptors)
        return handles[0]

    def reap(self) -> int:
        """End the learner process and all it started; its exit code, negative for a signal."""
        reaped, _ = self._ask(wire.Reap(), wire.Reaped, [])
        return reaped.status

    def _ask(self, message: wire.Plain, kind: type[M], descriptors: list[int]) -> tuple[M, list[int]]:
        try:
            socket.send_fds(self._control, [wire.pack(message)], descriptors)
            answer, handles, _, _ = socket.recv_fds(self._control, 4096, 1)
        except OSError as error:
            raise ExaminerError(f"the fork server is gone ({error.strerror})") from None
        if not answer:
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


class LearnerProcess:
    """One forked learner process, the pipes to it, and its end.

    Pipes, not sockets: no descriptor can be passed along a pipe. Every byte has
    a deadline (``time.monotonic`` seconds).
    """

    def __init__(self, server: ForkServer, output: Output) -> None:
        self._server = server
        self._output = output
        self._received = bytearray()
        their_requests, self._requests = os.pipe()
        self._replies, their_replies = os.pipe()
        self._printed, their_output = os.pipe()
        theirs = [their_requests, their_replies, their_output]
        try:
            self._dead = server.spawn(theirs)
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        for descriptor in self._ours():
            os.set_blocking(descriptor, False)

    def ask(self, request: wire.Request, deadline: float) -> wire.Reply:
        """Send ``request`` and wait for one reply; ``LearnerFailure`` where none comes in time."""
        return self._exchange(wire.pack(request), deadline)

    def receive(self, deadline: float) -> wire.Reply:
        """Wait for one more reply."""
        return self._exchange(b"", deadline)

    def end(self) -> int:
        """Kill the process and close the pipes; how it had ended."""
        try:
            status = self._server.reap()  # dead first: what is left to drain is finite
            with contextlib.suppress(WireError):
                self._drain()
            return status
        finally:
            for descriptor in self._ours():
                os.close(descriptor)

    def _ours(self) -> list[int]:
        return [self._requests, self._replies, self._printed, self._dead]

    def _exchange(self, data: bytes, deadline: float) -> wire.Reply:
        try:
            reply: wire.Reply = wire.unpack(self._transfer(data, deadline), wire.Reply)  # type: ignore[arg-type]
        except EOFError:
            alive = not _readable(self._dead, _GRACE_MS)
            status = self.end()
            if alive:
                raise LearnerFailure(Outcome.CRASHED, "Your code closed the connection to the grader.") from None
            raise _death(status) from None
        except TimeoutError:
            status = self.end()
            if status in (-signal.SIGKILL, -signal.SIGXCPU):
                raise LearnerFailure(Outcome.TIMEOUT, "") from None
            raise _death(status) from None
        except WireError as error:
            self.end()
            raise LearnerFailure(Outcome.CRASHED, f"Its process answered with garbage: {error}.") from None
        self._drain()
        return reply

    def _transfer(self, data: bytes, deadline: float) -> bytes:
        """Write ``data`` and read one frame's payload, draining what is printed meanwhile."""
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
                    if not self._drain():
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
        return payload

    def _drain(self) -> bool:
        """Take what was printed so far; False once the pipe is closed at the other end."""
        try:
            while data := os.read(self._printed, _CHUNK):
                self._output.add(data)
                if self._output.drained > MAX_DRAINED:
                    raise WireError(f"it printed more than {MAX_DRAINED >> 20} MiB")
        except BlockingIOError:
            return True
        return False


def _readable(descriptor: int, milliseconds: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(milliseconds))


def _death(status: int) -> LearnerFailure:
    """What to say of a process that ended with ``status`` instead of answering."""
    if status >= 0:
        return LearnerFailure(Outcome.CRASHED, f"Your code ended its process with exit status {status}.")
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
