"""The fork server: it imports torch once and forks a new learner process for each request.

The examiner forks it before it reads any hidden file, so its memory contains no answer.
It has one thread, never touches CUDA, and runs no learner code itself. If the machine
allows, it lives in its own namespaces, which contain only what a learner process may see.
"""

import contextlib
import gc
import linecache
import os
import select
import signal
import socket
import tempfile
from typing import NoReturn

import torch

from grader.sandbox import cgroup, devices, forked, layers, memory, runner, side_effects, wire
from grader.sandbox.forbidden import Guard
from grader.sandbox.layers import Sandbox

DESCRIPTORS = 3
_WATCH_SECONDS = 0.1
_CHUNK = 1 << 16
# Memory and code are prepared before this process: large pages and code that has run often make
# each process faster. That takes as long as so many processes, so a server of few never does it.
_PREPARE_AT = 6
# After so many runs, Python has specialized the code that a learner process runs.
_ROUNDS = 12
# Rounds of killing orphans, because a fork bomb adds some during each.
_KILL_ROUNDS = 1000


def start(*, sandboxed: bool, gpu: bool = False) -> tuple[socket.socket, list[str]]:
    """Fork the server; return a socket to it, and the paths that learner processes can read.

    The server first tries to use namespaces; if that fails, it starts without them. With ``gpu``,
    submissions can be allowed to use the GPUs. Raises ``ConnectionError`` if the server does not
    start.
    """
    for namespaces in (True, False) if sandboxed else (False,):
        ours, theirs = socket.socketpair()
        child = os.fork()
        if child == 0:
            try:
                ours.close()
                _run_server(theirs, sandboxed=sandboxed, namespaces=namespaces, gpu=gpu)
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


def _run_server(
    control: socket.socket, *, sandboxed: bool, namespaces: bool, gpu: bool
) -> NoReturn:
    # Ctrl-C is for the command, which then ends the examiner and with it this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _close_all_but(control.fileno())
    # A stricter umask would close the folders of the new root to the user of learner processes.
    os.umask(0o022)
    scratch = tempfile.mkdtemp(prefix="scratch-")
    layers.empty_environment(devices.KEPT if gpu else ())
    group = None
    if sandboxed:
        # The outer process and this server are in the group, too.
        group = cgroup.join(os.path.dirname(scratch), layers.MAX_TASKS + 2)
    sandbox = Sandbox(scratch, enabled=sandboxed, gpu=gpu, group=group)
    if namespaces:
        # If one of the three processes dies, the others follow: the kernel ends a PID namespace
        # with its first process. Without namespaces, the server notices that the socket closed,
        # and cleans up before it ends.
        layers.die_with_parent()
        sandbox.enter_namespaces()
        if first := os.fork():
            control.close()
            os.waitpid(first, 0)
            os._exit(1)
        layers.die_with_parent()

    sandbox.prepare()
    layers.guard_trusted_process()
    layers.become_parent_of_orphans()
    control.sendall(wire.pack(wire.Ready(sandbox.readable)))
    # A process with torch's threads can't fork safely, so the first operation must not start any.
    torch.set_num_threads(1)
    runner.warm_up()
    # The import of torch leaves 3 MiB of lines. A learner process would copy them to drop them.
    linecache.clearcache()
    gc.collect()
    gc.freeze()
    _Server(control, sandbox).serve()


