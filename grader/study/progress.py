"""A learner's progress in self-study, and the exercise that comes next.

A folder is a workspace if it contains a gradebook, ``.grade/gradebook.db``: the same format as
the gradebook of a class, with the grades of one learner. Attempts, best points and hints are read
from it; nothing leaves the machine. Every question opens it anew, so several commands can work in
one folder at the same time.
"""

import contextlib
import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from grader.course.loading import digest, load_exercise, starter
from grader.course.location import exercise_ids
from grader.course.records import Exercise
from grader.course.trust import FOLDER, remember
from grader.errors import GradebookError, SubmissionError, UsageError, os_errors_as
from grader.files import private_files
from grader.grades.grade import Grade, next_attempts
from grader.grades.grader_version import grader_version
from grader.study import workspace
from grader.submission import answer_sheet
from grader.submission.files import Submission, find_submission
from grader.submission.files import digest as content_digest
from grader.text import count, printable

if TYPE_CHECKING:
    from grader.grades.gradebook import Gradebook

_FILE: Final = "gradebook.db"
_NEXT_STEP: Final = "move it away; then `grade start` creates another"
_LEARNER: Final = "learner"


class Workspace(msgspec.Struct, frozen=True):
    """A folder in which progress is kept."""

    folder: Path

    @property
    def gradebook(self) -> Path:
        """The file with the progress."""
        return self.folder / FOLDER / _FILE

    @property
    def is_writable(self) -> bool:
        """Whether grades and hints can be kept."""
        return os.access(self.gradebook, os.W_OK)


class Standing(msgspec.Struct, frozen=True):
    """How far a learner is with one exercise."""

    exercise: Exercise
    points: int | None = None
    """Points of the best attempt; None before the first."""
    max_points: int = 0
    """Most points possible in that attempt."""
    attempts: int = 0
    """Different submissions that were graded, without the starter and sheets without answers."""
    passed: bool = False
    """Whether some attempt passed every check."""
    hints: int = 0
    """Hints taken."""
    given_up: bool = False
    """Whether the learner saw the solution before a pass."""

    @property
    def hints_left(self) -> int:
        """Hints that the learner has not taken yet."""
        hints = self.exercise.spec.hints
        return len(hints) - self.hints


class Hint(msgspec.Struct, frozen=True):
    """One hint of an exercise."""

    number: int
    text: str
    left: int
    """Hints after this one."""
    misconception: tuple[str, str] | None = None
    """Name and explanation of the misconception in the last grade: it helps more than a hint."""
    is_kept: bool = True
    """Whether the workspace keeps that this hint was taken."""


def find(folder: Path) -> Workspace | None:
    """``folder`` as a workspace, if it is one."""
    found = Workspace(folder)
    # The folder may be unreadable.
    with contextlib.suppress(OSError):
        if found.gradebook.is_file():
            return found

    return None


def around(folder: Path) -> Workspace | None:
    """The innermost workspace that ``folder`` is or lies in, if there is one."""
    for each in (folder, *folder.parents):
        if found := find(each):
            return found

    return None


def learner_at_work(found: Workspace | None) -> str:
    """The learner of the workspace that was ``found``, or else the user who is logged in."""
    learner = None
    if found is not None:
        # Commands that need the progress report the damage.
        with contextlib.suppress(GradebookError):
            learner = learner_of(found)

    return learner or workspace.login()


def begin(folder: Path, learner: str, root: Path | None = None) -> Workspace:
    """Make ``folder`` the workspace of ``learner`` for the course at ``root``.

    An existing workspace keeps its learner and its course.
    """
    is_new = find(folder) is None
    begun = Workspace(folder)
    inside = begun.gradebook.parent
    with os_errors_as(UsageError, "cannot be created", inside, "change to a folder of your own"):
        # Others could put another gradebook there.
        inside.mkdir(0o700, exist_ok=True)

    with _open(begun, create=True) as gradebook:
        # Whoever made the workspace keeps it.
        if gradebook.fact(_LEARNER) is None:
            gradebook.note({_LEARNER: printable(learner)})

    if is_new and root is not None:
        remember(folder, root)

    return begun


def learner_of(found: Workspace) -> str | None:
    """The learner of a workspace."""
    with _open(found) as gradebook:
        return gradebook.fact(_LEARNER)


