"""What the source says about a failure: names that are not defined, parameters in another order."""

import builtins
import re
from collections.abc import Iterable
from typing import Final

import msgspec

from grader.course.records import Entry
from grader.grades.grade import OBSERVED
from grader.sandbox import guesses
from grader.submission.files import Submission
from grader.text import closest

PARAMETER_ORDER: Final = f"{OBSERVED}parameter_order"
"""The name of the fact that a function has its parameters in another order."""
_UNDEFINED: Final = re.compile(r"name '(\w{1,80})' is not defined")
_CLASS: Final = re.compile(r"^class[ \t]+(\w{1,80})\(([^()\n]{0,200})\)", re.MULTILINE)
_WORD: Final = re.compile(r"[^\W\d]\w{1,80}")
_MAX_MESSAGE: Final = 500
_MAX_WORDS: Final = 1000
IMPORTS: Final = {
    "torch": "import torch",
    "nn": "from torch import nn",
    "F": "import torch.nn.functional as F",
    "np": "import numpy as np",
    "numpy": "import numpy",
    "math": "import math",
    "Tensor": "from torch import Tensor",
    "optim": "from torch import optim",
}
"""What to write for the names that most files import."""


def missing_import(message: str) -> str:
    """The import of a name that is not defined and that most files import; empty if none is.

    ``message`` is that of the exception.
    """
    return IMPORTS.get(_undefined(message), "")


def name_advice(message: str, submission: Submission) -> str:
    """What to write for a name that is not defined; empty if nothing is near.

    ``message`` is that of the exception.
    """
    name = _undefined(message)
    if not name:
        return ""
    if name in IMPORTS:
        return _import_advice(IMPORTS[name], submission)
    if name in submission.elsewhere:
        number = submission.elsewhere[name]
        return f"`{name}` is in cell {number}, which is not graded. Move it into the graded cell."

    source = submission.source.decode("utf-8", "replace")
    if advice := _in_header(name, source) or _defined_later(name, source, submission):
        return advice

    known = set(dir(builtins))
    for word in _WORD.finditer(source):
        known.add(word[0])
        # The examiner compares them, and no limit of the submission counts its time.
        if len(known) >= _MAX_WORDS:
            break

    known.discard(name)
    near = closest(name, known, cutoff=0.7)
    if not near:
        return ""

    return f"Did you mean `{near}`?"


def _in_header(name: str, source: str) -> str:
    """What to write if ``name`` stands in the header of a class as if it was a parameter."""
    for header in _CLASS.finditer(source):
        if name in guesses.parameter_names(header[2]):
            return (
                f"Only base classes stand after `class {header[1]}`. Write the parameters in its "
                f"`__init__`: `def __init__(self, {header[2]}):`."
            )

    return ""


def _defined_later(name: str, source: str, submission: Submission) -> str:
    """What to move if the top of a submission defines the function or class ``name``."""
    match = re.search(rf"^(?:async )?(?:def|class)[ \t]+{name}\b", source, re.MULTILINE)
    if match is None:
        return ""

    number = source.count("\n", 0, match.start()) + 1
    frame = submission.frame(submission.name, number)
    preposition = "on" if frame.cell is None else "in"
    return (
        f"`{name}` is defined later, {preposition} {frame.short}. Move the code that uses it below."
    )


def _undefined(message: str) -> str:
    """The name that is not defined, according to Python's message; empty for another message."""
    # A submission can raise an exception with a message of any length.
    match = _UNDEFINED.search(message[:_MAX_MESSAGE])
    if match is None:
        return ""

    return match[1]


class ParameterOrder(msgspec.Struct, frozen=True):
    """A function with the parameters that it must have, in another order."""

    sentence: str
    line: int
    """The line of its ``def``, from 1."""
    parameters: str
    """The text between its parentheses."""


def parameter_order(entries: Iterable[Entry], submission: Submission) -> ParameterOrder | None:
    """The first function of a submission with its parameters in another order, if there is one."""
    source = submission.source.decode("utf-8", "replace")
    for entry in entries:
        match = re.search(rf"^def {entry.name}\(([^()]{{0,200}})\)", source, re.MULTILINE)
        if match is None:
            continue

        names = guesses.parameter_names(match[1])
        expected = list(entry.parameters)
        if names != expected and sorted(names) == sorted(expected):
            ours = ", ".join(expected)
            theirs = ", ".join(names)
            sentence = (
                f"`{entry.name}` is called with ({ours}), in this order; yours has ({theirs})."
            )
            line = source.count("\n", 0, match.start()) + 1
            return ParameterOrder(sentence, line, match[1])

    return None


def _import_advice(line: str, submission: Submission) -> str:
    if submission.cells is None:
        return f"Write `{line}` at the top of the file."
    if len(submission.cells) > 1:
        return f"Write `{line}` in a cell above."

    # A marked cell is graded alone.
    return f"Write `{line}` in this cell: the grade uses no other cell."
