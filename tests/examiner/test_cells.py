"""Loading what people hand in: cells that fail, packages that are missing, files that go on."""

import json
import re
import sys

import msgspec
import pytest

from grader.course.loading import load_exercise
from grader.examiner.protocol import Examine
from grader.submission.files import read_submission
from tests.grading import SMALL_COURSE, grade_source

DOUBLE = "def double(x):\n    if isinstance(x, str):\n        raise TypeError(x)\n    return x * 2"


@pytest.fixture(scope="module")
def examiner(pool):
    """A warm examiner."""
    with pool.borrow() as warm:
        yield warm


def grade_cells(examiner, folder, *cells, **limits):
    """Grade a notebook of these cells."""
    cells = [{"cell_type": "code", "metadata": {}, "source": cell} for cell in cells]
    path = folder / "double.ipynb"
    path.write_text(json.dumps({"cells": cells, "nbformat": 4, "metadata": {}}))
    return grade_path(examiner, path, **limits)


def grade_path(examiner, path, **limits):
    exercise = load_exercise(SMALL_COURSE, "double")
    changed = msgspec.structs.replace(exercise.spec.limits, **limits)
    spec = msgspec.structs.replace(exercise.spec, limits=changed)
    exercise = msgspec.structs.replace(exercise, spec=spec)
    return examiner.grade(Examine(exercise, read_submission(exercise, path), "ada", 1))


# The cells of a notebook, and the beginning of the note about it.
NOTEBOOKS = {
    "a demonstration that fails": (
        [DOUBLE, "x = 1\ndouble(x) / 0"],
        "cell 2, line 2: This cell did not run to its end: ZeroDivisionError: division by zero",
    ),
    "a syntax error elsewhere": (["x = = 1", DOUBLE], "cell 1, line 1: This cell did not run"),
    "input": (
        [DOUBLE, "n = int(input())"],
        "cell 2, line 1: This cell did not run to its end: EOFE",
    ),
    "exit": ([DOUBLE, "exit()"], "cell 2, line 1: This cell did not run to its end: SystemExit"),
    "an assertion": (
        [DOUBLE, "assert double(1) == 3"],
        "cell 2, line 1: This cell did not run to its end: AssertionError.",
    ),
    "a training loop before it": (
        ["while True:\n    pass", DOUBLE],
        "cell 1, line",
    ),
    "a loop that sleeps": (
        ["import time", DOUBLE, "while True:\n    time.sleep(1)"],
        "cell 3, line 2: This cell did not run to its end: it was cut off after",
    ),
    "a loop that catches everything once": (
        [DOUBLE, "try:\n    while True: pass\nexcept BaseException: pass\nwhile True: pass"],
        "cell 2, line",
    ),
    "a missing package": (
        ["import torch\nimport nowhere.plots as plt\nplt.style.use('x')\nTWO = 2", DOUBLE],
        "cell 1, line 2: `nowhere` is not available here; what uses it does not work.",
    ),
    "a class of a missing package": (
        ["from nowhere import Base", f"class Mine(Base): pass\nmine = Mine()\n{DOUBLE}"],
        "cell 1, line 1: `nowhere` is not available here",
    ),
    "something forbidden to compare with": (
        ["import torch", DOUBLE, "torch.nn.Linear(1, 1)"],
        "cell 3, line 1: This cell did not run to its end: `torch.nn.Linear` is not allowed",
    ),
    "a sentence in a cell of code": (
        ["The answer is as follows:", DOUBLE],
        "cell 1, line 1: This cell did not run to its end: SyntaxError: invalid syntax. This line",
    ),
    "a package in an annotation": (
        ["from nowhere import Float", DOUBLE.replace("(x):", "(x: Float['a b'] | None):")],
        "cell 1, line 1: `nowhere` is not available here",
    ),
}


@pytest.mark.parametrize("case", NOTEBOOKS)
def test_cell_that_fails_costs_nothing(case, examiner, tmp_path):
    """A cell that fails is reported, the next one runs, and the function is graded."""
    cells, note = NOTEBOOKS[case]
    grade = grade_cells(examiner, tmp_path, *cells, load_seconds=0.4)
    assert grade.passed, grade.checks[0].message
    assert len(grade.notes) == 1 + ("package" in case)
    assert grade.notes[0].startswith(note)
    assert ("loop" in case) == ("it was cut off after" in grade.notes[0])


