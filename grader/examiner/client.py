"""Starts an examiner process, sends it submissions, and receives their grades."""

import contextlib
import os
import subprocess
from collections.abc import Callable
from typing import IO, Final, Self, TypeVar

import msgspec

from grader import errors
from grader.course.records import Exercise
from grader.errors import (
    CourseError,
    ExaminerError,
    ExaminerLostError,
    GraderError,
    SubmissionError,
    WireError,
)
from grader.examiner import launch, resident, shell_limits
from grader.examiner.failures import signal_name
from grader.examiner.protocol import (
    Detect,
    Detected,
    Examine,
    FindGaps,
    Gaps,
    Graded,
    Inspect,
    Inspected,
    Overran,
    Record,
    Recorded,
    Refusal,
    Reply,
    Request,
    Stay,
    Survey,
    Surveyed,
)
from grader.examiner.settings import DEFAULTS, Settings
from grader.examiner.turns import Turns
from grader.grades.grade import Grade
from grader.sandbox import wire

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

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The process id of the examiner."""
        return self._process.pid

    @property
    def is_resident(self) -> bool:
        """Whether an earlier command started it, so that PyTorch is loaded."""
        return False

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

        Calls ``meanwhile`` while the examiner works. If a time limit runs out, grades once more,
        and alone if other work may be the reason. If the examiner dies, starts another one and
        tries once more, unless the grade is not ``is_wanted`` any more.
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

        # The machine may have been busy, so it gets another try. The others wait only if they may
        # be the reason, because a submission that sleeps would stop them for long.
        turn = self.turns.together
        if isinstance(reply, Overran) and reply.was_slowed:
            turn = self.turns.alone
        with turn():
            self.request(msgspec.structs.replace(examine, again=True))
            return self._receive(Graded).grade

    def survey(self, survey: Survey) -> Surveyed:
        """Answer a quiz question; raises ``GraderError`` if that is impossible."""
        return self._ask(survey, Surveyed)

    def record(self, exercise: Exercise, seeds: list[int]) -> bytes:
        """The calls of the visible checks and the results of the solution, as a recording."""
        return self._ask(Record(exercise, seeds), Recorded).recording

    def find_gaps(self, exercise: Exercise) -> dict[str, str]:
        """Forbidden names whose methods are open, with the operator that would refuse them."""
        return self._ask(FindGaps(exercise), Gaps).operators

    def inspect(self) -> dict[str, str | None]:
        """Return each sandbox layer with what provides it on this machine, or None."""
        return self._ask(Inspect(), Inspected).isolation

    def devices(self) -> list[str]:
        """Return the devices on which PyTorch can compute here, the CPU first."""
        return self._ask(Detect(), Detected).devices

    def request(self, request: Request) -> None:
        """Send a request without waiting for the reply."""
        try:
            wire.send(self._requests, request)  # type: ignore[arg-type]
        except ConnectionError:
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
        # It kills the process, because one that hangs would not end by itself.
        self._launched.end()

    def _start(self) -> None:
        if self.settings.isolation == "none":
            # Code without a sandbox could ask a resident.
            resident.end()
        self._use(launch.start(self.settings.isolation, self.settings.device))

    def _use(self, launched: launch.Launched) -> None:
        self._launched = launched
        self._process = launched.process
        self._log = launched.log
        assert self._process.stdin is not None and self._process.stdout is not None
        self._requests: IO[bytes] = self._process.stdin
        self._replies: IO[bytes] = self._process.stdout

    def _ask(self, request: Request, kind: type[T]) -> T:
        self.request(request)
        return self._receive(kind)

    def _receive(self, *kinds: type[T]) -> T:
        """Wait for the reply to a request; raise the error in a ``Refusal``."""
        # An examiner whose reply cannot be read is as lost as one that died.
        reply: Reply | None = None
        with contextlib.suppress(WireError, ConnectionError):
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

        if limit := shell_limits.reason_and_advice():
            reason, advice = limit
            return ExaminerLostError(f"the examiner {end}: {reason}", advice=advice)

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


class KeptExaminer(Examiner):
    """The examiner of one command for the course at ``root``; it stays for later commands.

    If an earlier command left one that fits, this uses it; otherwise it starts one. Whatever goes
    wrong with one that it found, it starts one and asks again, so the grade is the same.
    """

    def __init__(self, settings: Settings, root: str) -> None:
        self._place = resident.place_of(root, settings.isolation, settings.device)
        self._found = resident.take(self._place)
        super().__init__(settings)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # After Ctrl-C or a failure of the grader, the next command starts another examiner.
        if kind is None or issubclass(kind, CourseError | SubmissionError):
            self.leave()
        else:
            self.close()

    def grade(
        self,
        examine: Examine,
        meanwhile: Callable[[], object] = lambda: None,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> Grade:
        """Grade one submission; a resident that cannot is replaced."""
        if self.is_resident:
            with contextlib.suppress(ExaminerError):
                grade = self._grade(examine, meanwhile)
                if grade.status != "ungraded":
                    return grade
            self.restart()
        return super().grade(examine, meanwhile, is_wanted)

    def leave(self) -> None:
        """Leave the examiner to later commands if it may stay; end it otherwise."""
        connection = self._resident
        if connection is None and not self._let_stay():
            self.close()
            return

        # The examiner notices the end of its requests.
        self._requests.close()
        self._replies.close()
        if connection is not None:
            connection.socket.close()

    def _let_stay(self) -> bool:
        """Tell a new process to wait for later commands; return whether it does."""
        stay = self._found.stay
        if stay is None:
            return False
        try:
            wire.send(self._requests, Stay(stay))  # type: ignore[arg-type]
        except ConnectionError:
            return False
        self._log.close()
        # This process is not going to wait for it, which Python would warn about.
        self._process.returncode = 0
        return True

    def close(self) -> None:
        """End the process, also if it is a resident."""
        if self.is_resident:
            with contextlib.suppress(OSError):
                self._requests.close()
            self._replies.close()
        self._found.link.end()

    @property
    def pid(self) -> int:
        """The process id of the examiner."""
        connection = self._resident
        if connection is None:
            return super().pid
        return connection.pid

    @property
    def is_resident(self) -> bool:
        return self._resident is not None

    @property
    def _resident(self) -> resident.Connection | None:
        link = self._found.link
        return link if isinstance(link, resident.Connection) else None

    def _start(self) -> None:
        link = self._found.link
        if isinstance(link, launch.Launched):
            self._use(link)
        else:
            self._requests = link.socket.makefile("wb")
            self._replies = link.socket.makefile("rb")

    def restart(self) -> None:
        """End the process and start another."""
        self.close()
        self._found = resident.start(self._place)
        self._start()

    def _ask(self, request: Request, kind: type[T]) -> T:
        if self.is_resident:
            with contextlib.suppress(ExaminerError):
                return super()._ask(request, kind)
            self.restart()
        return super()._ask(request, kind)

    def _lost(self) -> ExaminerLostError:
        if self.is_resident:
            # Nobody sees this: the caller starts another examiner.
            return ExaminerLostError("the resident ended")
        return super()._lost()
