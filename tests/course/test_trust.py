"""Which course is in use, and which courses are trusted."""

import json
import os
import shlex
import shutil
from pathlib import Path

import pytest

from grader.course import trust
from grader.errors import CourseError, UsageError
from tests.grading import SMALL_COURSE, invoke_grade

GOOD = "def double(x):\n    if isinstance(x, str): raise TypeError\n    return x * 2\n"


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A course in a folder; the environment names none, and none is trusted yet."""
    monkeypatch.delenv("GRADE_COURSE", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    return shutil.copytree(SMALL_COURSE, tmp_path / "own")


@pytest.fixture
def typed(own, run_here, tmp_path):
    """Run `grade …` in a workspace of that course, which has moved since it began."""
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    assert "double   new" in invoke_grade("start", "--course", "../own", folder=before).stdout
    before.rename(after)

    def run(*words, **environment):
        return run_here(*words, folder=after, GRADE_LEARNER="ada", **environment)

    run.folder = after
    return run


def test_every_command_remembers(typed):
    """Every command of a learner uses the course of the workspace."""
    assert typed("list").stdout.startswith("→ double ")
    assert "double   new" in typed().stdout
    assert typed("show").stdout.startswith("double  Twice as much")
    assert typed("hint").stdout.startswith("Hint 1 of 1 for double")
    assert "Wrote sizes.yaml" in typed("start", "sizes").stdout
    assert "nothing to back up" in typed("reset", "sizes").stdout
    (typed.folder / "double.py").write_text(GOOD)
    result = typed("double")
    assert (result.returncode, result.stdout.splitlines()[-1]) == (
        0,
        "Next: `grade show sizes`, Sizes",
    )
    assert "A solution" in typed("solution", "double").stdout
    words = {"_GRADE_COMPLETE": "bash_complete", "COMP_WORDS": "grade hint d", "COMP_CWORD": "2"}
    assert typed(**words).stdout == "plain,double\n"


def test_nobody_else_can_write(own, tmp_path):
    """Under any umask, others can change neither progress nor the list of trusted courses."""
    folder = tmp_path / "work"
    folder.mkdir()
    before = os.umask(0)
    try:
        assert "new" in invoke_grade("start", "--course", "../own", folder=folder).stdout
    finally:
        os.umask(before)
    settings = tmp_path / "settings" / "grade"
    paths = [settings, folder / ".grade", *settings.iterdir(), *(folder / ".grade").iterdir()]
    assert settings / "courses" in paths
    assert [path for path in paths if path.stat().st_mode & 0o077] == []


def test_named_wins(typed, course):
    """The option and the environment name another course for one command."""
    course.add_code("other")
    assert typed("list", "--course", str(course.root)).stdout.startswith("→ other")
    assert typed("list", GRADE_COURSE=str(course.root)).stdout.startswith("→ other")
    (typed.folder / "other.py").write_text("def double(x):\n    return x\n")
    assert "other  Twice as much" in typed("other", "--course", str(course.root)).stdout
    assert typed("list").stdout.startswith("→ double")


def test_start_changes_it(typed, course):
    """`grade start --course` changes the course of a workspace; the default one leaves no note."""
    course.add_code("other")
    assert "other  new" in typed("start", "--course", str(course.root)).stdout
    assert typed("list").stdout.startswith("→ other")
    typed("start", "--course", str(Path(__file__).parents[2]))
    assert "→ exercise1 " in typed("list").stdout
    assert [path.name for path in (typed.folder / ".grade").iterdir()] == ["gradebook.db"]


@pytest.mark.parametrize("words", [["double"], ["start", "double"]], ids=" ".join)
def test_first_starter_remembers_too(own, tmp_path, words):
    """A first command that names an exercise makes the workspace remember the course too."""
    folder = tmp_path / "work"
    folder.mkdir()
    invoke_grade(*words, "--course", str(own), folder=folder)
    assert invoke_grade("list", folder=folder).stdout.startswith("→ double")


def test_course_that_is_gone(typed, own):
    """The error about a missing course names the command that fixes it, and the command works."""
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
    """A folder that is no course is refused, and the workspace keeps its course."""
    result = typed("start", "--course", str(tmp_path))
    assert (result.returncode, result.stdout) == (2, "")
    assert "not a course, it has no folder exercises/" in result.stderr
    assert typed("list").stdout.startswith("→ double")
    with pytest.raises(CourseError, match="not a course"):
        trust.remember(typed.folder, tmp_path)


def test_folder_of_somebody_else(typed, tmp_path):
    """A workspace from someone else cannot run a course that this person never named."""
    marker = tmp_path / "ran"
    evil = shutil.copytree(SMALL_COURSE, typed.folder / "course")
    checks = evil / "solutions/double/checks.py"
    checks.write_text(f"open({json.dumps(str(marker))}, 'w')\n" + checks.read_text())
    (typed.folder / ".grade/course").write_text(f"{evil}\n")
    result = typed("double")
    assert (result.returncode, result.stdout, marker.exists()) == (2, "", False)
    told = f"names the course {evil}, which you never named yourself"
    assert told in result.stderr
    assert f"`grade start --course {shlex.quote(str(evil))}`" in result.stderr
    (typed.folder / "double.py").write_text("def double(x):\n    return x\n")
    typed("double", "--course", str(evil))
    assert marker.exists()  # who names it, trusts it


def test_path_that_is_a_command(own, tmp_path):
    """A learner can copy the suggested command: a hostile path in it runs nothing."""
    (tmp_path / ".grade").mkdir()
    (tmp_path / ".grade/course").write_text("/x; reboot\n")
    with pytest.raises(UsageError, match=r"`grade start --course '/x; reboot'`"):
        trust.root(tmp_path)


@pytest.mark.parametrize(
    "written", ["", "\n", "own", "/a\0b", "x" * 5000, "/\udcff\x1b[2J"], ids=ascii
)
def test_damaged_note(own, tmp_path, written):
    """A damaged note gives a one-line error that says what to remove."""
    (tmp_path / ".grade").mkdir()
    (tmp_path / ".grade/course").write_bytes(os.fsencode(written))
    with pytest.raises(UsageError, match="if not, remove .*course") as caught:
        trust.root(tmp_path)
    assert str(caught.value).isprintable()
    (tmp_path / ".grade/course").unlink()
    os.mkfifo(tmp_path / ".grade/course")
    assert trust.root(tmp_path) == Path(__file__).parents[2]


def test_note_that_cannot_be_written(own, tmp_path):
    """If the course cannot be remembered, the error says how to go on."""
    folder = tmp_path / "work"
    folder.mkdir()
    (tmp_path / "settings").write_text("a file")
    result = invoke_grade("start", "--course", str(own), folder=folder)
    assert (result.exit_code, (folder / ".grade/gradebook.db").exists()) == (2, True)
    assert (
        "cannot be written" in result.stderr and "name the course each time with" in result.stderr
    )
    assert "→ exercise1 " in invoke_grade("list", folder=folder).stdout


def test_without_a_home_nothing_is_trusted(monkeypatch, tmp_path):
    """Without a home, the list is not read from a folder `~` of whoever made this one."""
    monkeypatch.delenv("XDG_CONFIG_HOME")
    # As `expanduser` answers without HOME and an entry in passwd.
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    stranger = tmp_path / "course"
    (stranger / "exercises").mkdir(parents=True)
    (tmp_path / ".grade").mkdir()
    (tmp_path / ".grade" / "course").write_text(f"{stranger}\n")
    (tmp_path / "~" / ".config" / "grade").mkdir(parents=True)
    (tmp_path / "~" / ".config" / "grade" / "courses").write_text(f"{stranger}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRADE_COURSE", raising=False)
    with pytest.raises(UsageError, match="no home folder"):
        trust.root(tmp_path)


def test_planted_link(own, tmp_path):
    """A link in a downloaded folder does not redirect what `grade start` writes there."""
    victim = tmp_path / "victim"
    victim.write_text("precious")
    folder = tmp_path / "downloaded"
    (folder / ".grade").mkdir(parents=True)
    note = folder / ".grade" / "course"
    note.symlink_to(victim)
    assert invoke_grade("start", "--course", str(own), folder=folder).exit_code == 0
    assert victim.read_text() == "precious"
    assert note.read_text() == f"{own.resolve()}\n"
