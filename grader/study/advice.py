"""The sentences of self-study: progress, what is next, what to type.

Lines are as wide as the terminal, and at most 120 columns.
Commands in backticks are written as for a terminal; ``in_notebook`` turns them into magics.
"""

import contextlib
import os
import re
import shlex
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from grader.course.records import CodeExercise, Exercise
from grader.grades.grade import OBSERVED, Grade
from grader.report.failure_summary import WIDEST, verdict
from grader.sandbox import guesses
from grader.study import progress
from grader.study.progress import Hint, Standing, Workspace
from grader.submission.files import Submission, find_submission, submission_name
from grader.submission.work import defined_names
from grader.text import count, one_line, single_spaced

Rows = list[tuple[str, str]]
"""Commands and what they do."""
COLUMNS: Final = 80
_LEAST_COLUMNS: Final = 20
_ATTEMPTS_FROM: Final = 70
BEGUN: Final = "This folder is now your workspace. Its folder .grade contains your progress."
NOT_KEPT: Final = "`grade start` makes this folder a workspace, which keeps your progress."
"""What to do after a grade that is not kept."""
ALL_PASSED: Final = (
    "You passed every exercise. `grade solution EXERCISE` shows a solution next to yours."
)
STILL_HINTS: Final = "`grade hint EXERCISE` still gives the hints of an exercise."
MAGICS: Final = ("help", "hint", "list", "show", "solution", "start", "status")
"""What the magic of a notebook accepts; it takes any other word for an exercise."""
OF_FILES: Final = {
    "watch": (
        "`grade watch` grades files, in a terminal. Here, every run of a marked cell grades it."
    ),
    "reset": (
        "a notebook has no file to reset; `%grade start EXERCISE` writes the starter into a new "
        "cell, and the cell that you have stays"
    ),
}
"""Commands that people type in a notebook, and what there is in their place."""
MAGIC_HELP: Final[Rows] = [
    ("%%grade EXERCISE", "grade the code or the answers below this line in the same cell"),
    ("%grade list", "list the exercises"),
    ("%grade show EXERCISE", "show the statement and the checks"),
    ("%grade start EXERCISE", "write the starter or the questions into a new cell"),
    ("%grade status", "show your progress and what to type next"),
    ("%grade hint EXERCISE", "give the next hint"),
    ("%grade solution EXERCISE", "show a solution after you pass, or with --give-up"),
    ("%grade start", "make this folder a workspace, which keeps your progress"),
]
"""What to type in a notebook, and what it does."""
_ONLY_AT_A_TERMINAL: Final = ("batch", "new", "reset", "watch")
_COMMAND: Final = re.compile(r"`grade(?: (?P<word>[\w-]+))?(?P<rest>[^`]*)`")
_CODE: Final = re.compile(r"`[^`]{1,60}`")
_SHOWS: Final = "show the statement and the checks"
_NO_BREAK_SPACE: Final = "\N{NO-BREAK SPACE}"
_CONTROLS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Characters that control a terminal or the direction of text: another person may have written
the files of a workspace."""


def status(
    standings: Sequence[Standing],
    steps: Callable[[Standing], Rows],
    finished: str = ALL_PASSED,
    lines: int | None = None,
) -> Iterator[str]:
    """A line for each exercise, the totals, and the ``steps`` of the next exercise.

    If every exercise is passed, ``finished`` replaces the steps. On a terminal with fewer
    ``lines``, only the exercises around the next one have a line.
    """
    following = progress.next_standing(standings)
    end = ["", tally(standings), ""]
    if following is None:
        end += wrapped(finished)
    else:
        title = f"Next: {following.exercise.id}, {_title(following.exercise)}"
        end += [shortened(title), *commands(steps(following))]

    rows = list(listing(standings, following=following))
    if lines is not None and len(rows) + len(end) > lines:
        place = standings.index(following) if following else 0
        rows = _around(rows, place, max(3, lines - len(end)))

    yield from [*rows, *end]


def _around(rows: list[str], place: int, most: int) -> list[str]:
    """At most ``most`` lines: the rows around the one at ``place``, and how many there are."""
    start = max(0, min(place - 1, len(rows) - most + 1))
    shown = rows[start : start + most - 1]
    left = len(rows) - len(shown)
    return [*shown, shortened(f"… {left} more: `grade list` shows all")]


def tally(standings: Sequence[Standing]) -> str:
    """How many exercises are passed, after how many attempts."""
    # An exercise that was given up can still be passed later.
    passed = sum(standing.passed for standing in standings)
    made = sum(standing.attempts for standing in standings)
    total = len(standings)
    return f"{passed} of {total} passed, {count(made, 'attempt')}"


def listing(
    standings: Sequence[Standing],
    sections: Mapping[str, str] = {},
    following: Standing | None = None,
) -> Iterator[str]:
    """A line for each exercise: state, best points, attempts, title.

    ``sections`` maps the first exercise of each section to the title above it. An arrow marks
    the exercise that is ``following``.
    """
    rows = []
    for standing in standings:
        best, most = "-", standing.exercise.spec.max_points
        if standing.points is not None:
            best, most = str(standing.points), standing.max_points

        made = attempts(standing.attempts) if columns() >= _ATTEMPTS_FROM else ""
        rows.append((standing.exercise.id, state(standing), f"{best}/{most}", made))

    # A column is as wide as its longest entry, so that the titles have the rest.
    widths = [max((len(row[place]) for row in rows), default=0) for place in range(4)]
    for number, (row, standing) in enumerate(zip(rows, standings, strict=True)):
        if title := sections.get(standing.exercise.id):
            if number:
                yield ""
            yield shortened(single_spaced(title))

        sides = "<<><"
        cells = [
            f"{cell:{side}{width}}"
            for cell, side, width in zip(row, sides, widths, strict=True)
            if width
        ]
        mark = "→ " if standing == following else "  "
        yield shortened("  ".join([mark + cells[0], *cells[1:], _title(standing.exercise)]))


def steps(standing: Standing, folder: Path) -> Rows:
    """What to type for an exercise in ``folder``."""
    exercise = standing.exercise
    file = find_submission(exercise, folder)
    rows = [(f"grade show {exercise.id}", _SHOWS)]
    if file is None:
        name = submission_name(exercise)
        rows.append((f"grade start {exercise.id}", f"create {name}"))
    else:
        name = file.name

    purpose = f"grade {name}"
    # The questions of a quiz can be answered at the terminal.
    if not exercise.spec.runs_code:
        purpose = f"answer the questions here, or grade {name}"

    rows.append((f"grade {exercise.id}", purpose))
    # After the last hint, another is only a repetition.
    if standing.hints_left:
        rows.append(_hint_step(standing))

    rows.append(("grade watch", "grade on every save"))
    return rows


def cell_steps(standing: Standing) -> Rows:
    """What to type for an exercise in a notebook."""
    exercise = standing.exercise
    first, graded = "questions", "answers"
    if exercise.spec.runs_code:
        first, graded = "starter", "code"

    rows = [
        (f"%grade show {exercise.id}", _SHOWS),
        (f"%grade start {exercise.id}", f"insert the {first} in a new cell"),
        (f"%%grade {exercise.id}", f"grade the {graded} below this line in the same cell"),
    ]
    if standing.hints_left:
        command, purpose = _hint_step(standing)
        rows.append((f"%{command}", purpose))

    return rows


def welcome(exercises: Sequence[Exercise], above: Path | None) -> Iterator[str]:
    """What ``grade`` prints in a folder that is no workspace; ``above`` is one further up."""
    number = count(len(exercises), "PyTorch exercise")
    yield from wrapped(f"`grade` checks your solutions to {number}.")
    yield ""
    if above is not None:
        yield from wrapped(f"Your workspace is above this folder: cd {shlex.quote(str(above))}")
        # Not how to start: that would make a second workspace.
        yield from wrapped("It also keeps the grades of this folder. `grade list` shows them.")
        return

    first = exercises[0].id if exercises else "EXERCISE"
    yield "To start, in a folder of your own:"
    # The commands of the first minutes; the help lists all others.
    yield from commands(
        [
            ("grade start", "make this folder your workspace; it keeps your progress"),
            (f"grade show {first}", "show the first exercise"),
            (f"grade {first}", "grade your solution"),
            ("grade watch", "grade on every save"),
            ("grade list", "list the exercises"),
            ("grade --help", "list all commands, also those for instructors and authors"),
        ]
    )


def hint(exercise: Exercise, given: Hint) -> Iterator[str]:
    """A hint and what helps after it; the misconception of the last grade comes first."""
    if given.misconception is not None:
        name, explanation = given.misconception
        yield from wrapped(before_hint(name))
        yield from _paragraphs(explanation)
        yield ""

    yield hint_title(exercise, given)
    yield from _paragraphs(given.text)
    yield ""
    yield from wrapped(after_hint(exercise, given))


def hint_while_watching(exercise: Exercise, given: Hint) -> Iterator[str]:
    """A hint for a page that shows the last grade already, with its misconception."""
    left = "the last one"
    if given.left:
        left = f"{given.left} left, h shows the next one"

    yield f"{hint_title(exercise, given)} ({left})"
    for paragraph in given.text.split("\n\n"):
        yield from wrapped(paragraph, "  ")


def before_hint(misconception: str) -> str:
    """The sentence before a misconception, which helps more than a hint."""
    if misconception.startswith(OBSERVED):
        return "Before the hint: this was observed in your last attempt."

    return "Before the hint: your last attempt matches a known misconception."


def hint_title(exercise: Exercise, given: Hint) -> str:
    """Which hint it is."""
    number = len(exercise.spec.hints)
    return f"Hint {given.number} of {number} for {exercise.id}"


def after_hint(exercise: Exercise, given: Hint) -> str:
    """How many hints are left and how to get the next; after the last hint, what else helps."""
    if not given.left:
        return (
            f"This was the last hint. `grade show {exercise.id}` shows the statement again; "
            f"`grade solution {exercise.id} --give-up` shows a solution."
        )

    left = f"{count(given.left, 'hint')} left"
    if given.is_kept:
        return f"{left}: `grade hint {exercise.id}` gives the next one."

    return (
        f"{left}: `grade hint {exercise.id} {given.number + 1}` gives the next one. Only a "
        "workspace remembers the hints that you took; `grade start` makes one."
    )


def still_starter(exercise: CodeExercise, grade: Grade) -> str:
    """What to say about the grade of a starter."""
    *names, last = (f"`{entry.name}`" for entry in exercise.entries)
    what = last
    if names:
        what = f"{', '.join(names)} and {last}"

    file = one_line(grade.submission)
    return (
        f"{verdict(grade)}. Not counted as an attempt: {file} is still the starter. "
        f"Write {what}, then type `grade {grade.exercise}` again."
    )


def other_exercise(
    exercise: Exercise, submission: Submission, others: Callable[[], Iterable[Exercise]]
) -> str:
    """A question if the file seems to be for another exercise: it defines nothing for this one.

    Empty if there is nothing to ask. ``others`` reads the exercises of the course, which takes
    as long as everything else that a grade does in this process.
    """
    defined = defined_names(submission.source)
    # Even one name of this exercise is a sign that the learner means this exercise.
    if not defined or not defined.isdisjoint(_required(exercise)):
        return ""

    text = submission.source.decode("utf-8", "replace")
    for entry in exercise.spec.entries:
        # So are its parameters: the page says which function to rename.
        if guesses.with_parameters(entry.parameters, text):
            return ""

    for other in others():
        required = _required(other)
        # A quiz requires no names at all.
        if required and required <= defined:
            file = one_line(submission.name)
            command = f"`grade {other.id} {shlex.quote(file)}`"
            return f"{file} defines what {other.id} requires. Did you mean {command}?"

    return ""


def after_grade(found: Workspace, exercise: Exercise, grade: Grade, root: Path) -> tuple[str, str]:
    """What is next: a word such as ``Next:``, and a hint or the next exercise of the course."""
    if not grade.passed:
        (standing,) = progress.standings(found, [exercise])
        if standing.passed:
            return "Kept:", f"{exercise.id} stays passed, with {standing.points} points."
        if not standing.hints_left:
            return "Stuck?", f"`grade solution {exercise.id} --give-up` shows a solution."

        return "Stuck?", f"`grade hint {exercise.id}` ({standing.hints_left} left)."

    following = progress.following(found, exercise, root)
    if following is None:
        shows = f"`grade solution {exercise.id}` shows a solution next to yours."
        return "Done:", f"you passed all exercises. {shows}"

    return "Next:", f"`grade show {following.id}`, {_title(following)}"


def in_notebook(text: str) -> str:
    """``text`` with its commands as magics; those that need a terminal say so."""
    return _COMMAND.sub(_as_magic, text)


def commands(rows: Rows) -> Iterator[str]:
    """Commands and what they do, in two columns."""
    lengths = [len(command) for command, _ in rows]
    width = max(lengths)
    for command, purpose in rows:
        line = f"  {command:<{width}}  {purpose}"
        if len(line) <= columns():
            yield line
        else:
            # On a narrow terminal, the purpose stands below its command.
            yield f"  {command}"
            yield from wrapped(purpose, "      ")


def columns() -> int:
    """Columns for a line: those of the terminal, at most 120; 80 without a terminal."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        # Not shutil.get_terminal_size: it reads COLUMNS, which a resize does not update.
        found = os.get_terminal_size(sys.stdout.fileno()).columns
        if found:
            return max(_LEAST_COLUMNS, min(WIDEST, found))

    return COLUMNS


