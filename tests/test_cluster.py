"""A real Dask cluster, scheduler and workers as processes, grades what a batch on this machine grades."""

import contextlib
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
import yaml

from grader.cluster.client import examine
from grader.cluster.worker import Grading
from grader.course import load_exercise
from grader.errors import ClusterError, CourseError
from grader.gradebook import NAME, Gradebook
from grader.job import Done, Refused, Task
from grader.submission import Submission
from tests.grading import SMALL_COURSE, run_grade, until, without_times

BIN = Path(sys.executable).parent
GOOD = "def double(x):\n    if isinstance(x, str): raise TypeError\n    return x * 2\n"
SLOW = f"import time\ntime.sleep(0.1)\n{GOOD}"


class Cluster:
    """A scheduler and its workers, reachable from this machine only; each a command of Dask's."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self._folder = folder
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self._start("scheduler", "--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard", **environment)

    def add(self, name: str, *options: str, **environment: str) -> None:
        """Start a worker."""
        words = ["--host", "127.0.0.1", "--nthreads", "1", "--no-dashboard", "--name", name, *options]
        self._start("worker", self.address, *words, name=name, **environment)

    def _start(self, kind: str, *words: str, name: str = "scheduler", **environment: str) -> None:
        with (self._folder / f"{name}.log").open("wb") as log:
            self._processes[name] = subprocess.Popen(
                [BIN / "dask", kind, *words], stderr=log, cwd=self._folder, env={**os.environ, **environment}
            )

    def log(self, name: str) -> str:
        """What the scheduler or a worker said."""
        return (self._folder / f"{name}.log").read_text()

    def until_ready(self, *names: str) -> None:
        """Wait until these workers have been told their scheduler's address."""
        until(lambda: all("Registered to" in self.log(name) for name in names), 60)

    def kill(self, name: str) -> None:
        """Kill the scheduler, or the process in which a worker's tasks run; its nanny starts another."""
        os.kill(self._processes[name].pid if name == "scheduler" else self._worker(name), signal.SIGKILL)

    def is_busy(self, name: str) -> bool:
        """Whether a worker has an examiner."""
        return any("grader.examiner" in command(child) for child in children(self._worker(name)))

    def _worker(self, name: str) -> int:
        # Beside it, a nanny has the process that counts what multiprocessing leaves behind.
        return next(child for child in children(self._processes[name].pid) if "spawn_main" in command(child))

    def end(self, *names: str) -> None:
        """End workers, or all there is."""
        for name in names or list(self._processes):
            process = self._processes.pop(name)
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)  # a nanny that is just starting a worker does not end
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler with two workers."""
    with running(tmp_path_factory.mktemp("cluster"), "one", "two") as both:
        yield both


@contextlib.contextmanager
def running(folder: Path, *workers: str, **environment: str) -> Iterator[Cluster]:
    started = Cluster(folder, **environment)
    try:
        for number, name in enumerate(workers, start=1):
            started.add(name, "--nthreads", str(number))
        started.until_ready(*workers)
        yield started
    finally:
        started.end()


def children(pid: int) -> list[int]:
    """Processes that any thread of ``pid`` has started."""
    found = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for each in found for child in each.read_text().split()]


def command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


def batch_words(folder: Path, out: Path, *words: str) -> list[str]:
    return ["batch", str(folder), "--out", str(out), "--course", str(SMALL_COURSE), "--seed", "3", *words]


def write_class(folder: Path, number: int, source: str = SLOW) -> Path:
    for learner in range(number):
        (folder / f"learner{learner:02}").mkdir(parents=True)
        (folder / f"learner{learner:02}" / "double.py").write_text(source)
    return folder


def gradebook(out: Path) -> list[object]:
    """Every grade that was ever stored, but for its times and the order in which they came."""
    with Gradebook(out / NAME) as book:
        entries = [
            entry for learner in book.learners() for each in EXERCISES for entry in book.history(learner.name, each)
        ]
    return [
        (entry.key, entry.file, entry.fingerprint, without_times(json.loads(msgspec.json.encode(entry.grade))))
        for entry in entries
    ]


EXERCISES = sorted(path.name for path in (SMALL_COURSE / "exercises").iterdir())


def size(out: Path) -> int:
    """How many grades are stored; looked at from outside, while the gradebook is being made too."""
    if not (out / NAME).exists():
        return 0
    with contextlib.closing(sqlite3.connect(out / NAME, timeout=20)) as database:
        try:
            return database.execute("SELECT count(*) FROM grades").fetchone()[0]
        except sqlite3.OperationalError:
            return 0  # no table yet


@contextlib.contextmanager
def in_the_middle(words: list[str], out: Path, number: int = 3) -> Iterator[subprocess.Popen[str]]:
    """The command, at work: some grades are stored, others are not."""
    process = subprocess.Popen([BIN / "grade", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        until(lambda: size(out) >= number, 60)
        yield process
    finally:
        process.kill()
        process.communicate()


def complaints(said: str) -> list[str]:
    """What was said beside the progress."""
    return [line for line in said.splitlines() if " graded, " not in line]


def tasks(number: int, source: str = GOOD) -> list[Task]:
    double = load_exercise(SMALL_COURSE, "double")
    return [
        Task(f"{n}/double.py", str(n), double, 1, lambda: Submission("double.py", source.encode()))
        for n in range(number)
    ]


def test_grades_are_those_of_this_machine(cluster, tmp_path):
    """The demonstration class, broken and hostile files in it, has the same gradebook either way."""
    run_grade("demo", "class", "--learners", "4", "--course", str(SMALL_COURSE), folder=tmp_path)
    folder, here, there = tmp_path / "class", tmp_path / "here", tmp_path / "there"
    far = run_grade(*batch_words(folder, there, "--cluster", cluster.address), folder=tmp_path)
    near = run_grade(*batch_words(folder, here), folder=tmp_path)
    assert (far.returncode, complaints(far.stderr)) == (near.returncode, complaints(near.stderr)) == (0, [])
    assert gradebook(there) == gradebook(here) != []
    again = run_grade(*batch_words(folder, there, "--cluster", cluster.address), folder=tmp_path)
    assert "0 to grade" in again.stdout


def test_a_killed_worker_changes_nothing(cluster, tmp_path):
    """What a worker had when it was killed is done by another, once."""
    folder, out = write_class(tmp_path / "class", 14), tmp_path / "out"
    with in_the_middle(batch_words(folder, out, "--cluster", cluster.address), out) as grading:
        cluster.kill("one")
        said, warned = grading.communicate(timeout=60)
    assert (grading.returncode, complaints(warned)) == (0, [])
    assert "14 passed" in said
    assert size(out) == 14
    until(lambda: cluster.log("one").count("Registered to") == 2, 30)


def test_all_workers_killed(tmp_path, cluster):
    """Where the last worker is lost, what it had waits for the one in its place."""
    folder, out = write_class(tmp_path / "class", 10), tmp_path / "out"
    with in_the_middle(batch_words(folder, out, "--cluster", cluster.address), out) as grading:
        cluster.kill("one")
        cluster.kill("two")
        said, warned = grading.communicate(timeout=60)
    assert (grading.returncode, complaints(warned)) == (0, [])
    assert "10 passed" in said
    assert size(out) == 10


def test_interrupted(cluster, tmp_path):
    """Ctrl-C stops it, says how to go on, and leaves nothing for the workers to do."""
    folder, out = write_class(tmp_path / "class", 40), tmp_path / "out"
    with in_the_middle(batch_words(folder, out, "--cluster", cluster.address), out) as grading:
        grading.send_signal(signal.SIGINT)
        _, warned = grading.communicate(timeout=60)
    assert grading.returncode == 130
    assert f"grade: interrupted; {size(out)} graded now are kept" in warned
    assert size(out) < 40


def test_other_versions_are_refused_by_name(cluster, tmp_path):
    """A worker with another grader gets nothing and is told of; where there is no other, that ends it."""
    other = tmp_path / "site" / "torch_exercise_grader-0.0.9.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: torch-exercise-grader\nVersion: 0.0.9\n")
    cluster.add("old", PYTHONPATH=str(tmp_path / "site"))
    cluster.until_ready("old")
    events = [event for events in examine(tasks(8), cluster.address) for event in events]
    cluster.end("old")
    assert [event.why for event in events if isinstance(event, Refused)] == [
        "torch-exercise-grader 0.0.9 there, 0.1.0 here"
    ]
    assert sum(event.grade.passed for event in events if isinstance(event, Done)) == 8


def test_a_device_is_asked_for(cluster):
    """Submissions for a GPU go to workers that offer one and have it; where there is none, each says why."""
    cluster.add("gpu", "--resources", "GPU=1")
    cluster.until_ready("gpu")
    on_gpu = [msgspec.structs.replace(task, device="cuda") for task in tasks(2)]
    with pytest.raises(ClusterError, match=r"none of its workers can be used") as raised:
        list(examine(on_gpu, cluster.address))
    cluster.end("gpu")
    assert str(raised.value).count("it was started without --resources GPU=1") == 2
    assert str(raised.value).count("this machine has no device `cuda` for PyTorch") == 1


def test_a_worker_that_can_grade_nothing(cluster, tmp_path):
    """Where every examiner of a worker dies, others do its work; it spoils no more than it had to try."""
    (tmp_path / "torch.py").write_text("raise SystemExit('no torch today')\n")
    cluster.add("ill", PYTHONPATH=str(tmp_path))
    cluster.until_ready("ill")
    events = [event for events in examine(tasks(50, SLOW), cluster.address) for event in events]
    cluster.end("ill")
    (refused,) = [event for event in events if isinstance(event, Refused)]
    assert "the examiner ended" in refused.why
    spoilt = [event for event in events if isinstance(event, Done) and event.grade.status == "ungraded"]
    assert len(spoilt) == 2
    assert sum(isinstance(event, Done) for event in events) == 50


def test_what_dask_gives_up(tmp_path):
    """Where Dask gives a parcel up, each of its submissions is tried alone, and only one that is lost again is ours."""
    with running(tmp_path, "one", "two", DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0") as harsh:
        done = []
        for events in examine(tasks(40, SLOW), harsh.address):
            if not done:
                harsh.kill("one")
            done += events
        assert sum(event.grade.passed for event in done if isinstance(event, Done)) == 40
        with ThreadPoolExecutor() as thread:
            lost = thread.submit(list, examine(tasks(1, f"import time\ntime.sleep(1)\n{GOOD}"), harsh.address))
            until(lambda: any(map(harsh.is_busy, ("one", "two"))), 60)
            harsh.kill(next(filter(harsh.is_busy, ("one", "two"))))
            ((event,),) = lost.result()
    assert event.grade.status == "ungraded"
    assert event.grade.checks[0].message == "each worker that had it was lost; look at their memory, and grade it again"


def test_late_worker_and_lost_scheduler(tmp_path):
    """A worker that comes late is put to work; a scheduler that is lost ends it, and this machine goes on."""
    folder, out = write_class(tmp_path / "class", 30), tmp_path / "out"
    with running(tmp_path) as late:
        until(lambda: "Scheduler at" in late.log("scheduler"), 60)
        words = batch_words(folder, out, "--cluster", late.address)
        with subprocess.Popen([BIN / "grade", *words], stderr=subprocess.PIPE, text=True) as grading:
            time.sleep(2)
            late.add("late")
            until(lambda: size(out) >= 3, 60)
            late.kill("scheduler")
            _, warned = grading.communicate(timeout=60)
    assert grading.returncode == 3
    assert f"--cluster {late.address}: its scheduler is gone; what was graded is kept, type the same" in warned
    stored = size(out)
    assert 3 <= stored < 30
    assert run_grade(*batch_words(folder, out), folder=tmp_path).returncode == 0
    assert size(out) == 30


def test_by_hand_with_certificates(tmp_path):
    """The files of docs/scaling.md start a cluster that talks TLS and lets nobody in without its certificate."""
    for name in ("certificates.sh", "by-hand.sh"):
        (tmp_path / name).write_text(scaling_file(name))
    subprocess.run(["sh", "certificates.sh", "config"], cwd=tmp_path, check=True, capture_output=True)
    environment = {"DASK_CONFIG": str(tmp_path / "config"), "PATH": f"{BIN}:{os.environ['PATH']}"}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"tls://127.0.0.1:{port}"
    words = batch_words(write_class(tmp_path / "class", 3), tmp_path / "out", "--cluster", address)
    with contextlib.ExitStack() as both, (tmp_path / "log").open("wb") as log:
        for what, where in (("scheduler", str(port)), ("worker", address)):
            started = subprocess.Popen(
                ["sh", "by-hand.sh", what, where, "--host", "127.0.0.1"],
                cwd=tmp_path,
                env={**os.environ, **environment},
                stderr=log,
            )
            both.callback(started.wait)
            both.callback(started.terminate)
        until(lambda: "Registered to" in (tmp_path / "log").read_text(), 60)
        stranger = run_grade(*words, folder=tmp_path)
        plain = run_grade(*[word.replace("tls:", "tcp:") for word in words], folder=tmp_path)
        known = run_grade(*words, folder=tmp_path, **environment)
    assert (stranger.returncode, plain.returncode, known.returncode) == (2, 3, 0)
    assert "no certificates are configured" in stranger.stderr
    assert "3 passed" in known.stdout


def scaling_file(name: str) -> str:
    """A file that docs/scaling.md shows."""
    page = (Path(__file__).parents[1] / "docs" / "scaling.md").read_text()
    return re.search(rf"<!-- file: {re.escape(name)} -->\n```\w+\n(.*?)```", page, re.DOTALL)[1]


@pytest.mark.parametrize("name", ["certificates.sh", "by-hand.sh", "on-kubernetes.sh"])
def test_scripts_are_shell(name, tmp_path):
    """Every script of docs/scaling.md is one to the shell that it names."""
    assert scaling_file(name).startswith("#!/bin/sh\n")
    subprocess.run(["sh", "-n"], input=scaling_file(name), text=True, check=True)


def test_files_for_schedulers_of_jobs():
    """slurm.py can be compiled and gives `grade batch` what it knows; cluster.yaml names one image and the port."""
    compile(scaling_file("slurm.py"), "slurm.py", "exec")
    assert '"--cluster", cluster.scheduler_address' in scaling_file("slurm.py")
    cluster, policy = yaml.safe_load_all(scaling_file("cluster.yaml"))
    assert (cluster["kind"], policy["kind"]) == ("DaskCluster", "NetworkPolicy")
    pods = [cluster["spec"][part]["spec"]["containers"][0] for part in ("worker", "scheduler")]
    assert len({pod["image"] for pod in pods}) == 1
    assert cluster["spec"]["scheduler"]["service"]["ports"][0]["port"] == pods[1]["ports"][0]["containerPort"] == 8786


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--cluster", "tcp://127.0.0.1:9"], 3, "no scheduler answers there"),
        (["--cluster", "carrier-pigeon://loft"], 2, "write tcp://HOST:PORT"),
        (["--cluster", "loft"], 2, "write tcp://HOST:PORT"),
        (["--cluster", "tls://127.0.0.1:9"], 2, "with Dask's TLS configured"),
        (["--cluster", "tcp://127.0.0.1:9", "--jobs", "2"], 2, "--jobs is for this machine"),
    ],
    ids=["nobody there", "no scheme", "no port", "no TLS", "jobs"],
)
def test_wrong_addresses(tmp_path, words, code, said):
    """An address where there is no cluster is told, and nothing is lost."""
    folder = write_class(tmp_path / "class", 1)
    result = run_grade(*batch_words(folder, tmp_path / "out", *words), folder=tmp_path, DASK_LOGGING="{}")
    assert result.returncode == code
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_without_the_extra(tmp_path):
    """Where Dask is not installed, the option says what to install."""
    (tmp_path / "distributed.py").write_text("raise ModuleNotFoundError(name='distributed')\n")
    words = batch_words(write_class(tmp_path / "class", 1), tmp_path / "out", "--cluster", "tcp://127.0.0.1:9")
    result = run_grade(*words, folder=tmp_path, PYTHONPATH=str(tmp_path))
    assert result.returncode == 2
    assert "--cluster needs distributed, which is not installed: pip install" in result.stderr


def test_a_course_that_changed_on_its_way(tmp_path):
    """A worker whose copy of the course is not what was sent makes no use of it."""

    class Worker:
        local_directory = str(tmp_path)

    for change, error in ((b"# more\n", ClusterError), (b"def\n", CourseError)):
        grading = Grading([load_exercise(SMALL_COURSE, "double")], "auto", "cpu")
        grading._files["solutions/double/checks.py"] += change
        with pytest.raises(error, match="double"):
            grading.setup(Worker())
