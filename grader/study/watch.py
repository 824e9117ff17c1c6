"""``grade watch`` as a pure state machine: it opens no file, no terminal and no thread.

``update`` takes the state, an event and the time. It returns the next state and the effects
to carry out: show a page, read a file, grade, look up progress. Whoever carries out an effect
reports its result as another event. ``grader.cli.watch`` does so at a real terminal.
"""

import enum
from typing import Final

import msgspec
from msgspec.structs import replace

from grader.course.records import Exercise
from grader.examiner.protocol import Examine
from grader.grades.grade import Grade
from grader.study import advice, progress
from grader.study.progress import Hint, Standing
from grader.submission.files import Submission, digest, submission_name

RETRY_AFTER: Final = 0.2
"""Seconds until a file that is missing or half written is read again."""
ONE_SAVE: Final = 0.5
"""Seconds in which two saves of the same text count as one; later, the second is graded again."""
SLOW_AFTER: Final = 0.4
"""Seconds after which the page says that grading is still running."""
STUCK_AFTER: Final = 3
"""Seconds after which the page says how to stop it."""
GRADING: Final = "Grading …"
LOADING: Final = "Loading PyTorch and grading …"


# What a page consists of


class Statement(msgspec.Struct, frozen=True):
    """What an exercise asks for."""

    exercise: Exercise


class GradeReport(msgspec.Struct, frozen=True):
    """The grade of a submission."""

    exercise: Exercise
    grade: Grade
    submission: Submission
    points_before: int | None = None
    """The points of the grade before, of the same exercise."""


class ShownHint(msgspec.Struct, frozen=True):
    """A hint; it stays on the page of its exercise after the next save."""

    exercise: Exercise
    hint: Hint


Part = Statement | GradeReport | ShownHint | list[str]
"""Lines of text are a part, too."""


# What can happen


class Key(msgspec.Struct, frozen=True):
    """The learner pressed a key."""

    character: str


class Resized(msgspec.Struct, frozen=True):
    """The terminal has another size, or is shown again after it was stopped."""


class Terminated(msgspec.Struct, frozen=True):
    """A signal asks the process to end: from another program, or because the terminal is gone."""

    signal: int


class Tick(msgspec.Struct, frozen=True):
    """Time has passed; see ``State.wakes_at``."""


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


# What is to be done


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


class State(msgspec.Struct, frozen=True):
    """What the learner works on, what is on the screen, and when the next ``Tick`` is due."""

    exercise: Exercise
    is_introduced: bool = False
    """Whether its statement or a grade of it was shown."""
    page: tuple[Part, ...] = ()
    before: tuple[Part, ...] = ()
    """The page from which a key turned to the statement or to the list."""
    turned: int = 0
    """How often the learner turned to the next part of a page longer than the screen, less how
    often back."""
    graded: tuple[str, str] = ("", "")
    """Exercise id and digest of the submission that was graded last."""
    graded_at: float = 0.0
    slow_at: float | None = None
    """When to say that grading is still running, and for how long."""
    is_warm: bool = False
    """Whether a grade came; before the first one, the examiner loads PyTorch."""
    grading_since: float = 0.0
    """When the grading began that runs now, or ran last."""
    retry_at: float | None = None
    """When to read a file again that was missing or half written."""

    @property
    def wakes_at(self) -> float | None:
        """When the next ``Tick`` is due; None if only another event can change anything."""
        due = (self.slow_at, self.retry_at)
        times = [at for at in due if at is not None]
        return min(times, default=None)

    @property
    def keys(self) -> list[str]:
        """The keys for the last line of the screen, each with what it does."""
        # Space is not here: it only works on a long page, which says so itself.
        keys = ["h hint", "s show", "n next", "l list", "r run again", "q quit"]
        if self.before:
            place = 1 if isinstance(self.page[0], Statement) else 3
            keys[place] = f"{keys[place][0]} back"
        if not self.exercise.spec.runs_code:
            keys.insert(0, "a answer here")

        return keys


Step = tuple[State, list[Effect]]


def begin(exercise: Exercise) -> Step:
    """Start with ``exercise``."""
    return _turn_to(State(exercise), exercise)


def update(state: State, event: Event, now: float) -> Step:
    """The next state and what to do, after ``event`` at the time ``now`` in seconds."""
    match event:
        case Key():
            return _pressed(state, event.character)
        case Resized():
            # On a screen of another size, parts begin at other lines.
            return replace(state, turned=0), [Draw()]
        case Terminated():
            # Draw nothing: the terminal may be gone.
            return state, [End(event.signal)]
        case Tick():
            return _on_tick(state, now)
        case Saved():
            return _on_saved(state, event.files)
        case FileRead():
            return _on_read(state, event, now)
        case Graded():
            return _on_graded(state, event, now)
        case ProgressRead():
            return _on_progress(state, event)
        case HintGiven():
            return _show_hint(state, ShownHint(event.exercise, event.hint))
        case QuizAnswered():
            return _run_again(state)
        case Failed():
            return _add(state, event.problem)


