"""The order of work: exercises stay together, and no job is idle while anything is left."""

from collections import Counter
from pathlib import Path

import pytest

from grader.course.loading import load_exercise
from grader.errors import UnreadableError
from grader.examiner.tasks import Done, Task, TaskQueue
from grader.examiner.pool import examine
from grader.submission.files import Submission
from tests.grading import SMALL_COURSE

DOUBLE, SIZES = (load_exercise(SMALL_COURSE, name) for name in ("double", "sizes"))
GOOD = b"def double(x):\n    if isinstance(x, str): raise TypeError\n    return x * 2\n"


def task(number, exercise=DOUBLE, seed=1, source=GOOD):
    return Task(
        f"{number}.py", f"learner{number}", exercise, seed, lambda: Submission("double.py", source)
    )


def test_jobs_begin_with_different_exercises():
    """Two jobs do not collect the same checks while there is another exercise."""
    work = TaskQueue([task(n) for n in range(5)] + [task(n, SIZES) for n in range(4)])
    first, second = work.take(None), work.take(None)
    assert {first.exercise.id, second.exercise.id} == {"double", "sizes"}


def test_a_job_stays_with_its_exercise_and_then_helps():
    """Each exercise, and each seed of it, is done in one go; whoever is done goes where most is left."""
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
    """However many jobs share the work, each task is taken once, and a job ends only when nothing is left."""
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
    """TaskQueue that comes back is the next to be taken, in its order, and its job counts no more."""
    work = TaskQueue([task(n) for n in range(3)] + [task(9, SIZES)])
    first = work.take(None)
    work.put_back([first, second := work.take(first)])
    assert (work.take(None), work.take(first)) == (first, second)
    assert work.take(None).exercise.id == "sizes"


def test_what_cannot_be_read():
    """What is in a file is the learner's; that it cannot be read is ours."""

    def fails():
        raise UnreadableError("double.py: cannot be read")

    broken = Task("x.py", "ada", DOUBLE, 1, fails)
    done = [
        event
        for events in examine([broken, task(1)], jobs=1)
        for event in events
        if isinstance(event, Done)
    ]
    assert Counter(each.grade.status for each in done) == {"ungraded": 1, "graded": 1}


def test_closing_ends_every_process():
    """Who has seen enough closes the iterator; nothing is left running, whatever the jobs are at."""
    before = examiners()  # other tests may keep one for the whole session
    pool = examine([task(n, source=b"while True: pass\n") for n in range(4)], jobs=2)
    next(pool)
    assert len(examiners()) == len(before) + 2
    pool.close()
    assert sorted(examiners()) == sorted(before)


def examiners():
    """Command lines of the examiners that this process has started."""
    mine = Path("/proc/self/task").glob("*/children")
    pids = [pid for children in mine for pid in children.read_text().split()]
    lines = [Path(f"/proc/{pid}/cmdline").read_text() for pid in pids]
    return [line for line in lines if "grader.examiner" in line]


def test_nothing_to_do():
    """Without tasks no process is started."""
    assert list(examine([])) == []
