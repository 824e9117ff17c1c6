"""Learner processes that a fork server forks, each in its sandbox."""

import contextlib
import os
import select
import socket
import time
from typing import Any, Final

import msgspec

from grader.errors import ExaminerError
from grader.examiner import cpu_time
from grader.examiner.process import (
    COURSE,
    Deadline,
    FloodError,
    LearnerProcess,
    Output,
    Processes,
)
from grader.sandbox import kernel, wire

_CHUNK: Final = 1 << 16
# After a process closed its pipe, the kernel may need this long to end it.
_GRACE_MS: Final = 500
# Seconds that the fork server may take for a request.
_FORK_SERVER_SECONDS: Final = 30
# A process that has used more CPU time serves no second run: the kernel's limit is for both.
_REUSABLE_SECONDS: Final = 1.0
# A pipe holds less than this many chunks (pipe(7)), so reading them takes all that was printed.
_CHUNKS_PER_PIPE: Final = 32


class ForkServer(Processes):
    """The trusted end of the socket to ``grader.sandbox.fork_server``."""

    def __init__(self, control: socket.socket, readable: list[str]) -> None:
        super().__init__()
        self.readable = readable
        self._control = control
        # Those on which the examiner may run.
        self._cpus = os.sched_getaffinity(0)
        self._control.settimeout(_FORK_SERVER_SECONDS)
        # The process that its owner released last, and the owner.
        self._kept: tuple[ForkedProcess, object] | None = None

    def start(self, request: wire.Spawn, output: Output, owner: object = None) -> LearnerProcess:
        if self._kept is not None:
            process, known = self._kept
            # A process that somebody else used may hold what that code left in memory.
            if owner is not None and known is owner:
                self._kept = None
                process.serve_again(output)
                return process

        # The fork server has one learner process at a time.
        self.end_kept()
        return ForkedProcess(self, output, request, owner)

    def keep(self, process: "ForkedProcess", owner: object) -> None:
        """Keep a process in which its owner may run a second time."""
        self.end_kept()
        self._kept = process, owner

    def end_kept(self) -> None:
        if self._kept is not None:
            process, _ = self._kept
            self._kept = None
            process.end()

    def isolation(self, request: wire.Spawn) -> dict[str, str | None]:
        self.end_kept()
        process = ForkedProcess(self, Output(0), request)
        try:
            load = wire.Load("nothing", "nothing.py", b"", {}, [], 2**30, 1, 0)
            reply = process.ask(load, Deadline(time.monotonic() + 10))
        finally:
            process.end()

        if not isinstance(reply, wire.Prepared):
            raise ExaminerError(f"no learner process could be started ({reply})")

        return reply.isolation

    def close(self) -> None:
        # The fork server notices, and ends its processes.
        self._control.close()

    def spawn(self, request: wire.Spawn, descriptors: list[int]) -> int:
        """Fork a learner process, which gets ``descriptors``.

        Returns a descriptor that becomes readable when the process is dead.
        """
        expected = wire.Spawned | wire.NotSpawned
        answer, handles = self._ask(self._on_one_cpu(request), expected, descriptors)
        if isinstance(answer, wire.NotSpawned):
            raise self.failed(answer.reason)
        # The kernel drops a descriptor that this process has no room for (unix(7)).
        if not handles:
            raise self.failed("too many open files")

        return handles[0]

    def _on_one_cpu(self, request: wire.Spawn) -> wire.Spawn:
        """Stay on this CPU until the learner process ends, and let it run there, too.

        While one of them works, the other waits. To wake it on another CPU takes 6 % more
        CPU time for each submission.
        """
        # Programs and GPUs do work of their own beside the process.
        if request.subprocesses or request.gpu:
            return request
        try:
            cpu = kernel.current_cpu()
            os.sched_setaffinity(0, {cpu})
        except OSError:
            return request
        return msgspec.structs.replace(request, cpu=cpu)

    def reap(self) -> wire.Reaped:
        """End the learner process and all that it started; return how it ended."""
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, self._cpus)
        reaped: wire.Reaped = self._ask(wire.Reap(), wire.Reaped, [])[0]
        return reaped

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


