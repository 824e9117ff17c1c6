"""What earlier versions wrote opens in this one, and keeps its promises (docs/stability.md).

``tests/upgrades/VERSION`` has the files; ``python -m tests.upgrades`` wrote them.
"""

import csv
import json
import re
import shutil
import sqlite3
import tomllib
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

import grader
from grader.grades.document import from_json
from grader.grades.gradebook import Gradebook
from tests.upgrades import promises

ROOT = Path(__file__).parents[1]
WRITTEN = Path(__file__).parent / "upgrades"
VERSIONS = sorted(path.name for path in WRITTEN.iterdir() if (path / "promises.json").exists())
COURSE = ("--course", "course")
BATCH = ("--assignment", "week1.yaml", "--roster", "roster.csv", "--out", "graded")


@pytest.fixture(params=VERSIONS)
def files(request, tmp_path):
    """A copy of the files of a version."""
    folder = tmp_path / "files"
    shutil.copytree(WRITTEN / request.param, folder)
    return folder


def table(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def rows_of(gradebook):
    with closing(sqlite3.connect(gradebook)) as database:
        return database.execute("SELECT * FROM grades ORDER BY id").fetchall()


def test_the_files_of_this_version_are_here():
    """This minor version has committed its files, and the version is the same everywhere."""
    minor = grader.__version__.rpartition(".")[0]
    assert [version for version in VERSIONS if version.rpartition(".")[0] == minor]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["tool"]["hatch"]["version"]["path"] == "grader/__init__.py"
    cited = re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text(), re.MULTILINE)
    assert cited[1] == grader.__version__
    assert f"## [{grader.__version__}]" in (ROOT / "CHANGELOG.md").read_text()


def test_an_output_folder(files, run_here):
    """A report of an older gradebook has the same points, reasons and comments."""
    before = {name: table(files / "graded" / name) for name in ("grades.csv", "assignments.csv")}
    result = run_here("report", "graded", *COURSE, folder=files)
    assert (result.returncode, result.stderr) == (0, "")
    for name, rows in before.items():
        for old, new in zip(rows, table(files / "graded" / name), strict=True):
            assert old.items() <= new.items()
    assert "Come to me." in (files / "graded/feedback/ben/double.md").read_text()

    old_lines = (files / "graded/grades.jsonl").read_text().splitlines()
    assert run_here("export", "jsonl", "--out", "graded", *COURSE, folder=files).returncode == 0
    new_lines = (files / "graded/grades.jsonl").read_text().splitlines()
    for old, new in zip(map(json.loads, old_lines), map(json.loads, new_lines), strict=True):
        assert old.items() <= new.items()


def test_a_course_that_is_gone(files, run_here):
    """An older gradebook whose course has moved says what to type."""
    shutil.move(files / "course", files / "moved")
    result = run_here("report", "graded", folder=files)
    assert result.returncode == 0 or "--course" in result.stderr
    assert run_here("report", "graded", "--course", "moved", folder=files).returncode == 0


def test_the_next_batch(files, run_here):
    """A batch into an older folder keeps every earlier grade, the override and the comment."""
    before = rows_of(files / "graded/gradebook.db")
    result = run_here("batch", "class", *BATCH, *COURSE, folder=files)
    assert result.returncode == 0, result.stderr
    assert rows_of(files / "graded/gradebook.db")[: len(before)] == before
    rows = {
        (row["learner"], row["exercise"]): row for row in table(files / "graded/assignments.csv")
    }
    ben = rows["ben", "double"]
    assert (ben["points"], ben["comments"]) == ("7.5", "Come to me.")
    assert rows["ada", "double"]["points"] == "10"


def test_a_workspace(files, run_here):
    """An older workspace keeps its learner, its passed exercise and the hint that was shown."""
    workspace = files / "workspace"
    before = rows_of(workspace / ".grade/gradebook.db")
    assert before
    result = run_here("status", "--course", "../course", folder=workspace)
    assert result.returncode == 0, result.stderr
    assert re.search(r"double +passed +5/5", result.stdout)
    assert "1 of 2 passed, 2 attempts" in result.stdout
    run_here("double", "--course", "../course", folder=workspace)
    after = rows_of(workspace / ".grade/gradebook.db")
    assert after[: len(before)] == before


