"""A course: YAML-defined exercises, read into frozen records and checked on the way in.

The format of ``exercise.yaml`` is documented key by key in
``docs/exercise-format.md``; the types below are its one definition.
"""

import ast
import difflib
import re
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import msgspec

from grader.course import yaml_reader
from grader.course.records import (
    FORMAT,
    ID,
    LEARNER_METHODS,
    Check,
    CodeExercise,
    Equivalent,
    Exercise,
    Limits,
    Question,
    QuizExercise,
    Spec,
    WrongAnswer,
    parse_entry,
)
from grader.course.yaml_reader import Document
from grader.errors import CourseError, UsageError

_YAML_WORDS: Final = {
    "array": "a list",
    "object": "lines of `key: value`",
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "null": "nothing",
}
_CHOICES: Final = {
    "kind": "write code or quiz",
    "format": f"write {FORMAT}, which is what this grader reads",
}
"""What to write where only so much can be meant."""
_STEP = re.compile(r"\[(\d+)\]|\.?([^.\[\]]+)")


def default_root() -> Path:
    """The course that came with the grader: the checkout's, or the installed copy."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_course"
    return installed if installed.is_dir() else package.parent


def own_root() -> Path:
    """The course that new exercises belong to: a checkout's, never the installed copy."""
    root = default_root()
    if root.name == "_course":
        raise UsageError(
            "which course is the exercise for? name its folder with --course DIR, this one with --course ."
        )
    return root


def exercise_ids(root: Path) -> list[str]:
    """Ids of the course at ``root``, in natural order (``exercise2`` before ``exercise10``)."""
    folder = root / "exercises"
    if not folder.is_dir():
        raise CourseError(
            f"{root}: not a course, it has no folder exercises/; name one with --course"
        )
    try:
        ids = [entry.name for entry in folder.iterdir() if (entry / "exercise.yaml").is_file()]
    except OSError as error:
        raise _unreadable(str(error.filename), error) from None
    # Not isdigit: that is true of `²` too, which is no number to Python.
    return sorted(
        ids,
        key=lambda text: [
            int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", text)
        ],
    )


def load_exercise(root: Path, exercise_id: str, *, also_known: Sequence[str] = ()) -> Exercise:
    """Read one exercise and hold its public and hidden side together.

    ``also_known`` are names that could have been meant where there is no such id.
    Raises ``UsageError`` for an unknown id and ``CourseError`` for a broken course.
    """
    exercise, document = _read(root, exercise_id, also_known)
    if isinstance(exercise.spec, CodeExercise):
        _check_code(exercise, exercise.spec, document)
    else:
        _check_quiz(exercise, exercise.spec, document)
    return exercise


def _read(
    root: Path, exercise_id: str, also_known: Sequence[str] = ()
) -> tuple[Exercise, Document]:
    root = root.resolve()
    ids = exercise_ids(root)
    if exercise_id not in ids:
        near = difflib.get_close_matches(exercise_id, [*ids, *also_known], n=1, cutoff=0.65)
        near = near or [each for each in ids if re.sub(r"\D", "", each) == exercise_id]  # `grade 3`
        known = "`grade list` shows them all" + (
            ", and `grade help` the commands" if also_known else ""
        )
        meant = f"did you mean `grade {near[0]}`?" if near else known
        raise UsageError(f"there is no exercise `{exercise_id}`; {meant}")
    if not re.fullmatch(ID, exercise_id):
        raise CourseError(
            f"exercises/{exercise_id}: the id must be lower-case letters, digits and _; rename the folder"
        )
    for side in ("exercises", "solutions"):
        folder = root / side / exercise_id
        if not folder.is_dir():
            raise CourseError(
                f"{side}/{exercise_id}: no such folder in {root}; both sides of an exercise are needed"
            )
        if not folder.resolve().is_relative_to(root):
            raise CourseError(
                f"{side}/{exercise_id}: leads out of the course {root}; put a real folder there"
            )
    path = root / "exercises" / exercise_id / "exercise.yaml"
    document = yaml_reader.read(path, f"exercises/{exercise_id}/exercise.yaml")
    spec: Spec = _convert(document, Spec)
    if isinstance(spec, CodeExercise):
        _check_entries(spec, document)
    return Exercise(exercise_id, str(root), spec), document


def read_definition(exercise: Exercise) -> Document:
    """The exercise's exercise.yaml, to say on which line of it something stands."""
    return yaml_reader.read(
        exercise.public / "exercise.yaml", f"exercises/{exercise.id}/exercise.yaml"
    )


def load_course(root: Path) -> dict[str, Exercise]:
    """Every exercise of the course at ``root``, by id."""
    return {exercise_id: load_exercise(root, exercise_id) for exercise_id in _some_ids(root)}


def listed(root: Path) -> list[Exercise]:
    """The same in order, as a list shows them: nothing hidden is read, which would take most of the time."""
    return [_read(root, exercise_id)[0] for exercise_id in _some_ids(root)]


