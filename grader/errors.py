"""What can go wrong, and the exit code of each error.

GraderError
├── UsageError       the command as typed cannot be carried out        exit 2
├── CourseError      the author has to fix a file of the course        exit 2
├── SubmissionError  the learner's file cannot be graded at all        exit 2
│   └── UnreadableError      this machine could not read the file
├── GradebookError   the gradebook cannot be read or written           exit 3
├── WireError        a frame broke the contract of ``grader.sandbox.wire``  exit 3
├── ClusterError     the cluster is missing, does not match, or is lost  exit 3
└── ExaminerError    the grader itself could not grade                 exit 3
    └── ExaminerLostError    the examiner's process ended before it answered

Learner code that raises, hangs or crashes is not an error here but an outcome
(``grader.grades.grade``). Bugs of the grader are ordinary exceptions and do not
inherit from ``GraderError``.
"""

import contextlib
from typing import TYPE_CHECKING, ClassVar, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class GraderError(Exception):
    """An error with an exit code, and with the parts of one sentence for people.

    ``str(error)`` joins the parts that are given: ``PLACE: line LINE: PROBLEM; ADVICE``.
    """

    exit_code: ClassVar[int] = 3

    def __init__(
        self, problem: str, *, place: str = "", line: int | None = None, advice: str = ""
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.place = place
        """The file or folder, as people name it."""
        self.line = line
        """The line in that file, from 1."""
        self.advice = advice
        """The next step, as an imperative."""

    def __str__(self) -> str:
        sentence = self.problem
        if self.line is not None:
            sentence = f"line {self.line}: {sentence}"
        if self.place:
            sentence = f"{self.place}: {sentence}"
        if self.advice:
            sentence = f"{sentence}; {self.advice}"
        return sentence


@contextlib.contextmanager
def os_errors_as(
    kind: type[GraderError], problem: str, place: object, advice: str
) -> "Iterator[None]":
    """Raise an error of ``kind`` for an ``OSError``: what failed, and the system's reason."""
    try:
        yield
    except OSError as error:
        reason = f"{problem} ({error.strerror})"
        raise kind(reason, place=str(place), advice=advice) from None


class UsageError(GraderError):
    """The command names something that does not exist, or asks for something impossible."""

    exit_code = 2


class CourseError(GraderError):
    """A file of the course breaks the exercise format."""

    exit_code = 2
    also: "tuple[CourseError, ...]" = ()
    """More errors of the same file, which its author can fix at the same time."""

    @classmethod
    def of_all(cls, errors: "Iterable[CourseError]") -> "CourseError":
        """One error for several, by file and line; there is at least one."""
        found = list(errors)
        # Files stay in the order in which they were read.
        places = [error.place for error in found]
        first, *others = sorted(
            found, key=lambda error: (places.index(error.place), error.line or 0)
        )
        first.also = tuple(others)
        return first

    @classmethod
    def unreadable(cls, place: str, error: OSError) -> Self:
        """The system refused to read ``place``."""
        problem = f"cannot be read ({error.strerror})"
        return cls(problem, place=place, advice="check its permissions and the disk")


class SubmissionError(GraderError):
    """The submission cannot be graded: it is missing, binary, empty, or too large."""

    exit_code = 2


class UnreadableError(SubmissionError):
    """This machine could not read the file; a batch does not count that as zero."""


class GradebookError(GraderError):
    """The gradebook has another version, is damaged or locked, or cannot grow."""


class WireError(GraderError):
    """The bytes are not a well-formed frame, or the frame is not a known message."""


class ClusterError(GraderError):
    """The cluster cannot be reached or is lost, or no worker grades as this machine would."""


class ExaminerError(GraderError):
    """The grader could not grade; the learner is never at fault."""


class ExaminerLostError(ExaminerError):
    """The examiner's process ended instead of answering; the caller can start another."""
