"""The examiner that stays after a command: it saves time and changes no grade."""

import contextlib
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.course.loading import load_exercise
from grader.examiner import resident
from grader.examiner.client import KeptExaminer
from grader.examiner.protocol import Examine
from grader.examiner.settings import DEFAULTS, Settings
from grader.grades.grade import Grade
from grader.submission.files import Submission
from tests.grading import SMALL_COURSE, grade_source, is_dead, open_files, run_grade, until

# The seconds that a command waits for a resident. The tests wait longer.
PATIENCE = resident._HELLO_SECONDS
GOOD = b"def double(x):\n    return x * 2\n"
BAD = b"def double(x):\n    return x * x\n"
SLOW = b"import time\n\n\ndef double(x):\n    time.sleep(0.15)\n    return x * 2\n"
# A program that listens at a path and never answers.
HANGS = """
import os, socket, sys, time
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
print("ready", flush=True)
time.sleep(60)
"""

# Another user, who has got hold of the socket and agrees to every request.
AGREES = """
import os, socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
os.setuid(12345)
listener.listen()
print("ready", flush=True)
channel, _ = listener.accept()
print(len(channel.recv(32)), flush=True)
channel.sendall(b"\\x01")
"""


class Desk:
    """A user whose residents are in a folder of this test, with a copy of the course."""

    def __init__(self, folder: Path) -> None:
        self.course = folder / "course"
        # A path that is too long for the address of a socket.
        self.private = folder / ("long" * 30) / "grade"
        self.private.parent.mkdir()
        for side in ("exercises", "solutions"):
            shutil.copytree(SMALL_COURSE / side, self.course / side)

    def examiner(self, settings: Settings = DEFAULTS) -> KeptExaminer:
        return KeptExaminer(settings, str(self.course))

    def grade(
        self, source: bytes = GOOD, settings: Settings = DEFAULTS, seed: int = 1
    ) -> tuple[Grade, int]:
        """Grade as one command does; return the grade, and the process that graded."""
        with self.examiner(settings) as examiner:
            return self.ask(examiner, source, seed), examiner.pid

    def ask(self, examiner: KeptExaminer, source: bytes = GOOD, seed: int = 1) -> Grade:
        exercise = load_exercise(self.course, "target")
        return examiner.grade(Examine(exercise, Submission("target.py", source), "ada", seed))

    def resident(self) -> resident.Resident:
        """Wait until there is exactly one."""
        until(lambda: len(resident.running()) == 1 and self.is_listening())
        return resident.running()[0]

    def is_listening(self) -> bool:
        return any(path.is_socket() and not path.suffix for path in self.private.iterdir())


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A user without residents."""
    made = Desk(tmp_path)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(made.private.parent))
    monkeypatch.setenv("GRADE_RESIDENT", "60")
    monkeypatch.delenv("CI", raising=False)
    # On a busy machine a resident can be late, and would be replaced.
    monkeypatch.setattr(resident, "_HELLO_SECONDS", 30.0)
    yield made
    resident.end()


def test_life_of_a_resident(desk, tmp_path):
    """It serves later commands one at a time, and ends with `grade stop`; nothing is left."""
    assert desk.grade()[0].passed
    found = desk.resident()
    socket_of_it = desk.private / found.name
    assert stat.S_IMODE(socket_of_it.lstat().st_mode) == 0o600
    assert stat.S_IMODE(desk.private.stat().st_mode) == 0o700
    assert found.course == str(desk.course)

    # While it is busy, another command starts an examiner at once.
    with desk.examiner() as first:
        assert (first.is_resident, first.pid) == (True, found.pid)
        assert desk.ask(first).passed
        second = desk.examiner()
        assert not second.is_resident
        second.close()

    desk.resident()
    # The whole command, which says who is ready.
    (tmp_path / "target.py").write_bytes(GOOD)
    words = ("target", "--course", str(desk.course))
    assert run_grade(*words, folder=tmp_path).returncode == 0
    assert desk.resident().pid == found.pid
    status = run_grade("status", *words[1:], folder=tmp_path).stdout
    assert f"Process {found.pid} is ready for the next grade" in status
    assert run_grade("stop", folder=tmp_path).stdout == "Ended 1 examiner.\n"
    # Its seat is free a moment before it is dead.
    until(lambda: is_dead(found.pid))
    assert not Path(found.folder).exists()
    assert run_grade("stop", folder=tmp_path).stdout == "No examiner was running.\n"


@pytest.mark.slow
def test_killed_in_mid_grade(desk):
    """Another examiner grades the same submission, and becomes the resident in its place."""
    _, cold = desk.grade()
    found = desk.resident()

    def kill() -> None:
        time.sleep(0.1)
        os.kill(found.pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    grade, pid = desk.grade(SLOW)
    killer.join()
    assert grade.passed
    assert (found.pid == cold, pid == cold) == (True, False)
    assert desk.resident().pid == pid
    # Whoever took the seat removed what the other one had left.
    assert not Path(found.folder).exists()


@pytest.mark.slow
def test_another_key(desk, monkeypatch):
    """Other settings, another environment and changed files get another examiner."""
    desk.grade()
    found = desk.resident()
    place = resident.place_of(str(desk.course), "auto", "cpu")
    names = {resident.name_of(place)}
    for other in (place._replace(isolation="strict"), place._replace(course="/elsewhere")):
        names.add(resident.name_of(other))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "7")
    names.add(resident.name_of(place))
    assert len(names) == 4
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")

    (desk.course / "solutions" / "target" / "notes.txt").write_text("new")
    other = desk.examiner()
    assert not other.is_resident
    other.close()
    # It noticed that it is outdated.
    until(lambda: is_dead(found.pid) and not Path(found.folder).exists())


# Prints the name of a socket before and after the process gives up some of its rights.
RIGHTS = """
import ctypes
from grader.examiner import resident
place = resident.place_of("/course", "auto", "cpu")
names = {resident.name_of(place), resident.name_of(place)}
ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
names.add(resident.name_of(place))
print(len(names))
"""


def test_other_rights():
    """A command with fewer rights has another sandbox, so it uses another examiner."""
    done = subprocess.run(
        [sys.executable, "-c", RIGHTS], capture_output=True, text=True, check=True
    )
    assert done.stdout == "2\n"


def test_after_ctrl_c(desk):
    """Ctrl-C ends the examiner that was asked, so the next answer belongs to the next question."""
    desk.grade()
    found = desk.resident()
    examiner = desk.examiner()
    assert examiner.is_resident
    with pytest.raises(KeyboardInterrupt), examiner:
        raise KeyboardInterrupt
    # Its seat is free a moment before it is dead.
    until(lambda: is_dead(found.pid))
    assert not Path(found.folder).exists()


def test_idle_end(desk, monkeypatch):
    """Without work it ends after the given time, and removes its folder and its socket."""
    monkeypatch.setenv("GRADE_RESIDENT", "0.5")
    _, pid = desk.grade()
    found = desk.resident()
    until(lambda: is_dead(pid) and not Path(found.folder).exists())
    assert not desk.is_listening()


def test_one_that_hangs_or_is_gone(desk, monkeypatch):
    """A stale socket costs nothing; one that does not answer costs at most 0.3 s, and is killed."""
    assert PATIENCE <= 0.3
    desk.private.mkdir(mode=0o700)
    place = resident.place_of(str(desk.course), "auto", "cpu")
    path = desk.private / resident.name_of(place)
    with contextlib.chdir(desk.private):
        command = [sys.executable, "-c", HANGS, path.name]
        hanging = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert hanging.stdout is not None
        hanging.stdout.readline()
    # The second call finds the stale socket, and does not wait for an answer.
    for patience in (PATIENCE, 30.0):
        monkeypatch.setattr(resident, "_HELLO_SECONDS", patience)
        started = time.monotonic()
        assert resident.connect(place) is None
        assert time.monotonic() - started < 15
    assert hanging.wait() == -signal.SIGKILL
    hanging.stdout.close()
    assert path.is_socket()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_socket_of_another_user(desk):
    """Another user's process gets no request, even if it listens at the right place."""
    desk.private.mkdir(mode=0o700)
    place = resident.place_of(str(desk.course), "auto", "cpu")
    with contextlib.chdir(desk.private):
        command = [sys.executable, "-c", AGREES, resident.name_of(place)]
        foreign = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert foreign.stdout is not None
        foreign.stdout.readline()
    assert resident.connect(place) is None
    assert foreign.stdout.readline() == "0\n"
    foreign.kill()
    foreign.communicate()


