"""The layers of the sandbox: each reports whether it applies, and what a missing one means."""

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

from grader.course.loading import default_root, load_exercise
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
    loader = DataLoader(TensorDataset(x), batch_size=1, num_workers=2)
    return torch.cat([2 * batch for [batch] in loader])
"""


def run(environment: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command ``grade`` in an environment that ``launch.py`` creates."""
    return subprocess.run(
        [sys.executable, LAUNCH, environment, GRADE, *words],
        cwd="/",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def submission():
    """Yield a correct submission that prints when it runs, in a folder that any user can read."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # noqa: S103
        path = Path(folder, "target.py")
        path.write_text(MARK)
        path.chmod(0o644)
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


@pytest.mark.parametrize("environment", MISSING)
def test_doctor_shows_missing_layers(environment):
    """`grade doctor` shows every layer; for a missing one it says what to do and exits with 1."""
    if os.getuid() != 0 and environment.startswith(AS_ROOT):
        pytest.skip("needs root, to drop some capabilities")
    done = run(environment, "doctor")
    lines = done.stdout.splitlines()
    missing = {line.split()[1] for line in lines if line.startswith("✗")}
    holding = {line.split()[1] for line in lines if line.startswith("✓")}
    assert (missing, holding) == (MISSING[environment], set(LAYERS) - MISSING[environment]), (
        done.stdout + done.stderr
    )
    assert done.returncode == (1 if missing else 0)
    assert done.stdout.count("to hold it: ") == len(missing)
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("environment", ["no-seccomp", "user+no-namespaces+no-landlock+no-seccomp"])
def test_auto_grades_with_the_available_layers(environment, submission):
    """By default the sandbox uses the available layers, and the grade lists them."""
    done = run(environment, "target", submission, "--course", str(SMALL_COURSE), "--format", "json")
    grade = json.loads(done.stdout)
    assert grade["passed"]
    assert {layer for layer, holds in grade["isolation"].items() if holds is None} == MISSING[
        environment
    ]


def test_strict_runs_nothing_if_a_layer_is_missing(submission):
    """With `--isolation strict` and a missing layer, no submission runs, and nobody gets a zero."""
    done = run(
        "no-seccomp", "target", submission, "--course", str(SMALL_COURSE), "--isolation", "strict"
    )
    assert done.returncode == 3
    assert "it ran" not in done.stdout
    assert "does not hold syscalls" in " ".join(done.stdout.split())
    assert "grade doctor" in done.stdout


def test_strict_grades_with_all_layers(submission):
    """With `--isolation strict` and all layers, grading works as usual."""
    done = run(
        "as-is", "target", submission, "--course", str(SMALL_COURSE), "--isolation", "strict"
    )
    assert (done.returncode, "it ran" in done.stdout) == (0, True)


def test_none_applies_no_layer(submission):
    """`--isolation none` applies no layer, and the grade says so."""
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


@pytest.mark.parametrize("environment", ["docker+no-namespaces", "no-capabilities+no-namespaces"])
def test_root_with_few_capabilities(environment, tmp_path):
    """For root with few or no capabilities, a correct submission passes and can import modules."""
    if os.getuid() != 0:
        pytest.skip("needs root, to drop some capabilities")
    path = tmp_path / "target.py"
    path.write_text("import wave\nimport os\n\nassert os.listdir() == ['target.py']\n" + MARK)
    done = run(environment, "target", str(path), "--course", str(SMALL_COURSE))
    assert done.returncode == 0, done.stdout + done.stderr


def test_deleted_files_count(tmp_path):
    """If the home is a folder on disk, written bytes count even after the file is deleted."""
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


def test_size_of_a_folder_on_disk_is_limited(tmp_path):
    """If the home is a folder on disk, a submission that writes too much ends with this reason."""
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


def test_ordinary_user_has_all_layers(tmp_path):
    """An ordinary user has all layers, and the submission runs without capabilities."""
    if os.getuid() != 0:
        pytest.skip("needs root, to become another user")
    done = run("user", "doctor")
    assert (done.returncode, "your own user" in done.stdout) == (0, True), done.stdout + done.stderr


def test_refusal_is_explained(tmp_path, examiner):
    """What the sandbox blocks is explained in words, not only with an error number."""
    path = tmp_path / "target.py"
    for attempt in (
        "open('/etc/passwd')",
        "open('/etc/mine', 'w')",
        "__import__('os').fork()",
        "__import__('socket').socket()",
    ):
        path.write_text(f"def double(x):\n    {attempt}\n")
        check = grade_file(examiner, "target", path).checks[0]
        assert check.message.endswith("no other files, no other programs, no network."), attempt
        assert check.case.traceback == [f"target.py line 2, in double: {attempt}"]


def test_workers_if_the_exercise_allows_them(examiner):
    """The workers of a DataLoader run with `subprocesses: true` and are blocked without it."""
    allowed, refused = (
        examiner.grade(
            Examine(load_exercise(SMALL_COURSE, name), Submission("s.py", WORKERS), "ada", 1)
        )
        for name in ("workers", "target")
    )
    assert allowed.passed, allowed.checks
    assert refused.checks[0].outcome.value == "raised"
    assert "no other programs" in refused.checks[0].message


def test_course_that_submissions_can_read_is_refused(tmp_path):
    """A course inside Python's own folders is refused, because submissions must read those."""
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


def test_readable_paths_contain_neither_grader_nor_course():
    """No path that learner processes can read contains the grader or its course, or is in them."""
    package = Path(filesystem.__file__).parents[1]
    course = default_root()
    for path in map(Path, filesystem.readable()):
        for secret in (package, course / "solutions", course / "exercises", SMALL_COURSE):
            assert not secret.is_relative_to(path), path
            assert not path.is_relative_to(secret), path
        assert "torch_exercise_grader" not in path.name


@pytest.mark.parametrize("machine", HEADERS)
def test_numbers_of_system_calls(machine):
    """Each system call in the tables has the number that the header of the kernel gives it."""
    if not HEADERS[machine].exists():
        pytest.skip("the kernel's headers are not installed")
    known = dict(re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", HEADERS[machine].read_text()))
    # asm-generic/unistd.h uses another name on 64-bit machines.
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
    found = syscalls._table(",".join(tables), machine)
    assert len(found) > 150
    for name, number in found.items():
        assert known.get(name, str(number)) == str(number), name
    assert len(found.keys() & known.keys()) > len(found) - 8
