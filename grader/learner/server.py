"""The fork server: torch imported once, one fresh learner process per request.

It is forked from the examiner before the examiner reads any hidden file, so
there is no answer in its memory to find. It keeps one thread, never touches
CUDA, and runs no learner code itself.
"""

import contextlib
import gc
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from typing import NoReturn

import torch

from grader import wire
from grader.learner import runner, sandbox

DESCRIPTORS = 3


def start() -> socket.socket:
    """Fork the server; returns the socket to it."""
    ours, theirs = socket.socketpair()
    if os.fork() == 0:
        try:
            ours.close()
            serve(theirs)
        finally:
            os._exit(1)
    theirs.close()
    return ours


def serve(control: socket.socket) -> NoReturn:
    """Answer ``Spawn`` and ``Reap`` until the other side goes away; never returns."""
    sandbox.die_with_parent()
    sandbox.become_parent_of_orphans()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _keep_only(control.fileno())
    scratch = tempfile.gettempdir()
    sandbox.empty_environment()
    torch.set_num_threads(1)
    runner.rehearse()
    gc.collect()
    gc.freeze()
    child, folder = 0, ""
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, 4096, DESCRIPTORS)
        if not data:
            _end(child, folder)
            os._exit(0)
        if isinstance(wire.unpack(data[wire.HEADER :], wire.Spawn | wire.Reap), wire.Spawn):  # type: ignore[arg-type]
            folder = tempfile.mkdtemp(prefix="learner-", dir=scratch)
            child = os.fork()
            if child == 0:
                try:
                    requests, replies, output = descriptors
                    runner.main(requests, replies, output, folder)
                finally:
                    # Whatever happens there, the child never comes back into the server's code.
                    os._exit(1)
            for descriptor in descriptors:
                os.close(descriptor)
            # With it the examiner sees a death that a surviving grandchild would hide.
            handle = os.pidfd_open(child)
            socket.send_fds(control, [wire.pack(wire.Spawned(child))], [handle])
            os.close(handle)
        else:
            control.sendall(wire.pack(wire.Reaped(_end(child, folder))))
            child, folder = 0, ""


def _end(child: int, folder: str) -> int:
    """Kill a learner process and everything it started; remove its folder; its exit code."""
    if not child:
        return 0
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    os.kill(child, signal.SIGKILL)  # it may have left its group, or not made it yet
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    _end_orphans()
    _remove(folder)
    return status


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


def _remove(folder: str) -> None:
    try:
        shutil.rmtree(folder)
    except (OSError, RecursionError):
        # Trees too deep for Python, or made unreadable: rm(1) walks them step by step.
        subprocess.run(["rm", "-rf", folder], check=False, stdin=subprocess.DEVNULL, capture_output=True)


def _keep_only(descriptor: int) -> None:
    """Standard streams to nowhere, and no other descriptor than ``descriptor``."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):
        os.dup2(nowhere, stream)
    os.closerange(3, descriptor)
    os.closerange(descriptor + 1, os.sysconf("SC_OPEN_MAX"))
