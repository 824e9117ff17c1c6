"""What self-study says, as lines of 80 columns that need no colour: where one is, what is next, what to type."""

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from grader import study
from grader.course import CodeExercise, Exercise
from grader.study import Hint, Standing
from grader.submission import find_submission, submission_name

COLUMNS: Final = 80
_UNBROKEN: Final = "\N{NO-BREAK SPACE}"


def status(standings: Sequence[Standing], folder: Path) -> Iterator[str]:
    """A line for each exercise, the sum, and what comes next."""
    yield from listing(standings)
    yield ""
    passed = sum(standing.passed for standing in standings)
    tries = sum(standing.tries for standing in standings)
    yield f"{passed} of {len(standings)} passed, {tries} {'try' if tries == 1 else 'tries'}"
    yield ""
    following = study.next_standing(standings)
    if following is None:
        yield "All exercises are passed. `grade solution EXERCISE` shows a solution beside yours."
        return
    yield from next_steps(following, folder)


def listing(standings: Sequence[Standing]) -> Iterator[str]:
    """A line for each exercise: how it stands, best points, tries, title."""
    width = max((len(standing.exercise.id) for standing in standings), default=0)
    for standing in standings:
        points = "" if standing.points is None else f"{standing.points}/{standing.max_points}"
        tries = "" if not standing.tries else f"{standing.tries} {'try' if standing.tries == 1 else 'tries'}"
        line = f"{standing.exercise.id:<{width}}  {_state(standing):<8}  {points:>7}  {tries:<9}  "
        yield shortened(line + " ".join(standing.exercise.spec.title.split()))


def next_steps(standing: Standing, folder: Path) -> Iterator[str]:
    """The exercise that comes next, and what to type for it."""
    exercise = standing.exercise
    yield shortened(f"Next: {exercise.id}, {' '.join(exercise.spec.title.split())}")
    file = find_submission(exercise, folder)
    name = file.name if file else submission_name(exercise)
    asks = f"asks its questions, or grades {name}"
    grades = f"write your code in {name}, then this" if isinstance(exercise.spec, CodeExercise) else asks
    steps = [(f"grade show {exercise.id}", "what it asks for, and what is checked")]
    if file is None:
        steps += [(f"grade start {exercise.id}", f"begins {name}")]
    steps += [(f"grade {exercise.id}", grades)]
    if left := len(exercise.spec.hints) - standing.hints:
        steps += [(f"grade hint {exercise.id}", f"a hint ({left} left)")]
    steps += [("grade watch", "grades whenever you save")]
    yield from commands(steps)


def welcome(exercises: Sequence[Exercise], above: Path | None) -> Iterator[str]:
    """What someone needs who types `grade` in a folder like any other."""
    yield f"`grade` checks what you write for {len(exercises)} PyTorch exercises."
    yield ""
    first = exercises[0].id if exercises else "EXERCISE"
    if above is not None:
        yield from wrapped(f"Your workspace is above this folder: cd {above}")
        yield ""
    yield "To begin, in a folder of your own:"
    yield from commands(
        [
            ("grade start", "makes this folder your workspace, which keeps your progress"),
            (f"grade show {first}", "what the first exercise asks for"),
            (f"grade {first}", "grades what you wrote"),
            ("grade watch", "grades whenever you save"),
            ("grade list", "all exercises"),
            ("grade --help", "all commands, for teachers and authors too"),
        ]
    )


def hint(exercise: Exercise, given: Hint, *, can_remember: bool = True) -> Iterator[str]:
    """A hint, after what the last grade said if that is better; ``can_remember`` says whether it counts as taken."""
    if given.mistake is not None:
        name, explanation = given.mistake
        yield from wrapped(f"Before any hint: your last try behaves exactly like a known mistake, {name}.")
        for paragraph in explanation.split("\n\n"):
            yield ""
            yield from wrapped(paragraph, "  ")
        yield ""
    yield f"Hint {given.number} of {len(exercise.spec.hints)} for {exercise.id}"
    for paragraph in given.text.split("\n\n"):
        yield ""
        yield from wrapped(paragraph, "  ")
    yield ""
    if given.left and can_remember:
        yield f"{given.left} left: `grade hint {exercise.id}` gives the next."
    elif given.left:
        yield from wrapped(
            f"{given.left} left: `grade hint {exercise.id} {given.number + 1}` gives the next. Nothing here remembers "
            "which you had; in a workspace, which `grade start` makes, that is kept."
        )
    else:
        yield from wrapped(
            f"That was the last hint. `grade show {exercise.id}` says again what is asked for; "
            f"`grade solution {exercise.id} --give-up` shows a solution."
        )


def commands(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Commands and what they do, in two columns."""
    rows = list(rows)
    width = max(len(command) for command, _ in rows)
    for command, purpose in rows:
        yield f"  {command:<{width}}  {purpose}"


def wrapped(text: str, indent: str = "") -> list[str]:
    """A paragraph, broken at 80 columns."""
    # What stands between backticks is to be typed, or is code: it stays on one line.
    kept = re.sub(r"`[^`]{1,60}`", lambda match: match[0].replace(" ", _UNBROKEN), " ".join(text.split()))
    lines = textwrap.wrap(
        kept,
        COLUMNS,
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,
    )
    return [line.replace(_UNBROKEN, " ") for line in lines]


def shortened(line: str) -> str:
    """``line`` cut to 80 columns."""
    return line.rstrip() if len(line) <= COLUMNS else line[: COLUMNS - 1].rstrip() + "…"


def _state(standing: Standing) -> str:
    if standing.passed:
        return "passed"
    if standing.given_up:
        return "given up"
    return "new" if standing.points is None else "begun"
