"""Where a learner works: new submissions are written here, and nothing is ever overwritten."""

import contextlib
import getpass
import json
import os
from collections.abc import Iterator
from pathlib import Path

from grader.course import Exercise, QuizExercise, draw_numbers, fill, starter
from grader.errors import UsageError
from grader.results import printable
from grader.submission import submission_name


def login() -> str:
    """Who is at work, as far as the machine knows; a sheet of a quiz may know better."""
    if name := os.environ.get("GRADE_LEARNER"):
        return name
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "learner"  # a user id without a name, as in many containers


def start(exercise: Exercise, folder: Path, learner: str) -> Path:
    """Write the starter, or a quiz's sheet of questions, into ``folder``; the file's path."""
    path = folder / submission_name(exercise)
    content = sheet(exercise, learner) if isinstance(exercise.spec, QuizExercise) else starter(exercise)
    try:
        with path.open("x", encoding="utf-8") as file, _removed_if_unfinished(path):
            file.write(content)
            file.flush()
    except FileExistsError:
        if not path.exists():
            raise UsageError(f"{path}: a link that leads to no file; remove the link") from None
        raise UsageError(f"{path}: exists already and stays as it is; grade it with `grade {exercise.id}`") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}); go to a folder of your own") from None
    return path


@contextlib.contextmanager
def _removed_if_unfinished(path: Path) -> Iterator[None]:
    """On a full disk half a starter would be taken for the learner's own the next time."""
    try:
        yield
    except OSError:
        path.unlink(missing_ok=True)
        raise


def questions(exercise: Exercise, learner: str) -> list[tuple[str, str]]:
    """A quiz's questions as put to ``learner``: name and text."""
    spec = exercise.spec
    assert isinstance(spec, QuizExercise)
    return [
        (question.name, fill(question.ask, draw_numbers(exercise.id, question, learner))) for question in spec.questions
    ]


def sheet(exercise: Exercise, learner: str, then: str = "") -> str:
    """A quiz's questions, to be answered one a line; ``then`` says what to do when they are."""
    # What neither YAML nor a terminal can hold becomes a question mark, for the drawing too.
    learner = printable(learner)
    lines = [
        f"# {exercise.id}: {' '.join(exercise.spec.title.split())}",
        f"# Write each answer after its colon, then {then or f'type: grade {exercise.id}'}",
        "# A shape may be written (5, 4) or [5, 4] or 5 x 4.",
        "",
        "# The numbers below were drawn for this name; leave it as it is.",
        f"learner: {json.dumps(learner, ensure_ascii=False)}",
    ]
    for name, text in questions(exercise, learner):
        lines += ["", *(f"# {line}" for line in text.splitlines()), f"{name}:"]
    return "\n".join(lines) + "\n"
