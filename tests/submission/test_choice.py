"""Which file of a learner is graded: copies, versions, folders, archives, starters and stray files.

Each entry is a way in which people really hand in, in our own words.
"""

import io
import json
import tarfile
import time
import zipfile
from pathlib import Path

import pytest

from grader.course.loading import load_exercise
from grader.errors import SubmissionError
from grader.submission import archives, work
from grader.submission.filenames import Names
from grader.submission.finder import chosen_file, find_submissions
from tests.grading import SMALL_COURSE

WORK = "def double(x):\n    return x * 2\n"
OTHER = "def double(x):\n    return x + x\n"
STUB = "import torch\n\n\ndef double(\n    x,\n):\n    '''Twice.'''\n    pass  # TODO\n"
STARTER = (SMALL_COURSE / "exercises/double/starter.py").read_text()
HELPER = "def scale(x):\n    return 2 * x\n"


def cells(*texts: str) -> str:
    """A notebook."""
    code = [{"cell_type": "code", "source": text} for text in texts]
    return json.dumps({"cells": code, "nbformat": 4})


def zipped(files: dict[str, str | bytes]) -> bytes:
    """A zip of files, path to content."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return packed.getvalue()


def tarred(files: dict[str, str], kind: str = "gz") -> bytes:
    """A tar of files, path to content, compressed with gz, bz2 or xz."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=f"w:{kind}") as archive:  # type: ignore[call-overload]
        for path, content in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content.encode()))
    return packed.getvalue()


