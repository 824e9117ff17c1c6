"""Errors of the system and bugs of ours: one sentence each, and never exit code 1."""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from grader.examiner import launch
from tests.grading import SMALL_COURSE, run_grade

GOOD = "def double(x):\n    if isinstance(x, str): raise TypeError\n    return x * 2\n"
UNREADABLE = "/proc/self/mem"
"""A file that nobody can read, not even root: reading it gives an I/O error."""


@pytest.fixture
def grade(tmp_path):
    """Run ``grade …`` in an empty folder, with the small course."""

    def run(*words: str, **environment: str):
        return run_grade(
            *words, folder=tmp_path, **{"GRADE_COURSE": str(SMALL_COURSE), **environment}
        )

    return run


@pytest.fixture
def course(tmp_path):
    """A copy of the small course that a test can damage."""
    shutil.copytree(SMALL_COURSE, tmp_path / "course")
    return tmp_path / "course"


def assert_told(result, status, *said):
    assert (result.returncode, result.stdout) == (status, "")
    assert result.stderr.startswith("grade: ") and result.stderr.count("\n") == 1
    for each in said:
        assert each in result.stderr


def test_import_of_a_name_beyond_the_system(grade, tmp_path):
    """A submission that imports a module with an endless name is graded like any other."""
    (tmp_path / "double.py").write_text(GOOD + f"\ndef never():\n    import {'a' * 300}\n")
    result = grade("double")
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize("form", ["terminal", pytest.param("json", marks=pytest.mark.slow)])
def test_output_on_a_full_disk(form, grade, tmp_path):
    """If --output names a file on a full disk, the error names the file."""
    (tmp_path / "double.py").write_text(GOOD)
    result = grade("double", "--format", form, "--output", "/dev/full")
    assert_told(
        result, 2, "/dev/full: cannot be written (No space left on device); name another file"
    )


@pytest.mark.slow
def test_verification_on_a_full_disk(grade):
    """The same for a verification."""
    result = grade("verify", "sizes", "--output", "/dev/full")
    assert_told(result, 2, "/dev/full: cannot be written (No space left on device)")


