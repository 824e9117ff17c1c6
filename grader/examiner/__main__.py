"""The examiner's process: import torch, fork the fork server, and only then anything hidden."""

import gc
import os
import shutil
import sys
import warnings
from collections.abc import Iterator
from typing import NoReturn

# Collecting garbage while torch is imported, and walking all of torch in every
# collection afterwards, took a quarter of the time of a cold start.
gc.disable()
warnings.filterwarnings("ignore", message="Failed to initialize NumPy")

# The order of these steps is the point: what is imported before the fork is in
# the memory of every learner process, what comes after it is not.
from grader.sandbox import fork_server


def main(isolation: str, device: str, folder: str) -> NoReturn:
    """Serve the requests on standard input until it ends, with a wall for ``isolation`` and ``device``.

    ``folder`` was made for this process alone; it is removed at the end.
    """
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    # Whatever a check or pytest prints must not fall into the replies.
    os.dup2(2, 1)
    gc.freeze()
    gc.enable()
    control, readable = fork_server.start(sandboxed=isolation != "none", gpu=device == "cuda")

    from grader.examiner.process import ForkServer
    from grader.examiner.protocol import Request
    from grader.examiner.session import SandboxAccess, serve
    from grader.sandbox import layers, wire

    layers.guard_trusted_process()

    def incoming() -> Iterator[Request]:
        while (request := wire.receive(requests, Request)) is not None:  # type: ignore[arg-type]
            yield request

    access = SandboxAccess(
        ForkServer(control), readable, strict=isolation == "strict", gpu=device == "cuda"
    )
    serve(access, incoming(), lambda reply: wire.send(replies, reply))
    # Whoever started us was killed, or would have ended us; the folder made for us is left to us then.
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
