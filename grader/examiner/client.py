"""The examiner from the outside: start its process, send a submission, get a grade."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from types import TracebackType
from typing import BinaryIO, Final, Self

from grader import errors, wire
from grader.errors import ExaminerError, ExaminerLostError, GraderError, WireError
from grader.examiner.protocol import (
    Detect,
    Detected,
    Examine,
    Graded,
    Inspect,
    Inspected,
    Refusal,
    Reply,
    Request,
    Survey,
    Surveyed,
)
from grader.results import Grade

# What Python, PyTorch and a GPU need to be found; nothing else of the caller's
# environment reaches the examiner, so nothing else can be found in it.
_ENVIRONMENT: Final = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "VIRTUAL_ENV", "CUDA_VISIBLE_DEVICES", "CUDA_HOME")


class Examiner:
    """One examiner process, started anew where it died; a context manager.

    ``isolation`` is ``auto`` (hold what this machine can hold), ``strict`` (refuse
    to run a submission where a layer of the wall is missing) or ``none`` (no wall,
    for debugging one's own code). ``device`` is what its submissions will be graded on: a
    GPU can be reached only where it was said here. ``request`` and ``result`` are two steps so that
    the caller can do something useful while torch is being imported.
    """

    def __init__(self, isolation: str = "auto", device: str = "cpu") -> None:
        self._isolation = isolation
        self.device = device
        self._process, self._folder, self._log = self._start()

    def _start(self) -> tuple[subprocess.Popen[bytes], str, BinaryIO]:
        folder = tempfile.mkdtemp(prefix="grade-")
        # For nobody else: a bug's traceback could quote a check.
        log = os.fdopen(os.open(os.path.join(folder, "log"), os.O_RDWR | os.O_CREAT, 0o600), "w+b")
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        # Hashes alike in every run, so that one seed gives one grade.
        environment |= {
            "TMPDIR": folder,
            "PYTHONHASHSEED": "0",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "LANG": "C.UTF-8",
        }
        process = subprocess.Popen(
            [sys.executable, "-P", "-B", "-m", "grader.examiner", self._isolation, self.device],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=environment,
            cwd=folder,
            start_new_session=True,  # Ctrl-C is for the command, which then ends us
        )
        return process, folder, log

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The process id of the examiner."""
        return self._process.pid

    def grade(self, examine: Examine) -> Grade:
        """Grade one submission; ``GraderError`` where that is not possible.

        Where the examiner died, another is started and the submission tried once more.
        """
        try:
            self.request(examine)
            return self.result()
        except ExaminerLostError:
            self._restart()
        self.request(examine)
        return self.result()

    def survey(self, survey: Survey) -> Surveyed:
        """Try a quiz's question; ``GraderError`` where that is not possible."""
        self.request(survey)
        reply = self._receive()
        assert isinstance(reply, Surveyed)
        return reply

    def inspect(self) -> dict[str, str | None]:
        """Each layer of the wall with what holds it on this machine, or None."""
        self.request(Inspect())
        reply = self._receive()
        assert isinstance(reply, Inspected)
        return reply.isolation

    def devices(self) -> list[str]:
        """The devices that PyTorch can compute on here, the CPU first; for a GPU ``device`` must not be ``cpu``."""
        self.request(Detect())
        reply = self._receive()
        assert isinstance(reply, Detected)
        return reply.devices

    def request(self, request: Request) -> None:
        """Send a request: a submission to be graded, say."""
        assert self._process.stdin is not None
        try:
            wire.send(self._process.stdin, request)  # type: ignore[arg-type]
        except BrokenPipeError:
            raise self._death() from None

    def result(self) -> Grade:
        """Wait for the grade of the submission sent before."""
        reply = self._receive()
        assert isinstance(reply, Graded)
        return reply.grade

    def close(self) -> None:
        """End the process, and with it its fork server and any learner process."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._log.close()
        _remove(self._folder)

    def _receive(self) -> Reply:
        assert self._process.stdout is not None
        try:
            reply: Reply | None = wire.receive(self._process.stdout, Reply)  # type: ignore[arg-type]
        except WireError:
            raise self._death() from None
        if reply is None:
            raise self._death()
        if isinstance(reply, Refusal):
            kind: type[GraderError] = getattr(errors, reply.error, ExaminerError)
            raise kind(reply.message)
        return reply

    def _restart(self) -> None:
        self.close()
        self._process, self._folder, self._log = self._start()

    def _death(self) -> ExaminerLostError:
        self._process.kill()
        status = self._process.wait()
        self._log.seek(0)
        last = self._log.read().decode("utf-8", "replace").strip().splitlines()[-1:] or ["it said nothing"]
        return ExaminerLostError(
            f"the examiner ended (exit status {status}): {last[0]}; try again, and report it if it stays"
        )


def _remove(folder: str) -> None:
    """Remove the examiner's folder, in which its fork server may be clearing up for a moment still."""
    for _ in range(100):
        with contextlib.suppress(RecursionError):
            shutil.rmtree(folder, ignore_errors=True)
        if not os.path.exists(folder):
            return
        time.sleep(0.02)
