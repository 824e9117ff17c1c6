"""The fork server: torch imported once, one fresh learner process per request.

It is forked from the examiner before the examiner reads any hidden file, so
there is no answer in its memory to find. It keeps one thread, never touches
CUDA, and runs no learner code itself. Where the machine allows, it lives in
namespaces of its own, with nothing in them but what a learner process may see.
"""

import contextlib
import gc
import os
import select
import signal
import socket
import tempfile
from typing import Final, NoReturn

import torch

from grader.sandbox import devices, layers, memory, runner, wire
from grader.sandbox.forbidden import Guard
from grader.sandbox.layers import Wall

DESCRIPTORS: Final = 3
_WATCH_SECONDS: Final = 0.1
_CHUNK: Final = 1 << 16


def start(*, walled: bool, gpu: bool = False) -> tuple[socket.socket, list[str]]:
    """Fork the server; the socket to it, and where learner processes can read.

    Namespaces are tried first; where the machine refuses them, and where no wall
    is wanted, the server does without. With ``gpu``, submissions that may use the
    machine's GPU will find it. Raises ``ConnectionError`` where it does not come up at
    all.
    """
    for namespaces in (True, False) if walled else (False,):
        ours, theirs = socket.socketpair()
        child = os.fork()
        if child == 0:
            try:
                ours.close()
                _become_server(theirs, walled=walled, namespaces=namespaces, gpu=gpu)
            finally:
                os._exit(1)
        theirs.close()
        with ours.makefile("rb") as answer:
            ready = wire.receive(answer, wire.Ready)
        if ready is not None:
            return ours, ready.readable
        ours.close()
        os.waitpid(child, 0)
    raise ConnectionError("the fork server did not start")


def _become_server(
    control: socket.socket, *, walled: bool, namespaces: bool, gpu: bool
) -> NoReturn:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _keep_only(control.fileno())
    scratch = tempfile.mkdtemp(prefix="scratch-")
    layers.empty_environment(devices.KEPT if gpu else ())
    wall = Wall(scratch, holds=walled, gpu=gpu)
    if namespaces:
        # Whoever is killed first, all others follow: the kernel ends a PID namespace with its first process.
        # Without one, the server outlives the examiner for as long as it takes to clean up.
        layers.die_with_parent()
        wall.enter_namespaces()
        if first := os.fork():
            control.close()
            os.waitpid(first, 0)
            os._exit(1)
        layers.die_with_parent()
    wall.settle()
    layers.guard_trusted_process()
    layers.become_parent_of_orphans()
    control.sendall(wire.pack(wire.Ready(wall.readable)))
    torch.set_num_threads(1)
    runner.rehearse()
    gc.collect()
    gc.freeze()
    memory.use_large_pages()
    _Server(control, wall).serve()


class _Server:
    """The server at work: at most one learner process at a time."""

    def __init__(self, control: socket.socket, wall: Wall) -> None:
        self._control = control
        self._wall = wall
        # Set up here and not in each learner process, which would have to copy all the memory that it takes.
        self._guard = Guard([], wall.home)
        self._child = 0
        self._overflowed = False

    def serve(self) -> NoReturn:
        """Answer ``Spawn`` and ``Reap`` until the other side goes away; never returns."""
        while True:
            self._watch()
            request, descriptors = self._receive()
            if request is None:
                self._end()
                os._exit(0)
            if isinstance(request, wire.Spawn):
                self._spawn(descriptors, request)
            else:
                status = self._end()
                self._control.sendall(wire.pack(wire.Reaped(status, self._overflowed)))

    def _receive(self) -> tuple[wire.Spawn | wire.Reap | None, list[int]]:
        """One request and the descriptors that came along; None once the other side is gone."""
        data, descriptors, _, _ = socket.recv_fds(self._control, _CHUNK, DESCRIPTORS)
        while len(data) < wire.HEADER or len(data) < wire.HEADER + wire.frame_size(
            data[: wire.HEADER]
        ):
            more = self._control.recv(_CHUNK)
            if not more:
                return None, descriptors
            data += more
        request: wire.Spawn | wire.Reap = wire.unpack(data[wire.HEADER :], wire.Spawn | wire.Reap)  # type: ignore[arg-type]
        return request, descriptors

    def _watch(self) -> None:
        """Wait for a request, with an eye on what the learner process writes."""
        while self._child and not select.select([self._control], [], [], _WATCH_SECONDS)[0]:
            if self._wall.overflows(self._child):
                self._overflowed = True
                os.kill(self._child, signal.SIGKILL)
                return

    def _spawn(self, descriptors: list[int], request: wire.Spawn) -> None:
        self._overflowed = False
        try:
            if len(descriptors) != DESCRIPTORS:
                raise OSError("the pipes did not come through: too many open files")
            self._wall.furnish(subprocesses=request.subprocesses)
            self._forbid(request.forbidden)
            self._child = os.fork()
            if self._child == 0:
                try:
                    requests, replies, output = descriptors
                    runner.main(requests, replies, output, self._wall, self._guard, request)
                finally:
                    # Whatever happens there, the child never comes back into the server's code.
                    os._exit(1)
            # With it the examiner sees a death that a surviving grandchild would hide.
            handle = os.pidfd_open(self._child)
        except Exception as error:
            self._end()
            self._control.sendall(wire.pack(wire.NotSpawned(str(error))))
            return
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        socket.send_fds(self._control, [wire.pack(wire.Spawned())], [handle])
        os.close(handle)

    def _forbid(self, names: list[str]) -> None:
        """Have the next learner process find ``names`` refused, and nothing else."""
        if names != self._guard.forbidden:
            self._guard.lift()
            self._guard = Guard(names, self._wall.home)

    def _end(self) -> int:
        """Kill the learner process and everything it started; remove its folder; its exit code."""
        child, self._child = self._child, 0
        status = 0
        if child:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child, signal.SIGKILL)
            os.kill(child, signal.SIGKILL)  # it may have left its group, or not made it yet
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            _end_all() if "PID" in self._wall.namespaces else _end_orphans()
        with contextlib.suppress(OSError):  # who comes next is only let in where this can be done
            self._wall.clear()
        return status


def _end_all() -> None:
    """Kill every other process of this PID namespace, of which this one is the first."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


def _end_orphans() -> None:
    """Kill what the learner process left behind: it has become our child."""
    for _ in range(1000):  # a fork bomb may add some while we look
        try:
            with open("/proc/thread-self/children", encoding="ascii") as file:
                orphans = [int(pid) for pid in file.read().split()]
        except OSError:
            return
        for orphan in orphans:
            os.kill(orphan, signal.SIGKILL)
        if not orphans:
            return
        for orphan in orphans:
            os.waitpid(orphan, 0)


def _keep_only(descriptor: int) -> None:
    """Input and output from and to nowhere, errors to the examiner's log, and no descriptor but ``descriptor``."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):
        os.dup2(nowhere, stream)
    os.closerange(3, descriptor)
    os.closerange(descriptor + 1, os.sysconf("SC_OPEN_MAX"))
