"""Finding submissions: the layouts people have, and all that lies about in them."""

import json
import os
import socket
from pathlib import Path

import pytest

from grader.course.loading import load_exercise
from grader.errors import UsageError
from grader.report.export.folder_names import folder_names
from grader.report.terminal.batch_progress import folder_lines
from grader.submission.finder import find_submissions
from grader.submission.layouts import learner_name
from grader.submission.tree import MAX_DEPTH
from tests.grading import SMALL_COURSE


@pytest.fixture(scope="module")
def exercises():
    return {name: load_exercise(SMALL_COURSE, name) for name in ("double", "sizes")}


@pytest.fixture
def roster(tmp_path, exercises):
    """Put files into a folder and find what is in it."""

    def find(
        *files: str, pattern: str | None = None, folder: str = "class", content: str = "x = 1\n"
    ):
        for file in files:
            path = tmp_path / folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        return find_submissions(tmp_path / folder, exercises, tmp_path / "scratch", pattern)

    return find


def found(roster):
    return {(each.learner, each.exercise, each.file) for each in roster.found}


def reasons(roster):
    return {each.file: each.reason() for each in roster.skipped}


def notebook(*cells: str) -> str:
    return json.dumps(
        {"cells": [{"cell_type": "code", "source": cell} for cell in cells], "nbformat": 4}
    )


LAYOUTS = {
    "a folder per learner": ("ada/double.py", "ada/sizes.yaml", "bob/double.py"),
    "nbgrader": (
        "submitted/ada/double/double.py",
        "submitted/ada/sizes/sizes.yaml",
        "submitted/bob/double/double.py",
    ),
    "Moodle": (
        "Ada_17_assignsubmission_file_/double.py",
        "Ada_17_assignsubmission_file_/sizes.yaml",
        "Bob_18_assignsubmission_file/double.py",
    ),
    "Canvas": ("ada_17_301_double.py", "ada_17_302_sizes.yaml", "bob_LATE_18_303_double.py"),
}
NAMES = {"Moodle": ("Ada_17", "Bob_18"), "Canvas": ("ada_17", "bob_18")}


@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts(name, roster):
    """Each layout is recognized, and every file is a learner's submission for an exercise."""
    files = LAYOUTS[name]
    result = roster(*files)
    ada, bob = NAMES.get(name, ("ada", "bob"))
    assert result.layout.startswith(name)
    assert found(result) == {
        (ada, "double", files[0]),
        (ada, "sizes", files[1]),
        (bob, "double", files[2]),
    }
    assert [learner.name for learner in result.learners] == [ada, bob]
    assert result.skipped == []


def test_folder_beside_a_download(roster):
    """A folder that somebody put beside a download does not change who the learners are."""
    result = roster(*LAYOUTS["Moodle"], "kim/double.py", "notes/readme.txt")
    assert result.layout.startswith("Moodle")
    assert {learner for learner, _, _ in found(result)} == {"Ada_17", "Bob_18"}
    assert [notice.file for notice in result.skipped] == ["kim/double.py", "notes/readme.txt"]


def test_folder_named_submitted(roster):
    """Nbgrader's folder may be named itself."""
    result = roster("ada/double/anything.py", folder="submitted")
    assert found(result) == {("ada", "double", "ada/double/anything.py")}


METADATA = """---
submission_11: !ruby/object:Submission
  :created_at: 2026-01-01 10:00:00.000000000 Z
  :submitters:
  - :name: Ada Lovelace
    :sid: '4711'
    :email: ada@example.org
  - :name: Bob
    :sid: '4712'
    :email: bob@example.org
  :results:
    :score: 1.0
submission_12:
  :submitters:
  - :name: "../../etc/passwd"
"""


def test_gradescope(roster, tmp_path):
    """Names come from the list beside the folders; who handed in together is graded each."""
    (tmp_path / "class").mkdir()
    (tmp_path / "class/submission_metadata.yml").write_text(METADATA)
    result = roster(
        "submission_11/double.py", "submission_12/double.py", "submission_13/deep/double.py"
    )
    assert result.layout.startswith("Gradescope")
    assert {learner for learner, _, _ in found(result)} == {
        *("ada@example.org", "bob@example.org", "../../etc/passwd", "submission_13")
    }
    ada = next(learner for learner in result.learners if learner.name == "ada@example.org")
    assert ada.keys == ["ada@example.org", "Ada Lovelace", "4711"]
    [notice] = result.skipped
    assert notice.file == "submission_13"
    assert notice.problem == "submission_metadata.yml does not say whose it is"
    assert "Graded under a number instead of a name: 1 submission" in folder_lines(
        result, is_known=False
    )