@pytest.fixture(scope="module")
def exercises():
    """The exercises of the small course."""
    return {name: load_exercise(SMALL_COURSE, name) for name in ("double", "sizes")}


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Put files, path to content, into ``folder``."""
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


COPIES = [
    *("Double.py", "double.PY", " double.py", "double .py", "double..py", "double.py.txt"),
    *("double (1).py", "double(1).py", "double[1].py", "double-1.py", "double-1 (1).py"),
    *("double_1.py", "double 2.py", "double-Copy1.py", "double copy.py", "double - Copy.py"),
    *("Copy of double.py", "double - Kopie (2).py", "double_20260102T101500.py", "double-v2.py"),
    *("double-checkpoint.py", "double_final.py", "ada_double.py", "double-LAPTOP-AB12CD.py"),
    *("double (copy).py", "double (3rd copy).py", "double.py (1)", "double.py.1"),
    *("double (Ned's conflicted copy 2026-01-02).py", "anything.py", "week1/double.py"),
    *("double/main.py", "hand-in.zip/double.py", "hand-in.zip/double/double.py"),
    *("double.ipynb.json", "double.sync-conflict-20260102-101112-ABCDEF.py"),
]


@pytest.mark.parametrize("name", COPIES)
def test_only_file(name, exercises, tmp_path):
    """The only work of a learner is graded under any of these names, and the page names it."""
    archive, _, inner = name.partition(".zip/")
    files = {name: WORK}
    if inner:
        files = {f"{archive}.zip": zipped({inner: WORK})}
    with chosen_file(exercises["double"], write(tmp_path, files)) as choice:
        assert choice.file.shown == name
        assert choice.file.path.read_text() == WORK
        assert choice.note() == f"Graded `{name}`."


CHOICES = {
    "downloads": (("double (2).py", "double (10).py", "double.py"), "double (10).py"),
    "resubmissions": (("double-2.py", "double-1.py", "double.py"), "double-2.py"),
    "copies beside the file": (("Copy of double.py", "double copy.py", "double.py"), "double.py"),
    "a checkpoint": (("double-checkpoint.py", "double.py"), "double.py"),
    "dates": (("double_2026-01-02.py", "double_2026-01-10.py"), "double_2026-01-10.py"),
    "code before a notebook": (("double.ipynb", "double.py"), "double.py"),
    "a numbered download before code": (("double (1).ipynb", "double.py"), "double (1).ipynb"),
    "code before a notebook of one number": (("double-1.ipynb", "double-1.py"), "double-1.py"),
    "a folder below": (("week1/double.py", "double.py"), "double.py"),
    "a folder before an archive": (("a.zip", "week1/double.py"), "week1/double.py"),
    "the name before a marked cell": (("double.py", "hw.ipynb"), "double.py"),
    "versions of a notebook": (("hw.ipynb", "hw-1.ipynb", "hw-2.ipynb"), "hw-2.ipynb"),
    "a module with the name in it": (("double_tools.py", "double (1).py"), "double (1).py"),
    "a module before it": (("double_tools.py", "tools.py", "double_v.py"), "double_v.py"),
    "a numbered name with other words": (
        ("double final.py", "double final (1).py"),
        "double final (1).py",
    ),
    "a numbered name of a person": (("ada_double (2).py", "ada_double.py"), "ada_double (2).py"),
    "dates in front": (
        ("2026-10-09_double.py", "2026-10-01_double.py"),
        "2026-10-09_double.py",
    ),
    "dates in German": (("double_12.09.2026.py", "double_01.10.2026.py"), "double_01.10.2026.py"),
    "times in front": (
        ("20261014101112_double.py", "20261012101112_double.py"),
        "20261014101112_double.py",
    ),
    "dates in front of other words": (
        ("2026-10-09 my double.py", "2026-10-01 my double.py"),
        "2026-10-09 my double.py",
    ),
    "a date in front of an archive": (
        ("2026-10-09_hw.zip", "2026-10-01_hw.zip"),
        "2026-10-09_hw.zip/double.py",
    ),
    "backups": (("backup/double.py", "build/lib/double.py", "double.py"), "double.py"),
    "litter": (("._double.py", "__MACOSX/double.py", "my.py"), "my.py"),
    "versions": (("1/double.py", "10/double.py", "9/double.py"), "10/double.py"),
    "all of Submitty": (
        ("submissions/hw1/ada/1/double.py", "submissions/hw1/ada/2/double.py"),
        "submissions/hw1/ada/2/double.py",
    ),
    "a file above versions": (("double.py", "1/double.py", "2/double.py"), "double.py"),
    "any notebook": (("scratch.ipynb", "hw.ipynb"), "hw.ipynb"),
    "versions of Teams": (
        ("Assignment 1/Version 2/double.py", "Assignment 1/Version 10/double.py"),
        "Assignment 1/Version 10/double.py",
    ),
    "downloads of an archive": (("hw (1).zip", "hw.zip"), "hw (1).zip/double.py"),
    "archives of Google Drive": (
        ("double-20260112T101112Z-001.zip", "double-20260102T101112Z-001.zip"),
        "double-20260112T101112Z-001.zip/double.py",
    ),
    "dated archives": (
        ("double_2026_01_12T10_00_00_1.zip", "double_2026_01_02T10_00_00_1.zip"),
        "double_2026_01_12T10_00_00_1.zip/double.py",
    ),
}


@pytest.mark.parametrize("name", CHOICES)
def test_several_files(name, exercises, tmp_path):
    """Among several different files the ranking decides."""
    names, expected = CHOICES[name]
    files: dict[str, str | bytes] = {}
    for number, file in enumerate(names):
        code = f"{WORK}y = {number}\n"
        files[file] = code
        if file.endswith("ipynb"):
            files[file] = cells(f"%%grade double\n{code}")
        if "tools" in file:
            files[file] = HELPER
        if "scratch" in file:
            files[file] = cells("1 + 1")
        if file.endswith(".zip"):
            files[file] = zipped({"double.py": code})
    with chosen_file(exercises["double"], write(tmp_path, files)) as choice:
        assert choice.file.shown == expected


@pytest.mark.parametrize("starter", [STARTER, STUB, "<!DOCTYPE html>", "\0"], ids=repr)
@pytest.mark.parametrize(
    "files",
    [
        {"double.py": "", "double.ipynb": cells(WORK)},
        {"double.py": "", "hw.ipynb": cells("%%grade double\n" + WORK)},
        {"double (1).py": "", "double.py": WORK},
        {"double.py": "", "my.py": WORK},
        {"double.py": "", "week1/double.py": WORK},
    ],
    ids=" ".join,
)
def test_starter_never_outranks_work(files, starter, exercises, tmp_path):
    """A starter, empty functions, and a file that is no source come after everything else."""
    write(tmp_path, {path: content or starter for path, content in files.items()})
    with chosen_file(exercises["double"], tmp_path) as choice:
        assert files[choice.file.shown]


@pytest.mark.parametrize(
    "names",
    [
        ("double_final.py", "double_best.py"),
        ("week1/double.py", "week2/double.py"),
        ("DOUBLE.py", "Double.py"),
        ("one.py", "two.py"),
        ("hw.ipynb", "work-2.ipynb"),
        ("hw-1.zip", "hw-2.zip"),
        ("mine (2).zip", "yours.zip"),
        ("double final.py", "double best (1).py"),
        ("2026-10-01_double_a.py", "2026-10-09_double_b.py"),
    ],
    ids=" ".join,
)
def test_no_guess(names, exercises, tmp_path):
    """Two different files of equal rank are named, and none is graded; equal ones are one."""
    first, second = names
    for content, is_decided in ((WORK, True), (OTHER, False)):
        texts = [f"%%grade double\n{text}" for text in (WORK, content)]
        files = [WORK, content]
        if first.endswith(".ipynb"):
            files = [cells(text) for text in texts]
        if first.endswith(".zip"):
            files = [zipped({"double.py": text}) for text in files]
        write(tmp_path, dict(zip(names, files, strict=True)))
        if is_decided:
            with chosen_file(exercises["double"], tmp_path) as choice:
                assert choice.file.shown.startswith(names)
            continue
        with (
            pytest.raises(SubmissionError, match="several different files") as caught,
            chosen_file(exercises["double"], tmp_path),
        ):
            pass
        assert f"`{first}" in str(caught.value) and f"`{second}" in str(caught.value)
        assert "named double.py" in caught.value.advice


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("exercise1v1", "exercise1v2"),
        ("my exercise-1", "my exercise-1 (1)"),
        ("20231399_exercise1", "20231399_exercise1-1"),
        ("2026-10-01_exercise1", "2026-10-02T10_15_00_exercise1"),
    ],
)
def test_numbers_in_names(earlier, later):
    """The number of the exercise, of a student or of a day is not that of a version."""
    names = Names(["exercise1", "exercise2", "exercise11"])
    first = names.find(earlier)
    second = names.find(later)
    assert first.exercise == second.exercise == "exercise1"
    assert first.words == second.words
    assert first.number < second.number


def test_ambiguous_files_of_one_name(exercises, tmp_path):
    """Files of one name are listed with the folders that tell them apart."""
    files = {"ben.zip": zipped({"double.py": WORK}), "ben/double.py": OTHER}
    write(tmp_path / "class", files)
    roster = find_submissions(tmp_path / "class", exercises, tmp_path)
    [ben] = roster.found
    assert "`ben.zip/double.py`, `ben/double.py`" in ben.problem.problem


OTHERS = {
    "a notebook": ("double.ipynb", cells(OTHER)),
    "another word": ("double_resubmission.py", OTHER),
    "a version": ("double_v2.py", OTHER),
    "an archive": ("hw.zip", zipped({"double.py": OTHER})),
}
SAME = {
    "a copy": ("double - Copy.py", WORK),
    "a notebook with the same code": ("double.ipynb", cells("%%grade double\n" + WORK)),
    "a starter": ("double.ipynb", cells(STARTER)),
    "a module": ("double_tools.py", HELPER),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_code_is_named(name, exercises, tmp_path):
    """The page says which other file has other work, if the graded one has the exact name."""
    file, content = OTHERS[name]
    write(tmp_path, {"double.py": WORK, file: content})
    with chosen_file(exercises["double"], tmp_path) as choice:
        other = file
        if file.endswith(".zip"):
            other += "/double.py"
        assert choice.note() == f"Graded `double.py`; also found `{other}`, with other code."


@pytest.mark.parametrize("name", SAME)
def test_what_is_no_other_work_is_not_named(name, exercises, tmp_path):
    """Copies, starters and modules beside a file of the exact name need no look."""
    file, content = SAME[name]
    write(tmp_path, {"double.py": WORK, file: content})
    with chosen_file(exercises["double"], tmp_path) as choice:
        assert choice.file.name == "double.py"
        assert choice.note() == ""


CLASSES: dict[str, tuple[dict[str, str | bytes], dict[str, str]]] = {
    "Blackboard": (
        {
            "HW_ada_attempt_2026-02-01-10-11-12.txt": "Name: Ada",
            "HW_ada_attempt_2026-02-01-10-11-12_double.py": OTHER,
            "HW_ada_attempt_2026-02-03-09-00-00_double.py": WORK,
        },
        {"ada": "HW_ada_attempt_2026-02-03-09-00-00_double.py"},
    ),
    "Submitty": (
        {
            "submissions/hw1/ada/settings.json": "{}",
            "submissions/hw1/ada/9/double.py": OTHER,
            "submissions/hw1/ada/10/double.py": WORK,
        },
        {"ada": "submissions/hw1/ada/10/double.py"},
    ),
    "Submitty, with an earlier version active": (
        {
            "submissions/hw1/ada/user_assignment_settings.json": '{"active_version": 9}',
            "submissions/hw1/ada/9/double.py": WORK,
            "submissions/hw1/ada/10/double.py": OTHER,
            "submissions/hw1/bob/user_assignment_settings.json": '{"active_version": "x"}',
            "submissions/hw1/bob/1/double.py": OTHER,
            "submissions/hw1/bob/2/double.py": WORK,
        },
        {"ada": "submissions/hw1/ada/9/double.py", "bob": "submissions/hw1/bob/2/double.py"},
    ),
    "Canvas without names": (
        {
            "LATE_anon_a81Xk_2_double.py": WORK,
            "anon_3mPZ4_1_double.py": WORK,
            "anon_77123_3_double-1.py": WORK,
        },
        {
            "anon_a81Xk": "LATE_anon_a81Xk_2_double.py",
            "anon_3mPZ4": "anon_3mPZ4_1_double.py",
            "anon_77123": "anon_77123_3_double-1.py",
        },
    ),
    "Canvas with archives": (
        {"adaada_1_2_hw.zip": zipped({"hw/double.py": WORK}), "bobbob_3_4_double.py": WORK},
        {"adaada_1": "adaada_1_2_hw.zip/hw/double.py", "bobbob_3": "bobbob_3_4_double.py"},
    ),
    "Moodle without folders": (
        {"Ada Poe_7_assignsubmission_file_double.py": WORK},
        {"Ada Poe_7": "Ada Poe_7_assignsubmission_file_double.py"},
    ),
    "Moodle, with the path of somebody else": (
        {
            "Ada D_11_assignsubmission_file_x_222_assignsubmission_file_double.py": WORK,
            "Cy_1_3_assignsubmission_file_x_222_9_double.py": WORK,
            "Dee_4_assignsubmission_file_HW_bob_attempt_2026-02-03_double.py": WORK,
            "Eve_5_assignsubmission_file_/x_222_assignsubmission_file_/double.py": WORK,
            "Fay_6_assignsubmission_file_x_222_assignfeedback_file_.zip": zipped(
                {"double.py": WORK}
            ),
            "Gil_7_assignsubmission_poodll2_x_222_assignsubmission_file_double.py": WORK,
        },
        {
            "Ada D_11": "Ada D_11_assignsubmission_file_x_222_assignsubmission_file_double.py",
            "Cy_1_3": "Cy_1_3_assignsubmission_file_x_222_9_double.py",
            "Dee_4": "Dee_4_assignsubmission_file_HW_bob_attempt_2026-02-03_double.py",
            "Eve_5": "Eve_5_assignsubmission_file_/x_222_assignsubmission_file_/double.py",
            "Fay_6": "Fay_6_assignsubmission_file_x_222_assignfeedback_file_.zip/double.py",
            "Gil_7": "Gil_7_assignsubmission_poodll2_x_222_assignsubmission_file_double.py",
        },
    ),
    "Canvas, with the path of Moodle": (
        {
            "ada_1_2_x_222_assignsubmission_file_double.py": WORK,
            "cy_LATE_3_4_x_222_assignsubmission_file_double.py": WORK,
        },
        {
            "ada_1": "ada_1_2_x_222_assignsubmission_file_double.py",
            "cy_3": "cy_LATE_3_4_x_222_assignsubmission_file_double.py",
        },
    ),
    "Canvas, with the path of somebody else": (
        {"ada_1_2_bob_3_4_double.py": WORK, "anon_9x_5_anon_8y_6_double.py": WORK},
        {"ada_1": "ada_1_2_bob_3_4_double.py", "anon_9x": "anon_9x_5_anon_8y_6_double.py"},
    ),
    "Canvas, with the path of Blackboard": (
        {"ada_1_2_HW_bob_attempt_2026-02-03_double.py": WORK},
        {"ada_1": "ada_1_2_HW_bob_attempt_2026-02-03_double.py"},
    ),
    "Blackboard, with the path of others": (
        {
            "HW_ada_attempt_2026-02-03-09-00-00_x_bob_attempt_2026-02-04_double.py": WORK,
            "HW_cy_attempt_2026-02-03-09-00-00_x_222_assignsubmission_file_double.py": WORK,
        },
        {
            "ada": "HW_ada_attempt_2026-02-03-09-00-00_x_bob_attempt_2026-02-04_double.py",
            "cy": "HW_cy_attempt_2026-02-03-09-00-00_x_222_assignsubmission_file_double.py",
        },
    ),
    "Blackboard, with the path of Moodle": (
        {"HW_ada_attempt_2026-02-03-09-00-00_x_222_assignsubmission_file_double.py": WORK},
        {"ada": "HW_ada_attempt_2026-02-03-09-00-00_x_222_assignsubmission_file_double.py"},
    ),
    "Brightspace, with the path of somebody else": (
        {
            "11-22 - Ada - Feb 3, 2026 905 AM - 3-4 - Bob - Feb 4, 2026 - double.py": WORK,
            "12-22 - Cy - Feb 3, 2026 905 AM - x_222_assignsubmission_file_double.py": WORK,
        },
        {
            "Ada_11": "11-22 - Ada - Feb 3, 2026 905 AM - 3-4 - Bob - Feb 4, 2026 - double.py",
            "Cy_12": "12-22 - Cy - Feb 3, 2026 905 AM - x_222_assignsubmission_file_double.py",
        },
    ),
    "Gradescope, with the path of somebody else": (
        {"submission_11/submission_12/double.py": WORK},
        {"submission_11": "submission_11/submission_12/double.py"},
    ),
    "a folder per learner, with the path of Moodle": (
        {"ada/x_222_assignsubmission_file_/double.py": WORK, "bob/double.py": OTHER},
        {"ada": "ada/x_222_assignsubmission_file_/double.py", "bob": "bob/double.py"},
    ),
    "a folder around the class": (
        {"hw1/ada/double.py": WORK, "hw1/bob/double.py": OTHER},
        {"ada": "hw1/ada/double.py", "bob": "hw1/bob/double.py"},
    ),
    "a folder around a download": (
        {"CS1-4711/Ada_7_assignsubmission_file_/double.py": WORK},
        {"Ada_7": "CS1-4711/Ada_7_assignsubmission_file_/double.py"},
    ),
    "an archive per learner": (
        {
            "ada.zip": zipped({"double.py": WORK}),
            "bob.tar.gz": tarred({"x/double.py": WORK}),
            "cy.tar.bz2": tarred({"double.py": WORK}, "bz2"),
            "dee.tar.xz": tarred({"double.py": WORK}, "xz"),
        },
        {
            "ada": "ada.zip/double.py",
            "bob": "bob.tar.gz/x/double.py",
            "cy": "cy.tar.bz2/double.py",
            "dee": "dee.tar.xz/double.py",
        },
    ),
    "folders of a learner's own": (
        {"ada/week1/double.py": WORK, "ada/double/notes.md": "x", "bob/double.py": WORK},
        {"ada": "ada/week1/double.py", "bob": "bob/double.py"},
    ),
    "letters composed differently": (
        {"Zoe\u0308/double.py": WORK},
        {"Zo\u00eb": "Zoe\u0308/double.py"},
    ),
    "Brightspace": (
        {
            "11-22 - Ada Poe - Feb 3, 2026 905 AM/double.py": OTHER,
            "11-22 - Ada Poe - Feb 3, 2026 101 PM/double.py": WORK,
            "12-22 - Bob - Jan 13, 2026 905 AM/double.py": WORK,
        },
        {
            "Ada Poe_11": "11-22 - Ada Poe - Feb 3, 2026 101 PM/double.py",
            "Bob_12": "12-22 - Bob - Jan 13, 2026 905 AM/double.py",
        },
    ),
    "Moodle with typed text and returned files": (
        {
            "Ada_7_assignsubmission_file_/double.py": WORK,
            "Ada_7_assignsubmission_onlinetext_/onlinetext.html": "<p>Done</p>",
            "Ada_7_assignfeedback_file_/double.py": OTHER,
            "Bob_8_assignsubmission_onlinetext_/onlinetext.html": "<p>def double(x):</p>",
        },
        {
            "Ada_7": "Ada_7_assignsubmission_file_/double.py",
            "Bob_8": "Bob_8_assignsubmission_onlinetext_/onlinetext.html",
        },
    ),
    "Moodle without folders, with typed text": (
        {
            "Ada_7_assignsubmission_file_double.py": WORK,
            "Ada_7_assignsubmission_onlinetext_onlinetext.html": "<p>Done</p>",
        },
        {"Ada_7": "Ada_7_assignsubmission_file_double.py"},
    ),
    "Canvas with typed text and a link": (
        {
            "adapoe_7_301_double.py": WORK,
            "bob_LATE_8_text.html": "<p>def double(x):</p>",
            "anon_9x_link.html": "<a>",
            "cy_9_302_text.html": "<p>",
            "cy_9_303_double.py": WORK,
        },
        {
            "adapoe_7": "adapoe_7_301_double.py",
            "bob_8": "bob_LATE_8_text.html",
            "anon_9x": "anon_9x_link.html",
            "cy_9": "cy_9_303_double.py",
        },
    ),
    "nbgrader by assignment": (
        {"submitted/double/ada/Double.py": WORK, "submitted/double/bob/double.py": OTHER},
        {
            "ada": "submitted/double/ada/Double.py",
            "bob": "submitted/double/bob/double.py",
        },
    ),
    "nbgrader by an assignment of another name": (
        {"submitted/hw1/ada/double.py": WORK, "submitted/hw1/bob/double.py": OTHER},
        {"ada": "submitted/hw1/ada/double.py", "bob": "submitted/hw1/bob/double.py"},
    ),
    "repositories of GitHub Classroom": (
        {"hw-submissions/double-ada/double.py": WORK, "hw-submissions/double-bob/double.py": OTHER},
        {
            "double-ada": "hw-submissions/double-ada/double.py",
            "double-bob": "hw-submissions/double-bob/double.py",
        },
    ),
    "Blackboard with underscores": (
        {
            "HW_1_a_poe_attempt_2026-01-02-10-11-12_double.py": WORK,
            "HW_1_a_poe_attempt_2026-01-02-10-11-12.txt": "Name: Ann Poe (a_poe)\r\nHW: 1\r\n",
            "HW_1_b_poe_attempt_2026-01-02-10-11-12_double.py": WORK,
            "HW_1_b_poe_attempt_2026-01-02-10-11-12.txt": "Nombre: Bo Poe (b_poe)\n",
        },
        {
            "a_poe": "HW_1_a_poe_attempt_2026-01-02-10-11-12_double.py",
            "b_poe": "HW_1_b_poe_attempt_2026-01-02-10-11-12_double.py",
        },
    ),
    "Teams with drafts": (
        {
            "Submitted files/ada/HW1/Version 1/double.py": WORK,
            "Working files/ada/HW1/double.py": OTHER,
            "Working files/bob/HW1/double.py": OTHER,
        },
        {"ada": "Submitted files/ada/HW1/Version 1/double.py"},
    ),
    "Teams": (
        {
            "Submitted files/Poe, Ada/Task/Version 1/double.py": OTHER,
            "Submitted files/Poe, Ada/Task/Version 2/double.py": WORK,
            "Submitted files/Bo/Task/Version 1/double.py": WORK,
        },
        {
            "Poe, Ada": "Submitted files/Poe, Ada/Task/Version 2/double.py",
            "Bo": "Submitted files/Bo/Task/Version 1/double.py",
        },
    ),
    "dated archives of one learner": (
        {
            "ada/double_2026_01_02T10_00_00_1.zip": zipped({"double.py": OTHER}),
            "ada/double_2026_01_12T10_00_00_1.zip": zipped({"double.py": WORK}),
        },
        {"ada": "ada/double_2026_01_12T10_00_00_1.zip/double.py"},
    ),
    "Brightspace in French": (
        {
            "11-22 - Ada Poe - 3 février 2026 0905/double.py": WORK,
            "12-22 - Bo Li - 13 janv. 2026 1905/double.py": WORK,
        },
        {
            "Ada Poe_11": "11-22 - Ada Poe - 3 février 2026 0905/double.py",
            "Bo Li_12": "12-22 - Bo Li - 13 janv. 2026 1905/double.py",
        },
    ),
    "Brightspace in other languages": (
        {
            "11-22 - Jean-Luc Poe - 12 octobre, 2026 1105/double.py": WORK,
            "12-22 - Bo - Li - 13 Oktober, 2026 905 PM/double.py": WORK,
            "13-22 - Cy - 2026年10月13日 2105/double.py": WORK,
            "14-22 - Dee - 2026-10-13 2105/double.py": WORK,
        },
        {
            "Jean-Luc Poe_11": "11-22 - Jean-Luc Poe - 12 octobre, 2026 1105/double.py",
            "Bo - Li_12": "12-22 - Bo - Li - 13 Oktober, 2026 905 PM/double.py",
            "Cy_13": "13-22 - Cy - 2026年10月13日 2105/double.py",
            "Dee_14": "14-22 - Dee - 2026-10-13 2105/double.py",
        },
    ),
    "Brightspace in French, without folders": (
        {
            "11-22 - Ada Poe - 12 octobre, 2026 1105 - double.py": WORK,
            "12-22 - Bo - 13 octobre, 2026 905 - double.py": WORK,
        },
        {
            "Ada Poe_11": "11-22 - Ada Poe - 12 octobre, 2026 1105 - double.py",
            "Bo_12": "12-22 - Bo - 13 octobre, 2026 905 - double.py",
        },
    ),
    "a stray file": (
        {"double.py": OTHER, "ada/double.py": WORK},
        {"ada": "ada/double.py"},
    ),
}


@pytest.mark.parametrize("is_zip", [False, True])
@pytest.mark.parametrize("name", CLASSES)
def test_class(name, is_zip, exercises, tmp_path):
    """Each layout gives one file for each learner, from a folder and from one archive."""
    files, expected = CLASSES[name]
    folder = write(tmp_path / "class", files)
    if is_zip:
        folder = tmp_path / "class.zip"
        folder.write_bytes(zipped(files))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    roster = find_submissions(folder, exercises, scratch)
    assert {each.learner: each.file for each in roster.found} == expected
    assert {learner.name for learner in roster.learners} == set(expected)
    others = ("bob", "double-bob", "Bob_8", "bob_8", "anon_9x")
    assert all(each.path.read_text() == WORK for each in roster.found if each.learner not in others)
    typed = [each.problem for each in roster.found if each.file.endswith(".html")]
    text = "text or a link was handed in, and no file; hand in double.py"
    assert {str(problem) for problem in typed} <= {text}


def test_names_in_a_zip_of_macos(exercises, tmp_path):
    """The names are UTF-8, also where no flag in the archive says so."""
    path = tmp_path / "class.zip"
    content = zipped({"Zoe__7_assignsubmission_file/double.py": WORK})
    path.write_bytes(content.replace(b"Zoe_", "Zo\u00eb".encode()))
    (tmp_path / "scratch").mkdir()
    roster = find_submissions(path, exercises, tmp_path / "scratch")
    assert [each.learner for each in roster.found] == ["Zo\u00eb_7"]


@pytest.mark.parametrize(
    "pattern", ["*_{learner}_attempt_*_{exercise}.py", "*_{learner}_attempt_*.py"]
)
def test_pattern_takes_the_latest(pattern, exercises, tmp_path):
    """What a star stands for orders the attempts, by number and not by letter."""
    names = [f"HW_ada_attempt_{number}_double.py" for number in (9, 10)]
    write(tmp_path, dict(zip(names, (OTHER, WORK), strict=True)))
    roster = find_submissions(tmp_path, exercises, tmp_path, pattern)
    assert [each.file for each in roster.found] == [names[1]]


@pytest.mark.parametrize(
    ("files", "advice"),
    [
        (("double.py", "tools.py"), "if this is the folder of one learner, type `grade batch "),
        (("Ada Poe - double.py", "Bob - double.py"), '--pattern "{learner} - {exercise}.*"`'),
        (("double-ada.py", "double-bob.py"), '--pattern "{exercise}-{learner}.*"'),
        (("ada_double.py", "bob_double.ipynb"), '--pattern "{learner}_{exercise}.*"`'),
        (("ada_2_double.py", "bob_10_double.py"), '--pattern "{learner}_*_{exercise}.*"`'),
        (("a.txt",), "describe the layout of the folder with --pattern"),
    ],
)
def test_next_step_for_a_wrong_folder(files, advice, exercises, tmp_path):
    """If nothing is found, the advice names the command to type."""
    write(tmp_path, dict.fromkeys(files, WORK))
    roster = find_submissions(tmp_path, exercises, tmp_path)
    assert roster.found == []
    assert advice in roster.advice


@pytest.mark.parametrize(
    ("form", "pattern"),
    [
        ("{exercise}/{learner}.py", "{exercise}/{learner}.*"),
        ("week{n}/{learner}/{exercise}.py", "*/{learner}/{exercise}.*"),
    ],
)
def test_folders_of_exercises(form, pattern, exercises, tmp_path):
    """If folders of exercises or weeks look like learners, the pattern for the people is named.

    That holds also for a class with no more people than exercises.
    """
    for number, exercise in enumerate(("double", "sizes"), 1):
        for learner in ("ada", "bob"):
            path = form.format(exercise=exercise, learner=learner, n=number)
            content = WORK
            if exercise == "sizes":
                path = path.replace(".py", ".yaml")
                content = "a: 1\n"
            write(tmp_path / "class", {path: content})
    roster = find_submissions(tmp_path / "class", exercises, tmp_path)
    assert f'--pattern "{pattern}"`, which finds 4 submissions of 2 learners' in roster.advice


def test_download_of_google_drive(exercises, tmp_path):
    """An archive of the class in the folder is no learner, and the pattern for the people works."""
    files: dict[str, str] = {"HW/Ada - double.py": WORK, "HW/Bob - double.py": OTHER}
    write(tmp_path / "class", {"HW-20260102T101112Z-001.zip": zipped(files)})
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    roster = find_submissions(tmp_path / "class", exercises, tmp_path / "first")
    pattern = "*/*/{learner} - {exercise}.*"
    assert f'--pattern "{pattern}"`, which finds 2 submissions' in roster.advice
    roster = find_submissions(tmp_path / "class", exercises, tmp_path / "second", pattern)
    assert {each.learner for each in roster.found} == {"Ada", "Bob"}


LOST: dict[str, tuple[dict[str, str | bytes], str]] = {
    "a PDF": ({"double.pdf": b"%PDF"}, "double.pdf: not a .py"),
    "a broken archive": ({"double.zip": b"PK"}, "double.zip: an archive that cannot be unpacked"),
    "an empty archive": ({"double.zip": zipped({})}, "double.zip: an archive without files"),
    "another archive": ({"double.rar": b"Rar!"}, "double.rar: an archive that cannot"),
    "a broken notebook": ({"work.ipynb": "{"}, "work.ipynb: not a notebook"),
    "another name": ({"notes.py": "x = 1"}, "there is notes.py"),
    "nothing that fits": ({"a.txt": "x", "b.c": "y"}, "there is a.txt, b.c"),
    "a misspelled marker": (
        {"hw.ipynb": cells("import torch", f"%%grade duoble\n{WORK}")},
        "hw.ipynb: a cell starts with %%grade duoble, which is no exercise; did you mean %%grade d",
    ),
    "a backup": ({"backup/double.py": WORK}, "double.py: in the folder `backup`, in which tools"),
    "two": ({"one.py": WORK, "two.py": OTHER}, "several different files could be your double"),
    "a link in an archive": ({"w.tar": b""}, "w.tar: an archive"),
}


@pytest.mark.parametrize("name", LOST)
def test_nobody_disappears(name, exercises, tmp_path):
    """Who handed in something that can't be graded gets a result with the reason."""
    files, reason = LOST[name]
    write(tmp_path / "class/ada", files)
    write(tmp_path / "class/bob", {"double.py": WORK})
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    roster = find_submissions(tmp_path / "class", exercises, scratch)
    problems = {each.learner: each.problem for each in roster.found}
    assert problems["bob"] is None
    assert reason in str(problems["ada"])
    assert str(tmp_path) not in str(problems["ada"])


