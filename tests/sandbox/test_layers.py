"""The layers of the sandbox: each reports whether it applies, and what a missing one means."""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

from grader.sandbox.layers import LAYERS
from tests.grading import SMALL_COURSE
from tests.sandbox.environments import run

MARK = "print('it ran')\ndef double(x):\n    return x * 2\n"


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


# Between the environments that lack no layer and those that lack most.
BETWEEN = (
    "as-is",
    "user+no-namespaces+no-landlock",
    "no-namespaces+no-seccomp",
    "no-seccomp",
    "no-capabilities+no-namespaces",
)


@pytest.mark.parametrize(
    "environment",
    [pytest.param(name, marks=[pytest.mark.slow] if name in BETWEEN else []) for name in MISSING],
)
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
    assert done.stdout.count("to get it: ") == len(missing)
    assert max(map(len, lines)) <= 80


REFUSED = "user+no-namespaces+no-landlock+no-seccomp"


def grade_target(environment, submission, *words):
    """Grade the submission as JSON; return how the command ended."""
    return run(
        environment, "target", submission, "--course", str(SMALL_COURSE), "--format", "json", *words
    )


def test_own_code_runs_with_one_line(submission):
    """Where layers are missing, your own code runs; the grade lists them, and one line says it."""
    done = grade_target(REFUSED, submission)
    grade = json.loads(done.stdout)
    assert (done.returncode, grade["passed"]) == (0, True)
    assert grade["weak_isolation"] == ["files", "processes", "network", "syscalls"]
    missing = {layer for layer, holds in grade["isolation"].items() if holds is None}
    assert missing == MISSING[REFUSED]
    assert done.stderr.count("\n") == 1
    assert "fine for your own code" in done.stderr


def test_code_of_others_does_not_run(submission):
    """With `--not-mine`, it does not run: exit code 3, a reason for people, and one for programs.

    `--isolation weak` runs it.
    """
    done = grade_target(REFUSED, submission, "--not-mine")
    grade = json.loads(done.stdout)
    assert (done.returncode, grade["status"], grade["stdout"]) == (3, "ungraded", "")
    assert grade["weak_isolation"] == ["files", "processes", "network", "syscalls"]
    for layer in grade["weak_isolation"]:
        assert f"Without {layer}, it can " in done.stderr
    assert "--isolation weak or GRADE_ISOLATION=weak" in done.stderr

    done = grade_target(REFUSED, submission, "--not-mine", "--isolation", "weak")
    assert (done.returncode, json.loads(done.stdout)["passed"]) == (0, True)
    assert done.stderr == ""


@pytest.mark.skipif(
    any(Path(path).is_relative_to("/tmp") for path in (__file__, sys.prefix)),  # noqa: S108
    reason="the checkout is in /tmp, which is empty behind the wall",
)
def test_batch_refuses_unless_weak(submission, monkeypatch):
    """`grade batch` runs nothing without separating layers; `--isolation weak` grades.

    The second command runs in a wall as in docs/security.md: all is read-only, without a network.
    """
    # Not in /tmp, which is empty behind the wall.
    with tempfile.TemporaryDirectory(dir="/var/tmp") as out:
        os.chmod(out, 0o755)  # noqa: S103
        folder = Path(out, "class", "ada")
        folder.mkdir(parents=True)
        shutil.copy(submission, folder)
        graded = Path(out, "graded")
        graded.mkdir()
        # The command runs as another user.
        graded.chmod(0o777)
        monkeypatch.setenv("WRITABLE", str(graded))
        words = ("batch", f"{out}/class", "--course", str(SMALL_COURSE), "--out", str(graded))
        done = run(REFUSED, *words)
        assert (done.returncode, "Without files, it can" in done.stderr) == (3, True), done.stderr
        assert not Path(graded, "grades.csv").exists()
        done = run(f"{REFUSED}+read-only", *words, "--isolation", "weak")
        assert (done.returncode, "WARNING" in done.stderr) == (0, True), done.stderr
        assert Path(graded, "grades.csv").stat().st_mode & 0o77 == 0


def test_strict_runs_nothing_if_a_layer_is_missing(submission):
    """With `--isolation strict` and a missing layer, no submission runs, and nobody gets a zero."""
    done = run(
        "no-seccomp", "target", submission, "--course", str(SMALL_COURSE), "--isolation", "strict"
    )
    assert done.returncode == 3
    assert "it ran" not in done.stdout
    assert "lacks syscalls" in " ".join(done.stdout.split())
    assert "grade doctor" in done.stdout


@pytest.mark.slow
def test_strict_grades_with_all_layers(submission):
    """With `--isolation strict` and all layers, grading works as usual."""
    done = run(
        "as-is", "target", submission, "--course", str(SMALL_COURSE), "--isolation", "strict"
    )
    assert (done.returncode, "it ran" in done.stdout) == (0, True)


@pytest.mark.slow
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


@pytest.mark.parametrize(
    "environment",
    [
        # The hostile submissions are graded there, too.
        pytest.param("docker+no-namespaces", marks=pytest.mark.slow),
        "no-capabilities+no-namespaces",
    ],
)
def test_root_with_few_capabilities(environment, tmp_path):
    """For root with few or no capabilities, a correct submission passes and can import modules."""
    if os.getuid() != 0:
        pytest.skip("needs root, to drop some capabilities")
    path = tmp_path / "target.py"
    path.write_text("import wave\nimport os\n\nassert os.listdir() == ['target.py']\n" + MARK)
    done = run(environment, "target", str(path), "--course", str(SMALL_COURSE))
    assert done.returncode == 0, done.stdout + done.stderr


def test_ordinary_user_has_all_layers(tmp_path):
    """An ordinary user has all layers, and the submission runs without capabilities.

    That is so with a low priority too, which an ordinary user cannot raise again.
    """
    if os.getuid() != 0:
        pytest.skip("needs root, to become another user")
    done = run("user", "doctor", nice=10)
    assert (done.returncode, "your own user" in done.stdout) == (0, True), done.stdout + done.stderr
