"""Self-study: what a learner has reached in a folder of their own, and what comes next.

A folder becomes a workspace by the gradebook in it, ``.grade/gradebook.db``: the same file
that a class has, with the grades of one learner. Tries, best points and hints taken are read
from it; nothing of it leaves the machine. It opens for each question anew, so that any number of
commands can be at work in one folder.
"""

import contextlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from grader.course.loading import digest, load_exercise, starter
from grader.course.location import exercise_ids
from grader.course.records import Exercise
from grader.course.trust import FOLDER, remember
from grader.errors import GradebookError, UsageError
from grader.grades.grade import Grade
from grader.study import workspace
from grader.submission.files import Submission
from grader.submission.files import digest as content_digest
from grader.text import printable

if TYPE_CHECKING:
    from grader.grades.gradebook import Gradebook

_FILE: Final = "gradebook.db"
_OTHERWISE: Final = "move it away: `grade start` begins another"
_LEARNER: Final = "learner"


class Workspace(msgspec.Struct, frozen=True):
    """A folder in which progress is kept."""

    folder: Path

    @property
    def gradebook(self) -> Path:
        """The file that keeps it."""
        return self.folder / FOLDER / _FILE


class Standing(msgspec.Struct, frozen=True):
    """Where a learner stands with one exercise."""

    exercise: Exercise
    points: int | None = None
    """The most that a try came to; None before the first."""
    max_points: int = 0
    """Of that try."""
    tries: int = 0
    """Different submissions that were graded; the untouched starter is none."""
    passed: bool = False
    """Whether every check of some try passed."""
    hints: int = 0
    """Hints taken."""
    given_up: bool = False
    """Whether the solution was shown before it was passed."""


class Hint(msgspec.Struct, frozen=True):
    """One hint of an exercise."""

    number: int
    text: str
    left: int
    """Hints after this one."""
    mistake: tuple[str, str] | None = None
    """What the last grade named, which helps more: the known mistake and its explanation."""


def find(folder: Path) -> Workspace | None:
    """The workspace that ``folder`` is, if it is one."""
    workspace = Workspace(folder)
    with contextlib.suppress(OSError):  # a folder that may not be looked into
        return workspace if workspace.gradebook.is_file() else None
    return None


def around(folder: Path) -> Workspace | None:
    """The workspace that ``folder`` is or lies in, the innermost."""
    return next((found for each in (folder, *folder.parents) if (found := find(each))), None)


def at_work(found: Workspace | None) -> str:
    """Who is at work: whose workspace was ``found``, or who is logged in."""
    known = None
    with contextlib.suppress(GradebookError):  # which is told where it matters
        known = learner_of(found) if found else None
    return known or workspace.login()


def begin(folder: Path, learner: str, root: Path | None = None) -> Workspace:
    """Make ``folder`` the workspace of ``learner``, for the course at ``root``; one that is there stays as it is."""
    workspace, is_new = Workspace(folder), find(folder) is None
    try:
        workspace.gradebook.parent.mkdir(exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{workspace.gradebook.parent}: cannot be made ({error.strerror}); go to a folder of your own"
        ) from None
    with _open(workspace, create=True) as gradebook:
        if gradebook.fact(_LEARNER) is None:
            gradebook.note({_LEARNER: printable(learner)})
    if is_new and root is not None:
        remember(folder, root)
    return workspace


def learner_of(workspace: Workspace) -> str | None:
    """Whose workspace it is."""
    with _open(workspace) as gradebook:
        return gradebook.fact(_LEARNER)


def record(workspace: Workspace, exercise: Exercise, submission: Submission, grade: Grade) -> None:
    """Keep a grade; one that says that the grader failed is not worth keeping."""
    if grade.status == "ungraded":
        return
    from grader.grades.gradebook import Entry, Key, grader_version  # noqa: PLC0415 - as in _open

    key = Key(
        _owner(workspace),
        exercise.id,
        content_digest(submission),
        digest(exercise),
        grader_version(grade.device),
    )
    with _open(workspace) as gradebook:
        gradebook.add([Entry(key, printable(submission.name), _now(), grade)])


def is_untouched(exercise: Exercise, submission: Submission) -> bool:
    """Whether this is the starter as it was, which counts as no try."""
    return content_digest(submission) in _untouched(exercise)


def standings(workspace: Workspace | None, exercises: Iterable[Exercise]) -> list[Standing]:
    """Where the learner stands with each of ``exercises``; nowhere yet outside a workspace."""
    if workspace is None:
        return [Standing(exercise) for exercise in exercises]
    with _open(workspace) as gradebook:
        learner = gradebook.fact(_LEARNER) or ""
        return [_standing(gradebook, learner, exercise) for exercise in exercises]


