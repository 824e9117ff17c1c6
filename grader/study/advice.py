"""What self-study says: where one is, what is next, what to type; as lines of 80 columns that need no colour.

Commands stand in it as they are typed at a terminal; ``in_notebook`` makes magics of them.
"""

import re
import shlex
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from grader.course.records import CodeExercise, Exercise
from grader.grades.grade import Grade
from grader.report.failure_summary import verdict
from grader.study import progress
from grader.study.progress import Hint, Standing, Workspace
from grader.submission.files import Submission, find_submission, submission_name
from grader.text import one_line

Rows = list[tuple[str, str]]
"""Commands and what they do."""
COLUMNS: Final = 80
ALL_PASSED: Final = "All are passed. `grade solution EXERCISE` shows a solution beside yours."
HINTS_ALL_THE_SAME: Final = "`grade hint EXERCISE` gives the hints of one all the same."
MAGICS: Final = ("hint", "list", "show", "start", "status")
"""What a notebook's magic takes; any other word is an exercise."""
_AT_A_TERMINAL: Final = ("batch", "new", "reset", "solution", "watch")
_COMMAND: Final = re.compile(r"`grade(?: (?P<word>[\w-]+))?(?P<rest>[^`]*)`")
_DEFINITION: Final = re.compile(rb"^(?:def|class)[ \t]+([A-Za-z_]\w*)", re.MULTILINE)
_ASKS: Final = "what it asks for, and what is checked"
_UNBROKEN: Final = "\N{NO-BREAK SPACE}"
# What a terminal takes for orders, and what turns the direction of writing: a workspace may be somebody else's.
_ORDERS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def status(
    standings: Sequence[Standing], steps: Callable[[Standing], Rows], finished: str = ALL_PASSED
) -> Iterator[str]:
    """A line for each exercise, the sum, and the ``steps`` to what comes next, or that all is ``finished``."""
    yield from listing(standings)
    yield from ("", tally(standings), "")
    following = progress.next_standing(standings)
    if following is None:
        yield from wrapped(finished)
        return
    yield shortened(f"Next: {following.exercise.id}, {_title(following.exercise)}")
    yield from commands(steps(following))


def tally(standings: Sequence[Standing]) -> str:
    """The sum of it."""
    passed = sum(standing.passed for standing in standings)
    number = sum(standing.tries for standing in standings)
    return f"{passed} of {len(standings)} passed, {tries(number) or '0 tries'}"


def listing(standings: Sequence[Standing]) -> Iterator[str]:
    """A line for each exercise: how it stands, best points, tries, title."""
    width = max((len(standing.exercise.id) for standing in standings), default=0)
    for standing in standings:
        points = "" if standing.points is None else f"{standing.points}/{standing.max_points}"
        line = f"{standing.exercise.id:<{width}}  {state(standing):<8}  {points:>7}  {tries(standing.tries):<9}  "
        yield shortened(line + _title(standing.exercise))


def steps(standing: Standing, folder: Path) -> Rows:
    """What to type for an exercise in ``folder``."""
    exercise = standing.exercise
    file = find_submission(exercise, folder)
    name = file.name if file else submission_name(exercise)
    asks = f"asks its questions, or grades {name}"
    grades = f"write your code in {name}, then this" if exercise.spec.runs_code else asks
    begins = [(f"grade start {exercise.id}", f"begins {name}")] if file is None else []
    return [
        (f"grade show {exercise.id}", _ASKS),
        *begins,
        (f"grade {exercise.id}", grades),
        *_hint_step(standing),
        ("grade watch", "grades whenever you save"),
    ]


def cell_steps(standing: Standing) -> Rows:
    """What to type for an exercise in a notebook."""
    exercise = standing.exercise
    brings, grades = ("starter", "code") if exercise.spec.runs_code else ("questions", "answers")
    return [
        (f"%grade show {exercise.id}", _ASKS),
        (f"%grade start {exercise.id}", f"brings its {brings}, in a new cell"),
        (f"%%grade {exercise.id}", f"grades the {grades} below it in the same cell"),
        *((f"%{command}", purpose) for command, purpose in _hint_step(standing)),
    ]


def welcome(exercises: Sequence[Exercise], above: Path | None) -> Iterator[str]:
    """What someone needs who types `grade` in a folder like any other."""
    yield f"`grade` checks what you write for {len(exercises)} PyTorch exercises."
    yield ""
    first = exercises[0].id if exercises else "EXERCISE"
    if above is not None:
        yield from wrapped(f"Your workspace is above this folder: cd {shlex.quote(str(above))}")
        yield ""
    yield "To begin, in a folder of your own:"
    yield from commands(
        [
            ("grade start", "makes this folder your workspace, with your progress"),
            (f"grade show {first}", "what the first exercise asks for"),
            (f"grade {first}", "grades what you wrote"),
            ("grade watch", "grades whenever you save"),
            ("grade list", "all exercises"),
            ("grade --help", "all commands, for teachers and authors too"),
        ]
    )


def hint(exercise: Exercise, given: Hint, after: str) -> Iterator[str]:
    """A hint, following what the last grade said if that is better, and a sentence ``after`` it."""
    if given.mistake is not None:
        yield from wrapped(before_hint(given.mistake[0]))
        yield from _paragraphs(given.mistake[1])
        yield ""
    yield hint_head(exercise, given)
    yield from _paragraphs(given.text)
    yield ""
    yield from wrapped(after)