def test_gradescope_without_a_readable_list(roster, tmp_path):
    """Where the list is broken, learners go by number and it is told."""
    (tmp_path / "class").mkdir()
    (tmp_path / "class/submission_metadata.yml").write_text("a: [")
    result = roster("submission_11/double.py")
    assert found(result) == {("submission_11", "double", "submission_11/double.py")}
    assert "learners go by their number" in reasons(result)["submission_metadata.yml"]


@pytest.mark.parametrize(
    ("pattern", "file"),
    [
        ("{learner}_{exercise}.py", "ada_double.py"),
        ("{exercise}/{learner}.py", "double/ada.py"),
        ("week1/{learner}/{exercise}-final.py", "week1/ada/double-final.py"),
        ("*/{learner}-*/{exercise}.*", "x/ada-17/double.py"),
        ("{learner}/{exercise}/main.py", "ada/double/main.py"),
    ],
)
def test_pattern(pattern, file, roster):
    """Any other layout can be said with a pattern; what does not fit is told."""
    result = roster(file, "elsewhere.txt", pattern=pattern)
    assert found(result) == {("ada", "double", file)}
    assert reasons(result) == {"elsewhere.txt": f"does not fit {pattern}"}


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ("{exercise}.py", "needs {learner}"),
        ("{learner}/{task}.py", "`{task}` means nothing"),
        ("{learner}/{learner}.py", "{learner} stands twice"),
    ],
)
def test_bad_pattern(pattern, sentence, roster):
    """A pattern that cannot work is refused with the reason."""
    with pytest.raises(UsageError, match=sentence):
        roster("ada/double.py", pattern=pattern)


@pytest.mark.parametrize("around", ["", "hw/", "submissions/"])
@pytest.mark.parametrize("inside", ["", "1/", "week/1/", "code/exercises/1/"])
def test_student_numbers(roster, around, inside):
    """Folders with student numbers are those of learners, and numbers inside are no versions."""
    numbers = ("12345", "20231399", "1234")
    result = roster(*(f"{around}{number}/{inside}double.py" for number in numbers))
    assert result.layout.startswith("a folder per learner")
    assert found(result) == {
        (number, "double", f"{around}{number}/{inside}double.py") for number in numbers
    }


def test_numbers_of_versions(roster):
    """Small numbers and dates in a learner's folder are versions, also of a lone learner."""
    for first, last in [("1", "2"), ("2025", "2026"), ("20260131", "20260201")]:
        paths = [f"{first}/ada/{first}/double.py", f"{first}/ada/{last}/double.py"]
        assert found(roster(*paths, folder=first)) == {(first, "double", paths[-1])}


def test_submitty_is_told_by_its_paths_and_its_own_file(roster):
    """A folder of one course can have more assignments than learners, with Submitty's settings."""
    paths = [f"submissions/hw{number}/ada/1/double.py" for number in range(2)]
    assert roster(*paths, folder="plain").layout.startswith("a folder per learner")
    settings = "submissions/hw1/ada/user_assignment_settings.json"
    assert roster(*paths, settings, folder="real").layout.startswith("Submitty")


def test_no_folder(exercises, tmp_path):
    """For a folder that does not exist, or is empty, the advice is also to try a made-up class."""
    missing = tmp_path / "nowhere"
    with pytest.raises(UsageError, match="no such folder") as caught:
        find_submissions(missing, exercises, tmp_path)
    assert f"`grade demo {missing}`" in caught.value.advice
    empty = tmp_path / "empty"
    empty.mkdir()
    assert f"`grade demo {empty}`" in find_submissions(empty, exercises, tmp_path).advice


