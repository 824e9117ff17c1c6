"""The page of the course and that of its trained table say what is there."""

import re
import runpy
import shutil
import sys

import pytest

from grader.course.location import default_root
from tests.course import course_page

ROOT = default_root()
DOCS = course_page.PAGE.parent


def test_course_page_is_current():
    """docs/course.md lists the exercises of the course in order, with titles and ideas.

    If this fails, run ``python -m tests.course.course_page``.
    """
    assert course_page.PAGE.read_text("utf-8") == course_page.page()


def shown(name: str) -> str:
    """The block of docs/words.md with this mark."""
    text = (DOCS / "words.md").read_text("utf-8")
    return re.search(rf"<!-- words: {name} -->\n```\w+\n(.*?)```", text, re.DOTALL)[1]


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    """A folder with a right exercise18.py and the files that come with it."""
    for name in ("words.txt", "words.py"):
        shutil.copy(ROOT / "exercises" / "exercise18" / name, tmp_path)
    shutil.copy(ROOT / "solutions" / "exercise18" / "solution.py", tmp_path / "exercise18.py")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    sys.modules.pop("exercise18", None)


def test_words_of_the_page(workspace, monkeypatch, capsys):
    """words.py prints what docs/words.md shows, and says which words the table does not have."""
    command, _, output = shown("command").partition("\n")
    arguments = command.removeprefix("$ python ").split()
    for more, end in (([], ""), (["robot"], "robot is not in words.txt\n")):
        monkeypatch.setattr(sys, "argv", [*arguments, *more])
        runpy.run_path(str(workspace / "words.py"), run_name="__main__")
        assert capsys.readouterr().out == output + end


def test_table_in_a_notebook(workspace, capsys):
    """The code of docs/words.md reads the table and finds the words that its comment names."""
    difference = shown("difference")
    code = "\n".join(["from exercise18 import nearest", shown("read"), difference])
    exec(compile(code, "words.md", "exec"), {})
    assert capsys.readouterr().out.strip() == difference.rpartition("# ")[2].strip()


def test_picture_shows_words_of_the_table():
    """Each word in the picture is in the table."""
    table = (ROOT / "exercises" / "exercise18" / "words.txt").read_text("utf-8")
    words = {line.split()[0] for line in table.splitlines()}
    drawn = re.findall(r">(\w+)</text>", (DOCS / "words" / "words.svg").read_text("utf-8"))
    assert len(drawn) == 219 and set(drawn) < words
    assert f"{len(words)} words" in (DOCS / "words.md").read_text("utf-8")
