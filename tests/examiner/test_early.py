"""Files that cannot run get their zero without an examiner, and in the same words."""

import pytest

from grader.course.loading import load_exercise
from grader.examiner.early import early_grade
from grader.examiner.protocol import Examine
from grader.submission.files import Submission
from tests.grading import SMALL_COURSE

RIGHT = "def double(x):\n    return x * 2\n"
# Source to a part of the message, the line and the column; no message where it has to run.
CASES = {
    "a bracket": ("def double(x):\n    return (x * 2\n", "was never closed", 2, 12),
    "a quote": ("def double(x):\n    print(“a”)\n", "Type a plain \" or '", 2, 11),
    "a space": ("def double(x):\n\xa0   return x\n", "non-breaking space", 2, 1),
    "half saved": ("def double(x):\n", "line 1 has no body", 1, 15),
    "indented": ("def double(x):\n  y = x\n    return y\n", "Align it with the line above", 3, 4),
    "return outside": ("def double(x): ...\nreturn 3\n", "outside function", 2, 1),
    "keyword": ("def double(x):\n    retrun x\n", "Did you mean `return`?", 2, 12),
    "Markdown": ("```python\n" + RIGHT + "```\n", "are Markdown", 1, 1),
    "Markdown of tildes": (RIGHT + "~~~\n", "are Markdown", 3, 4),
    "a web page": ("def double(x) -&gt; int:\n    return x\n", "`&gt;` is how a web page", 1, 15),
    "numbers of lines": (f"1 import torch\n2 {RIGHT}", "`1` is the number of a line", 1, 3),
    "numbers with tabs": ("     1\tdef double(x):\n", "Delete such numbers", 1, 5),
    "a console": (f">>> import torch\n>>> {RIGHT}", "`>>>` is the prompt", 1, 1),
    "IPython": (f"In [1]: {RIGHT}", "`In [1]:` is the prompt", 1, 9),
    "a sentence": (f"Sure! Here's the function:\n\n{RIGHT}", "is a sentence", 1, 11),
    "latin-1": ("def double(x):\n    # ü\n".encode("latin-1"), "Save the file as UTF-8", 2, 0),
    "ascii": ("# coding: ascii\ndef double(x): ... # ü\n", "Delete the line at the top", 0, 0),
    "unknown": ("# coding: utf8mb4\n" + RIGHT, "Delete the line at the top", 0, 0),
    "misspelled": ("def duble(x):\n    return x\n", "It defines `duble`", 0, 0),
    "renamed": ("def helper(): ...\ndef twice(x=1): ...\n", "`twice(x)`; rename it", 0, 0),
    "others": ("class A: ...\nb = 1\ndef _c(d): ...\n", "It defines `A`, `_c`.", 0, 0),
    "in a class": ("class A:\n    def double(self, x): ...\n", "Move it to the left", 0, 0),
    "parameters": ("def double(x, y):\n    return x\n", "yours is `double(x, y)`", 1, 5),
    "waits": ("n = int(input())\n" + RIGHT, "waits for input", 1, 9),
    "waits afterwards": (RIGHT + "n = input()\n", "", 0, 0),
    "own input": ("def input(): ...\nn = input()\n" + RIGHT, "", 0, 0),
    "right": (RIGHT, "", 0, 0),
    "assigned": ("double = lambda x: x * 2\n", "", 0, 0),
    "imported": ("from helper import double\n", "", 0, 0),
    "in a condition": ("if True:\n    def double(x): return x\n", "", 0, 0),
    "rebound": ("def double(x, y): ...\ndouble = print\n", "", 0, 0),
    "decorated": ("@print\ndef double(x, y): ...\n", "", 0, 0),
    "main block": (RIGHT + "if __name__ == '__main__':\n    input()\n", "", 0, 0),
    "endless": ("-" * 200_000 + "1\n", "", 0, 0),
}


@pytest.mark.parametrize("name", CASES)
def test_early_grade(name, code):
    """A file for which no check can pass has a zero with the reason; others have to run."""
    source, said, line, column = CASES[name]
    data = source.encode() if isinstance(source, str) else source
    grade = early_grade(Examine(code, Submission("double.py", data), "ada", seed=1))
    if not said:
        assert grade is None
        return
    first = grade.checks[0]
    assert said in first.message
    assert (grade.points, grade.exit_code, first.outcome) == (0, 1, "raised")
    assert first.case.column == column
    assert not line or first.case.traceback[-1].startswith(f"double.py line {line}")


def test_same_as_the_examiner(examiner):
    """What is decided early is what an examiner would say."""
    exercise = load_exercise(SMALL_COURSE, "double")
    names = (
        "a bracket",
        "a quote",
        "half saved",
        "keyword",
        "a sentence",
        "ascii",
        "unknown",
        "misspelled",
        "renamed",
        "others",
        "in a class",
        "parameters",
    )
    for name in names:
        submission = Submission("double.py", CASES[name][0].encode())
        examine = Examine(exercise, submission, "ada", seed=1)
        early, late = early_grade(examine), examiner.grade(examine)
        assert [each.message for each in early.checks] == [each.message for each in late.checks]
        assert early.points == late.points