def before_hint(mistake: str) -> str:
    """What comes before a hint and is better: the known mistake of this name."""
    return f"Before any hint: your last try behaves exactly like a known mistake, {mistake}."


def hint_head(exercise: Exercise, given: Hint) -> str:
    """Which hint it is."""
    return f"Hint {given.number} of {len(exercise.spec.hints)} for {exercise.id}"


def after_hint(exercise: Exercise, given: Hint, *, can_remember: bool = True) -> str:
    """How many are left, and how to get the next; after the last, what else there is.

    ``can_remember`` says whether this one counts as taken.
    """
    if given.left and can_remember:
        return f"{given.left} left: `grade hint {exercise.id}` gives the next."
    if given.left:
        return (
            f"{given.left} left: `grade hint {exercise.id} {given.number + 1}` gives the next. Nothing here remembers "
            "which you had; in a workspace, which `grade start` makes, that is kept."
        )
    return (
        f"That was the last hint. `grade show {exercise.id}` says again what is asked for; "
        f"`grade solution {exercise.id} --give-up` shows a solution."
    )


def untouched(exercise: CodeExercise, grade: Grade) -> str:
    """What there is to say of a starter that was graded as it was."""
    *names, last = (f"`{entry.name}`" for entry in exercise.entries)
    what = f"{', '.join(names)} and {last}" if names else last
    return (
        f"{verdict(grade)}, which counts as no try: {one_line(grade.submission)} is the starter as it was. "
        f"Write {what} in it, then type `grade {grade.exercise}` again."
    )


def other_exercise(exercise: Exercise, submission: Submission, others: Iterable[Exercise]) -> str:
    """One sentence where a file defines nothing of what ``exercise`` asks for, and all of what another does."""
    if _defined(exercise, submission):
        return ""
    for other in others:
        if other.spec.runs_code and len(_defined(other, submission)) == len(other.spec.entry):
            file = one_line(submission.name)
            return f"{file} defines what {other.id} asks for. Was this meant: `grade {other.id} {shlex.quote(file)}`?"
    return ""


def after_grade(found: Workspace, exercise: Exercise, grade: Grade, root: Path) -> str:
    """One sentence about what comes after a grade in a workspace: a hint, or the next exercise of the course."""
    if not grade.passed:
        left = len(exercise.spec.hints) - progress.standings(found, [exercise])[0].hints
        return f"Stuck? `grade hint {exercise.id}` ({left} left)." if left else ""
    following = progress.following(found, exercise, root)
    if following is None:
        return (
            f"That was the last one: all exercises are passed. `grade solution {exercise.id}` shows a solution "
            "beside yours."
        )
    return f"Next: `grade show {following.id}`, {_title(following)}"


def in_notebook(text: str) -> str:
    """``text`` with the commands between its backticks as they are typed in a cell; others need a terminal."""
    return _COMMAND.sub(_as_magic, text)


def commands(rows: Rows) -> Iterator[str]:
    """Commands and what they do, in two columns."""
    width = max(len(command) for command, _ in rows)
    for command, purpose in rows:
        yield f"  {command:<{width}}  {purpose}"


def wrapped(text: str, indent: str = "") -> list[str]:
    """A paragraph, broken at 80 columns."""
    one = _ORDERS.sub("\N{REPLACEMENT CHARACTER}", " ".join(text.split()))
    # What stands between backticks is to be typed, or is code: it stays on one line.
    kept = re.sub(r"`[^`]{1,60}`", lambda match: match[0].replace(" ", _UNBROKEN), one)
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


def state(standing: Standing) -> str:
    """How an exercise stands, in a word or two."""
    if standing.passed:
        return "passed"
    if standing.given_up:
        return "given up"
    return "new" if standing.points is None else "begun"


def tries(number: int) -> str:
    """``1 try``, ``2 tries``, and nothing of none."""
    return f"{number} {'try' if number == 1 else 'tries'}" if number else ""


def _hint_step(standing: Standing) -> Rows:
    left = len(standing.exercise.spec.hints) - standing.hints
    return [(f"grade hint {standing.exercise.id}", f"a hint ({left} left)")] if left else []


def _defined(exercise: Exercise, submission: Submission) -> list[str]:
    """Names that ``exercise`` asks for and the file seems to define; it is searched, not parsed, as that may hang."""
    if not exercise.spec.runs_code:
        return []
    defined = {name.decode() for name in _DEFINITION.findall(submission.source)}
    return [entry.name for entry in exercise.spec.entries if entry.name in defined]


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in text.split("\n\n"):
        yield ""
        yield from wrapped(paragraph, "  ")


def _title(exercise: Exercise) -> str:
    return " ".join(exercise.spec.title.split())


def _as_magic(command: re.Match[str]) -> str:
    word, rest = command["word"] or "", command["rest"]
    if word in _AT_A_TERMINAL or "--course" in rest:
        return f"{command[0]} in a terminal"
    return f"`{'%' if not word or word in MAGICS else '%%'}{command[0][1:]}"
