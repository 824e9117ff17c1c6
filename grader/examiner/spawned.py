"""Learner processes that are started ahead of need, on systems that cannot fork them.

Each of them imports torch by itself, so one is always started before it is needed. There is no
sandbox. A process serves one owner: a submission, or the wrong solutions of the course.
"""

import contextlib
import os
import queue
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from typing import IO, Final

from grader.examiner import launch
from grader.examiner.process import (
    COURSE,
    KILLED,
    Deadline,
    FloodError,
    LearnerProcess,
    MemoryLimitError,
    Output,
    Processes,
)
from grader.sandbox import wire
from grader.system import SYSTEM

_CHUNK: Final = 1 << 16
_MARK_BYTES: Final = 16
# With so many, two processes start as fast as one.
_MANY_CORES: Final = 4
# A thread that reads waits while so many bytes are there.
_MAX_WAITING: Final = 2 * wire.MAX_FRAME
# The end of a process is noticed after this time, even if what it started keeps its pipes open.
_LOOK_SECONDS: Final = 0.1
# A process that closed its pipe may need this long to end.
_GRACE_SECONDS: Final = 0.5
# After a reply, what was printed before it arrives within this time.
_PRINTED_SECONDS: Final = 1.0
# A process that says nothing for longer computes without letting its other threads run.
_SILENT_SECONDS: Final = 1.0
# How a frame with ``wire.Used`` begins: an array of three items, the first of which is its name.
_USED: Final = wire.pack(wire.Used(0.0, 0))[wire.HEADER :][:6]
_ENDED: Final = b""


class SpareProcesses(Processes):
    """Keeps a process ready for the next owner, and those that an owner may use again."""

    # It may have to import torch first, on a busy machine.
    ready_seconds = 120

    def __init__(self, folder: str) -> None:
        super().__init__()
        self.readable = []
        self._folder = folder
        self._spares = [_Worker(folder)]
        if (os.cpu_count() or 1) >= _MANY_CORES:
            # After a mistake, the wrong solutions of the course need one too.
            self._spares.append(_Worker(folder))
        self._released: list[tuple[object, _Worker]] = []

    def start(self, request: wire.Spawn, output: Output, owner: object = None) -> LearnerProcess:
        try:
            released = self._take_released(owner)
            worker = released or self._take_spare(request)
        except OSError as error:
            raise self.failed(error.strerror) from None
        worker.prepare(request)
        process = SpawnedProcess(self, worker, output, owner)
        process.has_served = released is not None
        return process

    def end_kept(self) -> None:
        """Do nothing: a process for the course serves all submissions; the others end in time."""

    def isolation(self, request: wire.Spawn) -> dict[str, str | None]:  # noqa: ARG002
        return dict.fromkeys(wire.LAYERS)

    def close(self) -> None:
        """End all processes that wait."""
        for _, worker in self._released:
            worker.end()
        for worker in self._spares:
            worker.end()

    def take_back(self, owner: object, worker: "_Worker") -> None:
        """Keep a process for its owner."""
        self._released.append((owner, worker))

    def _take_released(self, owner: object) -> "_Worker | None":
        kept = []
        found = None
        for known, worker in self._released:
            if found is None and owner is not None and known == owner:
                found = worker
            elif COURSE in (known, owner):
                kept.append((known, worker))
            else:
                # Its submission is graded, because another one begins.
                worker.end()

        self._released = kept
        return found

    def _take_spare(self, request: wire.Spawn) -> "_Worker":
        worker = self._spares.pop(0) if self._spares else _Worker(self._folder)
        if not self._spares:
            self._spares.append(_Worker(self._folder))
        # The next submission is probably for the same exercise.
        self._spares[0].prepare(request)
        return worker


