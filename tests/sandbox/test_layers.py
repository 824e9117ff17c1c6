"""The layers of the wall: that each says whether it holds, and what follows where one does not."""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import pytest

from grader.course.loading import load_exercise
from grader.course.location import default_root
from grader.errors import CourseError
from grader.examiner.client import Examiner
from grader.examiner.protocol import Examine
from grader.sandbox import filesystem, syscalls
from grader.sandbox.layers import LAYERS
from grader.submission.files import Submission
from tests.grading import SMALL_COURSE, grade_file

LAUNCH = Path(__file__).parents[1] / "hostile" / "launch.py"
GRADE = str(Path(sys.executable).parent / "grade")
MARK = "print('it ran')\ndef double(x):\n    return x * 2\n"
HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}
WORKERS = b"""
import torch
from torch.utils.data import DataLoader, TensorDataset


def double(x):
    return torch.cat([2 * batch for [batch] in DataLoader(TensorDataset(x), batch_size=1, num_workers=2)])
"""


def run(surroundings: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command ``grade`` in surroundings of ``launch.py``'s."""
    return subprocess.run(
        [sys.executable, LAUNCH, surroundings, GRADE, *words],
        cwd="/",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def submission():
    """A good submission for ``target``, which says when it runs, in a folder that any user may read."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # noqa: S103
        path = Path(folder, "target.py")
        path.write_text(MARK)
        yield str(path)


MISSING = {
    "as-is": set(),
    "no-seccomp": {"syscalls"},
    "user+no-namespaces+no-landlock": {"files", "processes"},
    "no-namespaces+no-seccomp": {"files", "network", "syscalls"},
    "user+no-namespaces+no-landlock+no-seccomp": {"files", "processes", "network", "syscalls"},
    "docker+no-namespaces": set(),
    "no-capabilities+no-namespaces": {"privileges"},
}
AS_ROOT = ("docker", "no-capabilities")


@pytest.mark.parametrize("surroundings", MISSING)
def test_doctor_tells_what_is_missing(surroundings):
    """`grade doctor` names every layer, and for a missing one what to do; its exit code is 1 where one is missing."""
    if os.getuid() != 0 and surroundings.startswith(AS_ROOT):
        pytest.skip("needs root, to be root with less")
    done = run(surroundings, "doctor")
    lines = done.stdout.splitlines()
    missing = {line.split()[1] for line in lines if line.startswith("✗")}
    holding = {line.split()[1] for line in lines if line.startswith("✓")}
    assert (missing, holding) == (MISSING[surroundings], set(LAYERS) - MISSING[surroundings]), (
        done.stdout + done.stderr
    )
    assert done.returncode == (1 if missing else 0)
    assert done.stdout.count("to get it: ") == len(missing)
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    "surroundings", ["no-seccomp", "user+no-namespaces+no-landlock+no-seccomp"]
)
def test_auto_grades_with_what_there_is(surroundings, submission):
    """By default a submission is graded with the layers that there are, and the grade says which those were."""
    done = run(
        surroundings, "target", submission, "--course", str(SMALL_COURSE), "--format", "json"
    )
    grade = json.loads(done.stdout)
    assert grade["passed"]
    assert {layer for layer, holds in grade["isolation"].items() if holds is None} == MISSING[
        surroundings
    ]


def test_strict_refuses_before_the_first_line(submission):
    """With `--isolation strict` and a layer missing, nothing of the submission runs, and nobody gets a zero for it."""
    done = run(
        "no-seccomp", "target", submission, "--course", str(SMALL_COURSE), "--isolation", "strict"
    )
    assert done.returncode == 3
    assert "it ran" not in done.stdout
    assert "lacks syscalls" in " ".join(done.stdout.split())
    assert "grade doctor" in done.stdout


def test_strict_grades_where_every_layer_holds(submission):
    """With `--isolation strict` and every layer there, a submission is graded as ever."""
    done = run(
        "as-is", "target", submission, "--course", str(SMALL_COURSE), "--isolation", "strict"
    )
    assert (done.returncode, "it ran" in done.stdout) == (0, True)


def test_none_has_to_be_asked_for(submission):
    """`--isolation none` holds nothing, and the grade says so."""
    done = run(
        "as-is",
        "target",
        submission,
        "--course",
        str(SMALL_COURSE),
        "--format",
        "json",
        "--isolation",
        "none",
    )
    assert set(json.loads(done.stdout)["isolation"].values()) == {None}


@pytest.mark.parametrize("surroundings", ["docker+no-namespaces", "no-capabilities+no-namespaces"])
def test_root_with_few_capabilities_grades_rightly(surroundings, tmp_path):
    """As root with Docker's capabilities, or with none, a right submission passes, the standard library included."""
    if os.getuid() != 0:
        pytest.skip("needs root, to be root with less")
    path = tmp_path / "target.py"
    path.write_text("import wave\nimport os\n\nassert os.listdir() == ['target.py']\n" + MARK)
    done = run(surroundings, "target", str(path), "--course", str(SMALL_COURSE))
    assert done.returncode == 0, done.stdout + done.stderr


def test_files_without_names_are_counted(tmp_path):
    """Where the home is a folder on disk, what is written counts, also when the file is gone from its folder."""
    path = tmp_path / "target.py"
    path.write_text(
        "import mmap, os, time\n"
        "def double(x):\n"
        "    kept = []\n"
        "    for number in range(60):\n"
        "        with open('file', 'w+b') as file:\n"
        "            file.write(bytes(15 << 20))\n"
        "            file.flush()\n"
        "            kept.append(mmap.mmap(file.fileno(), 4096))\n"
        "        os.unlink('file')\n"
        "        time.sleep(0.01)\n"
        "    time.sleep(0.3)\n"
        "    return x * 2\n"
    )
    done = run(
        "no-namespaces", "target", str(path), "--course", str(SMALL_COURSE), "--format", "json"
    )
    check = json.loads(done.stdout)["checks"][0]
    assert check["outcome"] == "crashed", check
    assert check["message"] == "Your code wrote more to its folder than it may."


def test_folder_on_disk_is_watched(tmp_path):
    """Where the home cannot be a file system of its own, who writes more than it may is ended, and told so."""
    path = tmp_path / "target.py"
    path.write_text(
        "import os, time\n"
        "def double(x):\n"
        "    for number in range(1000):\n"
        "        os.makedirs(f'deep/{number}')\n"
        "        with open(f'deep/{number}/file', 'wb') as file:\n"
        "            file.write(bytes(4 << 20))\n"
        "        time.sleep(0.02)\n"
        "    return x * 2\n"
    )
    done = run(
        "no-namespaces", "target", str(path), "--course", str(SMALL_COURSE), "--format", "json"
    )
    check = json.loads(done.stdout)["checks"][0]
    assert (check["outcome"], check["message"]) == (
        "crashed",
        "Your code wrote more to its folder than it may.",
    )


def test_unprivileged_user_needs_nothing(tmp_path):
    """An ordinary user has every layer, and a submission of theirs runs without a capability."""
    if os.getuid() != 0:
        pytest.skip("needs root, to become another user")
    done = run("user", "doctor")
    assert (done.returncode, "your own user" in done.stdout) == (0, True), done.stdout + done.stderr


def test_refusal_is_a_sentence(tmp_path):
    """What the wall refuses is told in words, not as a bare error number."""
    path = tmp_path / "target.py"
    for attempt in (
        "open('/etc/passwd')",
        "open('/etc/mine', 'w')",
        "__import__('os').fork()",
        "__import__('socket').socket()",
    ):
        path.write_text(f"def double(x):\n    {attempt}\n")
        with Examiner() as examiner:
            check = grade_file(examiner, "target", path).checks[0]
        assert check.message.endswith("no other files, no other programs, no network."), attempt
        assert check.case.traceback == [f"target.py line 2, in double: {attempt}"]


def test_workers_where_the_exercise_allows_them(examiner):
    """With `subprocesses: true` the workers of a DataLoader run; without it they are refused."""
    allowed, refused = (
        examiner.grade(
            Examine(load_exercise(SMALL_COURSE, name), Submission("s.py", WORKERS), "ada", 1)
        )
        for name in ("workers", "target")
    )
    assert allowed.passed, allowed.checks
    assert refused.checks[0].outcome.value == "raised"
    assert "no other programs" in refused.checks[0].message


def test_course_that_submissions_could_read_is_refused(tmp_path):
    """A course inside Python's own folders, which submissions have to read, is refused with its place."""
    beneath = Path(sysconfig.get_paths()["purelib"]) / "a_course_for_a_test"
    try:
        shutil.copytree(SMALL_COURSE, beneath)
        path = tmp_path / "target.py"
        path.write_text(MARK)
        with (
            Examiner() as examiner,
            pytest.raises(CourseError, match="submissions can read this folder"),
        ):
            grade_file(examiner, "target", path, course=beneath)
    finally:
        shutil.rmtree(beneath, ignore_errors=True)


def test_readable_has_neither_grader_nor_course():
    """None of the paths that learner processes may read is, holds or lies in the grader or its course."""
    package = Path(filesystem.__file__).parents[1]
    course = default_root()
    for path in map(Path, filesystem.readable()):
        for secret in (package, course / "solutions", course / "exercises", SMALL_COURSE):
            assert not secret.is_relative_to(path), path
            assert not path.is_relative_to(secret), path
        assert "torch_exercise_grader" not in path.name


@pytest.mark.parametrize("machine", HEADERS)
def test_numbers_are_the_kernels(machine):
    """Every system call in the tables has the number that the kernel's own header gives it."""
    if not HEADERS[machine].exists():
        pytest.skip("the kernel's headers are not installed")
    known = dict(re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", HEADERS[machine].read_text()))
    # What asm-generic/unistd.h calls by another name on 64-bit machines.
    known |= {new: known[old] for old, new in {"fstatat": "newfstatat"}.items() if old in known}
    names = (
        "_ALLOWED",
        "_BY_ARGUMENT",
        "_PROCESSES",
        "_SOCKETS",
        "_GPU",
        "_ATTRIBUTES",
        "_EXTENDED_ATTRIBUTES",
    )
    tables = [getattr(syscalls, name) for name in names]
    found = {name: number for table in tables for name, number in syscalls._table(table, machine)}
    assert len(found) > 150
    for name, number in found.items():
        assert known.get(name, str(number)) == str(number), name
    assert len(found.keys() & known.keys()) > len(found) - 8
