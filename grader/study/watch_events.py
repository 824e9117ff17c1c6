"""What can happen during ``grade watch``, and what it makes the program do.

``watch`` turns the events into effects. ``grader.cli.watch`` carries these out and reports the
results as events.
"""

import enum

import msgspec

from grader.course.records import Exercise
from grader.examiner.protocol import Examine
from grader.grades.grade import Grade
from grader.study.progress import Hint, Standing
from grader.submission.files import Submission

# Events


class Key(msgspec.Struct, frozen=True):
    """The learner pressed a key."""

    character: str


class Resized(msgspec.Struct, frozen=True):
    """The terminal has another size, or is shown again after it was stopped."""


class Terminated(msgspec.Struct, frozen=True):
    """A signal asks the process to end: from another program, or because the terminal is gone."""

    signal: int


class Tick(msgspec.Struct, frozen=True):
    """Time has passed; see ``watch_state.State.wakes_at``."""


class SavedFile(msgspec.Struct, frozen=True):
    """A file that was saved in the watched folder."""

    exercise: Exercise | None = None
    """The exercise that this file is the submission for; None for a module next to it."""
    has_first_content: bool = False
    """Whether it still has the content that ``grade start`` wrote."""


class Saved(msgspec.Struct, frozen=True):
    """Files that can matter were saved."""

    files: tuple[SavedFile, ...]


class Why(enum.Enum):
    """Why a submission is read."""

    TURNED_TO = "the learner turned to this exercise"
    OWN_FILE_SAVED = "the file of this exercise was saved"
    OTHER_FILE_SAVED = "some other file was saved"
    RETRIED = "the file was missing or half written a moment ago"
    REQUESTED = "the learner pressed a key to grade it"


class FileRead(msgspec.Struct, frozen=True):
    """A submission was read, or could not be."""

    exercise: Exercise
    why: Why
    submission: Submission | None = None
    has_first_content: bool = False
    problem: str = ""
    """Why there is no submission."""


class Graded(msgspec.Struct, frozen=True):
    """A submission was graded, or could not be."""

    examine: Examine
    grade: Grade | None
    problem: str = ""
    """Why there is no grade."""


class Purpose(enum.Enum):
    """Why the learner's progress is looked up."""

    LIST = enum.auto()
    NEXT = enum.auto()
    AFTER_PASS = enum.auto()


class ProgressRead(msgspec.Struct, frozen=True):
    """The learner's progress was read."""

    purpose: Purpose
    standings: tuple[Standing, ...]


class HintGiven(msgspec.Struct, frozen=True):
    """The next hint was taken."""

    exercise: Exercise
    hint: Hint


class QuizAnswered(msgspec.Struct, frozen=True):
    """The learner answered questions of a quiz, or left them."""


class Failed(msgspec.Struct, frozen=True):
    """An effect could not be carried out."""

    problem: str


Event = (
    Key
    | Resized
    | Terminated
    | Tick
    | Saved
    | FileRead
    | Graded
    | ProgressRead
    | HintGiven
    | QuizAnswered
    | Failed
)


# Effects


class Draw(msgspec.Struct, frozen=True):
    """Show the page; with ``only_last``, an output that scrolls needs only its last part."""

    only_last: bool = False
    is_repeated: bool = False
    """Whether only the seconds on the page differ; an output that scrolls needs none of it."""


class Read(msgspec.Struct, frozen=True):
    """Read the submission for an exercise; then ``FileRead``.

    If the learner turned to the exercise or asked for a grade, start a missing file.
    """

    exercise: Exercise
    why: Why


class DrawInputs(msgspec.Struct, frozen=True):
    """Draw other random inputs for the next grading of an exercise."""

    exercise: Exercise


class StartGrading(msgspec.Struct, frozen=True):
    """Grade a submission; later ``Graded``."""

    exercise: Exercise
    submission: Submission


class Prepare(msgspec.Struct, frozen=True):
    """Load the checks of an exercise, and run its misconceptions, before the first save."""

    exercise: Exercise


class Keep(msgspec.Struct, frozen=True):
    """Keep a grade as progress."""

    examine: Examine
    grade: Grade


class ReadProgress(msgspec.Struct, frozen=True):
    """Read the learner's progress; then ``ProgressRead``."""

    purpose: Purpose


class TakeHint(msgspec.Struct, frozen=True):
    """Take the next hint of an exercise; then ``HintGiven``."""

    exercise: Exercise


class AskQuestions(msgspec.Struct, frozen=True):
    """Ask the questions of a quiz at the terminal; then ``QuizAnswered``."""

    exercise: Exercise


class End(msgspec.Struct, frozen=True):
    """Leave; ``signal`` is 0, or the signal that asked for it."""

    signal: int = 0


Effect = (
    Draw
    | Read
    | DrawInputs
    | StartGrading
    | Prepare
    | Keep
    | ReadProgress
    | TakeHint
    | AskQuestions
    | End
)