class _Worker:
    """A process that has torch loaded or is about to, and the threads at its pipes.

    Windows cannot wait for several pipes at once, so each has a thread.
    """

    def __init__(self, folder: str) -> None:
        self.used = wire.Used(0.0, 0)
        """What the process has used, by its last message."""
        self.changed = threading.Condition()
        """Guards all that follows."""
        self.received = bytearray()
        self.heard = time.monotonic()
        """When something was received last."""
        self.has_closed = False
        """Whether the process closed its end of the replies."""
        self.printed = bytearray()
        self.marks = 0
        """How many marks there were in what was printed."""
        self.replies = 0
        self.is_marking = True
        self._unsure = bytearray()
        self._mark = secrets.token_bytes(_MARK_BYTES)
        self._spawn: wire.Spawn | None = None
        self._outgoing: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._home = tempfile.mkdtemp(prefix="learner-", dir=folder)
        self._process = self._start_process()

    def _start_process(self) -> "subprocess.Popen[bytes]":
        module = "grader.sandbox.spawned"
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", module, self._home, self._mark.hex()],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=launch.environment(),
            cwd=self._home,
            **SYSTEM.own_group,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        # Writing can block, and this thread has to watch the time limits.
        _in_background(self._write, process.stdin)
        _in_background(self._read, process.stdout, self._add_reply)
        _in_background(self._read, process.stderr, self._add_printed)
        return process

    def prepare(self, spawn: wire.Spawn) -> None:
        """Say what the next submission must not use."""
        if spawn != self._spawn:
            self.send(wire.pack(spawn))
            self._spawn = spawn

    def send(self, data: bytes) -> None:
        """Write ``data``, without waiting for the process to read it."""
        self.heard = time.monotonic()
        self._outgoing.put(data)

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def end(self) -> int:
        """Kill the process, and return its status."""
        status = self._process.poll()
        SYSTEM.kill(self._process)
        self._process.wait()
        self._outgoing.put(_ENDED)
        with self.changed:
            # A thread that waits for room then ends.
            self.has_closed = True
            self.printed += self._unsure
            self._unsure.clear()
            self.changed.notify_all()

        shutil.rmtree(self._home, ignore_errors=True)
        if status is None:
            return KILLED
        return status

    # The threads.

    def _write(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError), pipe:
            while data := self._outgoing.get():
                left = memoryview(data)
                while left:
                    left = left[pipe.write(left) :]

    def _read(self, pipe: IO[bytes], add: Callable[[bytes], bytearray]) -> None:
        with contextlib.suppress(OSError), pipe:
            is_open = True
            while is_open:
                data = pipe.read(_CHUNK)
                is_open = bool(data)
                with self.changed:
                    buffer = add(data)
                    self.changed.notify_all()
                    self.changed.wait_for(lambda: len(buffer) < _MAX_WAITING or self.has_closed)  # noqa: B023

    def _add_reply(self, data: bytes) -> bytearray:
        self.received += data
        self.heard = time.monotonic()
        if not data:
            self.has_closed = True
        return self.received

    def _add_printed(self, data: bytes) -> bytearray:
        self._unsure += data
        *parts, rest = self._unsure.split(self._mark)
        for part in parts:
            self.printed += part
            if not self.marks:
                # Until its first reply, no learner code has run.
                self.printed.clear()
            self.marks += 1
        # The rest may end with the beginning of a mark.
        sure = max(0, len(rest) - _MARK_BYTES + 1)
        self.printed += rest[:sure]
        self._unsure = rest[sure:]
        return self.printed


