"""The examiner from the outside: start its process, send a submission, get a grade."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from types import TracebackType
from typing import BinaryIO, Final, Self

from grader import errors
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
from grader.examiner.settings import DEFAULTS, Settings
from grader.grades.grade import Grade
from grader.sandbox import wire

# What Python, PyTorch and a GPU need to be found; nothing else of the caller's
# environment reaches the examiner, so nothing else can be found in it.
_ENVIRONMENT: Final = (
    "PATH",
    "LD_LIBRARY_PATH",
    "PYTHONPATH",
    "VIRTUAL_ENV",
    "CUDA_VISIBLE_DEVICES",
    "CUDA_HOME",
)

_PATIENCE: Final = 1.0
"""Seconds in which an examiner that closed its end is expected to be gone."""
_LOG_TAIL: Final = 8192
_LINE: Final = 300


def device_of(asked: str) -> str:
    """The device that ``asked`` stands for on this machine: ``auto`` is cuda, else mps, else cpu.

    Raises ``ExaminerError`` where the device is absent. The CPU never is, so nobody is asked.
    """
    if asked == "cpu":
        return asked
    with Examiner() as examiner:
        present = examiner.devices()
    if asked == "auto":
        return best_of(present)
    if asked not in present:
        raise ExaminerError(
            f"this machine has no device `{asked}` for PyTorch, only {', '.join(present)}; nothing was graded"
        )
    return asked


def best_of(present: list[str]) -> str:
    """What ``auto`` is where these devices are."""
    return next(device for device in ("cuda", "mps", "cpu") if device in present)


class Examiner:
    """One examiner process, started again after it died; a context manager.

    Of ``settings`` it uses ``isolation`` and ``device``: the sandbox of its
    submissions lets them reach a GPU only if ``device`` is that GPU.
    """

    def __init__(self, settings: Settings = DEFAULTS) -> None:
        self.settings = settings
        self._process, self._folder, self._log = self._start()

    def _start(self) -> tuple[subprocess.Popen[bytes], str, BinaryIO]:
        folder = tempfile.mkdtemp(prefix="grade-")
        os.chmod(folder, 0o711)  # noqa: S103 - a learner process may be another user, on the way to its own folder
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
            [
                sys.executable,
                "-P",
                "-B",
                "-m",
                "grader.examiner",
                self.settings.isolation,
                self.settings.device,
                folder,
            ],
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
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The process id of the examiner."""
        return self._process.pid

    def grade(
        self,
        examine: Examine,
        meanwhile: Callable[[], object] = lambda: None,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> Grade:
        """Grade one submission; ``GraderError`` where that is not possible.

        ``meanwhile`` is called while the examiner is at work. Where that died, another
        is started and the submission tried once more, if it ``is_wanted`` still.
        """
        try:
            self.request(examine)
            meanwhile()
            return self.result()
        except ExaminerLostError:
            if not is_wanted():
                raise
            self.restart()
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
        """The devices that PyTorch can compute on here, the CPU first."""
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

    @property
    def is_running(self) -> bool:
        """Whether the process is alive."""
        return self._process.poll() is None

    def kill(self) -> None:
        """Kill the process; a thread that waits for its answer gets ``ExaminerLostError``."""
        process = self._process
        process.kill()
        # Until the kernel has ended it, it would look alive to whoever borrows it next.
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE)

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

    def restart(self) -> None:
        """End the process and start another."""
        self.close()
        self._process, self._folder, self._log = self._start()

    def _death(self) -> ExaminerLostError:
        return ExaminerLostError(
            f"the examiner {self._end()}: {self._last_words()}; try again, and report it if it stays"
        )

    def _end(self) -> str:
        """How it ended, which is asked before it is killed: otherwise that would be the answer."""
        try:
            status = self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return "answered no more and was stopped"
        if status >= 0:
            return f"ended (exit status {status})"
        with contextlib.suppress(ValueError):
            return f"was ended by {signal.Signals(-status).name}"
        return f"was ended by signal {-status}"

    def _last_words(self) -> str:
        """The last lines of its log; none that is indented, for there a traceback quotes a check."""
        self._log.seek(max(0, self._log.seek(0, os.SEEK_END) - _LOG_TAIL))
        lines = self._log.read().decode("utf-8", "replace").splitlines()
        said = [line.strip() for line in lines if line.strip() and not line[0].isspace()]
        said = [line for line in said if not line.startswith("Traceback (most recent")]
        return " / ".join(line[:_LINE] for line in said[-2:]) or "it said nothing"


def _remove(folder: str) -> None:
    """Remove the examiner's folder, in which its fork server may be clearing up for a moment still."""
    for _ in range(100):
        with contextlib.suppress(RecursionError):
            shutil.rmtree(folder, ignore_errors=True)
        if not os.path.exists(folder):
            return
        time.sleep(0.02)