def record(found: Workspace, exercise: Exercise, submission: Submission, grade: Grade) -> None:
    """Keep a grade, unless the grader failed."""
    # A failure of the grader is no attempt of the learner.
    if grade.status == "ungraded":
        return

    from grader.grades.gradebook import Entry, Key  # noqa: PLC0415 - as in _open

    content = content_digest(submission)
    definition = digest(exercise)
    version = grader_version(grade.device)
    # One connection for both: opening a gradebook checks the whole file.
    with _open(found) as gradebook:
        learner = gradebook.fact(_LEARNER) or ""
        key = Key(learner, exercise.id, content, definition, version)
        gradebook.add([Entry(key, printable(submission.name), _now(), grade)])


def is_starter(exercise: Exercise, submission: Submission) -> bool:
    """Whether this is the starter, which is not an attempt."""
    # An editor on Windows can save other line ends.
    source = submission.source.replace(b"\r\n", b"\n")
    submission = msgspec.structs.replace(submission, source=source)
    return content_digest(submission) == _starter_digest(exercise)


def standings(found: Workspace | None, exercises: Iterable[Exercise]) -> list[Standing]:
    """How far the learner is with each of ``exercises``; all are new outside a workspace."""
    if found is None:
        return [Standing(exercise) for exercise in exercises]

    # One connection for all of them: opening a gradebook checks the whole file.
    with _open(found) as gradebook:
        learner = gradebook.fact(_LEARNER) or ""
        return [_standing(gradebook, learner, exercise) for exercise in exercises]


def next_standing(standings: Sequence[Standing], after: str = "") -> Standing | None:
    """The first exercise after the one with the id ``after`` that is not passed.

    The search continues at the start of the course, and ends with what was given up. None if all
    are passed.
    """
    ids = [standing.exercise.id for standing in standings]
    begin = 0
    if after in ids:
        begin = ids.index(after) + 1

    left = [each for each in (*standings[begin:], *standings[:begin]) if not each.passed]
    untried = [each for each in left if not each.given_up]
    return next(iter(untried or left), None)


def following(found: Workspace, exercise: Exercise, root: Path) -> Exercise | None:
    """The exercise of the course at ``root`` to do after ``exercise``; None if all are passed."""
    ids = exercise_ids(root)
    # The search continues at the start of the course.
    place = ids.index(exercise.id) + 1
    # One at a time: loading the whole course would delay every grade.
    given_up = []
    for each in (*ids[place:], *ids[:place]):
        loaded = load_exercise(root, each)
        standing = standings(found, [loaded])[0]
        if standing.given_up and not standing.passed:
            given_up.append(loaded)
        elif not standing.passed:
            return loaded

    return given_up[0] if given_up else None


def attempts_after(
    found: Workspace | None, exercise: Exercise, submission: Submission | None = None
) -> dict[str, int]:
    """The first attempt that still counts for each question of a quiz, after earlier sheets.

    The same ``submission`` always gets the same grade, so its own grades and later ones do not
    count. Without it, all grades count.
    """
    if found is None or exercise.spec.runs_code:
        return {}

    with _open(found) as gradebook:
        learner = gradebook.fact(_LEARNER) or ""
        content = content_digest(submission) if submission else ""
        earlier = gradebook.grades_before(learner, exercise.id, content)

    return next_attempts(earlier)


def current_attempts(
    found: Workspace | None, exercise: Exercise, sheet: Path | None
) -> dict[str, int]:
    """The attempt that each question of a quiz is at, after earlier sheets and in ``sheet``.

    A question that is not in it is at its first attempt. Raises ``SubmissionError`` for a sheet
    that cannot be read.
    """
    attempts = attempts_after(found, exercise)
    if exercise.spec.runs_code or sheet is None or not sheet.exists():
        return attempts

    for name, attempt in answer_sheet.attempts(exercise, sheet).items():
        attempts[name] = max(attempt, attempts.get(name, 1))

    return attempts


def attempts_here(exercise: Exercise, folder: Path) -> dict[str, int]:
    """``current_attempts`` in a workspace, with the answer sheet that lies there.

    A sheet that cannot be read has no attempts; `grade` says what is wrong with it.
    """
    found = around(folder)
    try:
        return current_attempts(found, exercise, find_submission(exercise, folder))
    except SubmissionError:
        return attempts_after(found, exercise)


