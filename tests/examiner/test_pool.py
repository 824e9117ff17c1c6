"""The pool of examiners, and the queue of their tasks."""

import contextlib
import threading
from collections import Counter
from pathlib import Path

import pytest

from grader.course.loading import load_exercise
from grader.errors import CourseError, ExaminerError, ExaminerLostError, UnreadableError
from grader.examiner.pool import ExaminerPool, grade_all
from grader.examiner.protocol import Examine
from grader.examiner.tasks import Done, Task, TaskQueue
from grader.submission.files import Submission
from tests.grading import SMALL_COURSE, until

DOUBLE, SIZES = (load_exercise(SMALL_COURSE, name) for name in ("double", "sizes"))
GOOD = b"def double(x):\n    if isinstance(x, str): raise TypeError\n    return x * 2\n"


def task(number, exercise=DOUBLE, seed=1, source=GOOD):
    return Task(
        f"{number}.py", f"learner{number}", exercise, seed, lambda: Submission("double.py", source)
    )


def test_jobs_begin_with_different_exercises():
    """Two threads start with different exercises if there are two."""
    work = TaskQueue([task(n) for n in range(5)] + [task(n, SIZES) for n in range(4)])
    first, second = work.take(None), work.take(None)
    assert {first.exercise.id, second.exercise.id} == {"double", "sizes"}


def test_a_job_stays_with_its_exercise_and_then_helps():
    """A thread finishes the group of an exercise and seed, then joins the largest group."""
    work = TaskQueue(
        [task(n) for n in range(6)]
        + [task(n, seed=2) for n in range(3)]
        + [task(n, SIZES) for n in range(2)]
    )
    mine, order = work.take(None), []
    while mine is not None:
        order.append((mine.exercise.id, mine.seed))
        mine = work.take(mine)
    assert order == [("double", 1)] * 6 + [("double", 2)] * 3 + [("sizes", 1)] * 2


@pytest.mark.parametrize("jobs", [1, 2, 5, 20])
def test_everything_is_done_once(jobs):
    """Each task is taken once, and a thread ends only when no task is left."""
    tasks = [task(n, (DOUBLE, SIZES)[n % 2], n % 3) for n in range(30)]
    work, taken = TaskQueue(tasks), []
    held = [work.take(None) for _ in range(jobs)]
    while any(held):
        # The first job hangs: the others never wait for it while anything is left.
        for job in [*range(1, jobs), 0] if jobs > 1 else [0]:
            if held[job] is not None and (job or not any(held[1:])):
                taken.append(held[job].name)
                held[job] = work.take(held[job])
    assert sorted(taken) == sorted(each.name for each in tasks)


def test_what_a_lost_job_had_is_done_first():
    """Tasks of a lost thread are taken next, in their order, and the thread does not count."""
    work = TaskQueue([task(n) for n in range(3)] + [task(9, SIZES)])
    first = work.take(None)
    work.put_back([first, second := work.take(first)])
    assert (work.take(None), work.take(first)) == (first, second)
    assert work.take(None).exercise.id == "sizes"


def test_what_cannot_be_read(pool):
    """A file that this machine cannot read is ungraded; the others are graded."""

    def fails():
        raise UnreadableError("double.py: cannot be read")

    broken = Task("x.py", "ada", DOUBLE, 1, fails)
    events = [event for some in grade_all(pool, [broken, task(1)]) for event in some]
    done = [event for event in events if isinstance(event, Done)]
    assert Counter(each.grade.status for each in done) == {"ungraded": 1, "graded": 1}


def test_closing_ends_every_process():
    """Closing the iterator stops the run; closing the pool ends even examiners that hang."""
    before = examiners()  # other tests may keep one for the whole session
    with ExaminerPool(size=2) as pool:
        events = grade_all(pool, [task(n, source=b"while True: pass\n") for n in range(4)])
        next(events)
        until(lambda: len(examiners()) == len(before) + 2)
        events.close()
    assert sorted(examiners()) == sorted(before)


def examiners():
    """Command lines of the examiners that this process has started."""
    mine = Path("/proc/self/task").glob("*/children")
    pids = [pid for children in mine for pid in children.read_text().split()]
    lines = [Path(f"/proc/{pid}/cmdline").read_text() for pid in pids]
    return [line for line in lines if "grader.examiner" in line]


def test_nothing_to_do():
    """Without tasks no process is started."""
    before = examiners()
    with ExaminerPool() as pool:
        assert list(grade_all(pool, [])) == []
        assert examiners() == before


def test_an_examiner_stays_warm_and_a_dead_one_is_replaced():
    """A loan gives the last examiner again, unless it died or an error of ours ended the loan."""
    with ExaminerPool() as pool:
        pids = [pid_of_loan(pool), pid_of_loan(pool)]
        with contextlib.suppress(CourseError), pool.borrow() as examiner:
            pids.append(examiner.pid)
            raise CourseError("exercise.yaml: broken")
        assert len(set(pids)) == 1
        with pool.borrow():
            pool.kill()
        pids.append(pid_of_loan(pool))
        with contextlib.suppress(ZeroDivisionError), pool.borrow():
            raise ZeroDivisionError
        pids.append(pid_of_loan(pool))
        assert len(set(pids)) == 3


def pid_of_loan(pool):
    """The process id of a borrowed examiner."""
    with pool.borrow() as examiner:
        return examiner.pid


def test_a_loan_prefers_the_examiner_of_its_group():
    """An examiner that knows the checks of an exercise gets its next submission."""
    with ExaminerPool(size=2) as pool:
        with pool.borrow("double") as first, pool.borrow("sizes") as second:
            pass
        with pool.borrow("double") as again:
            assert again is first
        with pool.borrow("sizes") as again:
            assert again is second


def test_a_closed_pool_ends_a_loan_and_lends_no_more():
    """Closing kills a borrowed examiner and waits until its thread has returned it."""
    ended = []

    def hang(pool):
        request = Examine(DOUBLE, Submission("double.py", b"while True: pass\n"), "ada", 1)
        with pytest.raises(ExaminerLostError), pool.borrow() as examiner:  # noqa: PT012 - one loan
            borrowed.set()
            examiner.grade(request, is_wanted=lambda: not pool.is_closed)
        ended.append(True)

    borrowed = threading.Event()
    pool = ExaminerPool()
    thread = threading.Thread(target=hang, args=(pool,))
    thread.start()
    borrowed.wait()
    pool.close()
    thread.join()
    assert ended == [True]
    with pytest.raises(ExaminerError, match="stopped"), pool.borrow():
        pass


@pytest.mark.slow
def test_hopeless_after_three_losses(monkeypatch, tmp_path):
    """After three losses without a grade, the error is raised; after a grade, never."""
    request = Examine(DOUBLE, Submission("double.py", GOOD), "ada", 1)
    (tmp_path / "torch.py").write_text("raise SystemExit('no torch today')\n")

    def status():
        with pool.borrow() as examiner:
            return examiner.result_of(request).grade.status

    with ExaminerPool() as pool, monkeypatch.context() as broken:
        broken.setenv("PYTHONPATH", str(tmp_path))
        assert [status(), status()] == ["ungraded"] * 2
        with pytest.raises(ExaminerLostError):
            status()
        broken.undo()
        assert status() == "graded"
        broken.setenv("PYTHONPATH", str(tmp_path))
        with pool.borrow():
            pool.kill()
        assert [status() for _ in range(4)] == ["ungraded"] * 4
