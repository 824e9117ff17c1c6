"""The examiner from the outside: start its process, send a submission, get a grade."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from types import TracebackType
from typing import Final, Self, TypeVar

from grader import errors, wire
from grader.errors import ExaminerError, GraderError, WireError
from grader.examiner.protocol import Examine, Graded, Refusal, Reply, Request, Survey, Surveyed
from grader.results import Grade

# What Python, PyTorch and a GPU need to be found; nothing else of the caller's
# environment reaches the examiner, so nothing else can be found in it.
_ENVIRONMENT: Final = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "VIRTUAL_ENV", "CUDA_VISIBLE_DEVICES", "CUDA_HOME")
R = TypeVar("R", Graded, Surveyed)


class Examiner:
    """One examiner process; a context manager.

    ``request`` and ``result`` are two steps so that the caller can do something
    useful while torch is being imported.
    """

    def __init__(self) -> None:
        self._folder = tempfile.mkdtemp(prefix="grade-")
        self._log = open(os.path.join(self._folder, "log"), "w+b")
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        # Hashes alike in every run, so that one seed gives one grade.
        environment |= {
            "TMPDIR": self._folder,
            "PYTHONHASHSEED": "0",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "LANG": "C.UTF-8",
        }
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-B", "-m", "grader.examiner"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=environment,
            cwd=self._folder,
            start_new_session=True,  # Ctrl-C is for the command, which then ends us
        )

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
        """Grade one submission; ``GraderError`` where that is not possible."""
        self.request(examine)
        return self.result()

    def survey(self, survey: Survey) -> Surveyed:
        """Try a quiz's question; ``GraderError`` where that is not possible."""
        self.request(survey)
        return self._reply(Surveyed)

    def request(self, request: Request) -> None:
        """Send a request: a submission to be graded, say."""
        assert self._process.stdin is not None
        try:
            wire.send(self._process.stdin, request)  # type: ignore[arg-type]
        except BrokenPipeError:
            raise self._death() from None

    def result(self) -> Grade:
        """Wait for the grade of the submission sent before."""
        return self._reply(Graded).grade

    def _reply(self, wanted: type[R]) -> R:
        assert self._process.stdout is not None
        try:
            reply = wire.receive(self._process.stdout, Reply)  # type: ignore[arg-type]
        except WireError:
            raise self._death() from None
        if isinstance(reply, wanted):
            return reply
        if isinstance(reply, Refusal):
            kind: type[GraderError] = getattr(errors, reply.error, ExaminerError)
            raise kind(reply.message)
        raise self._death()

    def close(self) -> None:
        """End the process, and with it its fork server and any learner process."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _death(self) -> ExaminerError:
        self._process.kill()
        status = self._process.wait()
        self._log.seek(0)
        last = self._log.read().decode("utf-8", "replace").strip().splitlines()[-1:] or ["it said nothing"]
        return ExaminerError(
            f"the examiner ended (exit status {status}): {last[0]}; try again, and report it if it stays"
        )