class ForkedProcess(LearnerProcess):
    """One forked learner process and the pipes to it.

    They are pipes and not sockets, because no descriptor can be sent through a pipe.
    """

    def __init__(
        self, server: ForkServer, output: Output, request: wire.Spawn, owner: object = None
    ) -> None:
        super().__init__(output)
        self._server = server
        self._has_children = request.subprocesses
        # Programs that it started and memory of a device would stay, and wrong solutions of the
        # course must not depend on each other.
        self._owner = owner
        if owner == COURSE or request.subprocesses or request.gpu:
            self._owner = None
        # Its id here; 0 until it is needed.
        self._process = 0
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
            raise server.failed(error.strerror) from None
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
        self._poll = select.poll()
        self._poll.register(self._replies, select.POLLIN)
        self._poll.register(self._dead, select.POLLIN)
        self._client = server.client()
        if self._client is not None:
            # Without an event to wait for, poll reports only that the other end is closed.
            self._poll.register(self._client, 0)

    def end(self) -> wire.Reaped:
        if not self._descriptors:
            # It has ended before.
            return wire.Reaped(0)

        self._measure()
        try:
            # It must be dead before the rest of its output is read; otherwise it could print on.
            reaped = self._server.reap()
            with contextlib.suppress(FloodError):
                self._drain()
            return reaped
        finally:
            _close(self._descriptors)
            self._descriptors = []

    def release(self) -> None:
        if self._owner is None or not self._can_serve_again():
            self.end()
            return
        # What its threads have printed belongs to the run that ends.
        with contextlib.suppress(FloodError):
            self._drain()
        self._server.keep(self, self._owner)

    def serve_again(self, output: Output) -> None:
        """Serve the owner once more, whose code now prints to ``output``."""
        self._output = output
        self.has_served = True

    def _can_serve_again(self) -> bool:
        if not self._descriptors or self._used > _REUSABLE_SECONDS:
            return False
        # A process that sends more than replies is not to be used again.
        return not self._received and not _is_readable(self._replies, 0)

    def _measure(self) -> None:
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

    def _transfer(self, data: bytes, deadline: Deadline) -> bytes:
        outgoing = self._write(memoryview(data))
        self._may_have_printed = True
        poll = self._poll
        if outgoing:
            poll.register(self._requests, select.POLLOUT)
        now = time.monotonic()
        # One thread cannot use more CPU time than passes, so the clock says when to look again.
        look = min(deadline.end, now + deadline.cpu_seconds)
        while (payload := self._take_frame()) is None:
            if now >= look:
                look = now + self._seconds_left(deadline)
            ready = [descriptor for descriptor, _ in poll.poll((look - now) * 1000 + 1)]
            now = time.monotonic()
            # A reply follows what was printed before it, so both are ready then.
            self._may_have_printed = self._printed in ready
            if self._client in ready:
                # As after Ctrl-C, the examiner ends everything. The command was killed, and the
                # submission may take minutes.
                raise KeyboardInterrupt
            if self._dead in ready and self._replies not in ready:
                # A process that it started may keep the pipe open.
                raise EOFError
            for descriptor in ready:
                if descriptor == self._requests:
                    outgoing = self._write(outgoing)
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

        if not self._is_prepared:
            # What it prints belongs to the exchanges after the first.
            poll.register(self._printed, select.POLLIN)
        return payload

    def _write(self, data: memoryview) -> memoryview:
        """Write what fits into the pipe; return the rest."""
        try:
            return data[os.write(self._requests, data) :] if data else data
        except BlockingIOError:
            return data
        except BrokenPipeError:
            # It died. The pipe of the replies or the handle reports that.
            return data[:0]

    def _is_dying(self) -> bool:
        return _is_readable(self._dead, _GRACE_MS)

    def _drain(self) -> None:
        """Read what was printed so far, but not more than a pipe holds."""
        with contextlib.suppress(BlockingIOError):
            for _ in range(_CHUNKS_PER_PIPE):
                if not self._take_output():
                    return

    def _take_output(self) -> bool:
        """Read one chunk of what was printed; return False if the pipe is closed."""
        data = os.read(self._printed, _CHUNK)
        self._keep_output(data)
        return bool(data)


def _close(descriptors: list[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def _is_readable(descriptor: int, milliseconds: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(milliseconds))