def hint(found: Workspace | None, exercise: Exercise, number: int | None = None) -> Hint:
    """The next hint, which is recorded as taken; or the hint with this ``number``.

    After the last hint, this is the last one again. Without a workspace that can be written,
    the first hint is the next one, and ``number`` may be any.

    Raises ``UsageError`` if there is no such hint, or if an earlier one comes first.
    """
    hints = exercise.spec.hints
    command = f"`grade hint {exercise.id}`"
    if not hints:
        raise UsageError(
            f"{exercise.id} has no hints; `grade show {exercise.id}` shows its statement"
        )

    if number is not None and not 1 <= number <= len(hints):
        raise UsageError(
            f"{exercise.id} has {count(len(hints), 'hint')}, numbered from 1; "
            f"{command} gives the next one"
        )

    if found is None or not found.is_writable:
        number = number or 1
        return Hint(number, hints[number - 1], len(hints) - number, is_kept=False)

    with _open(found) as gradebook:
        taken = _hints_taken(gradebook, exercise)
        following = taken + 1
        number = number or min(following, len(hints))
        # Each hint says more than the one before; the last one is nearly the solution.
        if number > following:
            raise UsageError(f"hint {following} of {exercise.id} comes first; type {command}")
        if number == following:
            gradebook.note({_hint_fact(exercise, number): _now()})
            taken = number

        # A misconception is about the learner's own code, and a hint is not.
        misconception = _untold(gradebook, exercise)

    left = len(hints) - taken
    return Hint(number, hints[number - 1], left, misconception)


def _untold(gradebook: "Gradebook", exercise: Exercise) -> tuple[str, str] | None:
    """The misconception of the last grade, unless a hint told it already."""
    learner = gradebook.fact(_LEARNER) or ""
    history = gradebook.history(learner, exercise.id)
    if not history:
        return None

    last = history[-1]
    misconception, explanation = last.grade.misconception, last.grade.explanation
    if not misconception or not explanation:
        return None

    told = f"{misconception} {last.key.submission}"
    fact = f"told/{exercise.id}"
    if gradebook.fact(fact) == told:
        return None

    gradebook.note({fact: told})
    return misconception, explanation


def give_up(found: Workspace, exercise: Exercise) -> None:
    """Record that the learner saw the solution."""
    fact = f"given-up/{exercise.id}"
    with _open(found) as gradebook:
        gradebook.note({fact: _now()})


def _open(found: Workspace, *, create: bool = False) -> "Gradebook":
    # Commands outside a workspace need not wait for the import of sqlite3.
    from grader.grades.gradebook import Gradebook  # noqa: PLC0415

    with private_files():
        return Gradebook(found.gradebook, create=create, otherwise=_NEXT_STEP)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _standing(gradebook: "Gradebook", learner: str, exercise: Exercise) -> Standing:
    history = gradebook.history(learner, exercise.id)
    # The same text graded twice is one attempt.
    submissions = {entry.key.submission for entry in history if entry.grade.is_attempt}
    standing = Standing(
        exercise,
        attempts=len(submissions - {_starter_digest(exercise)}),
        hints=_hints_taken(gradebook, exercise),
        given_up=gradebook.fact(f"given-up/{exercise.id}") is not None,
    )
    if not history:
        return standing

    # A pass counts most: the exercise may have had other points at that time.
    best = max((entry.grade for entry in history), key=lambda grade: (grade.passed, grade.points))
    return msgspec.structs.replace(
        standing, points=best.points, max_points=best.max_points, passed=best.passed
    )


def _starter_digest(exercise: Exercise) -> str:
    """The digest of the starter as a submission; empty for a quiz, which has none."""
    if not exercise.spec.runs_code:
        return ""

    return content_digest(Submission("", starter(exercise).encode()))


def _hint_fact(exercise: Exercise, number: int) -> str:
    return f"hint/{exercise.id}/{number}"


def _hints_taken(gradebook: "Gradebook", exercise: Exercise) -> int:
    """How many hints were taken, in order.

    Each is a fact of its own, so that two commands at the same time lose none.
    """
    taken = 0
    for _ in exercise.spec.hints:
        fact = _hint_fact(exercise, taken + 1)
        if gradebook.fact(fact) is None:
            break

        taken += 1

    return taken
