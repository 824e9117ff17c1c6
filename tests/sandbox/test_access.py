"""What a submission can reach: files, programs, system calls; and what its exercise may allow."""

import json
import os
import re
import shutil
import sysconfig
from pathlib import Path

import pytest

from grader.course.loading import load_exercise
from grader.course.location import default_root
from grader.errors import CourseError
from grader.examiner.client import Examiner
from grader.examiner.protocol import Examine
from grader.sandbox import filesystem, syscalls
from grader.submission.files import Submission
from tests.grading import SMALL_COURSE, grade_file
from tests.sandbox.environments import run

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


@pytest.mark.slow
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
    assert check["message"] == "Your code wrote more to its folder than allowed."


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
        "Your code wrote more to its folder than allowed.",
    )


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
        assert check.message.endswith("other files, other programs or the network."), attempt
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
    assert "other programs" in refused.checks[0].message


@pytest.mark.skipif(
    not os.access(sysconfig.get_paths()["purelib"], os.W_OK),
    reason="the installed packages belong to another user",
)
def test_course_that_submissions_can_read_is_refused(tmp_path):
    """A course inside Python's own folders is refused, because submissions must read those."""
    beneath = Path(sysconfig.get_paths()["purelib"]) / "a_course_for_a_test"
    try:
        shutil.copytree(SMALL_COURSE, beneath)
        path = tmp_path / "target.py"
        path.write_text("def double(x):\n    return x * 2\n")
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
        "_LOCKS",
        "_ATTRIBUTES",
        "_EXTENDED_ATTRIBUTES",
    )
    tables = [getattr(syscalls, name) for name in names]
    found = syscalls._table(",".join(tables), machine)
    assert len(found) > 150
    for name, number in found.items():
        assert known.get(name, str(number)) == str(number), name
    assert len(found.keys() & known.keys()) > len(found) - 8
