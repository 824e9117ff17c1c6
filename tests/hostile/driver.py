"""Grade every hostile submission, and check after each one that it did no harm.

``python -m tests.hostile.driver [--command] [--sample] [NAME...]`` runs in an environment
that ``launch.py`` creates. It builds a small world for the submissions to attack: a folder
with files open to everyone, servers on loopback, and a process of the same user. It prints
one JSON object that maps each name to what it observed. Everything stays harmless while
the sandbox works, and limited if it does not.
"""

import argparse
import functools
import json
import os
import re
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from pathlib import Path

import msgspec

from grader.course.loading import load_exercise
from grader.errors import SubmissionError
from grader.examiner.client import Examiner
from grader.examiner.protocol import Examine
from grader.examiner.settings import Settings
from grader.grades.isolation import weak_layers
from grader.report.export.documents import as_json
from grader.submission.files import read_submission
from tests.grading import SMALL_COURSE, descendants

HERE = Path(__file__).parent
MARKER = "MARKER-IN-SECRET"
# Seconds for a submission that should pass, also on a busy machine, and for one that only waits.
PATIENT = 20.0
SHORT = 0.2
GOOD = """
import os

assert os.listdir(".") == ["target.py"], os.listdir(".")
for folder in ("/dev/shm", "/tmp", "/home"):
    try:
        files = [name for name in os.listdir(folder) if os.path.isfile(os.path.join(folder, name))]
        assert files in ([], ["target.py"]), folder
    except OSError:
        continue


def double(x):
    return x * 2
"""


class World:
    """What submissions attack, and its state before them."""

    def __init__(self) -> None:
        self.shared = Path(tempfile.mkdtemp(prefix="world-"))
        self.shared.chmod(0o777)
        for name, mode in {"secret": 0o644, "open": 0o666, "owned": 0o600}.items():
            (self.shared / name).write_text(MARKER)
            (self.shared / name).chmod(mode)
        self.visits: list[str] = []
        self.abstract = f"world-{os.getpid()}"
        self.tcp = self._serve(socket.create_server(("127.0.0.1", 0)))
        self.port = self.tcp.getsockname()[1]
        self.udp = self._listen()
        self._serve(_local("\0" + self.abstract))
        self._serve(_local(str(self.shared / "socket")))
        (self.shared / "socket").chmod(0o777)
        self.victim = subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(3000)"],
            # Whoever reads the output of the driver must not wait for this process too.
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.before = self._look()

    def _serve(self, server: socket.socket) -> socket.socket:
        def accept() -> None:
            while True:
                connection, _ = server.accept()
                self.visits.append(f"a connection to {server.getsockname()}")
                connection.close()

        server.listen()
        threading.Thread(target=accept, daemon=True).start()
        return server

    def _listen(self) -> socket.socket:
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind(("127.0.0.1", self.port))

        def receive() -> None:
            while server.recv(64):
                self.visits.append("a datagram")

        threading.Thread(target=receive, daemon=True).start()
        return server

    def _look(self) -> dict[str, object]:
        """Return the state of everything here that a submission could change."""
        state = Path(f"/proc/{self.victim.pid}/stat").read_text().rpartition(")")[2].split()
        seen: dict[str, object] = {
            # It runs, with its own priority.
            "victim": (state[0] in "TZX", state[16]),
            "its limits": [resource.prlimit(self.victim.pid, limit) for limit in range(16)],
            "its processors": sorted(os.sched_getaffinity(self.victim.pid)),
            "its score": Path(f"/proc/{self.victim.pid}/oom_score_adj").read_text(),
            "segments": [
                line.split()[0]
                for line in Path("/proc/sysvipc/shm").read_text().splitlines()
                if line.split()[0] in map(str, range(4711, 4721))
            ],
            "visits": list(self.visits),
        }
        for path in [self.shared, *sorted(self.shared.rglob("*"))]:
            about = path.lstat()
            seen[str(path)] = (
                about.st_mode,
                about.st_uid,
                about.st_mtime_ns,
                about.st_size,
                os.listxattr(path, follow_symlinks=False),
            )
        return seen

    def harm(self) -> list[str]:
        """Return what has changed."""
        after = self._look()
        return [
            f"{key}: {self.before.get(key)} became {after.get(key)}"
            for key in self.before.keys() | after.keys()
            if self.before.get(key) != after.get(key)
        ]

    def fill(self, source: str) -> str:
        """Return the source of a submission with the places of this world."""
        places = {
            "SHARED": self.shared,
            "COURSE": SMALL_COURSE,
            "REPOSITORY": SMALL_COURSE.parents[1],
            "VICTIM": self.victim.pid,
            "PORT": self.port,
            "ABSTRACT": self.abstract,
        }
        for name, place in places.items():
            source = source.replace(f"@{name}@", str(place))
        return source

    def close(self) -> None:
        """End the victim and remove the files."""
        self.victim.kill()
        self.victim.wait()
        shutil.rmtree(self.shared)


def _local(address: str) -> socket.socket:
    server = socket.socket(socket.AF_UNIX)
    server.bind(address)
    return server


