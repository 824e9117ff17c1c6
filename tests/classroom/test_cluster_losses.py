"""A real Dask cluster loses workers, its scheduler or its client, but no grade."""

import contextlib
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from grader.classroom.cluster import admission, client
from grader.classroom.cluster.client import examine
from grader.errors import ClusterError
from grader.examiner.tasks import Done, WorkerRefused
from tests.classroom.clusters import (
    GOOD,
    SLOW,
    Cluster,
    complaints,
    in_the_middle,
    running,
    size,
    tasks,
    write_class,
)
from tests.grading import until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler with two workers, which end their examiners after a second without work."""
    folder = tmp_path_factory.mktemp("cluster")
    (folder / "idle.py").write_text(
        "from grader.classroom.cluster import worker\n\nworker._IDLE_SECONDS = 1\n"
    )
    with running(folder, "one", "two", options=("--preload", str(folder / "idle.py"))) as both:
        yield both


@pytest.mark.parametrize(
    "names",
    [["one"], ["one", "two"]],
    ids=["one of two", "all"],
)
def test_killed_workers_change_nothing(klass, cluster, names):
    """Another worker grades once what a killed one had, if need be its successor.

    Dask starts a new process for each killed worker.
    """
    write_class(klass.folder, 14)
    registered = cluster.log("one").count("Registered to")
    with in_the_middle(klass, "--cluster", cluster.address) as grading:
        for name in names:
            cluster.kill(name)
        stdout, stderr = grading.communicate(timeout=60)
    assert (grading.returncode, complaints(stderr)) == (0, [])
    assert "14 passed" in stdout
    assert size(klass.out) == 14
    until(lambda: cluster.log("one").count("Registered to") > registered, 30)


def test_interrupted(cluster, klass):
    """Ctrl-C stops the batch and says how to continue."""
    write_class(klass.folder, 30)
    with in_the_middle(klass, "--cluster", cluster.address) as grading:
        grading.send_signal(signal.SIGINT)
        _, stderr = grading.communicate(timeout=60)
    assert grading.returncode == 130
    assert f"grade: interrupted; {size(klass.out)} new grades are stored" in stderr
    assert size(klass.out) < 30


def test_killed_client(cluster, klass):
    """Workers end their examiners by themselves if their client was killed."""
    write_class(klass.folder, 30)
    with in_the_middle(klass, "--cluster", cluster.address) as grading:
        assert cluster.is_busy("one") or cluster.is_busy("two")
        grading.kill()
    until(lambda: not (cluster.is_busy("one") or cluster.is_busy("two")), 60)
    assert size(klass.out) < 30


def test_worker_that_cannot_grade(cluster, tmp_path):
    """Others do all the work of a worker whose examiners die."""
    (tmp_path / "torch.py").write_text("raise SystemExit('no torch today')\n")
    cluster.add("ill", "--no-nanny", PYTHONPATH=str(tmp_path))
    cluster.until_ready("ill")
    events = [event for events in examine(tasks(30, SLOW), cluster.address) for event in events]
    cluster.end("ill")
    (refused,) = [event for event in events if isinstance(event, WorkerRefused)]
    assert "the examiner ended" in refused.why
    ungraded = [
        event for event in events if isinstance(event, Done) and event.grade.status == "ungraded"
    ]
    assert ungraded == []
    assert sum(isinstance(event, Done) for event in events) == 30


def test_worker_that_hangs(cluster, monkeypatch):
    """A worker that never answers delays no other and is named; without others, grading ends."""
    monkeypatch.setattr(admission, "_ANSWER_SECONDS", 3)
    with cluster.stopped("one"):
        done, refused = 0, []
        with contextlib.closing(examine(tasks(400, SLOW), cluster.address)) as events:
            while not (refused and done):
                for event in next(events):
                    done += isinstance(event, Done)
                    refused += [event.why] if isinstance(event, WorkerRefused) else []
    assert refused == ["no answer for 3 s; read its log or restart it"]
    monkeypatch.setattr(admission, "_ANSWER_SECONDS", 1)
    with (
        cluster.stopped("one"),
        cluster.stopped("two"),
        pytest.raises(ClusterError, match="no answer for 1 s") as raised,
    ):
        list(examine(tasks(1), cluster.address))
    assert str(raised.value).count("no answer for 1 s") == 2


def test_what_dask_gives_up(tmp_path):
    """Each submission of a parcel that Dask gives up is sent again alone.

    Only a submission that is lost again stays ungraded.
    """
    with running(
        tmp_path, "one", "two", DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0"
    ) as harsh:
        done = []
        for events in examine(tasks(40, SLOW), harsh.address):
            if not done:
                # What is done meanwhile has come, but is read only after its worker is lost.
                time.sleep(1)
                harsh.kill("one")
                until(lambda: "Remove worker" in harsh.log("scheduler"), 60)
            done += events
        assert sum(event.grade.passed for event in done if isinstance(event, Done)) == 40
        with ThreadPoolExecutor() as thread:
            lost = thread.submit(
                list, examine(tasks(1, f"import time\ntime.sleep(1)\n{GOOD}"), harsh.address)
            )
            until(lambda: any(map(harsh.is_busy, ("one", "two"))), 60)
            harsh.kill(next(filter(harsh.is_busy, ("one", "two"))))
            ((event,),) = lost.result()
    assert event.grade.status == "ungraded"
    assert (
        event.grade.checks[0].message
        == "each worker that had it was lost; check their memory, and grade it again"
    )


def test_late_worker_and_lost_scheduler(klass, tmp_path, monkeypatch):
    """A batch waits for the first worker, but not for ever, and ends if the scheduler is lost.

    This machine can then grade the rest.
    """
    write_class(klass.folder, 20)
    with running(tmp_path) as late:
        until(lambda: "Scheduler at" in late.log("scheduler"), 60)
        monkeypatch.setattr(client, "_PATIENCE", 0.5)
        with pytest.raises(ClusterError, match="it has no workers; start some with `dask worker`"):
            list(examine(tasks(1), late.address))
        with klass.start("--cluster", late.address) as grading:
            assert "20 to grade" in "".join(grading.stdout.readline() for _ in range(3))
            late.add("late", "--no-nanny", "--nthreads", "2")
            until(lambda: size(klass.out) >= 3, 60)
            late.kill("scheduler")
            _, stderr = grading.communicate(timeout=60)
    assert grading.returncode == 3
    assert f"--cluster {late.address}: the scheduler is lost; stored grades are kept" in stderr
    stored = size(klass.out)
    assert 3 <= stored < 20
    assert klass.batch("--seed", "5").returncode == 0
    assert size(klass.out) == 20