def test_nothing_but_a_backup(exercises, tmp_path):
    """`grade EXERCISE FOLDER` says which file was found, and why it is not graded."""
    write(tmp_path, {".ipynb_checkpoints/double-checkpoint.ipynb": cells(WORK)})
    with (
        pytest.raises(SubmissionError, match="in the folder `.ipynb_checkpoints`, in which tools"),
        chosen_file(exercises["double"], tmp_path),
    ):
        pass


def test_archive_of_a_learner_that_cannot_be_unpacked(exercises, tmp_path):
    """Beside the archives of others, the list says what is wrong with it."""
    files = {"ada.zip": zipped({"double.py": WORK}), "bob.7z": b"7z", "cy.zip": zipped({})}
    write(tmp_path / "class", files)
    (tmp_path / "scratch").mkdir()
    roster = find_submissions(tmp_path / "class", exercises, tmp_path / "scratch")
    assert {notice.file: notice.problem for notice in roster.skipped} == {
        "bob.7z": "an archive that cannot be unpacked",
        "cy.zip": "an archive without files",
    }


def test_modules_in_a_flat_download(exercises, tmp_path):
    """In a flat download the learner's own modules belong to the submission, and nobody else's."""
    files = {"ada_1_5_double.py": WORK, "ada_1_6_tools-1.py": HELPER, "bob_2_7_double.py": WORK}
    files["ada_1_8_Upper.py"] = HELPER
    roster = find_submissions(write(tmp_path, files), exercises, tmp_path)
    beside = {each.learner: each.beside for each in roster.found}
    names = {"tools.py": "ada_1_6_tools-1.py", "Upper.py": "ada_1_8_Upper.py"}
    assert beside == {"ada_1": names, "bob_2": {}}