def wrapped(text: str, indent: str = "") -> list[str]:
    """A paragraph as lines for the terminal; code in backticks stays on one line."""
    paragraph = _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", single_spaced(text))
    # A command that breaks over two lines cannot be copied.
    unbroken = _CODE.sub(lambda code: code[0].replace(" ", _NO_BREAK_SPACE), paragraph)
    lines = textwrap.wrap(
        unbroken,
        columns(),
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,
    )
    return [line.replace(_NO_BREAK_SPACE, " ") for line in lines]


def shortened(line: str) -> str:
    """``line`` cut to the columns of the terminal."""
    room = columns()
    if len(line) > room:
        # The ellipsis takes a column too.
        kept = line[: room - 1].rstrip()
        return f"{kept}…"

    return line.rstrip()


def state(standing: Standing) -> str:
    """The state of an exercise: ``passed``, ``given up``, ``started`` or ``new``."""
    if standing.passed:
        return "passed"
    if standing.given_up:
        return "given up"
    if standing.points is None:
        return "new"

    return "started"


def attempts(number: int) -> str:
    """``1 attempt``, ``2 attempts``; empty for none."""
    return count(number, "attempt") if number else ""


def _hint_step(standing: Standing) -> tuple[str, str]:
    command = f"grade hint {standing.exercise.id}"
    return command, f"give a hint ({standing.hints_left} left)"


def _required(exercise: Exercise) -> set[str]:
    return {entry.name for entry in exercise.spec.entries}


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in text.split("\n\n"):
        yield ""
        yield from wrapped(paragraph, "  ")


def _title(exercise: Exercise) -> str:
    return single_spaced(exercise.spec.title)


def _as_magic(command: re.Match[str]) -> str:
    typed = command[0].strip("`")
    word = command["word"] or ""
    if word in _ONLY_AT_A_TERMINAL or "--course" in command["rest"]:
        return f"`{typed}` in a terminal"
    # Any other word is an exercise: the magic of a cell grades it.
    if word and word not in MAGICS:
        return f"`%%{typed}`"

    return f"`%{typed}`"
