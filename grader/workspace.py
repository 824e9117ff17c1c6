"""Where a learner works: submissions are begun here, begun again, and answered; nothing that is there is ever lost."""

import contextlib
import getpass
import itertools
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from grader import plain_yaml
from grader.course import Exercise, QuizExercise, draw_numbers, fill, starter
from grader.errors import CourseError, SubmissionError, UsageError
from grader.results import printable
from grader.submission import find_submission, read_answers, read_submission, submission_name

_ELSEWHERE: Final = "go to a folder of your own"


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
    content = beginning(exercise, learner)
    try:
        with path.open("x", encoding="utf-8") as file, _removed_if_unfinished(path):
            file.write(content)
            file.flush()
    except FileExistsError:
        if not path.exists():
            raise UsageError(f"{path}: a link that leads to no file; remove the link") from None
        raise UsageError(f"{path}: exists already and stays as it is; grade it with `grade {exercise.id}`") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}); {_ELSEWHERE}") from None
    return path


def beginning(exercise: Exercise, learner: str) -> str:
    """What a submission begins as: the starter, or a quiz's sheet of questions."""
    return sheet(exercise, learner) if isinstance(exercise.spec, QuizExercise) else starter(exercise)


def reset(exercise: Exercise, folder: Path, learner: str) -> tuple[Path, Path | None]:
    """Begin ``exercise`` again in ``folder``: the file's path, and where what was in it is kept.

    There is always a whole file under that name. Without a backup, it was as it is begun already.
    """
    path = find_submission(exercise, folder)
    if path is None:
        return start(exercise, folder, learner), None
    if path.suffix == ".ipynb":
        raise UsageError(f"{path}: a notebook, which holds more than this exercise; empty its cell yourself")
    content = beginning(exercise, learner).encode()
    if path.is_symlink() or not path.is_file():  # a link could lead to any file there is, a device to no end
        raise UsageError(f"{path}: not a regular file; move it away, and `grade start {exercise.id}` begins another")
    try:
        before = path.read_bytes()
        if before == content:
            return path, None
        backup = _keep(path, before)
        _replace(path, content)
    except OSError as error:
        raise UsageError(f"{path}: cannot be begun again ({error.strerror}); nothing was changed in it") from None
    return path, backup


def answers(exercise: Exercise, path: Path) -> dict[str, str]:
    """The answers on a sheet that is there, as they were written, by question; those left empty are left out."""
    spec = exercise.spec
    assert isinstance(spec, QuizExercise)
    written = read_answers(read_submission(exercise, path))
    names = [question.name for question in spec.questions if written.get(question.name)]
    return {name: _as_text(written[name]) for name in names}


def sheet_learner(exercise: Exercise, path: Path, learner: str) -> str:
    """Whom the sheet at ``path`` was written for; ``learner`` where it does not say."""
    return str(read_answers(read_submission(exercise, path)).get("learner") or learner)


def answer(exercise: Exercise, path: Path, name: str, text: str) -> None:
    """Write an answer into the sheet at ``path``; all else in it stays as it is, to the letter."""
    before = read_submission(exercise, path)
    wanted = {**read_answers(before), name: text}
    source = before.source.decode("utf-8", "replace")
    # Plain where that reads back as it is; quotes always do.
    versions = (_answered(source, name, scalar) for scalar in (text, json.dumps(text, ensure_ascii=False)))
    after = next((version for version in versions if _read_back(version) == wanted), None)
    if after is None:
        raise SubmissionError(f"{path}: the answer to `{name}` cannot be put in there; write it in with an editor")
    try:
        _replace(path, after.encode())
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}); {_ELSEWHERE}") from None


def answered_sheet(learner: str, name: str, text: str) -> str:
    """A sheet with one answer and nothing else."""
    return f"learner: {json.dumps(learner, ensure_ascii=False)}\n{name}: {json.dumps(text, ensure_ascii=False)}\n"


def _answered(source: str, name: str, scalar: str) -> str:
    """The text of a sheet with another value for one key."""
    document = yaml.compose(source, Loader=yaml.SafeLoader)
    for key, value in document.value if isinstance(document, yaml.MappingNode) else []:
        if key.value == name:
            begin, end = key.end_mark.index, _end(value)
            colon = source.index(":", begin) + 1
            return f"{source[:colon]} {scalar}{source[max(end, colon) :]}"
    return f"{source.rstrip()}\n\n{name}: {scalar}\n" if source.strip() else f"{name}: {scalar}\n"


def _end(node: Any) -> int:
    """Where a value ends in the text: a block's own mark stands only before what follows it, comments included."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _read_back(source: str) -> dict[str, Any] | None:
    with contextlib.suppress(CourseError):
        read = plain_yaml.load(source.encode(), "", typed=False)
        return read if isinstance(read, dict) else None
    return None


def _as_text(answer: Any) -> str:
    return f"[{', '.join(map(str, answer))}]" if isinstance(answer, list) else str(answer)


def _keep(path: Path, content: bytes) -> Path:
    """Write ``content`` beside ``path`` under the first number that is free; the file's path."""
    for number in itertools.count(1):
        backup = path.with_name(f"{path.name}.backup{number}")
        with contextlib.suppress(FileExistsError), backup.open("xb") as file, _removed_if_unfinished(backup):
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            return backup
    raise AssertionError  # numbers do not end


def _replace(path: Path, content: bytes) -> None:
    """Put ``content`` in place of a file, of which there is never half; a link leads where it led."""
    path = path.resolve()
    written = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        written.write_bytes(content)
        written.chmod(path.stat().st_mode & 0o777)
        written.replace(path)
    except OSError:
        written.unlink(missing_ok=True)
        raise


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


def sheet(exercise: Exercise, learner: str, then: str = "", answers: Mapping[str, str] | None = None) -> str:
    """A quiz's questions, to be answered one a line; ``then`` says what to do when they are.

    ``answers`` to some of them, by name, stand there already.
    """
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
    written = {name: json.dumps(text, ensure_ascii=False) for name, text in (answers or {}).items()}
    for name, text in questions(exercise, learner):
        lines += ["", *(f"# {line}" for line in text.splitlines()), f"{name}: {written.get(name, '')}".rstrip()]
    return "\n".join(lines) + "\n"
