"""Grade submissions that arrive as JSON Lines, and answer each with one line."""

import itertools
import os
import re
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from types import FrameType
from typing import Any, BinaryIO, Final

import msgspec

from grader.errors import ExaminerError, GraderError, UsageError
from grader.grades.document import to_document
from grader.grades.grade import Grade
from grader.programs.warm import Grader
from grader.system import SYSTEM

MAX_LINE: Final = 16 * 2**20
"""Bytes of one request."""
MAX_ID: Final = 4096
"""Bytes of its id: as objects of Python, it takes 27 times as much memory."""


# An escape in JSON; the group is half of a surrogate pair, whose other half is missing. Python
# writes such a half, and other parsers refuse the whole line.
_ESCAPE: Final = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.",
    re.DOTALL,
)
_MAY_BE_HALF: Final = re.compile(rb"\\u[dD][89a-fA-F]")
# No program writes the other character so.
_NO_HALF: Final = rb"\uFfFd"
# The id at the start of a line that is malformed further on.
_FIRST_ID: Final = re.compile(
    rb'[ \t]*\{[ \t]*"id"[ \t]*:[ \t]*("(?:[^"\\]|\\.){0,4096}"|[-+.\w]{1,100})[ \t]*[,}]'
)


class Submitted(msgspec.Struct):
    """One line of the input; ``docs/results-format.md`` describes its keys."""

    exercise: str
    source: str
    id: msgspec.Raw = msgspec.Raw(b"null")
    seed: int | None = None
    seeds: int = 1


class _Identified(msgspec.Struct):
    """What a malformed line may still say about itself."""

    id: msgspec.Raw = msgspec.Raw(b"null")


class _StopReadingError(Exception):
    """SIGTERM arrived, or nobody reads the answers."""


class Stream:
    """Answers requests with ``grader``, each as soon as its grade is ready.

    At the end of the input and at SIGTERM it answers what it has read, and stops.
    """

    def __init__(self, grader: Grader, requests: BinaryIO, answers: BinaryIO) -> None:
        self._grader = grader
        self._requests = requests
        self._answers = answers
        # The threads of the grader write answers, too.
        self._changed = threading.Condition()
        self._unanswered = 0
        self._is_reading = False
        self._is_stopping = False
        self._failure: OSError | None = None
        self.is_cut_off = False
        """Whether no more answers can be written."""

    def run(self) -> None:
        """Answer until the input ends. Call it in the main thread.

        Raises ``OSError`` if an answer cannot be written, except if nobody reads the answers.
        """
        with self._stopped_by_sigterm():
            for number, line in self._lines():
                self._start(number, line)

            with self._changed:
                self._changed.wait_for(lambda: self.is_cut_off or not self._unanswered)

        if self._failure is not None:
            raise self._failure

    def _start(self, number: int, line: bytes) -> None:
        """Start grading a request; answer at once if it is malformed."""
        name = None
        try:
            whole = _without_halves(line)
            name = _id_of(whole)
            if whole != line:
                raise UsageError(
                    "a text has half of a surrogate pair, which is no character",
                    advice="replace it, as with text.encode('utf-8', 'replace')",
                )

            submitted = _parsed(line)
            # As bytes, because a text can be refused as a path.
            source = submitted.source.encode("utf-8", "surrogatepass")
            future = self._grader.submit(
                submitted.exercise, source, seed=submitted.seed, seeds=submitted.seeds
            )
        except GraderError as error:
            if name is None:
                name = _first_id(line)

            self._answer({"id": name, "line": number, "error": str(error)})
            return

        with self._changed:
            self._unanswered += 1

        def answer(done: Future[Grade]) -> None:
            self._answer(_document(name, number, done))
            with self._changed:
                self._unanswered -= 1
                self._changed.notify_all()

        future.add_done_callback(answer)

    def _answer(self, document: dict[str, Any]) -> None:
        line = msgspec.json.encode(document) + b"\n"
        with self._changed:
            if self.is_cut_off:
                return

            try:
                self._answers.write(line)
                self._answers.flush()
            except OSError as error:
                if not SYSTEM.is_reader_gone(error):
                    # Whoever called this cannot report it: it may be a thread of the grader.
                    self._failure = error
                self._cut_off()
            except ValueError:
                # The file is closed.
                self._cut_off()

    def _cut_off(self) -> None:
        self.is_cut_off = True
        # The main thread waits for a line that may never come, and only a signal to the process
        # wakes it. On Windows, nothing does, and this ends the process. The caller holds the lock,
        # so the main thread still expects the signal.
        os.kill(os.getpid(), signal.SIGTERM)
        self._changed.notify_all()

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        """The lines of the input that are not empty, with their numbers."""
        for number in itertools.count(1):
            try:
                line = self._read()
            except _StopReadingError:
                return

            if not line:
                return
            if line.strip():
                yield number, line

    def _read(self) -> bytes:
        self._is_reading = True
        try:
            if self._is_stopping:
                raise _StopReadingError

            line = self._requests.readline(MAX_LINE + 1)
            rest = line
            while len(rest) > MAX_LINE and not rest.endswith(b"\n"):
                # Skip the rest of a line that is too long.
                rest = self._requests.readline(MAX_LINE + 1)

            return line
        finally:
            self._is_reading = False

    @contextmanager
    def _stopped_by_sigterm(self) -> Iterator[None]:
        def stop(_number: int, _frame: FrameType | None) -> None:
            self._is_stopping = True
            if self._is_reading:
                raise _StopReadingError

        before = signal.signal(signal.SIGTERM, stop)
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, before)