class SpawnedProcess(LearnerProcess):
    """One spawned learner process, while it serves one submission."""

    def __init__(
        self, source: SpareProcesses, worker: _Worker, output: Output, owner: object
    ) -> None:
        super().__init__(output)
        self._source = source
        self._worker: _Worker | None = worker
        self._owner = owner
        self._used = self._taken = worker.used.cpu_seconds
        self._memory_limit = 0
        # The memory that the process had used before the submission.
        self._memory_before: int | None = None

    def ask(self, request: wire.Request, deadline: Deadline) -> wire.Reply:
        if isinstance(request, wire.Load):
            self._memory_limit = request.memory_bytes
        return super().ask(request, deadline)

    def end(self) -> wire.Reaped:
        worker, self._worker = self._worker, None
        if worker is None:
            # It has ended before.
            return wire.Reaped(0)
        status = worker.end()
        with contextlib.suppress(FloodError):
            self._take_printed(worker)
        return wire.Reaped(status)

    def release(self) -> None:
        worker = self._worker
        if worker is None:
            return
        # A process that sends more than replies cannot be used again.
        if self._owner is None or self._received or not worker.is_alive:
            self.end()
            return
        self._worker = None
        self._source.take_back(self._owner, worker)

    def _transfer(self, data: bytes, deadline: Deadline) -> bytes:
        worker = self._worker
        if worker is None:
            raise EOFError
        if data:
            worker.send(data)

        now = time.monotonic()
        look = min(deadline.end, now + deadline.cpu_seconds)
        while (payload := self._take_reply(worker)) is None:
            now = time.monotonic()
            if now >= look:
                look = now + self._seconds_left(deadline)
            has_closed = self._receive(worker, look - now)
            if self._is_prepared:
                self._take_printed(worker)
            has_ended = has_closed or not worker.is_alive
            if has_ended and not self._received:
                self._stop_without_reply(worker)

        return payload

    def _receive(self, worker: _Worker, seconds: float) -> bool:
        """Take what the process has sent; if that is nothing, wait for so many seconds at most.

        Return whether nothing more can come.
        """
        with worker.changed:
            # What is printed earlier is taken by nobody.
            has_printed = self._is_prepared and bool(worker.printed)
            is_silent = not worker.received and not has_printed
            if is_silent and not worker.has_closed:
                worker.changed.wait(min(seconds, _LOOK_SECONDS))
            self._received += worker.received
            worker.received.clear()
            # Its thread may wait for room.
            worker.changed.notify_all()
            # Under the lock: what came before the end is taken.
            return worker.has_closed

    def _take_reply(self, worker: _Worker) -> bytes | None:
        """Return the next frame that is a reply, after noting what comes before it."""
        while (payload := self._take_frame()) is not None:
            if not payload.startswith(_USED):
                worker.replies += 1
                return payload
            worker.used = wire.unpack(payload, wire.Used)
            self._used = worker.used.cpu_seconds
            self._check_memory(worker.used.memory_bytes)
        return None

    def _check_memory(self, used: int) -> None:
        if self._memory_before is None:
            self._memory_before = used
        if self._memory_limit and used - self._memory_before > self._memory_limit:
            raise MemoryLimitError(self._memory_limit >> 20)

    def _stop_without_reply(self, worker: _Worker) -> None:
        if self._is_prepared or self.has_served:
            raise EOFError

        # No learner code has run yet.
        worker.end()
        text = worker.printed.decode("utf-8", "replace")
        said = [line for line in text.split("\n") if line.strip()]
        problem = "it ended at once"
        if said:
            problem = said[-1]
        raise self._source.failed(problem)

    def _drain(self) -> None:
        """Take what was printed before the last reply, which a mark ends."""
        worker = self._worker
        assert worker is not None
        if worker.is_marking:
            with worker.changed:
                # A submission may have closed the pipe.
                worker.is_marking = worker.changed.wait_for(
                    lambda: worker.marks >= worker.replies, _PRINTED_SECONDS
                )
        self._take_printed(worker)

    def _take_printed(self, worker: _Worker) -> None:
        with worker.changed:
            data = bytes(worker.printed)
            worker.printed.clear()
            worker.changed.notify_all()
        self._keep_output(data)

    def _measure(self) -> None:
        worker = self._worker
        if worker is None:
            return
        self._used = worker.used.cpu_seconds
        silent = time.monotonic() - worker.heard - _SILENT_SECONDS
        if silent > 0:
            self._used += silent

    def _is_dying(self) -> bool:
        worker = self._worker
        if worker is None:
            return True
        until = time.monotonic() + _GRACE_SECONDS
        while worker.is_alive and time.monotonic() < until:
            time.sleep(_LOOK_SECONDS / 10)
        return not worker.is_alive


def _in_background(function: Callable[..., None], *arguments: object) -> None:
    threading.Thread(target=function, args=arguments, daemon=True).start()