class _Server:
    """Serves the examiner, with at most one learner process at a time."""

    def __init__(self, control: socket.socket, sandbox: Sandbox) -> None:
        self._control = control
        self._sandbox = sandbox
        # Created here: in a learner process, creating it would copy much of the shared memory.
        self._guard = Guard([], sandbox.home)
        self._functions = side_effects.Functions()
        self._child = 0
        self._overflowed = False
        self._spawned = 0

    def serve(self) -> NoReturn:
        """Answer ``Spawn`` and ``Reap`` until the other side closes the socket; never returns."""
        while True:
            self._watch()
            request, descriptors = self._receive()
            if isinstance(request, wire.Spawn):
                self._spawn(descriptors, request)
                continue

            status = self._end()
            if request is None:
                os._exit(0)

            self._control.sendall(wire.pack(wire.Reaped(status, self._overflowed)))

    def _receive(self) -> tuple[wire.Spawn | wire.Reap | None, list[int]]:
        """Return a request and its descriptors, or None once the other side is closed."""
        data, descriptors, _, _ = socket.recv_fds(self._control, _CHUNK, DESCRIPTORS)
        # A long message arrives in parts.
        while (payload := wire.first_payload(data)) is None:
            more = self._control.recv(_CHUNK)
            if not more:
                return None, descriptors
            data += more

        return wire.unpack(payload, wire.ServerRequest), descriptors  # type: ignore[arg-type]

    def _watch(self) -> None:
        """Wait for a request; meanwhile watch how much the learner process writes."""
        while self._child:
            ready, _, _ = select.select([self._control], [], [], _WATCH_SECONDS)
            if ready:
                return
            if self._sandbox.wrote_too_much(self._child):
                self._overflowed = True
                os.kill(self._child, signal.SIGKILL)
                return

    def _spawn(self, descriptors: list[int], request: wire.Spawn) -> None:
        self._overflowed = False
        try:
            if len(descriptors) != DESCRIPTORS:
                raise OSError("the pipes did not arrive: too many open files")

            self._sandbox.create_home(request)
            self._sandbox.limit_group(request)
            self._spawned += 1
            is_worth_it = self._spawned == _PREPARE_AT
            if is_worth_it or request.forbidden != self._guard.forbidden:
                self._guard.lift()
                if is_worth_it:
                    runner.warm_up(_ROUNDS)
                self._guard = Guard(request.forbidden, self._sandbox.home)
                # What the guard replaced is what a submission must leave as it is.
                self._functions = side_effects.Functions()

            if is_worth_it:
                gc.collect()
                gc.freeze()
                memory.use_large_pages()

            self._child = os.fork()
            if self._child == 0:
                try:
                    forked.main(descriptors, self._sandbox, self._guard, self._functions, request)
                finally:
                    # The child must never return into the code of the server.
                    os._exit(1)

            # A pidfd shows the examiner that the process died, even if a grandchild survives and
            # keeps the pipes open.
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

    def _end(self) -> int:
        """Kill the learner process and its children, and remove its home; return its exit code."""
        child = self._child
        self._child = 0
        status = 0
        if child:
            # It may not have created its group yet, or have left it.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child, signal.SIGKILL)
            os.kill(child, signal.SIGKILL)
            _, wait_status = os.waitpid(child, 0)
            status = os.waitstatus_to_exitcode(wait_status)
            if self._sandbox.in_namespaces:
                _kill_all()
            else:
                _kill_orphans()

        # If this fails, so does creating the next home, which reports it.
        with contextlib.suppress(OSError):
            self._sandbox.remove_home()

        return status


def _kill_all() -> None:
    """Kill all other processes of this PID namespace. This one is its first process."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)

    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


def _kill_orphans() -> None:
    """Kill the processes that the learner process started: they are children of this one now."""
    for _ in range(_KILL_ROUNDS):
        try:
            with open("/proc/thread-self/children", encoding="ascii") as file:
                orphans = [int(pid) for pid in file.read().split()]
        except OSError:
            return

        if not orphans:
            return

        for orphan in orphans:
            os.kill(orphan, signal.SIGKILL)

        for orphan in orphans:
            os.waitpid(orphan, 0)


def _close_all_but(descriptor: int) -> None:
    """Close all descriptors except ``descriptor`` and standard error, the log of the examiner."""
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    end = os.sysconf("SC_OPEN_MAX")
    os.closerange(3, descriptor)
    os.closerange(descriptor + 1, end)
