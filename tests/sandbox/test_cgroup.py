"""Control groups: where this user may create one, the submissions of an examiner share its limits.

The tests of a real group need a group above this process that this user may write to, and that
hands out the controllers cpu, memory and pids.
"""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from grader.course.loading import load_exercise
from grader.examiner.client import Examiner
from grader.examiner.protocol import Examine
from grader.sandbox import cgroup, layers
from grader.submission.files import Submission
from tests.grading import SMALL_COURSE, descendants, is_dead

PARENT = cgroup.parent_of_groups(cgroup.ROOT, cgroup._own_path())
real = pytest.mark.skipif(PARENT is None, reason="needs a control group of version 2")
WORKERS = load_exercise(SMALL_COURSE, "workers")
GOOD = b"def double(x): return x * 2"
MIB = 2**20


@pytest.fixture
def tree(tmp_path):
    """Return a function that makes a hierarchy of files, and the path of its root."""

    def make(files):
        for folder in ("", "slice", "slice/scope"):
            (tmp_path / folder).mkdir(exist_ok=True)
            (tmp_path / folder / "cgroup.procs").touch()
        for path, content in files.items():
            (tmp_path / path).write_text(content)
        return str(tmp_path)

    return make


HANDED_OUT = {"slice/cgroup.subtree_control": "cpuset cpu io memory pids\n"}
HIERARCHIES = {
    "two are handed out": ({"slice/cgroup.subtree_control": "memory pids"}, "slice"),
    "the root hands them out": ({"cgroup.subtree_control": "cpu memory pids"}, ""),
    "no limit is set": (
        {**HANDED_OUT, "slice/scope/memory.max": "max\n", "slice/scope/cpu.max": "max 100000\n"},
        "slice",
    ),
    "one is missing": ({"slice/cgroup.subtree_control": "cpu pids"}, None),
    "nothing is handed out": ({}, None),
    "memory is limited": ({**HANDED_OUT, "slice/scope/memory.max": "1073741824"}, None),
    "the CPU is limited": ({**HANDED_OUT, "slice/scope/cpu.max": "50000 100000"}, None),
    "some cores are allowed": ({**HANDED_OUT, "slice/scope/cpuset.cpus": "0-1"}, None),
    "the limit is above": ({**HANDED_OUT, "slice/memory.max": "1073741824"}, "slice"),
}


@pytest.mark.parametrize("name", HIERARCHIES)
def test_parent_of_groups(name, tree):
    """The nearest group that hands out memory and pids; none if a limit would be left."""
    files, expected = HIERARCHIES[name]
    root = tree(files)
    found = cgroup.parent_of_groups(root, "/slice/scope")
    assert found == (None if expected is None else f"{root}/{expected}".rstrip("/"))


def test_name_in_a_folder(tmp_path):
    """Only a path below the hierarchy with our own prefix is taken for a group."""
    named = {
        f"{cgroup.ROOT}/slice/grade-learners-7": f"{cgroup.ROOT}/slice/grade-learners-7",
        f"{cgroup.ROOT}/slice": None,
        "/home/grade-learners-7": None,
    }
    assert cgroup.name_in(str(tmp_path)) is None
    for written, expected in named.items():
        (tmp_path / cgroup.FILE).write_text(written)
        assert cgroup.name_in(str(tmp_path)) == expected


def group_of(pid):
    """The path of the group of a process."""
    [line] = [line for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines() if "::" in line]
    return Path(cgroup.ROOT + line.split("::")[1])


def graded(examiner, source):
    """Grade a submission that may start programs."""
    limits = msgspec.structs.replace(WORKERS.code.limits, memory_mib=256)
    spec = msgspec.structs.replace(WORKERS.code, limits=limits)
    exercise = msgspec.structs.replace(WORKERS, spec=spec)
    submission = Submission("workers.py", source)
    return examiner.grade(Examine(exercise, submission, "ada", 1, again=True))


@real
def test_group_of_an_examiner():
    """All submissions of an examiner share limits. A group goes with its examiner."""
    with Examiner() as examiner:
        assert "control group (cpu, memory, pids)" in examiner.inspect()["resources"]
        servers = descendants(examiner.pid)
        [group] = {group_of(pid) for pid in servers}
        assert group.parent == Path(PARENT)
        assert group_of(examiner.pid) == group_of(os.getpid()) != group
        assert int((group / "pids.max").read_text()) == layers.MAX_TASKS + 2
        assert graded(examiner, GOOD).passed
        assert 4 * 256 * MIB < int((group / "memory.max").read_text()) < 2**32

        assert len((group / "cgroup.procs").read_text().split()) == 2

    assert not group.exists()
    assert all(map(is_dead, servers))


PROGRAM = """
import os, signal, sys
from grader.sandbox import cgroup
group = cgroup.join(sys.argv[1], 4)
print(open("/proc/self/cgroup").read(), flush=True)
group.limit_memory(100 << 20)
child = os.fork()
if not child:
    open("/proc/self/oom_score_adj", "w").write("1000")
    kept = b"x" * (300 << 20)
    os._exit(0)
_, status = os.waitpid(child, 0)
print("killed" if os.waitstatus_to_exitcode(status) == -9 else status, flush=True)
for number in range(9):
    if not os.fork():
        signal.pause()
"""


@real
def test_group_of_a_process(tmp_path):
    """It limits memory and tasks, and removes the empty groups of processes that were killed."""
    left = Path(PARENT, "grade-learners-0")
    left.mkdir(exist_ok=True)
    # Not a pipe, which its children would keep open.
    with (tmp_path / "output").open("w") as output:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, tmp_path],
            stdout=output,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    group = Path(cgroup.name_in(str(tmp_path)))
    assert not left.exists()
    said = (tmp_path / "output").read_text()
    assert group.name in said
    assert "killed" in said
    assert done.returncode == 1, "a fork fails"
    assert len((group / "cgroup.procs").read_text().split()) == 3
    cgroup.remove(str(group))
    assert not group.exists()