def test_upgrade(monkeypatch, tmp_path):
    """A changed file of the grader, another package and another PyTorch are another version."""
    package = tmp_path / "grader"
    packages = tmp_path / "site-packages"
    for folder in (package / "__pycache__", packages / "torch"):
        folder.mkdir(parents=True)
    for file in (package / "code.py", packages / "torch" / "version.py"):
        file.write_text("1")
    monkeypatch.setattr(resident, "_PACKAGE", package)
    monkeypatch.setattr("sys.path", [str(packages)])

    def version():
        return resident.version_of(str(tmp_path / "course"))

    seen = {version()}
    (package / "__pycache__" / "code.pyc").write_text("1")
    assert version() in seen
    (package / "code.py").write_text("2")
    seen.add(version())
    (packages / "another").mkdir()
    seen.add(version())
    # As pip does: the folder of all packages can stay as it was.
    before = packages.stat()
    (packages / "torch" / "version.py").write_text("2")
    os.utime(packages, ns=(before.st_atime_ns, before.st_mtime_ns))
    seen.add(version())
    assert len(seen) == 4


def test_clock():
    """A jump of the clock ends no wait: everything that waits asks a clock that cannot jump."""
    wall = re.compile(r"\btime\.time(_ns)?\b|\bdatetime\b|\bfrom time import\b")
    package = Path(resident.__file__).parents[1]
    paths = [*package.glob("examiner/*.py"), *package.glob("sandbox/*.py")]
    assert len(paths) > 20
    for path in paths:
        assert not wall.search(path.read_text()), path


