"""A new exercise: both trees, complete and small, with a mark at everything its author has yet to say."""

import re
from pathlib import Path
from typing import Final

from grader.course.records import ID
from grader.errors import UsageError

MARK: Final = "TODO(author)"
"""Stands in every line that waits for the author; ``grade verify`` tells each of them."""

_STATEMENT: Final = """\
format: 1
kind: {kind}
title: A title of a few words  # TODO(author): what is it about?
statement: |
"""
_HINTS: Final = """\
hints:
  - Where to look.  # TODO(author): a gentle hint
  - What to try.  # TODO(author): a plainer one
  - What to write.  # TODO(author): the last one
"""
_CODE: Final = {
    "exercises/{id}/exercise.yaml": _STATEMENT
    + """\
  TODO(author): teach, then say exactly what is asked and what is checked.

  Write `double(x)`. It returns a new tensor, twice `x`.
entry: ["double(x) -> Tensor"]
rubric:
  - {{check: value, title: Every number is doubled, points: 2}}
  - {{check: gradient, title: Gradients reach the input}}
  - {{check: untouched, title: The input stays as it was}}
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
"""TODO(author): the solution, as plain as it can be written."""

from torch import Tensor


def double(x: Tensor) -> Tensor:
    """Return a new tensor, twice ``x``."""
    return 2 * x
''',
    "solutions/{id}/checks.py": '''\
"""Hidden checks. TODO(author): one for each line of the rubric, by another road than the solution."""

import torch

from grader.checks import assert_close, assert_equal, reference_vjp


def test_value(learner, rng):
    """Numbers of any dtype."""
    for dtype in (torch.float32, torch.float64):
        x = torch.randn(3, 4, generator=rng).to(dtype)
        assert_close(learner.double(x), x + x)


def test_gradient(learner, rng):
    """The gradient is doubled too."""
    x, cotangent = torch.randn(2, 5, generator=rng)
    x.requires_grad_()
    _, expected = reference_vjp(lambda x: x + x, x, cotangent=cotangent)
    _, gradient = learner.vjp("double", x, cotangent=cotangent)
    assert_close(gradient[0], expected[0], "the gradient of x")


def look_afterwards(learner, x) -> tuple[torch.Tensor, torch.Tensor]:
    """Called double(x), and then looked at its result and at x."""
    return learner.double(x), x


def test_untouched(learner, rng):
    """What was given is as it was."""
    x = torch.randn(3, generator=rng)
    result, after = learner.run(look_afterwards, x)
    assert_close(result, x + x)
    assert_equal(after, x, "after the call, x")
''',
    "solutions/{id}/wrong/squared.py": '''\
"""You multiply the input by itself. TODO(author): tell whoever made this mistake what is true."""

# caught by: value


def double(x):
    """Square it."""
    return x * x
''',
    "solutions/{id}/wrong/in_place.py": '''\
"""You change the input itself. TODO(author): a mistake that people make, kindly explained."""

# caught by: gradient, untouched


def double(x):
    """Double the caller's tensor."""
    return x.mul_(2)
''',
}
_QUIZ: Final = {
    "exercises/{id}/exercise.yaml": _STATEMENT
    + """\
  TODO(author): teach what the questions ask for.
"""
    + _HINTS
    + """\
questions:
  - name: shape  # TODO(author): your questions
    ask: What is the shape of `torch.zeros({{rows}}, {{columns}}).T`?
    expression: torch.zeros({{rows}}, {{columns}}).T.shape
    draw: {{rows: [2, 9], columns: [2, 9]}}
""",
    "solutions/{id}/wrong.yaml": """\
shape:
  - misconception: not_transposed
    expression: ({{rows}}, {{columns}})
    because: That is the shape before.  # TODO(author): tell whoever gave this answer what is true
""",
}
_FILES: Final = {"code": _CODE, "quiz": _QUIZ}


def write_exercise(root: Path, exercise_id: str, kind: str) -> list[str]:
    """Write a new exercise into the course at ``root``; its files, relative to it. Nothing is overwritten."""
    if not re.fullmatch(ID, exercise_id):
        raise UsageError(
            f"`{exercise_id}` is no id: lower-case letters, digits and _, a letter first"
        )
    if not root.is_dir():
        raise UsageError(f"{root}: no such folder; for a new course make an empty one first")
    for side in ("exercises", "solutions"):
        if (root / side / exercise_id).exists():
            raise UsageError(
                f"{side}/{exercise_id}: exists already and stays as it is; choose another id"
            )
    files = {name.format(id=exercise_id): text for name, text in _FILES[kind].items()}
    for name, text in files.items():
        yaml = name.endswith(".yaml")  # templates with numbers in braces of their own
        _write(root / name, text.format(kind=kind) if yaml else text)
    return list(files)


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be written ({error.strerror}); name your course with --course"
        ) from None