@pytest.mark.parametrize(
    "words",
    [["list"], ["show", "double"], pytest.param(["double"], marks=pytest.mark.slow)],
    ids=" ".join,
)
def test_standard_output_on_a_full_disk(words, tmp_path):
    """With standard output on a full disk: one sentence, exit code 3 and no traceback."""
    (tmp_path / "double.py").write_text(GOOD)
    command = [Path(sys.executable).parent / "grade", *words, "--course", str(SMALL_COURSE)]
    with open("/dev/full", "w") as full:
        result = subprocess.run(
            command, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert result.returncode == 3
    assert result.stderr.startswith("grade: ") and result.stderr.count("\n") == 1
    assert "No space left on device" in result.stderr


def test_nobody_reads_on(tmp_path):
    """If nobody reads the output, the command ends silently with the shells' exit code."""
    command = [Path(sys.executable).parent / "grade", "list", "--course", str(SMALL_COURSE)]
    reads, writes = os.pipe()
    os.close(reads)
    result = subprocess.run(
        command, cwd=tmp_path, stdout=writes, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writes)
    assert (result.returncode, result.stderr) == (141, "")


@pytest.mark.slow
def test_summary_on_a_full_disk(grade, tmp_path):
    """The error names a step summary that cannot be written."""
    (tmp_path / "double.py").write_text(GOOD)
    result = grade("double", "--format", "github", GITHUB_STEP_SUMMARY="/dev/full")
    assert_told(result, 3, "/dev/full: cannot be written (No space left on device)")


def test_starter_on_a_full_disk(grade, tmp_path):
    """A starter that cannot be written completely is removed; it would look like a submission."""
    command = (
        f'ulimit -f 0; trap "" XFSZ; exec {Path(sys.executable).parent}/grade '
        f"start double --course {SMALL_COURSE}"
    )
    result = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert_told(result, 2, "double.py: cannot be written (File too large)")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("words", ["double", "start double"])
def test_folder_that_is_gone(words, tmp_path):
    """In a removed folder, `grade` says so."""
    gone = tmp_path / "gone"
    gone.mkdir()
    program = Path(sys.executable).parent / "grade"
    folder = shlex.quote(str(gone))
    command = f"rmdir {folder}; exec {program} {words} --course {SMALL_COURSE}"
    result = subprocess.run(
        ["bash", "-c", command], cwd=gone, capture_output=True, text=True, check=False
    )
    assert_told(
        result, 2, "the current folder was removed (No such file or directory); change to another"
    )


@pytest.mark.parametrize("file", ["exercises/double/exercise.yaml", "solutions/double/checks.py"])
def test_course_that_cannot_be_read(file, grade, course):
    """The error names a course file that cannot be read."""
    (course / file).unlink()
    (course / file).symlink_to(UNREADABLE)
    result = grade("double", "--course", str(course))
    assert_told(
        result,
        2,
        file.partition("/")[2],
        "cannot be read (Input/output error); check its permissions",
    )


def test_starter_that_is_not_utf8(grade, course):
    """A starter in another encoding is an error of the course, with its line."""
    starter = course / "exercises/double/starter.py"
    starter.write_bytes("# -*- coding: latin-1 -*-\n# é\n".encode("latin-1") + starter.read_bytes())
    sentence = "exercises/double/starter.py: line 2: not UTF-8; save the file as UTF-8"
    assert_told(grade("start", "double", "--course", str(course)), 2, sentence)
    verified = grade("verify", "double", "--course", str(course))
    assert verified.returncode == 2
    assert "not UTF-8" in verified.stdout and verified.stderr == ""


@pytest.mark.slow
def test_picture_in_a_course(grade, course):
    """`grade verify` reports a binary file that does not belong to the course."""
    (course / "exercises/sizes/picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe")
    (course / "exercises/workers/picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe")
    result = grade("verify", "sizes", "workers", "--course", str(course))
    assert result.returncode == 1
    assert result.stdout.count("The grader does not use this file.") == 2


def test_exercise_named_by_a_superscript(grade, course):
    """A folder called ² is an exercise with an invalid id."""
    shutil.copytree(course / "exercises/double", course / "exercises/²")
    listed = grade("list", "--course", str(course))
    assert listed.returncode == 2
    assert "²        cannot be read" in listed.stdout
    assert "exercises/²: the id must be lower-case letters" in listed.stderr


def grade_where_it_raises(error, folder):
    """Run ``grade list`` in which reading the course raises this."""
    code = (
        "import sys, grader.course.loading, grader.cli as c\n"
        f"def broken(root): raise {error}\n"
        "grader.course.loading.exercise_ids = broken; sys.argv[1:] = ['list']; c.main()"
    )
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )


def test_what_nobody_foresaw(tmp_path):
    """An unexpected error of the system gives one sentence and exit code 3."""
    result = grade_where_it_raises("OSError(5, 'Input/output error', 'some/file')", tmp_path)
    assert_told(
        result,
        3,
        "some/file: the system refused an operation (Input/output error); fix the cause",
    )


def test_bug_of_ours(tmp_path):
    """A bug prints its place and whom to tell. Its exit code is 3; 1 would mean a failed check."""
    result = grade_where_it_raises("ZeroDivisionError('by us')", tmp_path)
    assert result.returncode == 3
    assert "ZeroDivisionError: by us" in result.stderr
    assert "grade: this is a bug in grade" in result.stderr.splitlines()[-1]


def test_examiner_that_cannot_be_started(tmp_path, monkeypatch):
    """Nothing is left of an examiner that the system does not start."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    before = os.listdir("/proc/self/fd")
    with pytest.raises(FileNotFoundError):
        launch.start("auto", "cpu")
    assert list(tmp_path.iterdir()) == []
    assert len(os.listdir("/proc/self/fd")) == len(before)