def link() -> bytes:
    """A zip with a symbolic link."""
    packed = io.BytesIO()
    entry = zipfile.ZipInfo("double.py")
    entry.external_attr = 0o120777 << 16
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    return packed.getvalue()


HOSTILE = {
    "a path upward": zipped({"../double.py": WORK}),
    "an absolute path": zipped({"/double.py": WORK}),
    "a path of Windows": zipped({"C:\\double.py": WORK}),
    "a link": link(),
    "too many files": zipped({f"{number}.py": "" for number in range(archives.LEARNER.files + 1)}),
    "too many bytes": zipped({"double.py": b"0" * (archives.LEARNER.file_bytes + 1)}),
    "too deep": zipped({"a/" * 20 + "double.py": WORK}),
    "cut off": zipped({"double.py": WORK})[:-30],
    "empty": b"",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_archive(name, tmp_path):
    """An archive that is broken, too large, or leads out of its folder is refused."""
    archive = tmp_path / "a.zip"
    archive.write_bytes(HOSTILE[name])
    with pytest.raises(SubmissionError):
        archives.unpack(archive, tmp_path / "out", lambda _: True)
    assert not (tmp_path / "double.py").exists()


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_the_last_of_two_members_counts(kind, exercises, tmp_path):
    """`tar -r` and `zip` add a new state of a file behind the old one, and unpackers keep it."""
    path = tmp_path / f"hw.{kind}"
    names = ("double.py", "./double.py")
    texts = (OTHER, WORK)
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, text in zip(names, texts, strict=True):
                archive.writestr(name, text)
    else:
        with tarfile.open(path, "w") as archive:
            for name, text in zip(names, texts, strict=True):
                entry = tarfile.TarInfo(name)
                entry.size = len(text)
                archive.addfile(entry, io.BytesIO(text.encode()))
    with chosen_file(exercises["double"], tmp_path) as choice:
        assert choice.file.path.read_text() == WORK


def test_archives_in_archives_end(exercises, tmp_path):
    """Archives are opened to a limited depth, and the reason is told."""
    packed = zipped({"double.py": WORK})
    for _ in range(4):
        packed = zipped({"a.zip": packed})
    with (
        pytest.raises(SubmissionError, match="in more than 3 archives"),
        chosen_file(exercises["double"], write(tmp_path, {"a.zip": packed})),
    ):
        pass


@pytest.mark.parametrize(
    "text", ['"""' * 90_000, "'" * 300_000, "def double(\n" + "(\n" * 90_000, "\\" * 300_000]
)
def test_looking_into_hostile_source_is_fast(text, exercises):
    """Finding out what a file defines reads each character once."""
    source = text.encode()
    started = time.perf_counter()
    assert not work.defines(exercises["double"], source[1:])
    work.has_work(exercises["double"], source)
    work.has_work(exercises["sizes"], source)
    # Reading them again from each character would take minutes.
    assert time.perf_counter() - started < 10
