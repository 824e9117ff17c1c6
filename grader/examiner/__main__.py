"""The examiner process: it imports torch, starts the fork server, and only then the hidden part."""

import gc
import os
import shutil
import signal
import sys
import warnings
from typing import NoReturn

# Garbage collections while torch is imported, and later ones that visit all of its objects,
# take a quarter of the time of a cold start.
gc.disable()
warnings.filterwarnings("ignore", message="Failed to initialize NumPy")

# The order matters for security. Whatever is imported before the fork is in the memory of every
# learner process; what is imported after it is not.
from grader.sandbox import fork_server

# Compiling PyTorch and the grader takes longer than importing them, so Python may keep what it
# compiled. It keeps nothing of what learners and authors write.
_WRITES_NO_BYTECODE = sys.dont_write_bytecode
sys.dont_write_bytecode = True


def main(isolation: str, device: str, folder: str) -> NoReturn:
    """Answer the requests on standard input until it ends.

    ``isolation`` and ``device`` are those of ``Settings``. ``folder`` belongs to this process,
    which removes it at the end.
    """
    # With this signal ignored, as some parents leave it, nobody learns how a child process ended.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    # Anything that a check or pytest prints would damage the replies.
    os.dup2(2, 1)
    gc.freeze()
    gc.enable()
    gpu = device == "cuda"
    control, readable = fork_server.start(sandboxed=isolation != "none", gpu=gpu)

    sys.dont_write_bytecode = _WRITES_NO_BYTECODE
    import torch

    from grader.examiner.grading import SandboxAccess
    from grader.examiner.process import ForkServer
    from grader.examiner.server import is_fully_sandboxed, serve
    from grader.examiner.stay import Line
    from grader.sandbox import layers, memory

    sys.dont_write_bytecode = True
    layers.guard_trusted_process()
    # The tensors of checks are small, and more threads would take the cores of other examiners.
    torch.set_num_threads(1)
    if not gpu:
        # CUDA allocates as much as it likes, and only its own driver decides how much.
        memory.limit_growth(memory.MAX_GROWTH)

    access = SandboxAccess(ForkServer(control), readable, isolation, gpu=gpu)
    line = Line(requests, replies)
    # Learner code must not be able to connect to a resident.
    serve(access, line.requests(lambda: is_fully_sandboxed(access), folder), line.send)
    # The client removes the folder too, unless it was killed.
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
