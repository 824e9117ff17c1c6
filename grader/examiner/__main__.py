"""The examiner's process: import torch, fork the fork server, and only then anything hidden."""

import os
import sys
import warnings
from typing import NoReturn

# The order of these steps is the point: what is imported before the fork is in
# the memory of every learner process, what comes after it is not.
warnings.filterwarnings("ignore", message="Failed to initialize NumPy")

from grader.learner import server  # noqa: E402


def main() -> NoReturn:
    """Serve the requests on standard input until it ends."""
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    # Whatever a check or pytest prints must not fall into the replies.
    os.dup2(2, 1)
    control, _ = server.start()

    from grader import wire
    from grader.examiner.process import ForkServer
    from grader.examiner.protocol import Examine
    from grader.examiner.session import serve
    from grader.learner import sandbox

    sandbox.guard_trusted_process()

    def incoming():  # type: ignore[no-untyped-def]
        while (request := wire.receive(requests, Examine)) is not None:
            yield request

    serve(ForkServer(control), incoming(), lambda reply: wire.send(replies, reply))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
