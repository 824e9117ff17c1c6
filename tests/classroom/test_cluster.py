"""A real Dask cluster, scheduler and workers as processes, grades what a batch on this machine grades."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import yaml

import grader
from grader.classroom.cluster.client import examine
from grader.classroom.cluster.worker import Grading
from grader.course.loading import load_exercise
from grader.errors import ClusterError, CourseError
from grader.examiner.settings import Settings
from grader.examiner.tasks import Done, WorkerRefused
from tests.classroom.clusters import (
    BIN,
    SLOW,
    Cluster,
    batch_words,
    complaints,
    gradebook,
    running,
    tasks,
    write_class,
)
from tests.grading import SMALL_COURSE, run_grade, until

PACKAGE = Path(grader.__file__).parent


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler with two workers."""
    with running(tmp_path_factory.mktemp("cluster"), "one", "two") as both:
        yield both


def test_grades_are_those_of_this_machine(cluster, tmp_path):
    """The demonstration class, broken and hostile files in it, has the same gradebook either way."""
    run_grade("demo", "class", "--learners", "4", "--course", str(SMALL_COURSE), folder=tmp_path)
    folder, here, there = tmp_path / "class", tmp_path / "here", tmp_path / "there"
    far = run_grade(*batch_words(folder, there, "--cluster", cluster.address), folder=tmp_path)
    near = run_grade(*batch_words(folder, here), folder=tmp_path)
    assert (
        (far.returncode, complaints(far.stderr))
        == (near.returncode, complaints(near.stderr))
        == (0, [])
    )
    assert gradebook(there) == gradebook(here) != []
    again = run_grade(*batch_words(folder, there, "--cluster", cluster.address), folder=tmp_path)
    assert "0 to grade" in again.stdout


def test_who_would_grade_otherwise_is_refused_by_name(cluster, tmp_path):
    """Workers with another grader, another torch, or a change under the same version get nothing and are told of."""
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
        cluster.add(name, PYTHONPATH=str(tmp_path / name))
    cluster.until_ready(*names)
    events = [event for events in examine(tasks(24, SLOW), cluster.address) for event in events]
    cluster.end(*names)
    assert {event.why for event in events if isinstance(event, WorkerRefused)} == {
        "torch-exercise-grader 0.0.9 there, 0.1.0 here",
        "torch 2.12.0 there, 2.13.0 here",
        "same version of the grader, but another grader/examiner/compare.py there than here",
    }
    assert sum(event.grade.passed for event in events if isinstance(event, Done)) == 24
    # And who was given the course is not sent it again.
    given = cluster.log("one").count("'install'")
    list(examine(tasks(1), cluster.address))
    assert cluster.log("one").count("'install'") == given > 0


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


def test_by_hand_with_certificates(tmp_path):
    """The files of docs/scaling.md start a cluster that talks TLS and lets nobody in without its certificate."""
    for name in ("certificates.sh", "by-hand.sh"):
        (tmp_path / name).write_text(scaling_file(name))
    subprocess.run(
        ["sh", "certificates.sh", "config"], cwd=tmp_path, check=True, capture_output=True
    )
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
    page = (Path(__file__).parents[2] / "docs" / "scaling.md").read_text()
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
    assert (
        cluster["spec"]["scheduler"]["service"]["ports"][0]["port"]
        == pods[1]["ports"][0]["containerPort"]
        == 8786
    )


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
    result = run_grade(
        *batch_words(folder, tmp_path / "out", *words), folder=tmp_path, DASK_LOGGING="{}"
    )
    assert result.returncode == code
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_without_the_extra(tmp_path):
    """Where Dask is not installed, the option says what to install."""
    (tmp_path / "distributed.py").write_text("raise ModuleNotFoundError(name='distributed')\n")
    words = batch_words(
        write_class(tmp_path / "class", 1), tmp_path / "out", "--cluster", "tcp://127.0.0.1:9"
    )
    result = run_grade(*words, folder=tmp_path, PYTHONPATH=str(tmp_path))
    assert result.returncode == 2
    assert "--cluster needs distributed, which is not installed: pip install" in result.stderr


def test_a_course_that_changed_on_its_way(tmp_path):
    """A worker whose copy of the course is not what was sent makes no use of it."""

    class Worker:
        local_directory = str(tmp_path)

    for change, error in ((b"# more\n", ClusterError), (b"def\n", CourseError)):
        grading = Grading([load_exercise(SMALL_COURSE, "double")], Settings())
        grading._files["solutions/double/checks.py"] += change
        with pytest.raises(error, match="double"):
            grading.setup(Worker())