def test_no_demo_where_something_is(exercises, tmp_path):
    """Where a made-up class cannot be written, the advice does not suggest one."""
    (tmp_path / "class" / "ada").mkdir(parents=True)
    found = find_submissions(tmp_path / "class", exercises, tmp_path)
    assert "LEARNER/EXERCISE.py" in found.advice
    (tmp_path / "notes.txt").touch()
    with pytest.raises(UsageError, match="a file, not a folder") as caught:
        find_submissions(tmp_path / "notes.txt", exercises, tmp_path)
    assert "grade demo" not in f"{found.advice} {caught.value.advice}"
    (tmp_path / "class.7z").touch()
    with pytest.raises(UsageError, match="cannot be unpacked; pack it again as a zip"):
        find_submissions(tmp_path / "class.7z", exercises, tmp_path)


def test_notebook_with_many_exercises(roster):
    """A notebook of any name contains each exercise that a cell is marked for."""
    text = notebook("%%grade double\nx = 1", "%%grade sizes\nx: 1", "%%grade unknown\ny")
    result = roster("ada/homework.ipynb", content=text)
    assert found(result) == {
        ("ada", "double", "ada/homework.ipynb"),
        ("ada", "sizes", "ada/homework.ipynb"),
    }


def test_notebook_named_after_an_exercise(roster):
    """Unmarked code belongs to the exercise that the notebook is named after."""
    marked, both = notebook("%%grade sizes\nx: 1"), notebook("%%grade sizes\nx: 1", "y = 2")
    assert {name for _, name, _ in found(roster("ada/double.ipynb", content=both))} == {
        "double",
        "sizes",
    }
    assert {name for _, name, _ in found(roster("ada/double.ipynb", content=marked))} == {"sizes"}
    assert {
        name for _, name, _ in found(roster("ada/double.ipynb", content=notebook("y = 2")))
    } == {"double"}


def test_notebook_of_nothing(roster):
    """A notebook without a mark and named after nothing is told; so is what is no notebook."""
    assert (
        "no cell in it starts with %%grade"
        in reasons(roster("ada/mine.ipynb", content=notebook("x")))["ada/mine.ipynb"]
    )
    assert "no cell in it" in reasons(roster("ada/mine.ipynb", content="{broken"))["ada/mine.ipynb"]


def test_several_files_for_one_exercise(roster):
    """.py wins over .ipynb, then the latest attempt, then the exact name; the others are reported."""  # noqa: E501
    roster("ada/double.ipynb", content=notebook("x = 1"))
    result = roster("ada/double.py", "ada/Double.PY")
    assert found(result) == {("ada", "double", "ada/double.py")}
    assert reasons(result) == dict.fromkeys(
        ("ada/Double.PY", "ada/double.ipynb"), "not used; double.py counts for double"
    )


@pytest.mark.parametrize("last", ["a_1_9_double-2.py", "a_1_9_double (2).py"])
def test_handed_in_again(last, roster):
    """Canvas numbers attempts and browsers number downloads; the latest one counts."""
    result = roster("a_1_7_double.py", "a_1_8_double-1.py", last)
    assert found(result) == {("a_1", "double", last)}


def test_helpers_only_where_one_learner_has_the_folder(roster):
    """Modules beside a submission come along only where nobody else's files lie."""
    assert [each.include_helpers for each in roster("ada/double.py").found] == [True]
    assert [each.include_helpers for each in roster("a_1_2_double.py", folder="canvas").found] == [
        False
    ]
    assert [
        each.include_helpers
        for each in roster("double/ada.py", folder="own", pattern="{exercise}/{learner}.py").found
    ] == [False]


def test_who_handed_in_nothing_is_of_the_class(roster, tmp_path):
    """An empty folder is a learner without submissions."""
    (tmp_path / "class/eve").mkdir(parents=True)
    assert [learner.name for learner in roster("ada/double.py").learners] == ["ada", "eve"]


