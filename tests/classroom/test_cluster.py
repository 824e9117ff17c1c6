"""A real Dask cluster, scheduler and workers as processes, gives the grades of this machine."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import msgspec
import pytest
import yaml

import grader
from grader.classroom.cluster.client import examine
from grader.classroom.cluster.fitness import other_sources, other_versions
from grader.classroom.cluster.worker import GradingPlugin
from grader.course.loading import load_exercise
from grader.errors import ClusterError, CourseError
from grader.examiner.settings import Settings
from grader.examiner.tasks import Done, WorkerRefused
from tests.classroom.clusters import (
    BIN,
    SLOW,
    Cluster,
    complaints,
    gradebook,
    running,
    tasks,
    write_class,
)
from tests.grading import SMALL_COURSE, until

PACKAGE = Path(grader.__file__).parent
ALONE = "--no-nanny"
"""Fewer processes for a worker that no test kills."""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler with two workers."""
    folder = tmp_path_factory.mktemp("cluster")
    with running(folder, "one", "two", options=[ALONE]) as both:
        yield both


def test_grades_are_those_of_this_machine(cluster, klass, run_here):
    """The demo class, with its broken and hostile files, gets the same gradebook either way.

    So does everybody in its roster, and two partners with one answer sheet.
    """
    demo = ("demo", "class", "--learners", "4", "--course", str(SMALL_COURSE))
    run_here(*demo, folder=klass.root)
    present = sorted(folder.name for folder in klass.folder.iterdir() if folder.is_dir())
    rows = [f"{name}," for name in present]
    roster = klass.root / "roster.csv"
    roster.write_text("\n".join(["learner,partners", *rows, "pat,Zoe", "Zoe,", "absent,"]))
    klass.write("pat/sizes.yaml", "learner: Zoe\nfloats: yes\n")
    here, there = klass.root / "here", klass.root / "there"
    klass.out = there
    far = klass.batch("--seed", "3", "--roster", str(roster), "--cluster", cluster.address)
    klass.out = here
    near = klass.batch("--seed", "3", "--roster", str(roster))
    assert far.returncode == near.returncode == 0
    assert complaints(far.stderr + near.stderr) == []
    assert gradebook(there) == gradebook(here) != []
    points = {learner: grade["points"] for learner, _, grade in klass.rows()}
    asked = {learner: grade["asked"] for learner, _, grade in klass.rows() if grade["asked"]}
    assert (points["absent"], asked["pat"], asked["Zoe"]) == (0, "Zoe", "Zoe")
    klass.out = there
    again = klass.batch("--seed", "3", "--roster", str(roster), "--cluster", cluster.address)
    assert "0 to grade" in again.stdout


@pytest.mark.slow
def test_unequal_workers_are_refused(cluster, tmp_path):
    """Workers with another grader, another torch or changed files get nothing, and are named."""
    for name, package, version in (
        ("old", "torch_exercise_grader", "0.0.9"),
        ("torch", "torch", "2.12.0+cpu"),
    ):
        other = tmp_path / name / f"{package}-{version}.dist-info"
        other.mkdir(parents=True)
        (other / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n"
        )
    shutil.copytree(
        PACKAGE, tmp_path / "changed" / "grader", ignore=shutil.ignore_patterns("__pycache__")
    )
    with (tmp_path / "changed" / "grader" / "examiner" / "compare.py").open("a") as compare:
        compare.write("# kinder\n")
    names = ("old", "torch", "changed")
    for name in names:
        cluster.add(name, ALONE, PYTHONPATH=str(tmp_path / name))
    cluster.until_ready(*names)
    events = [event for events in examine(tasks(8, SLOW), cluster.address) for event in events]
    cluster.end(*names)
    assert {event.why for event in events if isinstance(event, WorkerRefused)} == {
        f"torch-exercise-grader 0.0.9 there, {metadata.version('torch-exercise-grader')} here",
        "torch 2.12.0 there, 2.13.0 here",
        "same version of the grader, but another grader/examiner/compare.py there than here",
    }
    assert sum(event.grade.passed for event in events if isinstance(event, Done)) == 8
    # A worker that has the course does not get it again.
    given = cluster.log("one").count("'install'")
    list(examine(tasks(1), cluster.address))
    assert cluster.log("one").count("'install'") == given > 0


def test_what_makes_workers_unequal():
    """The reason names the first version that differs, or the modules that differ."""
    here = {"Python": "3.11", "torch": "2.13.0"}
    assert other_versions(here, here) is None
    assert other_versions({**here, "torch": None}, here) == "no torch there, 2.13.0 here"
    assert other_versions({**here, "Python": "3.12"}, here) == "Python 3.12 there, 3.11 here"

    files = {"grader/a.py": "1", "grader/b.py": "2", "grader/c.py": "3"}
    assert other_sources(files, files) is None
    assert "restart the worker" in other_sources(None, files)
    changed = {"grader/a.py": "1", "grader/b.py": "4"}
    assert other_sources(changed, files) == (
        "same version of the grader, but another grader/b.py and 1 more there than here"
    )


@pytest.mark.slow
def test_a_device_is_required(cluster):
    """Submissions for a GPU need a worker that offers one and has it; each refusal says why."""
    cluster.add("gpu", ALONE, "--resources", "GPU=1")
    cluster.until_ready("gpu")
    on_gpu = [msgspec.structs.replace(task, device="cuda") for task in tasks(2)]
    with pytest.raises(ClusterError, match=r"no worker can be used") as raised:
        list(examine(on_gpu, cluster.address))
    cluster.end("gpu")
    assert str(raised.value).count("it was started without --resources GPU=1") == 2
    assert str(raised.value).count("this machine has no device `cuda` for PyTorch") == 1


