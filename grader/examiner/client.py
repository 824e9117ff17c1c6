"""Starts an examiner process, sends it submissions, and receives their grades."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import IO, BinaryIO, Final, Self, TypeVar

import msgspec

from grader import errors
from grader.errors import ExaminerError, ExaminerLostError, GraderError, WireError
from grader.examiner.failures import signal_name
from grader.examiner.protocol import (
    Detect,
    Detected,
    Examine,
    Graded,
    Inspect,
    Inspected,
    Overran,
    Refusal,
    Reply,
    Request,
    Survey,
    Surveyed,
)
from grader.examiner.settings import DEFAULTS, Settings
from grader.examiner.turns import Turns
from grader.grades.grade import Grade
from grader.sandbox import wire

# What Python, PyTorch and a GPU need. Nothing else of the caller's environment reaches the
# examiner, so submissions and checks cannot find a secret in it.
_ENVIRONMENT: Final = (
    "PATH",
    "LD_LIBRARY_PATH",
    "PYTHONPATH",
    "VIRTUAL_ENV",
    "CUDA_VISIBLE_DEVICES",
    "CUDA_HOME",
)
# After an examiner closed its pipe, it may need this long to end, in seconds.
_PATIENCE: Final = 1.0
_LOG_TAIL: Final = 8192
_LOG_LINE: Final = 300
T = TypeVar("T")


def device_of(asked: str) -> str:
    """Return the device to use for ``asked``, a device or ``auto``.

    Raises ``ExaminerError`` if this machine lacks the device.
    """
    if asked == "cpu":
        # Every machine has a CPU, so there is no need to start an examiner.
        return asked

    with Examiner() as examiner:
        present = examiner.devices()

    if asked == "auto":
        return best_of(present)
    if asked not in present:
        problem = f"this machine has no device `{asked}` for PyTorch, only {', '.join(present)}"
        raise ExaminerError(problem, advice="nothing was graded")

    return asked


def best_of(present: list[str]) -> str:
    """Return the fastest of these devices, which is what ``auto`` means."""
    for device in ("cuda", "mps"):
        if device in present:
            return device
    return "cpu"


class Examiner:
    """One examiner process, which is restarted if it dies; a context manager.

    It uses only ``isolation`` and ``device`` of ``settings``. Its submissions can reach a
    GPU only if ``device`` is that GPU. Examiners with the same ``turns`` wait while one of
    them grades alone.
    """

    def __init__(self, settings: Settings = DEFAULTS, turns: Turns | None = None) -> None:
        self.settings = settings
        self.turns = turns or Turns()
        self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The process id of the examiner."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the process is alive."""
        return self._process.poll() is None

    def grade(
        self,
        examine: Examine,
        meanwhile: Callable[[], object] = lambda: None,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> Grade:
        """Grade one submission; raises ``GraderError`` if that is impossible.

        Calls ``meanwhile`` while the examiner works. If a time limit runs out, grades once more
        alone. If the examiner dies, starts another one and tries once more, unless the grade is
        not ``is_wanted`` any more.
        """
        try:
            return self._grade(examine, meanwhile)
        except ExaminerLostError:
            if not is_wanted():
                raise

        self.restart()
        return self._grade(examine)

    def _grade(self, examine: Examine, meanwhile: Callable[[], object] = lambda: None) -> Grade:
        with self.turns.together():
            self.request(examine)
            meanwhile()
            reply = self._receive(Graded, Overran)

        if isinstance(reply, Graded):
            return reply.grade

        # Others on the machine may have slowed the submission down, so it gets another try.
        with self.turns.alone():
            self.request(msgspec.structs.replace(examine, alone=True))
            return self._receive(Graded).grade

    def survey(self, survey: Survey) -> Surveyed:
        """Answer a quiz question; raises ``GraderError`` if that is impossible."""
        self.request(survey)
        return self._receive(Surveyed)

    def inspect(self) -> dict[str, str | None]:
        """Return each sandbox layer with what provides it on this machine, or None."""
        self.request(Inspect())
        return self._receive(Inspected).isolation

    def devices(self) -> list[str]:
        """Return the devices on which PyTorch can compute here, the CPU first."""
        self.request(Detect())
        return self._receive(Detected).devices

    def request(self, request: Request) -> None:
        """Send a request without waiting for the reply."""
        try:
            wire.send(self._requests, request)  # type: ignore[arg-type]
        except BrokenPipeError:
            raise self._lost() from None

    def kill(self) -> None:
        """Kill the process; a thread that waits for its answer gets ``ExaminerLostError``."""
        process = self._process
        process.kill()
        # Wait for its end; otherwise the next borrower would think that it is alive.
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE)

    def restart(self) -> None:
        """End the process and start another."""
        self.close()
        self._start()

    def close(self) -> None:
        """End the process, and with it its fork server and any learner process."""
        self._process.kill()
        self._process.wait()
        self._replies.close()
        with contextlib.suppress(BrokenPipeError):
            self._requests.close()

        self._log.close()
        _remove(self._folder)

    def _start(self) -> None:
        self._folder = tempfile.mkdtemp(prefix="grade-")
        # A learner process can run as another user, who must be able to enter its own folder.
        os.chmod(self._folder, 0o711)  # noqa: S103
        # Only the owner can read the log, because a traceback in it could quote a check.
        log = os.open(os.path.join(self._folder, "log"), os.O_RDWR | os.O_CREAT, 0o600)
        self._log: BinaryIO = os.fdopen(log, "w+b")
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        # With one hash seed, one seed of the grader always gives one grade.
        environment |= {
            "TMPDIR": self._folder,
            "PYTHONHASHSEED": "0",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "LANG": "C.UTF-8",
        }
        command = [sys.executable, "-P", "-B", "-m", "grader.examiner"]
        command += [self.settings.isolation, self.settings.device, self._folder]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=environment,
            cwd=self._folder,
            # Ctrl-C reaches only the command, which then ends the examiner.
            start_new_session=True,
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._requests: IO[bytes] = self._process.stdin
        self._replies: IO[bytes] = self._process.stdout

    def _receive(self, *kinds: type[T]) -> T:
        """Wait for the reply to a request; raise the error in a ``Refusal``."""
        reply: Reply | None = None
        with contextlib.suppress(WireError):
            reply = wire.receive(self._replies, Reply)  # type: ignore[arg-type]

        if reply is None:
            raise self._lost()
        if isinstance(reply, Refusal):
            error: type[GraderError] = getattr(errors, reply.error, ExaminerError)
            raise error(reply.problem, place=reply.place, line=reply.line, advice=reply.advice)

        assert isinstance(reply, kinds)
        return reply

    def _lost(self) -> ExaminerLostError:
        """Make the error that says how the process ended."""
        try:
            # Wait before killing it, to learn how it ended by itself.
            status = self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            end = "did not answer and was stopped"
        else:
            end = f"ended (exit status {status})"
            if status < 0:
                end = f"was ended by {signal_name(-status)}"

        problem = f"the examiner {end}: {self._last_words()}"
        return ExaminerLostError(problem, advice="try again, and report it if it stays")

    def _last_words(self) -> str:
        """The last two lines of the log, without those of tracebacks, which may quote a check."""
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, size - _LOG_TAIL))
        log = self._log.read()
        text = log.decode("utf-8", "replace")
        said = []
        for line in text.splitlines():
            # Tracebacks indent the source lines that they quote.
            if not line or line[0].isspace() or line.startswith("Traceback (most recent"):
                continue
            said.append(line[:_LOG_LINE])

        return " / ".join(said[-2:]) or "its log is empty"


def _remove(folder: str) -> None:
    """Remove the examiner's folder. Its fork server may still be removing files there."""
    for _ in range(100):
        with contextlib.suppress(RecursionError):
            shutil.rmtree(folder, ignore_errors=True)
        if not os.path.exists(folder):
            return
        time.sleep(0.02)
