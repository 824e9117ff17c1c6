"""``grade watch`` as a pure state machine: it opens no file, no terminal and no thread.

``update`` takes the state, an event and the time. It returns the next state and the effects
to carry out: show a page, read a file, grade, look up progress. Whoever carries out an effect
reports its result as another event. ``grader.cli.watch`` does so at a real terminal.

``watch_events`` has the events and the effects, ``watch_state`` the state.
"""

from typing import Final

from msgspec.structs import replace

from grader.course.records import Exercise
from grader.study import advice, progress
from grader.study.watch_events import (
    AskQuestions,
    Draw,
    DrawInputs,
    Effect,
    End,
    Event,
    Failed,
    FileRead,
    Graded,
    HintGiven,
    Keep,
    Key,
    Prepare,
    ProgressRead,
    Purpose,
    QuizAnswered,
    Read,
    ReadProgress,
    Resized,
    Saved,
    SavedFile,
    StartGrading,
    TakeHint,
    Terminated,
    Tick,
    Why,
)
from grader.study.watch_state import Page, Part, ShownHint, State, Statement
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
            page = replace(state.page, turned=0)
            return replace(state, page=page), [Draw()]
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
            page = state.page.with_hint(ShownHint(event.exercise, event.hint))
            return replace(state, page=page), [Draw(only_last=True)]
        case QuizAnswered():
            return _run_again(state)
        case Failed():
            return _add(state, event.problem)


def _pressed(state: State, key: str) -> Step:
    match key:
        case "h":
            return state, [TakeHint(state.exercise)]
        case "s":
            page = state.page.aside(Statement(state.exercise))
            return replace(state, page=page, is_introduced=True), [Draw()]
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
            return _turn_page(state, 1)
        case "b":
            return _turn_page(state, -1)
        case "q" | "\x04":  # Ctrl-D
            return state, [End()]

    # The learner expected something of this key.
    keys = ", ".join(state.keys)
    return _add(state, f"Keys: {keys}. On a long page, space turns to the next part, b back.")


def _turn_page(state: State, screens: int) -> Step:
    page = replace(state.page, turned=state.page.turned + screens)
    return replace(state, page=page), [Draw()]


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

    is_repeated = state.page.is_running
    state = replace(
        state,
        page=state.page.with_running(sentence),
        slow_at=state.grading_since + seconds + 1,
    )
    return state, [Draw(only_last=True, is_repeated=is_repeated)]


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
        return _on_missing(state, event, now)

    state = replace(state, retry_at=None)
    effects: list[Effect] = []
    if is_turn:
        state, effects = _show(state, Statement(exercise))
        # Only work that is there already is worth a grade.
        if event.has_first_content:
            return state, [*effects, Prepare(exercise)]
    # Key r grades even the starter: the learner asked for it.
    elif event.has_first_content and event.why is not Why.REQUESTED:
        return _on_starter(state, exercise)

    content = (exercise.id, digest(submission))
    if content == state.graded and _is_same_save(state, event.why, now):
        return state, []

    state = replace(
        state,
        graded=content,
        graded_at=now,
        slow_at=now + SLOW_AFTER,
        grading_since=now,
    )
    return state, [*effects, StartGrading(exercise, submission)]


def _on_missing(state: State, event: FileRead, now: float) -> Step:
    """Try again a moment later, because editors that replace a file leave a moment without one."""
    if event.why is Why.RETRIED:
        return _report(state, event.problem)

    return replace(state, retry_at=now + RETRY_AFTER), []


def _on_starter(state: State, exercise: Exercise) -> Step:
    """Show the statement again after a reset, because the grade is out of date."""
    if state.graded[0] != exercise.id:
        return state, []

    return _show(replace(state, graded=("", "")), Statement(exercise))


def _is_same_save(state: State, why: Why, now: float) -> bool:
    """Whether a submission with the same text as the last one needs no other grade."""
    # The submission does not import the module that was saved.
    if why is Why.OTHER_FILE_SAVED:
        return True

    # Some editors save a file twice in a row.
    return now - state.graded_at <= ONE_SAVE


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
    page = state.page.with_grade(exercise, grade, event.examine.submission)
    state = replace(state, page=page)
    effects: list[Effect] = [Draw(), Keep(event.examine, grade)]
    if grade.passed:
        effects.append(ReadProgress(Purpose.AFTER_PASS))

    return state, effects


def _on_progress(state: State, event: ProgressRead) -> Step:
    standings = event.standings
    if event.purpose is Purpose.LIST:
        here = next((each for each in standings if each.exercise == state.exercise), None)
        page = state.page.aside(list(advice.listing(standings, following=here)))
        return replace(state, page=page), [Draw()]

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
    return replace(state, page=Page((part,))), [Draw()]


def _add(state: State, sentence: str) -> Step:
    """Add a sentence to the page."""
    state = replace(state, page=state.page.with_sentence(sentence))
    return state, [Draw(only_last=True)]
