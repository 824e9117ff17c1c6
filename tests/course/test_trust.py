"""Which course is in use: a workspace remembers its own."""

import json
import os
import shutil
from pathlib import Path

import pytest

from grader.course import trust
from grader.errors import CourseError, UsageError
from tests.grading import SMALL_COURSE, run_grade

GOOD = "def double(x):\n    if isinstance(x, str): raise TypeError\n    return x * 2\n"


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A course of one's own in a folder, with nothing named in the environment and nothing known before."""
    monkeypatch.delenv("GRADE_COURSE", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    return shutil.copytree(SMALL_COURSE, tmp_path / "own")


@pytest.fixture
def typed(own, tmp_path):
    """Type `grade …` in a workspace that was begun with that course, and has been moved since."""
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    assert "double   new" in run_grade("start", "--course", "../own", folder=before).stdout
    before.rename(after)

    def run(*words, **environment):
        return run_grade(*words, folder=after, GRADE_LEARNER="ada", **environment)

    run.folder = after
    return run


def test_every_command_remembers(typed):
    """What was said once at the start holds for each command of a learner, wherever the workspace is now."""
    assert typed("list").stdout.startswith("double     5 points")
    assert "double   new" in typed().stdout
    assert typed("show").stdout.startswith("double  Twice as much")
    assert typed("hint").stdout.startswith("Hint 1 of 1 for double")
    assert "Wrote sizes.yaml" in typed("start", "sizes").stdout
    assert "there was nothing to put aside" in typed("reset", "sizes").stdout
    (typed.folder / "double.py").write_text(GOOD)
    result = typed("double")
    assert (result.returncode, result.stdout.splitlines()[-1]) == (
        0,
        "Next: `grade show sizes`, Sizes",
    )
    assert "A solution" in typed("solution", "double").stdout
    words = {"_GRADE_COMPLETE": "bash_complete", "COMP_WORDS": "grade hint d", "COMP_CWORD": "2"}
    assert typed(**words).stdout == "plain,double\n"


def test_named_wins(typed, course):
    """A course that is named, by the option or in the environment, is used instead, and nothing is forgotten."""
    course.add_code("other")
    assert typed("list", "--course", str(course.root)).stdout.startswith("other")
    assert typed("list", GRADE_COURSE=str(course.root)).stdout.startswith("other")
    assert "other  Twice as much" in typed("other", "--course", str(course.root)).stdout
    assert typed("list").stdout.startswith("double")


def test_start_changes_it(typed, course):
    """`grade start --course` in a workspace gives it another course; the grader's own needs no memory."""
    course.add_code("other")
    assert "other  new" in typed("start", "--course", str(course.root)).stdout
    assert typed("list").stdout.startswith("other")
    typed("start", "--course", str(Path(__file__).parents[2]))
    assert typed("list").stdout.startswith("exercise1 ")
    assert [path.name for path in (typed.folder / ".grade").iterdir()] == ["gradebook.db"]


@pytest.mark.parametrize("words", [["double"], ["start", "double"]], ids=" ".join)
def test_first_starter_remembers_too(own, tmp_path, words):
    """Who begins with an exercise has said which course it is as well."""
    folder = tmp_path / "work"
    folder.mkdir()
    run_grade(*words, "--course", str(own), folder=folder)
    assert run_grade("list", folder=folder).stdout.startswith("double")


def test_course_that_is_gone(typed, own):
    """A course that was moved is told with what to type, and once that is typed all is well again."""
    moved = own.rename(own.with_name("elsewhere"))
    for words in ([], ["list"], ["double"], ["hint"], ["watch"]):
        result = typed(*words)
        assert (result.returncode, result.stdout) == (2, "")
        assert f"grade: {own}: the course of this folder is missing" in result.stderr
        assert "`grade start --course FOLDER`" in result.stderr
    assert typed("list", "--course", str(moved)).returncode == 0
    assert "double   new" in typed("start", "--course", str(moved)).stdout
    assert typed("list").returncode == 0


def test_no_course_is_not_remembered(typed, tmp_path):
    """What is no course is refused, and the workspace keeps the one that it has."""
    result = typed("start", "--course", str(tmp_path))
    assert (result.returncode, result.stdout) == (2, "")
    assert "not a course, it has no folder exercises/" in result.stderr
    assert typed("list").stdout.startswith("double")
    with pytest.raises(CourseError, match="not a course"):
        trust.remember(typed.folder, tmp_path)


def test_folder_of_somebody_else(typed, tmp_path):
    """Checks run with all rights of whoever grades: a folder from elsewhere cannot name the course for them."""
    marker = tmp_path / "ran"
    evil = shutil.copytree(SMALL_COURSE, typed.folder / "course")
    checks = evil / "solutions/double/checks.py"
    checks.write_text(f"open({json.dumps(str(marker))}, 'w')\n" + checks.read_text())
    (typed.folder / ".grade/course").write_text(f"{evil}\n")
    result = typed("double")
    assert (result.returncode, result.stdout, marker.exists()) == (2, "", False)
    told = f"names the course {evil}, which you never named yourself"
    assert told in result.stderr and f"`grade start --course {evil}`" in result.stderr
    typed("double", "--course", str(evil))
    assert marker.exists()  # who names it, trusts it


def test_name_that_is_a_command(own, tmp_path):
    """What is to be typed may be copied, whatever somebody else wrote: it names a folder and runs nothing."""
    (tmp_path / ".grade").mkdir()
    (tmp_path / ".grade/course").write_text("/x; reboot\n")
    with pytest.raises(UsageError, match=r"`grade start --course '/x; reboot'`"):
        trust.root(tmp_path)


@pytest.mark.parametrize(
    "written", ["", "\n", "own", "/a\0b", "x" * 5000, "/\udcff\x1b[2J"], ids=ascii
)
def test_whatever_stands_there(own, tmp_path, written):
    """A note that nobody wrote for this is an error that says what to do, on one line."""
    (tmp_path / ".grade").mkdir()
    (tmp_path / ".grade/course").write_bytes(os.fsencode(written))
    with pytest.raises(UsageError, match="if not, remove .*course") as caught:
        trust.root(tmp_path)
    assert str(caught.value).isprintable()
    (tmp_path / ".grade/course").unlink()
    os.mkfifo(tmp_path / ".grade/course")
    assert trust.root(tmp_path) == Path(__file__).parents[2]


def test_where_it_cannot_be_written_down(own, tmp_path):
    """It is told, the workspace is one all the same, and says how to go on."""
    folder = tmp_path / "work"
    folder.mkdir()
    (tmp_path / "settings").write_text("a file")
    result = run_grade("start", "--course", str(own), folder=folder)
    assert (result.returncode, (folder / ".grade/gradebook.db").exists()) == (2, True)
    assert (
        "cannot be written" in result.stderr and "name the course each time with" in result.stderr
    )
    assert run_grade("list", folder=folder).stdout.startswith("exercise1 ")