def next_standing(standings: Sequence[Standing], after: str = "") -> Standing | None:
    """The first exercise after ``after`` that is not passed, else the first at all; None where all are."""
    ids = [standing.exercise.id for standing in standings]
    begin = ids.index(after) + 1 if after in ids else 0
    turned = [*standings[begin:], *standings[:begin]]
    return next((standing for standing in turned if not standing.passed), None)


def following(workspace: Workspace, exercise: Exercise, root: Path) -> Exercise | None:
    """The exercise to go on with after this one; no more of the course is read than it takes to find it."""
    ids = exercise_ids(root)
    place = ids.index(exercise.id) + 1
    loaded = (load_exercise(root, each) for each in [*ids[place:], *ids[:place]])
    return next((each for each in loaded if not standings(workspace, [each])[0].passed), None)


def last_grade(workspace: Workspace, exercise: Exercise) -> Grade | None:
    """The grade of the last try, if there was one."""
    with _open(workspace) as gradebook:
        history = gradebook.history(gradebook.fact(_LEARNER) or "", exercise.id)
    return history[-1].grade if history else None


def hint(workspace: Workspace | None, exercise: Exercise, number: int | None = None) -> Hint:
    """The next hint, which counts as taken then, or the one of this number once it has its turn.

    All taken, the last is given again. Outside a workspace nothing is remembered: any can be had, the first first.
    """
    hints = exercise.spec.hints
    if not hints:
        raise UsageError(
            f"{exercise.id} has no hints; `grade show {exercise.id}` says all there is to say"
        )
    if number is not None and not 1 <= number <= len(hints):
        has = f"{len(hints)} hint{'' if len(hints) == 1 else 's'}"
        raise UsageError(f"{exercise.id} has {has}; name one by its number, from 1 on")
    if workspace is None:
        number = number or 1
        return Hint(number, hints[number - 1], len(hints) - number)
    with _open(workspace) as gradebook:
        taken = _hints_taken(gradebook, exercise)
        number = number or min(taken + 1, len(hints))
        if number > taken + 1:
            raise UsageError(
                f"hint {taken + 1} of {exercise.id} comes first; `grade hint {exercise.id}` gives it"
            )
        if number > taken:
            gradebook.note({_hint_fact(exercise, number): _now()})
    last = last_grade(workspace, exercise)
    mistake = (
        (last.misconception, last.explanation)
        if last and last.misconception and last.explanation
        else None
    )
    return Hint(number, hints[number - 1], len(hints) - max(number, taken), mistake)


def give_up(workspace: Workspace, exercise: Exercise) -> None:
    """Remember that the solution was shown."""
    with _open(workspace) as gradebook:
        gradebook.note({f"given-up/{exercise.id}": _now()})


def _open(workspace: Workspace, *, create: bool = False) -> "Gradebook":
    from grader.grades.gradebook import Gradebook  # noqa: PLC0415 - what is outside a workspace need not wait for sqlite3

    return Gradebook(workspace.gradebook, create=create, otherwise=_OTHERWISE)


def _owner(workspace: Workspace) -> str:
    return learner_of(workspace) or ""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _standing(gradebook: "Gradebook", learner: str, exercise: Exercise) -> Standing:
    history = gradebook.history(learner, exercise.id)
    best = max(
        (entry.grade for entry in history),
        key=lambda grade: (grade.passed, grade.points),
        default=None,
    )
    tried = {entry.key.submission for entry in history} - _untouched(exercise)
    return Standing(
        exercise,
        best.points if best else None,
        best.max_points if best else 0,
        len(tried),
        best is not None and best.passed,
        _hints_taken(gradebook, exercise),
        gradebook.fact(f"given-up/{exercise.id}") is not None,
    )


def _untouched(exercise: Exercise) -> set[str]:
    """The digest of the starter, handed in as it is."""
    if not exercise.spec.runs_code:
        return set()
    return {content_digest(Submission("", starter(exercise).encode()))}


def _hint_fact(exercise: Exercise, number: int) -> str:
    return f"hint/{exercise.id}/{number}"


def _hints_taken(gradebook: "Gradebook", exercise: Exercise) -> int:
    """How many of the first hints were taken: a fact for each, so that two commands at once lose none."""
    taken = 0
    while (
        taken < len(exercise.spec.hints)
        and gradebook.fact(_hint_fact(exercise, taken + 1)) is not None
    ):
        taken += 1
    return taken