def test_links_are_never_followed(roster, tmp_path):
    """Links to files and folders are reported and never followed."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "double.py").write_text("secret = 1\n")
    (tmp_path / "class/eve").mkdir(parents=True)
    (tmp_path / "class/eve/double.py").symlink_to(outside / "double.py")
    (tmp_path / "class/mallory").symlink_to(outside)
    result = roster("ada/double.py")
    assert {learner for learner, _, _ in found(result)} == {"ada"}
    assert all("a link" in reasons(result)[file] for file in ("eve/double.py", "mallory"))


def test_what_is_no_file(roster, tmp_path, monkeypatch):
    """Pipes, sockets and folders named like submissions are reported and never opened."""
    folder = tmp_path / "class/ada"
    folder.mkdir(parents=True)
    os.mkfifo(folder / "double.py")
    (folder / "double.ipynb").mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        monkeypatch.chdir(folder)  # a socket's path is short
        listener.bind("sizes.yaml")
        result = roster()
    assert reasons(result) == dict.fromkeys(
        ("ada/double.py", "ada/sizes.yaml"), "not a regular file"
    )


def test_what_tools_leave(roster):
    """Checkpoints, caches and the like are passed over whole."""
    result = roster(
        "ada/.ipynb_checkpoints/double.ipynb",
        "__MACOSX/ada/double.py",
        "ada/.DS_Store",
        "bob/double.py",
    )
    assert {each.learner for each in result.found if each.problem is None} == {"bob"}
    left = ("ada/.ipynb_checkpoints", "__MACOSX", "ada/.DS_Store")
    assert {reasons(result)[path] for path in left} == {"left behind by a tool"}


def test_deep_folders(roster):
    """A file in the sixth folder is found; a tree without end is not walked."""
    result = roster("bob/b/c/d/e/f/double.py", "ada/" + "d/" * 200 + "double.py")
    assert {learner for learner, _, _ in found(result)} == {"bob"}
    assert reasons(result) == {"ada/d/d/d/d/d/d": f"more than {MAX_DEPTH} folders deep"}


def test_misplaced_files(roster):
    """What lies nowhere in the layout, or is named after nothing, is told with what to do."""
    result = roster(
        "double.py",
        "ada/double.py",
        "ada/notes.py",
        "ada/double.txt",
        "ada/sub/double.py",
        "ada/double.yaml",
    )
    told = reasons(result)
    assert "in no learner's folder" in told["double.py"]
    assert "named after no exercise" in told["ada/notes.py"]
    assert "not a .py, .ipynb or .yaml file" in told["ada/double.txt"]
    assert "not used; ada/double.py counts" in told["ada/sub/double.py"]
    assert "double takes a file ending in .py or .ipynb" in told["ada/double.yaml"]


def test_the_folder_of_results_is_no_learner(exercises, tmp_path):
    """`--out` inside the folder of submissions is not taken for a learner."""
    (tmp_path / "graded/feedback").mkdir(parents=True)
    (tmp_path / "ada").mkdir()
    result = find_submissions(tmp_path, exercises, tmp_path, None, tmp_path / "graded")
    assert [learner.name for learner in result.learners] == ["ada"]


ODD = [
    "ada\x1b[31m",
    "ada\nbob",
    "ada\u202e",
    "x" * 200,
    "ad\udce9",
    " ",
    "=1+1",
    "a/b",
    "..",
    ".hidden",
    "CON",
    "ada.",
]


@pytest.mark.parametrize("text", ODD, ids=ascii)
def test_odd_names(text):
    """A name can be shown on any page, stored as UTF-8, and two that differ stay different."""
    name = learner_name(text)
    assert name.isprintable() and name.encode() and len(name) <= 130
    assert learner_name(text) == name != learner_name(text + "\x1b")


def test_names_of_folders():
    """Folders of feedback are plain names of their own, however learners are called."""
    names = [
        *map(learner_name, ODD),
        "Ada",
        "ada",
        "ADA",
        "Ada Lovelace",
        "a_b",
        "ada~1234abcd",
        "Zoë",
        "学生",
        "-rf",
    ]
    folders = folder_names(names)
    assert len({folder.casefold() for folder in folders.values()}) == len(set(names))
    for folder in folders.values():
        assert folder == Path(folder).name and folder not in (".", "..") and folder[0] not in ".-"
        assert len(folder.encode()) <= 255 and not folder.endswith((".", " "))
    assert folders["Ada Lovelace"] == "Ada Lovelace" and folders["Zoë"] == "Zoë"
    assert "/" not in folders[learner_name("a/b")]


def test_names_of_folders_are_the_same_every_time():
    """A learner's folder does not depend on the order of the class."""
    assert folder_names(["a b!", "ada", "Ada"]) == folder_names(["Ada", "ada", "a b!"])