@pytest.mark.parametrize("variables", [{"GRADE_RESIDENT": "0"}, {"CI": "true"}], ids=str)
def test_switched_off(desk, monkeypatch, variables):
    """Then a command neither uses a resident nor leaves one."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with desk.examiner() as examiner:
        assert not examiner.is_resident
    assert is_dead(examiner.pid)
    assert not desk.private.exists()


def test_private_folder(desk, tmp_path):
    """A folder that others can enter, or a link, is not trusted."""
    open_to_all = tmp_path / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o755)
    (tmp_path / "link").symlink_to(desk.course)
    paths = [open_to_all, tmp_path / "link", tmp_path / "missing"]
    if os.getuid() == 0:
        # The private folder of another user.
        paths.append(tmp_path / "foreign")
        paths[-1].mkdir(0o700)
        os.chown(paths[-1], 12345, -1)
    for path in paths:
        assert resident.open_folder(str(path)) is None


def test_wrong_command_line(desk, tmp_path):
    """The examiner that started before the command line was read ends with it."""
    words = ("target", "--course", str(desk.course), "--nonsense")
    done = run_grade(*words, folder=tmp_path, TMPDIR=str(tmp_path))
    assert done.returncode == 2
    assert not list(tmp_path.glob("grade-*"))


def test_learner_code_cannot_reach_it(desk, examiner, tmp_path):
    """A submission cannot connect to a resident; without a sandbox there is none to connect to."""
    desk.grade()
    path = desk.private / desk.resident().name
    source = f"""
import os, socket
os.chdir({str(desk.private)!r})
socket.socket(socket.AF_UNIX).connect({path.name!r})
print("BREACH")
def double(x):
    return x * 2
"""
    grade = grade_source(examiner, source, tmp_path)
    assert "BREACH" not in grade.stdout
    assert grade.points == 0
    found = desk.resident()
    _, pid = desk.grade(settings=Settings(isolation="none"))
    until(lambda: is_dead(pid) and is_dead(found.pid))


@pytest.mark.slow
def test_three_first_commands_at_once(desk):
    """They leave one examiner."""
    pids: list[int] = []
    threads = [threading.Thread(target=lambda: pids.append(desk.grade()[1])) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = desk.resident()
    until(lambda: sum(not is_dead(pid) for pid in pids) == 1)
    assert found.pid in pids


@pytest.mark.slow
def test_at_most_two(desk):
    """A third course takes the place of the one that was idle longest."""
    first = desk.grade()[1]
    until(lambda: len(resident.running()) == 1)
    for isolation, count in (("strict", 2), ("auto", 2)):
        if count == 2 and isolation == "auto":
            desk.course = shutil.copytree(desk.course, desk.course.with_name("other"))
        desk.grade(settings=Settings(isolation=isolation))
        until(lambda: len(resident.running()) == 2)
    until(lambda: is_dead(first))


@pytest.mark.slow
def test_course_disappears(desk):
    """Nobody can grade with its course any more, so it ends."""
    _, pid = desk.grade()
    desk.resident()
    shutil.rmtree(desk.course)
    until(lambda: is_dead(pid))


@pytest.mark.slow
def test_a_thousand_grades(desk):
    """Its memory and its descriptors stay flat."""
    _, pid = desk.grade()
    seen = []
    for number in range(1000):
        desk.resident()
        # A mistake, so that the misconceptions run for each seed.
        source = BAD if number % 2 else GOOD
        assert desk.grade(source, seed=number)[1] == pid
        if number in (100, 999):
            # While it serves a command, it has other descriptors than while it waits.
            desk.resident()
            # Not VmRSS: the kernel drops pages of files and reads them again.
            status = Path(f"/proc/{pid}/status").read_text()
            parts = (status.partition(name)[2].split()[0] for name in ("RssAnon:", "VmSwap:"))
            memory = sum(map(int, parts))
            seen.append((memory, open_files(pid)))
    # Seen: 0.3 MiB.
    assert seen[1][0] - seen[0][0] < 2_000
    assert seen[1][1] == seen[0][1]


@pytest.mark.slow
@pytest.mark.parametrize("place", ["/proc", "/dev/full"])
def test_no_place_for_it(desk, monkeypatch, place):
    """Where its folder cannot be made, a grade is as before, and nothing stays."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", place)
    monkeypatch.setenv("TMPDIR", str(desk.course))
    grade, pid = desk.grade()
    assert grade.passed
    until(lambda: is_dead(pid) or resident.running())
