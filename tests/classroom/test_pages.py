"""The examples in docs/batch.md and docs/scaling.md work as shown, and the API is documented."""

import contextlib
import inspect
import io
import re
import shlex
import sqlite3
from pathlib import Path
from unittest import mock

import pytest

import grader
from grader.classroom.demo import _AnswerKey
from grader.course.loading import load_course
from grader.course.location import default_root
from grader.examiner.protocol import Surveyed
from tests.grading import SMALL_COURSE

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "batch.md").read_text()
MARKED = re.compile(r"<!-- (\w+): ([\w.-]+) -->\n```\w+\n(.*?)```", re.DOTALL)
BLOCKS = {(kind, name): text for kind, name, text in MARKED.findall(PAGE)}


@pytest.mark.parametrize("answers", ["invented", pytest.param("computed", marks=pytest.mark.slow)])
def test_demo_screen(answers, run_here, warm_batches, tmp_path, monkeypatch):
    """`grade demo` prints what docs/batch.md shows."""
    if answers == "invented":
        # The screen counts submissions; what the answers are doesn't change it.
        known = Surveyed(tried=1, possible=1, key="(2, 3)", wrong={"swapped": "(3, 2)"}, clashes=[])
        monkeypatch.setattr(_AnswerKey, "of", lambda *_: known)
    command, screen = BLOCKS["screen", "demo"].split("\n", 1)
    words = shlex.split(command.removeprefix("$ grade "))
    assert run_here(*words, folder=tmp_path).stdout == screen


def test_class_example(klass, monkeypatch):
    """The program with `grade_class` prints a line for each grade."""
    solution = default_root() / "solutions" / "exercise1" / "solution.py"
    klass.folder = klass.root / "submissions"
    klass.write("ada/exercise1.py", solution.read_bytes())
    monkeypatch.chdir(klass.root)
    printed = io.StringIO()
    with (
        mock.patch("grader.classroom.batch.cores", return_value=1),
        contextlib.redirect_stdout(printed),
    ):
        exec(BLOCKS["example", "class"], {})
    assert printed.getvalue() == "ada exercise1 20 graded []\n"


def test_query(klass):
    """The query of the gradebook returns learners and points."""
    klass.write("ada/double.py")
    klass.batch()
    program, _, query = shlex.split(BLOCKS["query", "points"].replace("exercise1", "double"))
    assert program == "sqlite3"
    with contextlib.closing(sqlite3.connect(klass.out / "gradebook.db")) as database:
        assert database.execute(query).fetchall() == [("ada", 5)]


def test_every_code_block_is_marked_or_a_command():
    """Each block of docs/batch.md has a test here or in tests/test_docs.py, except one command."""
    fences = re.findall(r"(<!-- \w+: [\w.-]+ -->\n)?```\w+\n(.*?)```", PAGE, re.DOTALL)
    unmarked = [text for mark, text in fences if not mark]
    assert unmarked == ["grade batch submissions/ --out graded/\n"]
    assert set(BLOCKS) == {
        ("screen", "demo"),
        ("example", "sources"),
        ("example", "class"),
        ("query", "points"),
    }


@pytest.mark.parametrize("name", sorted(set(grader.__all__) - {"__version__"}))
def test_api_is_documented(name):
    """docs/batch.md has every name of the Python API, and every name has a docstring."""
    assert re.search(rf"^\| `{name}[`(]", PAGE, re.MULTILINE)
    value = getattr(grader, name)
    assert inspect.getdoc(value)
    if inspect.isfunction(value):
        documentation = inspect.getdoc(value)
        assert "Raises" in documentation and "::\n" in documentation


def test_api_is_typed():
    """Type checkers see every name of the API where it is defined."""
    source = Path(grader.__file__).read_text()
    checked = source.split("if TYPE_CHECKING:", 1)[1].split("\n\n", 1)[0]
    for name in set(grader.__all__) - {"__version__"}:
        assert re.search(rf"\b{name}\b", checked), name
    assert Path(grader.__file__).with_name("py.typed").is_file()


def test_unknown_name_of_the_api():
    """A misspelled name is an AttributeError, as for any module."""
    with pytest.raises(AttributeError, match="no attribute 'grade_clas'"):
        _ = grader.grade_clas


def test_sources_fail_at_once():
    """`grade_sources` raises for an unknown exercise when it is called, not at the first grade."""
    with pytest.raises(grader.GraderError, match="dubble"):
        grader.grade_sources("dubble", {}, root=SMALL_COURSE)


def test_sources_of_a_quiz(warm_batches):
    """`grade_sources` takes the answers of a quiz as YAML."""
    answers = {"good": "floats: yes\n", "bad": "floats: no\n"}
    grades = dict(grader.grade_sources("sizes", answers, root=SMALL_COURSE, jobs=1))
    assert grades.keys() == answers.keys()
    assert grades["good"].points > grades["bad"].points
    assert "sizes" in load_course(SMALL_COURSE)