def test_a_grade(files):
    """The JSON of an older grade is read, and its keys keep their names and types."""
    text = (files / "grade.json").read_text()
    old = json.loads(text)
    again = json.loads(msgspec.json.encode(from_json(text)))
    assert again["points"] == old["points"] and again["misconception"] == "squared"


def test_the_same_grade(files, run_here):
    """An older course gives the same JSON for the same seed, with perhaps more keys."""
    old = json.loads((files / "grade.json").read_text())
    words = ("double", "class/ben/double.py", "--format", "json", "--seed", "1", *COURSE)
    new = json.loads(run_here(*words, folder=files).stdout)
    # Of this machine, and of the account that graded.
    changing = {"seconds", "isolation", "learner"}
    assert_kept(old, new, changing)


def assert_kept(old, new, changing):
    """Each key of ``old`` is in ``new`` with a value of its type, the same unless it may change."""
    assert type(old) is type(new)
    if isinstance(old, dict):
        for key, value in old.items():
            if key in changing:
                assert type(value) is type(new[key])
            else:
                assert_kept(value, new[key], changing)
    elif isinstance(old, list):
        for one, other in zip(old, new, strict=True):
            assert_kept(one, other, changing)
    else:
        assert old == new


@pytest.mark.parametrize("version", VERSIONS)
def test_commands_and_options(version):
    """No command and no option of an earlier version is gone."""
    old = json.loads((WRITTEN / version / "promises.json").read_text())["commands"]
    new = promises.commands()
    for command, options in old.items():
        assert set(options) <= set(new[command]), command


@pytest.mark.parametrize("version", VERSIONS)
def test_signatures(version):
    """A call that fits an earlier version of the Python API fits this one."""
    old = json.loads((WRITTEN / version / "promises.json").read_text())["signatures"]
    new = promises.signatures()
    for function, parameters in old.items():
        now = new[function]
        # New parameters follow the old ones of their kind, and have a default.
        known = [each[0] for each in parameters]
        assert [each for each in now if each[0] in known] == parameters, function
        assert all(each[2] or "VAR" in each[1] for each in now if each[0] not in known), function


NEWER = {
    "course": ("course/exercises/double/exercise.yaml", ("list", *COURSE)),
    "assignment": ("week1.yaml", ("batch", "class", *BATCH, *COURSE)),
}


@pytest.mark.parametrize("kind", NEWER)
def test_a_newer_yaml_file(kind, files, run_here):
    """A file of a format that this version does not know says which one it is, and how to go on."""
    name, words = NEWER[kind]
    path = files / name
    path.write_text(path.read_text().replace("format: 1", "format: 2", 1))
    before = path.read_bytes()
    result = run_here(*words, folder=files)
    assert result.returncode == 2
    assert "update grade to read a newer one" in result.stderr
    assert path.read_bytes() == before


def test_a_newer_grade_in_a_gradebook(files, run_here):
    """A grade of a newer format is refused as such, and the gradebook stays as it is."""
    path = files / "graded/gradebook.db"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("""UPDATE grades SET grade = replace(grade, '"format":1', '"format":2')""")
    before = path.read_bytes()
    result = run_here("report", "graded", *COURSE, folder=files)
    assert result.returncode == 3
    assert "written by a newer grade: format 2" in result.stderr
    assert "update grade" in result.stderr
    assert path.read_bytes() == before


def test_a_newer_workspace(files, run_here):
    """A workspace of a newer version is left alone, and the work is still graded."""
    path = files / "workspace/.grade/gradebook.db"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    result = run_here("double", "--course", "../course", folder=files / "workspace")
    assert "written by a newer grade (format 99" in result.stderr
    assert path.read_bytes() == before
    with pytest.raises(grader.GraderError, match="update grade"):
        Gradebook(path)
