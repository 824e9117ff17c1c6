"""What can go wrong, and whose it is.

GraderError
├── UsageError       the request cannot be carried out as typed        exit 2
├── CourseError      a file of the course is broken (an author's)      exit 2
├── SubmissionError  a submission cannot be read at all                exit 2
│   └── UnreadableError      not for what is in it: the machine could not read it
├── GradebookError   the file of grades cannot be read or written      exit 3
├── WireError        a frame broke the contract of ``grader.sandbox.wire``  exit 3
├── ClusterError     no cluster there, none of it fits, or it is lost  exit 3
└── ExaminerError    the grader itself could not grade                 exit 3
    └── ExaminerLostError    its process ended while it was asked

A learner's code that raises, hangs or dies is none of these: it is an outcome
(``grader.grades.grade``). Bugs of ours are ordinary exceptions and do not inherit
from ``GraderError``.
"""

from typing import ClassVar


class GraderError(Exception):
    """An error with one sentence for people and an exit code for programs."""

    exit_code: ClassVar[int] = 3


class UsageError(GraderError):
    """What was typed names something that does not exist or cannot be done."""

    exit_code = 2


class CourseError(GraderError):
    """A file of the course breaks the exercise format; the message says where."""

    exit_code = 2


class SubmissionError(GraderError):
    """A submission that is no gradable file: missing, binary, empty, too large."""

    exit_code = 2


class UnreadableError(SubmissionError):
    """A file that this machine could not read; in a class that is no zero."""


class GradebookError(GraderError):
    """The gradebook is of another version, damaged, locked, or has no room to grow."""


class WireError(GraderError):
    """Bytes that are not a well-formed frame, or a frame that is no known message."""


class ClusterError(GraderError):
    """The cluster cannot be reached, has no worker that grades as this machine would, or is lost."""


class ExaminerError(GraderError):
    """The grader could not grade; never the learner's fault."""


class ExaminerLostError(ExaminerError):
    """The examiner's process ended instead of answering; another can be started."""