def _id_of(line: bytes) -> Any:
    if len(line) > MAX_LINE:
        raise UsageError(f"the line is longer than {MAX_LINE >> 20} MiB")

    with _explained("the line is no JSON object"):
        written = msgspec.json.decode(line, type=_Identified).id
        if len(written) > MAX_ID:
            raise UsageError(f"the id is longer than {MAX_ID} bytes", advice="use a number")
        if _NO_HALF in bytes(written):
            raise UsageError("the id has half of a surrogate pair", advice="use a number")

        return msgspec.json.decode(written)


def _without_halves(line: bytes) -> bytes:
    """The line with another character for each half of a surrogate pair."""
    if len(line) > MAX_LINE or _MAY_BE_HALF.search(line) is None:
        return line

    return _ESCAPE.sub(lambda found: _NO_HALF if found[1] else found[0], line)


def _first_id(line: bytes) -> Any:
    """The id at the start of a line that cannot be read as a whole; None without one."""
    found = _FIRST_ID.match(line)
    if found is None or len(found[1]) > MAX_ID:
        return None

    try:
        return msgspec.json.decode(found[1])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _parsed(line: bytes) -> Submitted:
    advice = 'write {"id": …, "exercise": "…", "source": "…"}'
    with _explained("the request is malformed", advice):
        return msgspec.json.decode(line, type=Submitted)


@contextmanager
def _explained(problem: str, advice: str = "") -> Iterator[None]:
    """Turn every error of the parser into ``UsageError``."""
    try:
        yield
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise UsageError(f"{problem} ({error})", advice=advice) from None
    except RecursionError:
        raise UsageError("the line is nested too deeply") from None


def _document(name: Any, number: int, future: Future[Grade]) -> dict[str, Any]:
    try:
        grade = future.result()
    except CancelledError:
        error: GraderError = ExaminerError("the stream was stopped")
    except GraderError as raised:
        error = raised
    except Exception as raised:
        # Every request gets an answer, even if there is a bug in the grader.
        error = ExaminerError(f"the grader has a bug ({type(raised).__name__}: {raised})")
    else:
        return {"id": name, "reward": grade.reward, **to_document(grade)}

    return {"id": name, "line": number, "error": str(error)}