def _pressed(state: State, key: str) -> Step:
    match key:
        case "h":
            return state, [TakeHint(state.exercise)]
        case "s":
            state, effects = _show_aside(state, Statement(state.exercise))
            return replace(state, is_introduced=True), effects
        case "l":
            return state, [ReadProgress(Purpose.LIST)]
        case "r":
            return _run_again(state)
        case "n" if state.is_introduced:
            return state, [ReadProgress(Purpose.NEXT)]
        case "n":
            # After a pass the next exercise is already the current one, but not yet shown.
            return _turn_to(state, state.exercise)
        case "a" if not state.exercise.spec.runs_code:
            return state, [AskQuestions(state.exercise)]
        case " ":
            return replace(state, turned=state.turned + 1), [Draw()]
        case "b":
            return replace(state, turned=state.turned - 1), [Draw()]
        case "q" | "\x04":  # Ctrl-D
            return state, [End()]

    # The learner expected something of this key.
    keys = ", ".join(state.keys)
    return _add(state, f"Keys: {keys}. On a long page, space turns to the next part, b back.")


def _on_tick(state: State, now: float) -> Step:
    # Both can be due at once, after a long stop with Ctrl-Z.
    effects: list[Effect] = []
    is_retry_due = state.retry_at is not None and now >= state.retry_at
    if is_retry_due:
        state = replace(state, retry_at=None)
        effects.append(Read(state.exercise, Why.RETRIED))

    is_slow = state.slow_at is not None and now >= state.slow_at
    if is_slow:
        state, drawn = _say_grading(state, now)
        effects += drawn

    return state, effects


def _say_grading(state: State, now: float) -> Step:
    """Say that grading is running, and once a second for how long."""
    seconds = int(now - state.grading_since)
    sentence = GRADING if state.is_warm else LOADING
    if seconds >= 1:
        sentence = f"{sentence} {seconds} s"
    if seconds >= STUCK_AFTER and state.is_warm:
        sentence += ". Does a loop never end? Change it and save: that stops this run."

    is_repeated = any(_is_grading(part) for part in state.page)
    page = tuple(part for part in state.page if not _is_grading(part))
    state = replace(
        state, page=(*page, advice.wrapped(sentence)), slow_at=state.grading_since + seconds + 1
    )
    return state, [Draw(only_last=True, is_repeated=is_repeated)]


def _is_grading(part: Part) -> bool:
    return isinstance(part, list) and part[0].startswith((GRADING, LOADING))


def _on_saved(state: State, files: tuple[SavedFile, ...]) -> Step:
    """Read the current exercise again, or turn to another whose file was saved."""
    why = Why.OTHER_FILE_SAVED
    for file in files:
        # A module next to the submission: reading shows whether the submission imports it.
        if file.exercise is None:
            continue
        if file.exercise == state.exercise:
            why = Why.OWN_FILE_SAVED
        # Starting another exercise saves a file too; the learner has not worked on it yet.
        elif not file.has_first_content:
            state = _leave_for(state, file.exercise)
            why = Why.OWN_FILE_SAVED

    return state, [Read(state.exercise, why)]


def _on_read(state: State, event: FileRead, now: float) -> Step:
    """Grade what was read, unless it is the starter or was graded a moment ago."""
    exercise = event.exercise
    submission = event.submission
    is_turn = event.why is Why.TURNED_TO
    # After a pass the page keeps the grade: the learner wants to read it.
    if is_turn and not state.is_introduced:
        return _announce(state, exercise, submission)
    if submission is None:
        if event.why is Why.RETRIED:
            return _report(state, event.problem)
        # Editors that replace a file leave a moment without one.
        return replace(state, retry_at=now + RETRY_AFTER), []

    state = replace(state, retry_at=None)
    effects: list[Effect] = []
    if is_turn:
        state, effects = _show(state, Statement(exercise))
        # Only work that is there already is worth a grade.
        if event.has_first_content:
            return state, [*effects, Prepare(exercise)]
    # Key r grades even the starter: the learner asked for it.
    elif event.has_first_content and event.why is not Why.REQUESTED:
        if state.graded[0] != exercise.id:
            return state, []

        # The learner reset the exercise, so its grade is out of date.
        state = replace(state, graded=("", ""))
        return _show(state, Statement(exercise))

    content = (exercise.id, digest(submission))
    if content == state.graded:
        # The submission does not import the module that was saved.
        if event.why is Why.OTHER_FILE_SAVED:
            return state, []
        # Some editors save a file twice in a row.
        if now - state.graded_at <= ONE_SAVE:
            return state, []

    state = replace(
        state,
        graded=content,
        graded_at=now,
        slow_at=now + SLOW_AFTER,
        grading_since=now,
    )
    return state, [*effects, StartGrading(exercise, submission)]


