"""A learner process that is started ahead of need, on a system that cannot fork one.

``python -P -m grader.sandbox.spawned FOLDER MARK`` imports torch and then waits for a submission,
which it runs in FOLDER. Requests come through standard input, and replies go to standard output.
What the submission prints goes to standard error. Before each reply, the bytes MARK follow it,
so the reader knows that it has everything that was printed.

There is no sandbox: the submission can do whatever the user can do.
"""

import contextlib
import os
import queue
import sys
import tempfile
import threading
import time
from typing import BinaryIO, NoReturn

from grader.sandbox import wire
from grader.system import SYSTEM

# Seconds between two messages about what was used.
_TICK = 0.02
_NICE = 5


class _Replies:
    """The replies to the examiner, with what this process has used."""

    def __init__(self, replies: int, output: int, mark: bytes) -> None:
        self._replies = replies
        self._output = output
        self._mark = mark
        # Two threads write.
        self._lock = threading.Lock()
        self._is_working = threading.Event()

    def report_while_working(self) -> NoReturn:
        """Tell again and again what was used while a request is carried out; a thread runs this."""
        while True:
            self._is_working.wait()
            time.sleep(_TICK)
            with self._lock:
                if self._is_working.is_set():
                    self._write(_used())

    def begin(self) -> None:
        """Note that a request has arrived."""
        self._is_working.set()

    def reply(self, message: wire.Reply, *, is_last: bool = True) -> None:
        """Send a reply; if it ``is_last``, the request is carried out."""
        with self._lock:
            if is_last:
                self._is_working.clear()
            # The submission may have closed it.
            with contextlib.suppress(OSError):
                _write_all(self._output, self._mark)
            self._write(_used())
            self._write(wire.pack(message))

    def _write(self, frame: bytes) -> None:
        _write_all(self._replies, frame)


class _NoLayers:
    """The sandbox of a system that has none."""

    def apply_layers(
        self,
        spawn: wire.Spawn,  # noqa: ARG002 - the interface of all sandboxes
        memory_bytes: int,
        cpu_seconds: int,  # noqa: ARG002
    ) -> dict[str, str | None]:
        """Limit memory where the system can, and report that there is no layer."""
        SYSTEM.contain(memory_bytes)
        return dict.fromkeys(wire.LAYERS)

    def limit_data(self, memory_bytes: int) -> None:
        """Do nothing."""


def main(folder: str, mark: str) -> NoReturn:
    """Serve one owner in ``folder``, until standard input ends."""
    requests = os.fdopen(os.dup(0), "rb")
    replies = _Replies(os.dup(1), os.dup(2), bytes.fromhex(mark))
    _close_input()
    os.dup2(2, 1)
    arrived: queue.SimpleQueue[wire.Spawn | wire.Request] = queue.SimpleQueue()
    threads = [
        threading.Thread(target=_receive, args=(requests, arrived), daemon=True),
        threading.Thread(target=replies.report_while_working, daemon=True),
    ]
    for thread in threads:
        thread.start()
    _serve(folder, arrived, replies)


def _serve(
    folder: str, arrived: "queue.SimpleQueue[wire.Spawn | wire.Request]", replies: _Replies
) -> NoReturn:
    # Imported here, because it takes long; the threads notice meanwhile if the examiner ends.
    import torch  # noqa: PLC0415

    from grader.sandbox import devices, runner, side_effects  # noqa: PLC0415
    from grader.sandbox.forbidden import Guard  # noqa: PLC0415

    sys.dont_write_bytecode = True
    _empty_environment(folder, devices.KEPT)
    torch.set_num_threads(1)
    runner.warm_up()
    guard = Guard([], folder)
    functions = side_effects.Functions()
    spawn = wire.Spawn([], subprocesses=False)
    program: runner.Runner | None = None

    def reply(message: wire.Reply) -> None:
        runner.flush_output()
        # Being prepared is followed by being loaded.
        replies.reply(message, is_last=not isinstance(message, wire.Prepared))

    while True:
        request = arrived.get()
        if isinstance(request, wire.Spawn):
            spawn = request
            if spawn.forbidden != guard.forbidden:
                if program is not None:
                    # It sets back a state in which the guard was there.
                    program.unload()
                    program = None
                guard.lift()
                guard = Guard(spawn.forbidden, folder)
                # What the guard replaced is what a submission must leave as it is.
                functions = side_effects.Functions()
            continue

        replies.begin()
        if isinstance(request, wire.Load):
            if program is None:
                SYSTEM.lower_priority(_NICE)
            else:
                program.unload()
            # The examiner looks at the time, but it can be killed meanwhile.
            SYSTEM.limit_cpu(time.process_time() + request.cpu_seconds)
            program = runner.Runner(request, guard, functions)
            if not runner.begin(program, _NoLayers(), spawn, reply):
                os._exit(0)
        else:
            assert program is not None
            reply(program.answer(request))


def _receive(
    requests: BinaryIO, arrived: "queue.SimpleQueue[wire.Spawn | wire.Request]"
) -> NoReturn:
    """Receive requests; end this process with the examiner, whatever the submission does then."""
    kind: type[wire.Spawn] = wire.SpawnedRequest  # type: ignore[assignment]
    with contextlib.suppress(Exception):
        while (request := wire.receive(requests, kind)) is not None:
            arrived.put(request)
    os._exit(0)


def _used() -> bytes:
    return wire.pack(wire.Used(time.process_time(), SYSTEM.peak_memory()))


def _write_all(descriptor: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]


def _close_input() -> None:
    """Give the submission an empty standard input."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)


def _empty_environment(folder: str, keep: tuple[str, ...]) -> None:
    """Keep only the environment variables that every program needs."""
    kept = (*keep, *SYSTEM.environment, "PATH")
    for name in list(os.environ):
        if name.upper() not in kept:
            del os.environ[name]

    # TEMP is the name on Windows.
    for name in ("HOME", "TMPDIR", "TEMP"):
        os.environ[name] = folder

    tempfile.tempdir = None
    # Matplotlib must not look for a screen.
    os.environ["MPLBACKEND"] = "Agg"
    os.environ["USER"] = "learner"


if __name__ == "__main__":
    main(*sys.argv[1:])
