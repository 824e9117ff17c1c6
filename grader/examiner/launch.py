"""Starts an examiner process. It imports little, so that a command can start one very early."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from typing import BinaryIO, Final, NamedTuple

from grader.examiner import shell_limits
from grader.sandbox import cgroup
from grader.system import SYSTEM

# What Python, PyTorch and a GPU need. Nothing else of the caller's environment reaches the
# examiner, so submissions and checks cannot find a secret in it.
ENVIRONMENT: Final = (
    "PATH",
    "PYTHONPATH",
    "VIRTUAL_ENV",
    "CUDA_VISIBLE_DEVICES",
    "CUDA_HOME",
    "PYTHONDONTWRITEBYTECODE",
    *SYSTEM.environment,
)


class Launched(NamedTuple):
    """A process that was started, its log, and the folder that belongs to it."""

    process: "subprocess.Popen[bytes]"
    log: BinaryIO
    folder: str

    def end(self) -> None:
        """Kill the process, and with it its fork server and any learner process."""
        self.process.kill()
        self.process.wait()
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdout.close()
        # Closing writes what is left in the buffer, to a process that is gone.
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        self.log.close()
        remove(self.folder)


def start(isolation: str, device: str) -> Launched:
    """Start an examiner process, whose pipes are its standard input and output.

    Raises ``OSError`` or ``ExaminerError`` if that is impossible.
    """
    shell_limits.require_open_files()
    folder = tempfile.mkdtemp(prefix="grade-")
    # A learner process can run as another user, who must be able to enter its own folder.
    os.chmod(folder, 0o711)  # noqa: S103
    # With one hash seed, one seed of the grader always gives one grade.
    fixed = {
        "TMPDIR": folder,
        "PYTHONHASHSEED": "0",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "LANG": "C.UTF-8",
    }
    words = [isolation, device, folder, SYSTEM.learners]
    with contextlib.ExitStack() as on_failure:
        on_failure.callback(remove, folder)
        # Only the owner can read the log, because a traceback in it could quote a check.
        descriptor = os.open(os.path.join(folder, "log"), os.O_RDWR | os.O_CREAT, 0o600)
        log = on_failure.enter_context(os.fdopen(descriptor, "w+b"))
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "grader.examiner", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=environment() | fixed,
            cwd=folder,
            # Ctrl-C reaches only the command, which then ends the examiner.
            **SYSTEM.own_group,
        )
        on_failure.pop_all()

    return Launched(process, log, folder)


def environment() -> dict[str, str]:
    """The part of this process's environment that a process of the grader gets."""
    return {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}


def remove(folder: str) -> None:
    """Remove the examiner's folder and control group.

    Its fork server may still be removing files there.
    """
    group = cgroup.name_in(folder)
    if group is not None:
        cgroup.remove(group)
    for _ in range(100):
        with contextlib.suppress(RecursionError):
            shutil.rmtree(folder, ignore_errors=True)
        if not os.path.exists(folder):
            return
        time.sleep(0.02)