def _on_graded(state: State, event: Graded, now: float) -> Step:
    exercise = event.examine.exercise
    grade = event.grade
    if grade is not None:
        state = replace(state, is_warm=True)

    # The learner turned to another exercise meanwhile.
    if exercise != state.exercise:
        return state, []

    state = replace(state, graded_at=now, slow_at=None)
    if grade is None:
        return _report(state, event.problem)

    # The page comes first: keeping the grade waits for the disk.
    state, effects = _show_grade(state, event.examine, grade)
    effects.append(Keep(event.examine, grade))
    if grade.passed:
        effects.append(ReadProgress(Purpose.AFTER_PASS))

    return state, effects


def _show_grade(state: State, examine: Examine, grade: Grade) -> Step:
    """Show a grade; the last hint of its exercise stays until a pass."""
    exercise = examine.exercise
    before = None
    hints: list[Part] = []
    for part in state.page:
        if isinstance(part, GradeReport) and part.exercise == exercise:
            before = part.grade.points
        if isinstance(part, ShownHint) and part.exercise == exercise and not grade.passed:
            hints.append(part)

    report = GradeReport(exercise, grade, examine.submission, before)
    state = replace(state, page=(report, *hints), before=(), turned=0)
    return state, [Draw()]


def _show_hint(state: State, shown: ShownHint) -> Step:
    """Add a hint to the page, in place of the one before."""
    page = tuple(part for part in state.page if not isinstance(part, ShownHint))
    # The addition is on the first screen, so the page turns back to it.
    state = replace(state, page=(*page, shown), turned=0)
    return state, [Draw(only_last=True)]


def _show_aside(state: State, part: Part) -> Step:
    """Show the statement or the list; with the same key again, the page before it."""
    before = state.before
    if state.page and state.page[0] == part:
        # Without a page before it, there is nothing to go back to.
        page = before or state.page
        return replace(state, page=page, before=(), turned=0), [Draw()]

    # From the statement to the list, the way back is to the page before both.
    before = before or state.page
    state, effects = _show(state, part)
    return replace(state, before=before), effects


def _on_progress(state: State, event: ProgressRead) -> Step:
    standings = event.standings
    if event.purpose is Purpose.LIST:
        here = next((each for each in standings if each.exercise == state.exercise), None)
        return _show_aside(state, list(advice.listing(standings, following=here)))

    following = progress.next_standing(standings, state.exercise.id)
    if event.purpose is Purpose.NEXT:
        if following is None:
            return _report(state, "You passed every exercise.")
        return _turn_to(state, following.exercise)

    if following is None:
        return _add(state, "That was the last exercise: you passed all of them.")

    # Saves are about the next exercise from now on; its statement waits for a key.
    exercise = following.exercise
    state = replace(state, exercise=exercise, is_introduced=False)
    return state, [Read(exercise, Why.TURNED_TO)]


def _announce(state: State, exercise: Exercise, submission: Submission | None) -> Step:
    """Say below the grade which exercise is next."""
    file = submission.name if submission else submission_name(exercise)
    sentence = (
        f"Next: {exercise.id}, {exercise.spec.title}. Its file is {file}; "
        "press n to read its statement."
    )
    state, effects = _add(state, sentence)
    return state, [*effects, Prepare(exercise)]


def _leave_for(state: State, exercise: Exercise) -> State:
    """Work on another exercise: the page no longer waits for a grade of the one before."""
    return replace(state, exercise=exercise, is_introduced=True, slow_at=None)


def _turn_to(state: State, exercise: Exercise) -> Step:
    state = replace(_leave_for(state, exercise), graded=("", ""))
    return state, [Read(exercise, Why.TURNED_TO)]


def _run_again(state: State) -> Step:
    exercise = state.exercise
    # Without this, the same text would count as graded already.
    state = replace(state, graded=("", ""))
    return state, [DrawInputs(exercise), Read(exercise, Why.REQUESTED)]


def _report(state: State, sentence: str) -> Step:
    """Replace the page by a sentence."""
    return _show(state, advice.wrapped(sentence))


def _show(state: State, part: Part) -> Step:
    """Replace the page."""
    state = replace(state, page=(part,), before=(), turned=0)
    return state, [Draw()]


def _add(state: State, sentence: str) -> Step:
    """Add a sentence to the page."""
    lines = advice.wrapped(sentence)
    # The same sentence twice says nothing more.
    page = (*(part for part in state.page if part != lines), lines)
    # The addition is on the first screen, so the page turns back to it.
    state = replace(state, page=page, turned=0)
    return state, [Draw(only_last=True)]