def _some_ids(root: Path) -> list[str]:
    ids = exercise_ids(root)
    if not ids:
        raise CourseError(f"{root}: a course without exercises; `grade new` makes one")
    return ids


def starter(exercise: Exercise) -> str:
    """The file that an exercise of kind code begins with, as text."""
    where = f"exercises/{exercise.id}/starter.py"
    try:
        return (exercise.public / "starter.py").read_text("utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise CourseError(f"{where}: line {line}: not UTF-8; save the file as UTF-8") from None
    except OSError as error:
        raise _unreadable(where, error) from None


def wrong_solutions(exercise: Exercise) -> dict[str, Path]:
    """Name of each known wrong solution to its file."""
    return {path.stem: path for path in sorted((exercise.hidden / "wrong").glob("*.py"))}


def wrong_answers(exercise: Exercise) -> dict[str, list[WrongAnswer]]:
    """Known wrong answers of a quiz, by question name."""
    document = read_wrong_answers(exercise)
    _convert(document, dict[str, Any])
    return {name: _convert(document, list[WrongAnswer], name) for name in document.data}


def read_wrong_answers(exercise: Exercise) -> Document:
    """The wrong.yaml of a quiz, to say on which line of it something stands."""
    where = f"solutions/{exercise.id}/wrong.yaml"
    path = exercise.hidden / "wrong.yaml"
    if not path.is_file():
        raise CourseError(
            f"{where}: missing; a quiz keeps its known wrong answers there ({{}} if there are none)"
        )
    return yaml_reader.read(path, where)


def digest(exercise: Exercise) -> str:
    """A digest of all that a grade depends on: every file of the exercise's public and hidden side."""
    hashed = blake2b(digest_size=16)
    for path in files(exercise):
        for part in (str(path.relative_to(exercise.root)).encode(), path.read_bytes()):
            hashed.update(len(part).to_bytes(8, "big") + part)
    return hashed.hexdigest()


def files(exercise: Exercise) -> list[Path]:
    """Every file of the exercise's public and hidden side, in order."""
    return [
        path
        for folder in (exercise.public, exercise.hidden)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.parent.name != "__pycache__"
    ]


def equivalent_mutants(exercise: Exercise) -> list[Equivalent]:
    """Mutants of the solution that do what it does, as its author says."""
    path = exercise.hidden / "equivalent.yaml"
    if not path.is_file():
        return []
    listed: list[Equivalent] = _convert(
        yaml_reader.read(path, f"solutions/{exercise.id}/equivalent.yaml"), list[Equivalent]
    )
    return listed


def _unreadable(where: str, error: OSError) -> CourseError:
    return CourseError(
        f"{where}: cannot be read ({error.strerror}); mend its permissions or the disk"
    )


def _convert(document: Document, kind: Any, *below: str) -> Any:
    """What stands in the document, or ``below`` these keys of it, as a ``kind`` of record."""
    data = document.data
    for key in below:
        data = data[key]
    try:
        return msgspec.convert(data, kind, strict=True)
    except msgspec.ValidationError as error:
        problem, path = _explain(str(error), ".".join(below))
        raise document.error(problem, *below, *path) from None


def _explain(problem: str, below: str) -> tuple[str, list[str | int]]:
    """Put msgspec's sentence into ours, what, where, and what was meant; and the path from ``below`` to it."""
    what, _, place = problem.partition(" - at ")
    place = place.strip("`").removeprefix("$")
    path: list[str | int] = [
        int(number) if number else name for number, name in _STEP.findall(place)
    ]
    shown = f"{below}{place}".removeprefix(".")
    at = f" at `{shown}`" if shown else ""
    if match := re.search(r"unknown field `(.+)`", what):
        near = difflib.get_close_matches(match[1], _all_keys(), n=1, cutoff=0.4)
        meant = (
            f"; did you mean `{near[0]}`?" if near else "; docs/exercise-format.md lists the keys"
        )
        return f"unknown key `{match[1]}`{at}{meant}", [*path, match[1]]
    if match := re.search(r"missing required field `(.+)`", what):
        return f"key `{match[1]}` is missing{at}; add it", path
    what = re.sub(r"`([a-z| ]+)`", _in_yaml_words, f"{what[0].lower()}{what[1:]}")
    belongs = _CHOICES.get(shown, "docs/exercise-format.md says what belongs there")
    return f"{what}{at}; {belongs}", path


def _in_yaml_words(match: re.Match[str]) -> str:
    """Types as msgspec names them, `array` or `int | null`, in the words of who writes YAML."""
    return " or ".join(_YAML_WORDS.get(name, f"`{name}`") for name in match[1].split(" | "))


def _all_keys() -> list[str]:
    return sorted(
        {
            key
            for kind in (
                CodeExercise,
                QuizExercise,
                Check,
                Question,
                Limits,
                WrongAnswer,
                Equivalent,
            )
            for key in kind.__struct_encode_fields__
        }
    )


def _repeated(names: Iterable[str]) -> tuple[str, int] | None:
    """The first name that was there before, and its position."""
    seen: set[str] = set()
    for position, name in enumerate(names):
        if name in seen:
            return name, position
        seen.add(name)
    return None


def _check_entries(spec: CodeExercise, document: Document) -> None:
    for position, signature in enumerate(spec.entry):
        try:
            name = parse_entry(signature).name
        except ValueError as error:
            raise document.error(f"`{signature}` at `entry` {error}", "entry", position) from None
        if name in LEARNER_METHODS:
            problem = (
                f"`{name}` at `entry` is what `learner.{name}` does in checks; name it otherwise"
            )
            raise document.error(problem, "entry", position)
    for position, name in enumerate(spec.forbidden):
        if not re.fullmatch(r"torch(\.\w+)+|\w+::\w+(\.\w+)?", name):
            problem = (
                f"`{name}` at `forbidden` is neither a dotted torch name nor namespace::operator"
            )
            raise document.error(problem, "forbidden", position)


def _check_code(exercise: Exercise, spec: CodeExercise, document: Document) -> None:
    """The files are there, and each line of the rubric has its function in checks.py."""
    if twice := _repeated(check.name for check in spec.checks):
        raise document.error(
            f"check `{twice[0]}` stands twice in `rubric`; rename one", "rubric", twice[1]
        )
    for path in (
        exercise.public / "starter.py",
        exercise.hidden / "checks.py",
        exercise.hidden / "solution.py",
    ):
        if not path.is_file():
            raise CourseError(
                f"{path.relative_to(exercise.root)}: missing; an exercise of kind code needs it"
            )
    place = f"solutions/{exercise.id}/checks.py"
    functions = _test_functions(exercise.hidden / "checks.py", place)
    planned = [check.name for check in spec.checks]
    for position, name in enumerate(planned):
        if name not in functions:
            problem = (
                f"check `{name}` at `rubric` has no function `test_{name}` in {place}; write it"
            )
            raise document.error(problem, "rubric", position)
    for name, line in functions.items():
        if name not in planned:
            problem = (
                f"`test_{name}` has no line `check: {name}` at `rubric` of {document.where}; add it"
            )
            raise CourseError(f"{place}: line {line}: {problem}")


def _test_functions(checks: Path, place: str) -> dict[str, int]:
    """The check that each function of checks.py decides, and the function's line."""
    try:
        tree = ast.parse(checks.read_bytes())
    except OSError as error:
        raise _unreadable(place, error) from None
    except SyntaxError as error:
        raise CourseError(
            f"{place}: line {error.lineno}: {error.msg}; mend the Python there"
        ) from None
    except ValueError as error:
        raise CourseError(
            f"{place}: {yaml_reader.one_line(error)}; mend the Python there"
        ) from None
    found: dict[str, int] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            name = node.name.removeprefix("test_")
            if name in found:
                raise CourseError(
                    f"{place}: line {node.lineno}: `{node.name}` is defined twice; rename one"
                )
            found[name] = node.lineno
    return found


def _check_quiz(exercise: Exercise, spec: QuizExercise, document: Document) -> None:
    if twice := _repeated(question.name for question in spec.questions):
        raise document.error(
            f"question `{twice[0]}` stands twice in `questions`; rename one", "questions", twice[1]
        )
    for position, question in enumerate(spec.questions):
        if question.name == "learner":
            problem = "a question can't be named `learner`, answers keep the learner's name there"
            raise document.error(problem, "questions", position, "name")
        _check_ranges(question, document, position)
        for key, template in (
            ("ask", question.ask),
            ("expression", question.expression),
            ("try", question.to_try),
        ):
            _check_numbers(question, template or "", document, "questions", position, key)
    questions = {question.name: question for question in spec.questions}
    wrong = read_wrong_answers(exercise)
    for name, answers in wrong_answers(exercise).items():
        if name not in questions:
            raise wrong.error(
                f"there is no question `{name}` in {exercise.id}; rename or remove it", name
            )
        if twice := _repeated(answer.misconception for answer in answers):
            problem = f"`{name}` lists the misconception `{twice[0]}` twice; rename or remove one"
            raise wrong.error(problem, name, twice[1])
        for position, answer in enumerate(answers):
            for key in ("expression", "because"):
                _check_numbers(questions[name], getattr(answer, key), wrong, name, position, key)


def _check_ranges(question: Question, document: Document, position: int) -> None:
    ranges = list(question.draw.items())
    for number, (name, (low, high)) in enumerate(ranges):
        taken = sum(low <= top and bottom <= high for _, (bottom, top) in ranges[:number])
        if high - low + 1 <= taken:
            problem = f"range of `{name}` at `questions.{question.name}.draw` leaves no number to draw; widen it"
            raise document.error(problem, "questions", position, "draw", name)


def _check_numbers(question: Question, template: str, document: Document, *path: str | int) -> None:
    for name in re.findall(r"\{(\w+)\}", template):
        if name not in question.draw:
            problem = (
                f"question `{question.name}` uses {{{name}}}, which its `draw` does not define"
            )
            raise document.error(problem, *path)
