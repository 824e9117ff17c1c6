"""The two trees of a course: the same on both sides, nothing stray, nothing hidden in the public one."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from grader.course.loading import starter, wrong_solutions
from grader.course.records import Exercise
from grader.course.scaffold import MARK
from grader.verify.records import Finding, Rule

_PUBLIC: Final = {True: {"exercise.yaml", "starter.py"}, False: {"exercise.yaml"}}
_HIDDEN: Final = {
    True: {"solution.py", "checks.py", "equivalent.yaml", "wrong"},
    False: {"wrong.yaml"},
}
_IGNORED: Final = "__pycache__"  # Python's own, and in no one's way
_SILENT: Final = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
TELLING: Final = 16
"""Characters from which on a line of hidden code says something of its own."""


def stray_in_course(root: Path) -> Iterator[Finding]:
    """What stands in the two trees and belongs to no exercise."""
    for side, other in (("exercises", "solutions"), ("solutions", "exercises")):
        for path in _entries(root / side):
            place = f"{side}/{path.name}"
            if not path.is_dir():
                yield Finding(Rule.FILES, place, "This file belongs to no exercise.", "Remove it.")
            elif side == "exercises" and not (path / "exercise.yaml").is_file():
                yield Finding(
                    Rule.FILES,
                    place,
                    "This folder has no exercise.yaml.",
                    "Write one, or remove the folder.",
                )
            elif side == "solutions" and not (root / other / path.name).is_dir():
                advice = f"Add {other}/{path.name}, or remove this folder."
                yield Finding(
                    Rule.FILES,
                    place,
                    f"There is no {other}/{path.name} beside this folder.",
                    advice,
                )


def check_files(exercise: Exercise) -> Iterator[Finding]:
    """What the folders of one exercise hold that they should not, and what wrong solutions lack."""
    is_code = exercise.spec.runs_code
    yield from _stray(exercise, exercise.public, _PUBLIC[is_code])
    yield from _stray(exercise, exercise.hidden, _HIDDEN[is_code])
    yield from _unfinished(exercise)
    if is_code:
        starter(exercise)  # told where it is no text: `grade start` hands it out as it is
        yield from _wrong_files(exercise)
        yield from _secrets(exercise)


def _stray(exercise: Exercise, folder: Path, known: set[str]) -> Iterator[Finding]:
    kind = "code" if exercise.spec.runs_code else "quiz"
    for path in _entries(folder):
        if path.name not in known:
            advice = (
                f"Remove it; an exercise of kind {kind} has only {', '.join(sorted(known))} here."
            )
            yield Finding(Rule.FILES, _place(exercise, path), "Nothing reads this file.", advice)


def _unfinished(exercise: Exercise) -> Iterator[Finding]:
    """What `grade new` has left to the author."""
    for path in (
        *_entries(exercise.public),
        *_entries(exercise.hidden),
        *_entries(exercise.hidden / "wrong"),
    ):
        lines = _text(path).splitlines() if path.is_file() else []
        for number, line in enumerate(lines, 1):
            if MARK in line:
                asked = line.partition(MARK)[2].strip(" :\"'.")
                place = f"{_place(exercise, path)} line {number}"
                yield Finding(Rule.UNFINISHED, place, asked, f"Write it, and remove the {MARK}.")


def _wrong_files(exercise: Exercise) -> Iterator[Finding]:
    for path in _entries(exercise.hidden / "wrong"):
        if path.suffix != ".py":
            yield Finding(
                Rule.FILES,
                _place(exercise, path),
                "Nothing reads this file.",
                "Remove it, or call it .py.",
            )
    if not wrong_solutions(exercise):
        place = f"solutions/{exercise.id}/wrong"
        advice = "Write a mistake that people make as wrong/NAME.py, explained by its docstring."
        yield Finding(
            Rule.WRONG, place, "There is no wrong solution, so nothing proves the checks.", advice
        )
    for path in wrong_solutions(exercise).values():
        if error := compile_error(path):
            line = f" line {error.lineno}" if isinstance(error, SyntaxError) else ""
            problem = f"This is not Python: {getattr(error, 'msg', error)}."
            yield Finding(
                Rule.WRONG,
                f"{_place(exercise, path)}{line}",
                problem,
                "Mend it: a real mistake runs.",
            )
        elif not ast.get_docstring(ast.parse(path.read_bytes())):
            advice = "Begin the file with a docstring that tells the learner who made this mistake what is wrong."
            yield Finding(
                Rule.WRONG,
                _place(exercise, path),
                "It explains nothing: it has no docstring.",
                advice,
            )


def compile_error(path: Path) -> SyntaxError | ValueError | None:
    """Why Python would not load this file, which it is only read for; None where it would."""
    try:
        compile(path.read_bytes(), path.name, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        return error
    return None


def _secrets(exercise: Exercise) -> Iterator[Finding]:
    """Lines of the solution or the checks that a learner can read, hints apart: those may be plain."""
    hints = " ".join(" ".join(hint.split()) for hint in exercise.spec.hints)
    # Whatever lies there is searched, pictures too: what they are doing there is told elsewhere.
    public = {
        path: " ".join(_text(path).split()) for path in _entries(exercise.public) if path.is_file()
    }
    told = set()
    for hidden in ("solution.py", "checks.py"):
        for number, line in _telling_lines(_text(exercise.hidden / hidden)):
            for path, text in public.items():
                if line in text and line not in hints and (path, line) not in told:
                    told.add((path, line))
                    problem = f"It shows line {number} of solutions/{exercise.id}/{hidden}: {line}"
                    yield Finding(
                        Rule.SECRECY, _place(exercise, path), problem, "Say it in other words."
                    )


def _telling_lines(source: str) -> Iterator[tuple[int, str]]:
    """Lines on which a statement begins that gives something away: no signatures, imports or docstrings."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return  # told elsewhere
    lines = source.splitlines()
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and not isinstance(node, _SILENT) and not _is_text(node):
            text = " ".join(lines[node.lineno - 1].split())
            if len(text) >= TELLING and not text.startswith("super().__init__("):
                yield node.lineno, text


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _text(path: Path) -> str:
    return path.read_text("utf-8", "replace")


def _entries(folder: Path) -> list[Path]:
    return (
        sorted(path for path in folder.iterdir() if path.name != _IGNORED)
        if folder.is_dir()
        else []
    )


def _place(exercise: Exercise, path: Path) -> str:
    return path.relative_to(exercise.root).as_posix()
