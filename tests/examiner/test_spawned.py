"""Learner processes that are spawned ahead of need give the grades that forked ones give."""

import subprocess
import sys
from pathlib import Path

import pytest

from grader.course.loading import load_exercise
from grader.course.location import default_root
from grader.examiner.pool import ExaminerPool
from grader.examiner.protocol import Examine
from grader.grades.isolation import NO_SANDBOX, SEPARATING
from grader.submission.files import Submission
from grader.system import LEARNERS_VARIABLE, SPAWNED
from tests.command import RunHere
from tests.grading import SMALL_COURSE, outcomes

GOOD = "def double(x):\n    print('twice')\n    return x * 2\n"
NEEDS_MEMORY = (
    "import torch\n"
    "kept = []\n"
    "def double(x):\n"
    "    while True:\n"
    "        kept.append(torch.ones(10_000_000))\n"
)
RARE = {
    "a right result": GOOD,
    "a loop": "def double(x):\n    while True:\n        pass\n",
    "a misconception": "def double(x):\n    return x * x\n",
    "a side effect": "def double(x):\n    x *= 2\n    return x\n",
    "something forbidden": "import torch\ndef double(x):\n    return torch.add(x, x)\n",
    "an exception": "def double(x):\n    return x.no_such_name\n",
    "the end of the process": "import os\ndef double(x):\n    os._exit(3)\n",
    "no answer": "import time\ndef double(x):\n    time.sleep(60)\n",
    "a loop after the function": GOOD + "while True:\n    pass\n",
    "a flood": "def double(x):\n    while True:\n        print('x' * 10_000)\n",
    "a closed output": "import os\nos.close(1)\nos.close(2)\n" + GOOD,
    "an error of syntax": "def double(x)\n    return 2 * x\n",
}


@pytest.fixture(scope="module")
def spawned(tmp_path_factory):
    """A warm pool whose examiners spawn their learner processes, each of which warns at first."""
    folder = tmp_path_factory.mktemp("first")
    (folder / "sitecustomize.py").write_text("import sys\nprint('odd machine', file=sys.stderr)\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(LEARNERS_VARIABLE, SPAWNED)
        patch.setenv("PYTHONPATH", str(folder))
        with ExaminerPool() as pool:
            yield pool


def examine(exercise: str, source: str) -> Examine:
    """The request to grade a person's own code."""
    submission = Submission(f"{exercise}.py", source.encode())
    return Examine(load_exercise(SMALL_COURSE, exercise), submission, "ada", seed=1, own=True)


def seen(grade):
    """What a learner sees of a grade."""
    return [grade.misconception, grade.stdout, *((c.name, c.message) for c in grade.checks)]


def test_spawned_process(spawned, tmp_path):
    """It grades within a limit on memory, but other people's code is refused without a sandbox."""
    (tmp_path / "target.py").write_text(GOOD)
    run = RunHere(spawned)
    words = ("target", "target.py", "--course", str(SMALL_COURSE))
    own = run(*words, folder=tmp_path)
    assert (own.returncode, own.stderr) == (0, f"{NO_SANDBOX}\n")
    other = run(*words, "--not-mine", folder=tmp_path)
    assert other.returncode == 3
    assert "this system has no sandbox for learner code" in other.stderr
    with spawned.borrow() as examiner:
        grade = examiner.grade(examine("target", NEEDS_MEMORY))
    assert set(outcomes(grade).values()) == {"memory"}
    assert grade.weak_isolation == list(SEPARATING)


def test_what_was_printed(spawned):
    """All that the submission prints is its own, and nothing that was printed before it."""
    printing = "import sys\ndef double(x):\n    sys.stderr.write('half')\n    sys.stderr = None\n"
    with spawned.borrow() as examiner:
        grade = examiner.grade(examine("double", printing))
    assert grade.stdout.startswith("half")
    assert "odd machine" not in grade.stdout


def test_package_is_loaded_again(spawned):
    """A misconception is named after a second seed, for which the helpers are loaded again."""
    source = (
        "from pack.core import calls\ncalls.append(1)\nassert len(calls) == 1\n"
        "def double(x):\n    return x * x\n"
    )
    submission = Submission("double.py", source.encode(), {"pack/core.py": b"calls = []"})
    exercise = load_exercise(SMALL_COURSE, "double")
    with spawned.borrow() as examiner:
        grade = examiner.grade(Examine(exercise, submission, "ada", seed=1, own=True))
    assert grade.misconception == "squared"


@pytest.mark.slow
@pytest.mark.parametrize("name", RARE)
def test_same_grade(name, spawned, pool):
    """Whatever a submission does, both kinds of processes give the same grade."""
    request = examine("double", RARE[name])
    with spawned.borrow() as one, pool.borrow() as other:
        ours, theirs = one.grade(request), other.grade(request)
    assert outcomes(ours) == outcomes(theirs)
    assert seen(ours) == seen(theirs)


@pytest.mark.slow
def test_course_code_shares_a_process(spawned):
    """What one exercise forbids is allowed to the solution of the next in the same process."""
    root = default_root()
    with spawned.borrow() as examiner:
        for name in ("exercise6", "exercise8", "exercise6"):
            source = (root / "solutions" / name / "solution.py").read_bytes()
            request = Examine(
                load_exercise(root, name),
                Submission("solution.py", source),
                "ada",
                seed=1,
                own=True,
                is_course=True,
            )
            assert examiner.grade(request).passed


@pytest.mark.slow
def test_self_study(monkeypatch):
    """The tests of self-study pass with spawned processes."""
    monkeypatch.setenv(LEARNERS_VARIABLE, SPAWNED)
    # These tests compare what a command prints.
    monkeypatch.delenv("PYTHONPATH", raising=False)
    # The pages that these tests compare have the notice about the sandbox in different places.
    without = "not same_grade and not first_thing"
    words = ["-n0", "-q", "-k", without, str(Path(__file__).parents[1] / "study")]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:]
