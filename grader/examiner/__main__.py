"""The examiner process: it starts learner processes, and only then imports the hidden part."""

import gc
import os
import sys
import warnings
from typing import TYPE_CHECKING, NoReturn

# Garbage collections while torch is imported, and later ones that visit all of its objects,
# take a quarter of the time of a cold start.
gc.disable()
warnings.filterwarnings("ignore", message="Failed to initialize NumPy")

from grader.system import FORKED, SYSTEM

if TYPE_CHECKING:
    from grader.examiner.process import Processes


def main(isolation: str, device: str, folder: str, learners: str) -> NoReturn:
    """Answer the requests on standard input until it ends.

    ``isolation`` and ``device`` are those of ``Settings``. ``folder`` belongs to this process,
    which removes it at the end. ``learners`` is ``System.learners``.
    """
    SYSTEM.repair_signals()
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    # Anything that a check or pytest prints would damage the replies.
    os.dup2(2, 1)
    gpu = device == "cuda"
    processes = _forked(isolation, gpu=gpu) if learners == FORKED else _spawned(folder)

    # Compiling PyTorch and the grader takes longer than importing them, so Python may keep what
    # it compiled. It keeps nothing of what learners and authors write.
    import torch

    from grader.examiner import launch, server
    from grader.examiner.grading import SandboxAccess
    from grader.examiner.stay import Caller

    sys.dont_write_bytecode = True
    gc.enable()
    # The tensors of checks are small, and more threads would take the cores of other examiners.
    torch.set_num_threads(1)
    if not gpu:
        # CUDA allocates as much as it likes, and only its own driver decides how much.
        SYSTEM.limit_growth(server.MAX_GROWTH)

    access = SandboxAccess(processes, isolation, gpu=gpu)
    caller = Caller(requests, replies)
    processes.client = caller.descriptor
    # Learner code must not be able to connect to a resident.
    allowed = caller.requests(lambda: server.is_fully_sandboxed(access), folder)
    server.serve(access, allowed, caller.send)
    processes.close()
    # The client removes the folder too, unless it was killed.
    launch.remove(folder)
    os._exit(0)


def _forked(isolation: str, *, gpu: bool) -> "Processes":
    # The order matters for security. Whatever is imported before the fork is in the memory of
    # every learner process; what is imported after it is not.
    from grader.sandbox import fork_server

    bytecode = sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    gc.freeze()
    gc.enable()
    control, readable = fork_server.start(sandboxed=isolation != "none", gpu=gpu)
    sys.dont_write_bytecode = bytecode
    from grader.examiner.forked import ForkServer
    from grader.sandbox import layers

    layers.guard_trusted_process()
    return ForkServer(control, readable)


def _spawned(folder: str) -> "Processes":
    # The first process imports torch while this one does.
    from grader.examiner.spawned import SpareProcesses

    return SpareProcesses(folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
