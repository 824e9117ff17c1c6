"""The files of a course: both sides match, nothing is stray, and nothing hidden is public."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from grader.course import editors, location, order
from grader.course.loading import read_definition, starter, wrong_solutions
from grader.course.records import Exercise
from grader.course.scaffold import MARK
from grader.course.yaml_reader import to_rename
from grader.text import single_spaced
from grader.verify import outsiders
from grader.verify.records import Finding, Rule

_PUBLIC: Final = {"code": {"exercise.yaml", "starter.py"}, "quiz": {"exercise.yaml"}}
_HIDDEN: Final = {
    "code": {"solution.py", "checks.py", "equivalent.yaml", "wrong", "outsiders"},
    "quiz": {"wrong.yaml"},
}
_IGNORED: Final = "__pycache__"
"""Python writes this folder wherever somebody runs a file of the course."""
MIN_SECRET_CHARACTERS: Final = 16
"""Shorter lines, such as ``return x``, are no secret: every file contains some of them."""


def stray_in_course(root: Path) -> Iterator[Finding]:
    """Files and folders on both sides of the course that belong to no exercise."""
    for path in _entries(root / "exercises"):
        place = f"exercises/{path.name}"
        # These belong to the whole course.
        if path.name in (order.FILE, Path(editors.FOLDER).name):
            continue
        if path.name == "course.yml":
            yield Finding(Rule.FILES, place, "The grader does not read it.", "Rename it to .yaml.")
        elif not path.is_dir():
            yield _stray_file(place)
        elif not (path / "exercise.yaml").is_file():
            advice = to_rename(path / "exercise.yaml") or "write one, or remove the folder"
            yield Finding(
                Rule.FILES,
                place,
                "This folder has no exercise.yaml.",
                f"{advice[0].upper()}{advice[1:]}.",
            )

    for path in _entries(root / "solutions"):
        place = f"solutions/{path.name}"
        public = f"exercises/{path.name}"
        if not path.is_dir():
            yield _stray_file(place)
        elif not (root / public).is_dir():
            yield Finding(
                Rule.FILES,
                place,
                f"This folder has no counterpart {public}.",
                f"Add {public}, or remove this folder.",
            )


def _stray_file(place: str) -> Finding:
    return Finding(Rule.FILES, place, "This file belongs to no exercise.", "Remove it.")


def _repeated_names(exercise: Exercise) -> Iterator[Finding]:
    # Grading works, but the author probably meant another operator.
    seen = set()
    for position, name in enumerate(exercise.code.forbidden):
        if name in seen:
            place = read_definition(exercise).place("forbidden", position)
            yield Finding(Rule.FILES, place, f"`{name}` is twice in `forbidden`.", "Remove one.")

        seen.add(name)


def check_files(exercise: Exercise) -> Iterator[Finding]:
    """Check the files of one exercise without running any of them.

    Raises ``CourseError`` if ``starter.py`` is not text.
    """
    kind = "code" if exercise.spec.runs_code else "quiz"
    public = _PUBLIC[kind].union(exercise.spec.files)
    for folder, known in ((exercise.public, public), (exercise.hidden, _HIDDEN[kind])):
        names = ", ".join(sorted(known))
        for path in _entries(folder):
            if path.name not in known:
                advice = f"Remove it; an exercise of kind {kind} has only {names} here."
                yield _unused(exercise, path, advice)

    if exercise.id in location.RESERVED:
        problem = f"`grade {exercise.id}` is a command, so nobody can grade this exercise."
        place = exercise.place(exercise.public)
        yield Finding(Rule.FILES, place, problem, "Rename both of its folders.")

    yield from _unfinished(exercise)
    if kind == "code":
        # `grade start` copies the starter as text, so this reads it the same way.
        starter(exercise)
        yield from _not_python(exercise, exercise.public / "starter.py", Rule.STARTER)
        yield from _not_python(exercise, exercise.hidden / "solution.py", Rule.SOLUTION)
        yield from _repeated_names(exercise)
        yield from _misconception_files(exercise)
        yield from outsiders.check_files(exercise)
        yield from _public_secrets(exercise)
        yield from _silent_asserts(exercise)


def _unused(exercise: Exercise, path: Path, advice: str) -> Finding:
    return Finding(Rule.FILES, exercise.place(path), "The grader does not use this file.", advice)


def _unfinished(exercise: Exercise) -> Iterator[Finding]:
    """The lines that ``grade new`` leaves to the author."""
    for folder in (exercise.public, exercise.hidden, exercise.hidden / "wrong"):
        for path in filter(Path.is_file, _entries(folder)):
            lines = _text(path).splitlines()
            for number, line in enumerate(lines, 1):
                _, mark, task = line.partition(MARK)
                if not mark:
                    continue

                # The mark may stand in a string or a comment, with a colon after it.
                task = task.strip(" :\"'.")
                yield Finding(
                    Rule.UNFINISHED,
                    f"{exercise.place(path)} line {number}",
                    task,
                    f"Write it, and remove the {MARK}.",
                )


def _misconception_files(exercise: Exercise) -> Iterator[Finding]:
    folder = exercise.hidden / "wrong"
    for path in _entries(folder):
        # The grader reads *.py only, so this misconception would never be tried.
        if path.suffix != ".py":
            yield _unused(exercise, path, "Remove it, or rename it to .py.")

    known = wrong_solutions(exercise)
    if not known:
        yield Finding(
            Rule.WRONG,
            exercise.place(folder),
            "There is no misconception, so nothing proves the checks.",
            "Write a typical mistake as wrong/NAME.py, with a docstring that explains it.",
        )

    for path in known.values():
        broken = list(_not_python(exercise, path, Rule.WRONG))
        yield from broken
        if not broken and not ast.get_docstring(ast.parse(path.read_bytes())):
            yield Finding(
                Rule.WRONG,
                exercise.place(path),
                "It has no docstring, so it explains nothing.",
                "Begin it with a docstring that tells the learner what is wrong.",
            )


def _not_python(exercise: Exercise, path: Path, rule: Rule) -> Iterator[Finding]:
    """The finding that Python cannot compile a file, if it cannot."""
    error = compile_error(path)
    if error is None:
        return

    place = exercise.place(path)
    problem = str(error)
    if isinstance(error, SyntaxError):
        problem = error.msg
        place = f"{place} line {error.lineno}"

    yield Finding(rule, place, f"This is not Python: {problem}.", "Fix it: this code has to run.")


def compile_error(path: Path) -> SyntaxError | ValueError | None:
    """Why Python cannot compile this file; None if it can."""
    try:
        compile(path.read_bytes(), path.name, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        return error

    return None


def _silent_asserts(exercise: Exercise) -> Iterator[Finding]:
    """Lines of the checks with an ``assert`` that tells a learner nothing."""
    path = exercise.hidden / "checks.py"
    for node in ast.walk(ast.parse(path.read_bytes())):
        # A learner reads the message, and never the code of the check.
        if isinstance(node, ast.Assert) and node.msg is None:
            yield Finding(
                Rule.CHECKS,
                f"{exercise.place(path)} line {node.lineno}",
                "This `assert` has no message, so a learner would not read what is wrong.",
                "Use assert_equal or assert_close, or write one: `assert ok, 'Your result …'`.",
            )


def _public_secrets(exercise: Exercise) -> Iterator[Finding]:
    """Lines of the solution or the checks that a public file contains, except in a hint."""
    # The last hint may be nearly the answer.
    hints = single_spaced(" ".join(exercise.spec.hints))
    # Every file counts, even one that does not belong here: a learner can read it.
    public = {
        path: single_spaced(_text(path)) for path in filter(Path.is_file, _entries(exercise.public))
    }

    # The same line may stand in both hidden files.
    reported = set()
    for name in ("solution.py", "checks.py"):
        hidden = exercise.hidden / name
        for number, line in _secret_lines(_text(hidden)):
            source = f"line {number} of {exercise.place(hidden)}"
            for path, text in public.items():
                is_new = (path, line) not in reported
                if is_new and line in text and line not in hints:
                    reported.add((path, line))
                    yield Finding(
                        Rule.SECRECY,
                        exercise.place(path),
                        f"It shows {source}: {line}",
                        "Say it in other words.",
                    )


def _secret_lines(source: str) -> Iterator[tuple[int, str]]:
    """Number and text of each line whose statement says something about the answer."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return  # the steps that run the file report it

    lines = source.splitlines()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.ClassDef() | ast.Import() | ast.ImportFrom():
                continue  # the exercise states the signatures itself
            case ast.Expr(value=ast.Constant()):
                continue  # a docstring
            case ast.stmt():
                text = single_spaced(lines[node.lineno - 1])
                # Every module's constructor begins with this call.
                if len(text) >= MIN_SECRET_CHARACTERS and not text.startswith("super().__init__("):
                    yield node.lineno, text


def _text(path: Path) -> str:
    return path.read_text("utf-8", "replace")


def _entries(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.name != _IGNORED)