@pytest.mark.slow
def test_by_hand_with_certificates(klass, tmp_path):
    """The files of docs/scaling.md start a TLS cluster that refuses clients without certificate."""
    for name in ("certificates.sh", "by-hand.sh"):
        (tmp_path / name).write_text(scaling_file(name))
    subprocess.run(
        ["sh", "certificates.sh", "config"], cwd=tmp_path, check=True, capture_output=True
    )
    environment = {"DASK_CONFIG": str(tmp_path / "config"), "PATH": f"{BIN}:{os.environ['PATH']}"}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"tls://127.0.0.1:{port}"
    write_class(klass.folder, 3)
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
        stranger = klass.run("--cluster", address)
        plain = klass.run("--cluster", address.replace("tls:", "tcp:"))
        known = klass.run("--cluster", address, **environment)
    assert (stranger.returncode, plain.returncode, known.returncode) == (2, 3, 0)
    assert "no certificates are configured" in stranger.stderr
    assert "3 passed" in known.stdout


def scaling_file(name: str) -> str:
    """A file that docs/scaling.md shows."""
    page = (Path(__file__).parents[2] / "docs" / "scaling.md").read_text()
    return re.search(rf"<!-- file: {re.escape(name)} -->\n```\w+\n(.*?)```", page, re.DOTALL)[1]


@pytest.mark.parametrize("name", ["certificates.sh", "by-hand.sh", "on-kubernetes.sh"])
def test_scripts_are_shell(name):
    """A shell can parse every script of docs/scaling.md."""
    assert scaling_file(name).startswith("#!/bin/sh\n")
    subprocess.run(["sh", "-n"], input=scaling_file(name), text=True, check=True)


def test_certificates(tmp_path):
    """certificates.sh writes a key for its user only, and the configuration that Dask reads."""
    (tmp_path / "certificates.sh").write_text(scaling_file("certificates.sh"))
    subprocess.run(
        ["sh", "certificates.sh", "config"], cwd=tmp_path, check=True, capture_output=True
    )
    assert (tmp_path / "config" / "grade.key").stat().st_mode & 0o077 == 0
    written = yaml.safe_load((tmp_path / "config" / "tls.yaml").read_text())
    comm = written["distributed"]["comm"]
    assert comm["require-encryption"] is True
    assert comm["tls"].keys() == {"ca-file", "scheduler", "worker", "client"}
    assert Path(comm["tls"]["ca-file"]).is_file()


def test_by_hand_without_arguments(tmp_path):
    """by-hand.sh says how to use it."""
    (tmp_path / "by-hand.sh").write_text(scaling_file("by-hand.sh"))
    result = subprocess.run(
        ["sh", "by-hand.sh"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert result.stderr.startswith("usage: by-hand.sh scheduler PORT")


def test_files_for_schedulers_of_jobs():
    """slurm.py is Python and passes the address on; cluster.yaml has one image and one port."""
    compile(scaling_file("slurm.py"), "slurm.py", "exec")
    assert '"--cluster", cluster.scheduler_address' in scaling_file("slurm.py")
    cluster, policy = yaml.safe_load_all(scaling_file("cluster.yaml"))
    assert (cluster["kind"], policy["kind"]) == ("DaskCluster", "NetworkPolicy")
    pods = [cluster["spec"][part]["spec"]["containers"][0] for part in ("worker", "scheduler")]
    assert len({pod["image"] for pod in pods}) == 1
    assert (
        cluster["spec"]["scheduler"]["service"]["ports"][0]["port"]
        == pods[1]["ports"][0]["containerPort"]
        == 8786
    )


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--cluster", "tcp://127.0.0.1:9"], 3, "no scheduler answers"),
        (["--cluster", "carrier-pigeon://loft"], 2, "write tcp://HOST:PORT"),
        (["--cluster", "loft"], 2, "write tcp://HOST:PORT"),
        (["--cluster", "tls://127.0.0.1:9"], 2, "with Dask's TLS configured"),
        (["--cluster", "tcp://127.0.0.1:9", "--jobs", "2"], 2, "leave out --jobs or --cluster"),
        (["--cluster", "tcp://127.0.0.1:9", "--device", "auto"], 2, "write --device cpu or"),
    ],
    ids=["nobody there", "no scheme", "no port", "no TLS", "jobs", "auto"],
)
def test_wrong_addresses(klass, monkeypatch, words, code, said):
    """An address without a cluster gives one sentence, and no traceback."""
    monkeypatch.setattr("grader.classroom.cluster.client._CONNECT_SECONDS", 1)
    write_class(klass.folder, 1)
    result = klass.batch(*words)
    assert result.returncode == code
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_without_the_extra(klass, monkeypatch):
    """If Dask is not installed, the option says what to install."""

    def missing(name):
        raise ModuleNotFoundError(name="distributed")

    monkeypatch.setattr("grader.classroom.batch.import_module", missing)
    write_class(klass.folder, 1)
    result = klass.batch("--cluster", "tcp://127.0.0.1:9")
    assert result.returncode == 2
    assert "--cluster: distributed is not installed; run `pip install" in result.stderr


def test_course_that_changed_on_its_way(tmp_path):
    """A worker refuses a course that differs from the one sent."""

    class Worker:
        local_directory = str(tmp_path)

    for change, error in ((b"# more\n", ClusterError), (b"def\n", CourseError)):
        plugin = GradingPlugin([load_exercise(SMALL_COURSE, "double")], Settings())
        plugin._files["solutions/double/checks.py"] += change
        with pytest.raises(error, match="double"):
            plugin.setup(Worker())
