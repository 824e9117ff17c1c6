"""What a real Dask cluster loses: workers, its scheduler, who asked, and nothing of the class."""

import contextlib
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from grader.classroom.cluster import admission, client
from grader.classroom.cluster.client import examine
from grader.errors import ClusterError
from grader.examiner.tasks import Done, WorkerRefused
from tests.classroom.clusters import (
    BIN,
    GOOD,
    SLOW,
    Cluster,
    batch_words,
    complaints,
    in_the_middle,
    running,
    size,
    tasks,
    write_class,
)
from tests.grading import run_grade, until


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler with two workers, whose jobs end after a second without work."""
    folder = tmp_path_factory.mktemp("cluster")
    (folder / "idle.py").write_text(
        "from grader.classroom.cluster import worker\n\nworker._IDLE_SECONDS = 1\n"
    )
    with running(folder, "one", "two", options=("--preload", str(folder / "idle.py"))) as both:
        yield both


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


def test_whoever_asked_is_killed(cluster, tmp_path):
    """Where nobody is there any more who could tell the workers to rest, they do when they have no work."""
    folder, out = write_class(tmp_path / "class", 40), tmp_path / "out"
    with in_the_middle(batch_words(folder, out, "--cluster", cluster.address), out) as grading:
        assert cluster.is_busy("one") or cluster.is_busy("two")
        grading.kill()
    until(lambda: not (cluster.is_busy("one") or cluster.is_busy("two")), 60)
    assert size(out) < 40


def test_a_worker_that_can_grade_nothing(cluster, tmp_path):
    """Where every examiner of a worker dies, others do its work; it spoils no more than it had to try."""
    (tmp_path / "torch.py").write_text("raise SystemExit('no torch today')\n")
    cluster.add("ill", PYTHONPATH=str(tmp_path))
    cluster.until_ready("ill")
    events = [event for events in examine(tasks(30, SLOW), cluster.address) for event in events]
    cluster.end("ill")
    (refused,) = [event for event in events if isinstance(event, WorkerRefused)]
    assert "the examiner ended" in refused.why
    spoilt = [
        event for event in events if isinstance(event, Done) and event.grade.status == "ungraded"
    ]
    assert len(spoilt) == 2
    assert sum(isinstance(event, Done) for event in events) == 30


def test_a_worker_that_hangs(cluster, monkeypatch):
    """A worker that never answers holds up no other, and is named; where there is no other, that ends it."""
    monkeypatch.setattr(admission, "_ANSWER_SECONDS", 3)
    with cluster.stopped("one"):
        done, refused = 0, []
        with contextlib.closing(examine(tasks(400, SLOW), cluster.address)) as events:
            while not (refused and done):
                for event in next(events):
                    done += isinstance(event, Done)
                    refused += [event.why] if isinstance(event, WorkerRefused) else []
    assert refused == ["it has not answered for 3 s; look at its log, or start it again"]
    monkeypatch.setattr(admission, "_ANSWER_SECONDS", 1)
    with (
        cluster.stopped("one"),
        cluster.stopped("two"),
        pytest.raises(ClusterError, match="not answered") as raised,
    ):
        list(examine(tasks(1), cluster.address))
    assert str(raised.value).count("not answered") == 2


def test_what_dask_gives_up(tmp_path):
    """Where Dask gives a parcel up, each of its submissions is tried alone, and only one that is lost again is ours."""
    with running(
        tmp_path, "one", "two", DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0"
    ) as harsh:
        done = []
        for events in examine(tasks(40, SLOW), harsh.address):
            if not done:
                time.sleep(
                    1
                )  # what is done meanwhile has come, and is looked at when its worker is lost
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
        == "each worker that had it was lost; look at their memory, and grade it again"
    )


def test_late_worker_and_lost_scheduler(tmp_path, monkeypatch):
    """Where no worker comes, it ends after a while; one that comes late is put to work.

    A scheduler that is lost ends it, and this machine goes on.
    """
    folder, out = write_class(tmp_path / "class", 20), tmp_path / "out"
    with running(tmp_path) as late:
        until(lambda: "Scheduler at" in late.log("scheduler"), 60)
        monkeypatch.setattr(client, "_PATIENCE", 0.5)
        with pytest.raises(ClusterError, match="it has no workers, start some with `dask worker`"):
            list(examine(tasks(1), late.address))
        words = batch_words(folder, out, "--cluster", late.address)
        with subprocess.Popen(
            [BIN / "grade", *words], stderr=subprocess.PIPE, text=True
        ) as grading:
            time.sleep(2)
            late.add("late", "--nthreads", "2")
            until(lambda: size(out) >= 3, 60)
            late.kill("scheduler")
            _, warned = grading.communicate(timeout=60)
    assert grading.returncode == 3
    assert (
        f"--cluster {late.address}: its scheduler is gone; what was graded is kept, type the same"
        in warned
    )
    stored = size(out)
    assert 3 <= stored < 20
    assert run_grade(*batch_words(folder, out), folder=tmp_path).returncode == 0
    assert size(out) == 20
