"""Write a new exercise: small and complete, with a mark wherever the author has to decide."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from grader.course import editors
from grader.course.entry_scaffold import entry_files
from grader.course.location import LIBRARIES, RESERVED
from grader.course.records import ID, LEARNER_METHODS, Entry
from grader.errors import UsageError

MARK: Final = "TODO(author)"
"""Begins what the author has to do; ``grade verify`` lists each line with this mark."""

_HEAD: Final = """\
format: 1
kind: KIND
title: A title of a few words  # TODO(author): name the topic
statement: |
"""
_HINTS: Final = """\
hints:
  - Where to look.  # TODO(author): a nudge
  - What to try.  # TODO(author): more help
  - What to write.  # TODO(author): nearly the code
"""
_CODE: Final = {
    "exercises/{id}/exercise.yaml": _HEAD.replace("KIND", "code")
    + """\
  TODO(author): say what to write, its inputs and outputs, and what is checked.

  Write `double(x)`. It returns a new tensor, twice `x`.
entry: ["double(x) -> Tensor"]
rubric:
  - {check: value, title: Every number doubles, points: 2}
  - {check: gradient, title: Gradients reach the input}
  - {check: untouched, title: The input does not change, needs: [value], side_effects: true}
"""
    + _HINTS,
    "exercises/{id}/starter.py": '''\
"""TODO(author): the title, as in exercise.yaml."""

from torch import Tensor


def double(x: Tensor) -> Tensor:
    """Return a new tensor, twice ``x``."""
    raise NotImplementedError("write double here")
''',
    "solutions/{id}/solution.py": '''\
"""TODO(author): write the solution as plainly as you can."""

from torch import Tensor


def double(x: Tensor) -> Tensor:
    """Return a new tensor, twice ``x``."""
    return 2 * x
''',
    "solutions/{id}/checks.py": '''\
"""Checks. TODO(author): write one per line of the rubric, in another way than the solution."""

import torch

from grader.checks import assert_close, reference_vjp


def test_value(learner, rng):
    """Try two dtypes."""
    for dtype in (torch.float32, torch.float64):
        x = torch.randn(3, 4, generator=rng).to(dtype)
        assert_close(learner.double(x), x + x)


def test_gradient(learner, rng):
    """Send a random gradient back."""
    x, cotangent = torch.randn(2, 5, generator=rng)
    x.requires_grad_()
    _, expected = reference_vjp(lambda x: x + x, x, cotangent=cotangent)
    _, gradient = learner.vjp("double", x, cotangent=cotangent)
    assert_close(gradient[0], expected[0], "the gradient of x")


def test_untouched(learner, rng):
    """The grader compares the input before and after each call. This call is one of them."""
    x = torch.randn(3, generator=rng)
    assert_close(learner.double(x), x + x)
''',
    "solutions/{id}/wrong/squared.py": '''\
"""You multiply the input by itself. TODO(author): explain this misconception to the learner."""

# caught by: value


def double(x):
    """Square x."""
    return x * x
''',
    "solutions/{id}/wrong/in_place.py": '''\
"""You change the input itself. TODO(author): explain this misconception to the learner."""

# caught by: gradient, untouched


def double(x):
    """Change the caller's tensor."""
    return x.mul_(2)
''',
}
_QUIZ: Final = {
    "exercises/{id}/exercise.yaml": _HEAD.replace("KIND", "quiz")
    + """\
  TODO(author): teach what the questions ask about.
"""
    + _HINTS
    + """\
questions:
  - name: shape  # TODO(author): write your questions
    ask: What is the shape of `torch.zeros({rows}, {columns}).T`?
    expression: torch.zeros({rows}, {columns}).T.shape
    draw: {rows: [2, 9], columns: [2, 9]}
""",
    "solutions/{id}/wrong.yaml": """\
shape:
  - misconception: not_transposed
    expression: ({rows}, {columns})
    because: That is the shape before.  # TODO(author): explain this misconception
""",
}
_FILES: Final = {"code": _CODE, "quiz": _QUIZ}


def write_exercise(
    root: Path, exercise_id: str, kind: str, entries: Sequence[str] = ()
) -> list[Path]:
    """Write a new exercise into the course at ``root``, and return its files.

    ``entries`` are the signatures that a submission of kind code must define; without any, the
    exercise is a small example. Raises ``UsageError`` where the id is bad or taken, or a file
    cannot be written.
    """
    _check_id(root, exercise_id, kind)
    files = _FILES[kind]
    if entries:
        files = entry_files([_parsed(signature) for signature in entries])

    # Editors find mistakes in the new files with them.
    editors.write_schemas(root)
    paths = []
    for template, text in files.items():
        name = template.format(id=exercise_id)
        path = root / name
        content = text
        if name.endswith(".yaml"):
            # Editors look for the schema in the first line.
            content = editors.first_line(name) + text

        editors.write_course_file(path, content)
        paths.append(path)

    return paths


def _check_id(root: Path, exercise_id: str, kind: str) -> None:
    """Raise ``UsageError`` if the course at ``root`` cannot have a new exercise of this id."""
    if not re.fullmatch(ID, exercise_id):
        raise UsageError(
            f"`{exercise_id}` is not a valid id",
            advice="use lower-case letters, digits and _, and begin with a letter",
        )

    # The id would hide the command of this name.
    if exercise_id in RESERVED:
        raise UsageError(
            f"`grade {exercise_id}` is a command, so no exercise can have this id",
            advice="choose another id",
        )

    if kind == "code" and exercise_id in LIBRARIES:
        raise UsageError(
            f"`{exercise_id}` is a module of Python or PyTorch, which a learner's "
            f"{exercise_id}.py would hide",
            advice="choose another id",
        )

    # Not created here: a wrong name would become a new course.
    if not root.is_dir():
        raise UsageError(
            "no such folder", place=str(root), advice="for a new course, make an empty folder first"
        )

    # Both sides first, so that a refusal writes nothing.
    for side in ("exercises", "solutions"):
        if (root / side / exercise_id).exists():
            raise UsageError(
                "exists already", place=f"{side}/{exercise_id}", advice="choose another id"
            )


def _parsed(signature: str) -> Entry:
    advice = "write it like `name(a, b=None) -> Tensor` or `class Name(a)`"
    try:
        entry = Entry.parse(signature)
    except ValueError as error:
        raise UsageError(f"--entry: `{signature}` {error}", advice=advice) from None

    if entry.name in LEARNER_METHODS:
        raise UsageError(
            f"--entry: `{entry.name}` is the name of `learner.{entry.name}` in checks",
            advice="use another name",
        )

    # Checks pass arguments by position.
    if "*" in signature:
        raise UsageError(f"--entry: `{signature}` has parameters without a position", advice=advice)

    return entry
