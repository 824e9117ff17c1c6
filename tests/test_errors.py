"""Errors: records with fields, from which one sentence is made."""

import pytest

from grader import errors
from grader.errors import CourseError, GraderError, UsageError

SENTENCES = {
    "boom": {},
    "boom; fix it": {"advice": "fix it"},
    "a.yaml: boom": {"place": "a.yaml"},
    "a.yaml: line 3: boom": {"place": "a.yaml", "line": 3},
    "a.yaml: line 3: boom; fix it": {"place": "a.yaml", "line": 3, "advice": "fix it"},
}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_sentence(sentence):
    """An error joins the fields that it has into one sentence, and keeps the fields."""
    fields = SENTENCES[sentence]
    error = CourseError("boom", **fields)
    assert str(error) == sentence
    assert {name: getattr(error, name) for name in fields} == fields
    assert error.problem == "boom"


def test_error_from_its_sentence():
    """An error made from another's sentence, as in an examiner's reply, has that sentence."""
    error = UsageError("no such folder", place="here", line=1, advice="make one")
    assert str(type(error)(str(error))) == str(error)


@pytest.mark.parametrize("name", [name for name in vars(errors) if name.endswith("Error")])
def test_every_error_has_an_exit_code(name):
    """Every error is a GraderError with exit code 2 or 3, and is in the docstring."""
    error = getattr(errors, name)
    assert issubclass(error, GraderError)
    assert error.exit_code in (2, 3)
    assert name in errors.__doc__


def test_unreadable_file():
    """The error about a file that the system refuses names the file and the reason."""
    error = CourseError.unreadable("a.yaml", OSError(5, "Input/output error"))
    assert str(error) == (
        "a.yaml: cannot be read (Input/output error); check its permissions and the disk"
    )