def names() -> list[str]:
    """Return all submissions: ``submissions/group/what_it_tries`` and ``innocent/what``."""
    return sorted(
        str(path.relative_to(HERE).with_suffix(""))
        for folder in ("submissions", "innocent")
        for path in (HERE / folder).rglob("*.py")
    )


def in_sample(name: str) -> bool:
    """Return whether the sample contains ``name``: about every twelfth, always the same."""
    return zlib.crc32(name.encode()) % 12 == 6


@functools.cache
def endings(name: str) -> tuple[str, ...]:
    """Return the outcomes that a hostile submission may have, from its second line."""
    text = (HERE / f"{name}.py").read_text()
    found = re.search(r"^# ends as: (\S+)", text, re.MULTILINE)
    return tuple(found[1].split("|")) if found else ()


def source_of(name: str, world: World) -> bytes:
    """Return the source of a submission."""
    text = (HERE / f"{name}.py").read_text()
    if "\nSOURCE = " in text:
        namespace: dict[str, object] = {}
        exec(text, namespace)
        made = namespace["SOURCE"]
        ending = b"\n\n\ndef double(x):\n    return x\n"
        return (made if isinstance(made, bytes) else str(made).encode()) + ending
    return world.fill(text).encode()


class Warm:
    """Grades with one warm examiner, as a class is graded."""

    def __init__(self, isolation: str, device: str) -> None:
        self.device = device
        self.examiner = Examiner(Settings(isolation=isolation, device=device))
        self.exercise = load_exercise(SMALL_COURSE, "target")
        self.layers = self.examiner.inspect()
        self.processes = descendants(self.examiner.pid)

    def grade(self, path: Path, seconds: float | None = None) -> object:
        """Grade the file at ``path``; return the JSON of the grade, or why it was refused."""
        exercise = self.exercise
        if seconds is not None:
            limits = msgspec.structs.replace(
                exercise.spec.limits,
                seconds=seconds,
                load_seconds=seconds,
                total_seconds=seconds,
            )
            spec = msgspec.structs.replace(exercise.spec, limits=limits)
            exercise = msgspec.structs.replace(exercise, spec=spec)
        try:
            submission = read_submission(exercise, path)
        except SubmissionError as error:
            return {"refused": str(error)}
        # Alone, because a first try would only cost its time once more.
        request = Examine(exercise, submission, "mallory", 1, device=self.device, again=True)
        return json.loads(as_json(self.examiner.grade(request)))

    def left_over(self) -> list[int]:
        """Return the processes that were not there at the start."""
        return [pid for pid in descendants(self.examiner.pid) if pid not in self.processes]

    def close(self) -> None:
        """End the examiner."""
        self.examiner.close()


class Command:
    """Grades with the command, as a learner does."""

    def __init__(self) -> None:
        self.layers: dict[str, str | None] = {}

    def grade(self, path: Path, seconds: float | None = None) -> object:
        """Run ``grade target FILE``; return its JSON, exit code and error output."""
        words = f"--course {SMALL_COURSE} --format json --seed 1".split()
        command = [Path(sys.executable).parent / "grade", "target", str(path), *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        result = {"exit": done.returncode, "stderr": done.stderr}
        if done.stdout:
            return json.loads(done.stdout) | result
        return {"refused": done.stderr} | result

    def left_over(self) -> list[int]:
        """Return the processes that the command left behind."""
        return descendants(os.getpid())

    def close(self) -> None:
        """Nothing stays open."""


def main() -> None:
    """Grade the submissions and print what happened."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--command", action="store_true", help="use the command `grade`")
    parser.add_argument("--sample", action="store_true", help="grade about every twelfth")
    parser.add_argument("--isolation", default="auto")
    parser.add_argument("--device", default="cpu", help="not together with --command")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    os.environ["HOSTILE_SECRET"] = MARKER
    grader: Warm | Command
    grader = Command() if arguments.command else Warm(arguments.isolation, arguments.device)
    world = World()
    chosen = arguments.names
    # Without separating layers, submissions could do harm. Then only those run that somebody named.
    if not chosen and not weak_layers(grader.layers):
        chosen = [name for name in names() if in_sample(name) or not arguments.sample]
    folder = Path(tempfile.mkdtemp(prefix="hostile-"))
    seen: dict[str, object] = {"layers": grader.layers}
    try:
        for name in chosen:
            seen[name] = attempt(name, grader, world, folder)
    finally:
        grader.close()
        world.close()
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(seen))


def attempt(name: str, grader: Warm | Command, world: World, folder: Path) -> dict[str, object]:
    """Grade one submission, then a good one that looks for traces of the first."""
    path = folder / name / "target.py"
    path.parent.mkdir(parents=True)
    path.write_bytes(source_of(name, world))
    seconds = None
    if name.startswith("innocent"):
        seconds = PATIENT
    elif endings(name) == ("timeout",):
        seconds = SHORT
    started = time.monotonic()
    grade = grader.grade(path, seconds)
    took = time.monotonic() - started
    following = None
    if isinstance(grader, Warm):
        path.write_text(GOOD)
        following = grader.grade(path, PATIENT)
    return {
        "grade": grade,
        "took": took,
        "left": [pid for pid in grader.left_over() if pid != world.victim.pid],
        "harm": world.harm(),
        "next": following,
    }


if __name__ == "__main__":
    main()
