"""The command ``grade`` in unusual surroundings: it works, or says in one line what is missing."""

import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli.app import cli
from tests.grading import SMALL_COURSE, invoke_grade

GRADE = Path(sys.executable).parent / "grade"
SOLUTION = (SMALL_COURSE / "solutions" / "double" / "solution.py").read_text()
NO_SPACE = "grade: the system refused an operation (No space left on device); fix the cause"


# A fast machine starts an examiner in less than a second.
SLOW_EXAMINER = """cat >sitecustomize.py <<end; export PYTHONPATH=$PWD
import sys, time
while "grader.examiner" in sys.orig_argv and time.process_time() < 2:
    pass
end
true"""


@pytest.mark.parametrize(
    ("shell", "code", "said"),
    [
        ("grade show sizes >&-", 0, ""),
        ("grade --help >/dev/full", 3, NO_SPACE),
        ("grade --version >/dev/full", 3, NO_SPACE),
        ("ulimit -n 16; grade double", 3, "grade: this shell allows at most 16 open files"),
        ("ulimit -Sn 16; grade list >/dev/null", 0, ""),
        # A quiz that cannot ask.
        pytest.param("grade sizes <&- >&-", 1, "Created sizes.yaml.", marks=pytest.mark.slow),
        pytest.param(
            "ulimit -v 409600; grade double",
            3,
            "this shell allows at most 400 MiB of virtual memory; raise the limit with `ulimit -v`",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            f"{SLOW_EXAMINER}; ulimit -t 1; grade double",
            3,
            "this shell allows at most 1 s of CPU time; raise the limit with `ulimit -t`",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_shell(tmp_path, shell, code, said):
    """Streams can be closed or full, signals ignored, and limits low."""
    (tmp_path / "double.py").write_text("def double(x):\n    return x * 2\n")
    environment = {**os.environ, "GRADE_COURSE": str(SMALL_COURSE)}
    environment["PATH"] = f"{GRADE.parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", shell],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


ALONE = {
    "a strict umask": "umask 077",
    "end of children ignored": "trap '' CHLD",
    "Ctrl-C ignored": "trap '' INT",
    "no HOME": "unset HOME XDG_CONFIG_HOME XDG_CACHE_HOME XDG_RUNTIME_DIR",
    "HOME read-only": "unset XDG_CONFIG_HOME XDG_CACHE_HOME; export HOME=/proc",
    "no TMPDIR": "export TMPDIR=/no/such/folder",
    "a language of ASCII": "export LC_ALL=C",
    "few open files": "ulimit -n 64",
    "no input": "exec <&-",
    "TMPDIR with spaces": "mkdir 'a ü b'; export TMPDIR=$PWD/'a ü b'",
    "a path of two lines": "mkdir $'a\nü'; mv double.py $'a\nü'; cd $'a\nü'",
}
ONLY_ROOT = {
    # The examiner wants to stay and cannot.
    "a full disk": "mkdir disk; mount -t tmpfs -o size=4k,mode=700 none disk"
    "; head -c 4k /dev/zero >disk/all; export XDG_RUNTIME_DIR=$PWD/disk TMPDIR=$PWD/disk"
    "; unset CI; export GRADE_RESIDENT=60",
    "a read-only mount": "mount --bind . .; mount -o remount,ro,bind .; cd $PWD",
    "no entry in passwd": "unset HOME XDG_CONFIG_HOME XDG_CACHE_HOME XDG_RUNTIME_DIR; chmod 777 ."
    "; user='setpriv --reuid=54321 --regid=54321 --clear-groups'"
    # Some Pythons are in a folder that only root may enter.
    "; $user bash -c 'grade --version' &>/dev/null || user+=' --inh-caps=+dac_read_search"
    " --ambient-caps=+dac_read_search'; exec $user bash -c 'exec grade double'",
}


def grade_after(shell, folder):
    """Grade a solution in a shell of its own after ``shell``; return its page."""
    (folder / "double.py").write_text(SOLUTION)
    environment = {**os.environ, "GRADE_COURSE": str(SMALL_COURSE)}
    environment["PATH"] = f"{GRADE.parent}:{os.environ['PATH']}"
    command = ["bash", "-c", f"{shell}\ngrade double"]
    if shell in ONLY_ROOT.values():
        # Its mounts end with it.
        command = ["unshare", "--mount", *command]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_everything_unusual_at_once(tmp_path):
    """A grade needs no usual surroundings."""
    # The last one changes the folder.
    shell = "\n".join(ALONE[name] for name in ALONE if name != "no TMPDIR")
    assert "All checks passed" in grade_after(shell, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*ALONE, *ONLY_ROOT])
def test_unusual_surroundings(tmp_path, name):
    """A grade does not need this one either."""
    if name in ONLY_ROOT and os.getuid():
        pytest.skip("only root can make these surroundings")
    # Another user may not enter the folders of pytest.
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # noqa: S103 - it contains nothing
        assert "All checks passed" in grade_after((ALONE | ONLY_ROOT)[name], Path(folder))


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("show sizes", 0, b"shape"),
        # A quiz that is left at its first question.
        pytest.param("sizes", 1, b"Question 1 of 3", marks=pytest.mark.slow),
    ],
)
def test_terminal_without_a_name(tmp_path, words, code, said):
    """Where TERM is not set, a terminal gets no escape codes."""
    environment = {name: value for name, value in os.environ.items() if name != "TERM"}
    environment["GRADE_COURSE"] = str(SMALL_COURSE)
    ours, theirs = os.openpty()
    os.write(ours, b"q\n")
    done = subprocess.run(
        [GRADE, *words.split()],
        cwd=tmp_path,
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(theirs)
    page = os.read(ours, 1 << 16)
    os.close(ours)
    assert done.returncode == code, done.stderr
    assert said in page
    assert b"\x1b" not in page


@pytest.mark.parametrize("words", ["batch class --out out", "report --out out", "list"])
def test_removed_folder(tmp_path, words):
    """In a folder that was removed, each command that needs one says that."""
    with contextlib.chdir(tmp_path):
        gone = tmp_path / "gone"
        gone.mkdir()
        os.chdir(gone)
        gone.rmdir()
        result = CliRunner().invoke(cli, words.split(), prog_name="grade")
    assert result.exit_code == 2
    assert result.stderr.startswith("grade: the current folder was removed")


def test_completion_without_a_home(monkeypatch, tmp_path):
    """Without HOME and an entry in passwd, the script cannot be installed."""
    monkeypatch.delenv("HOME")
    # As it answers there.
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    result = invoke_grade("completion", "bash", "--install", folder=tmp_path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("grade: you have no home folder")


def test_completion_beside_another_encoding(monkeypatch, tmp_path):
    """The line is appended to a file of the shell that is not UTF-8, once."""
    monkeypatch.setenv("HOME", str(tmp_path))
    settings = tmp_path / ".bashrc"
    before = "# für mich\n".encode("latin-1")
    settings.write_bytes(before)
    for _ in range(2):
        result = invoke_grade("completion", "bash", "--install", folder=tmp_path)
        assert (result.exit_code, result.stderr) == (0, "")
    first, added = settings.read_bytes().split(b"# Completion of grade\n")
    assert first == before
    assert added.count(b"\n") == 1
