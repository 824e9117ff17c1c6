"""Grade every hostile submission, and look after each one whether it did any harm.

``python -m tests.hostile.driver [--command] [NAME…]`` runs in surroundings
that ``launch.py`` made. It builds a small world for the submissions to attack: a
folder with files open to everyone, servers on loopback, a process of the same
user. It prints one JSON object, name to what was seen. Everything stays
harmless where the wall holds, and is bounded where it does not.
"""

import argparse
import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import msgspec

from grader.course.loading import load_exercise
from grader.errors import SubmissionError
from grader.examiner.client import Examiner
from grader.examiner.protocol import Examine
from grader.examiner.settings import Settings
from grader.report.export.documents import as_json
from grader.submission.files import read_submission
from tests.grading import SMALL_COURSE, descendants

HERE = Path(__file__).parent
MARKER = "MARKER-IN-SECRET"
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
    """What submissions attack, with how it was before."""

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
            [sys.executable, "-c", "import time; time.sleep(3000)"], stdin=subprocess.DEVNULL
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
        """Everything here that a submission could change."""
        state = Path(f"/proc/{self.victim.pid}/stat").read_text().rpartition(")")[2].split()
        seen: dict[str, object] = {
            # neither stopped nor gone, and at its own priority
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
        """What is not as it was."""
        after = self._look()
        return [
            f"{key}: {self.before.get(key)} became {after.get(key)}"
            for key in self.before.keys() | after.keys()
            if self.before.get(key) != after.get(key)
        ]

    def fill(self, source: str) -> str:
        """A submission's source with the places of this world."""
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
    """Every hostile submission, as ``submissions/group/what_it_tries``, and every innocent one, ``innocent/what``."""
    return sorted(
        str(path.relative_to(HERE).with_suffix(""))
        for folder in ("submissions", "innocent")
        for path in (HERE / folder).rglob("*.py")
    )


def source_of(name: str, world: World) -> bytes:
    """The submission itself."""
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
        limits = msgspec.structs.replace(
            self.exercise.spec.limits, seconds=20.0, total_seconds=20.0
        )
        # An innocent submission may take its time where the machine is busy.
        self.patient = msgspec.structs.replace(
            self.exercise, spec=msgspec.structs.replace(self.exercise.spec, limits=limits)
        )
        self.wall = self.examiner.inspect()
        self.processes = descendants(self.examiner.pid)

    def grade(self, path: Path, *, patient: bool = False) -> object:
        """Grade the file at ``path``; the grade's JSON, or why it was refused."""
        exercise = self.patient if patient else self.exercise
        try:
            submission = read_submission(exercise, path)
        except SubmissionError as error:
            return {"refused": str(error)}
        return json.loads(
            as_json(
                self.examiner.grade(Examine(exercise, submission, "mallory", 1, device=self.device))
            )
        )

    def left_over(self) -> list[int]:
        """Processes that were not there before."""
        return [pid for pid in descendants(self.examiner.pid) if pid not in self.processes]

    def close(self) -> None:
        """End the examiner."""
        self.examiner.close()


class Command:
    """Grades with the command, as a learner does."""

    def __init__(self, known: int) -> None:
        self.known = known
        self.wall: dict[str, str | None] = {}

    def grade(self, path: Path, *, patient: bool = False) -> object:
        """Grade the file at ``path`` by ``grade target FILE``: the JSON and whatever else it says."""
        words = [
            "target",
            str(path),
            "--course",
            str(SMALL_COURSE),
            "--format",
            "json",
            "--seed",
            "1",
        ]
        command = [Path(sys.executable).parent / "grade", *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        said = {"exit": done.returncode, "stderr": done.stderr}
        return json.loads(done.stdout) | said if done.stdout else {"refused": done.stderr} | said

    def left_over(self) -> list[int]:
        """Processes that the command left behind."""
        return [pid for pid in descendants(os.getpid()) if pid != self.known]

    def close(self) -> None:
        """Nothing stays open."""


def main() -> None:
    """Grade them all."""
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "--command", action="store_true", help="by the command, instead of one warm examiner"
    )
    parser.add_argument("--isolation", default="auto")
    parser.add_argument("--device", default="cpu", help="not together with --command")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    os.environ["HOSTILE_SECRET"] = MARKER
    world = World()
    way: Warm | Command = (
        Command(world.victim.pid)
        if arguments.command
        else Warm(arguments.isolation, arguments.device)
    )
    folder = Path(tempfile.mkdtemp(prefix="hostile-"))
    seen: dict[str, object] = {"wall": way.wall}
    # Where a layer is missing nothing runs that could harm: only what is named, which looks and changes nothing.
    chosen = arguments.names if None in way.wall.values() else arguments.names or names()
    try:
        for name in chosen:
            seen[name] = attempt(name, way, world, folder)
    finally:
        way.close()
        world.close()
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(seen))


def attempt(name: str, way: Warm | Command, world: World, folder: Path) -> dict[str, object]:
    """Grade one of them, and after it one that is good and looks for what was left."""
    path = folder / name / "target.py"
    path.parent.mkdir(parents=True)
    path.write_bytes(source_of(name, world))
    started = time.monotonic()
    grade = way.grade(path, patient=name.startswith("innocent"))
    took = time.monotonic() - started
    following = None
    if isinstance(way, Warm):
        path.write_text(GOOD)
        following = way.grade(path, patient=True)
    return {
        "grade": grade,
        "took": took,
        "left": way.left_over(),
        "harm": world.harm(),
        "next": following,
    }


if __name__ == "__main__":
    main()