QUIET = {
    "display": [DOUBLE, "display(double(1), 2)"],
    "get_ipython": ["get_ipython().run_line_magic('matplotlib', 'inline')", DOUBLE],
    "a future import in a later cell": [
        "import torch",
        "from __future__ import annotations",
        DOUBLE.replace("(x):", "(x: Undefined):"),
    ],
    "await": ["import asyncio\nawait asyncio.sleep(0)", DOUBLE],
    "the name used again": [DOUBLE, "double = double(3)"],
    "the name deleted": [DOUBLE, "del double"],
    "a module that a cell writes": [
        "%%writefile twice.py\ndef twice(x):\n    return x * 2",
        "from twice import twice",
        DOUBLE.replace("x * 2", "twice(x)"),
    ],
    "a helper after it": [DOUBLE.replace("x * 2", "times(x)"), "def times(x): return x * 2"],
    "a fallback for a package": [
        "try:\n    import nowhere\nexcept ImportError:\n    nowhere = None",
        DOUBLE.replace("x * 2", "x * 2 if nowhere is None else x"),
    ],
}


@pytest.mark.parametrize("case", QUIET)
def test_cells_run_as_in_jupyter(case, examiner, tmp_path):
    """What works in Jupyter works here, without a note."""
    grade = grade_cells(examiner, tmp_path, *QUIET[case])
    assert (grade.passed, grade.notes) == (True, []), grade.checks[0].message


# The cells, and the beginning of the message that all checks have.
BROKEN = {
    "an error in its own cell": (["import torch", "def double(x)\n    return x"], "SyntaxError"),
    "a loop above it in its cell": ([f"while True: pass\n{DOUBLE}"], "Your code was cut off after"),
    "no function": (
        ["1 / 0", "def dubble(x): return x"],
        "double.ipynb does not define `double(x)",
    ),
    "a package that it needs": (
        ["from nowhere import jit", f"@jit\n{DOUBLE}"],
        "The package `nowhere` is not available here.\nYou can import",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_function_that_is_not_defined(case, examiner, tmp_path):
    """Without the function, the cell that should define it is to blame."""
    cells, message = BROKEN[case]
    grade = grade_cells(examiner, tmp_path, *cells, load_seconds=0.3)
    assert grade.points == 0
    assert grade.checks[0].message.startswith(message)


# What follows the function in a file, and the note about it.
ENDINGS = {
    "import sys\nsys.exit(3)": "double.py line 6: This file did not run to its end: SystemExit: 3",
    "open('no.csv')": "double.py line 5: This file did not run to its end: FileNotFoundError",
    "assert double(2) == 5, 'm'": "double.py line 5: This file did not run to its end: Assertion",
    "while True: pass": "double.py line 5: This file did not run to its end: it was cut off",
    "import os\nos._exit(0)": "Only the definitions of this file were run. Your code ended its",
    "import ctypes\nctypes.string_at(0)": "Only the definitions of this file were run. SIGSEGV",
    "import nowhere\nnowhere.plot(double(1))": "double.py line 5: `nowhere` is not available here",
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_file_that_fails_after_its_function(ending, examiner, tmp_path):
    """What fails at the top level below the function is reported and costs nothing."""
    path = tmp_path / "double.py"
    path.write_text(f"{DOUBLE}\n{ending}\n")
    grade = grade_path(examiner, path, load_seconds=0.4)
    assert grade.passed, grade.checks[0].message
    assert grade.notes[0].startswith(ENDINGS[ending])


def test_module_beside_it_that_needs_a_package(examiner, tmp_path):
    """A missing package costs nothing either if a module beside the submission imports it."""
    (tmp_path / "helper.py").write_text("import nowhere\n\ndef twice(x):\n    return x * 2\n")
    source = "from helper import twice\n" + DOUBLE.replace("x * 2", "twice(x)")
    grade = grade_source(examiner, source, tmp_path)
    assert grade.passed
    note, available = grade.notes
    assert note == "helper.py line 1: `nowhere` is not available here; what uses it does not work."
    assert re.fullmatch(r"Available are Python 3[.\d]+, PyTorch 2\S+, numpy [.\d]+\.", available)


# Code for a Python that is newer than most that run these tests, and the version.
NEWER = {
    "def f():\n    try: pass\n    except A, B: pass\n": "3.14",
    "x = t'{y}'\n": "3.14",
    "from functools import Placeholder\n": "3.14",
}


@pytest.mark.parametrize("source", NEWER)
def test_newer_python(source, examiner, tmp_path):
    """The message names the Python that the code needs."""
    if sys.version_info >= (3, 14):
        pytest.skip("this Python has it")
    grade = grade_source(examiner, source + DOUBLE, tmp_path)
    assert f"\nThis needs Python {NEWER[source]} or newer; Python 3." in grade.checks[0].message
