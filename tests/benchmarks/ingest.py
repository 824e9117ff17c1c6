"""The gradebook alone, and the sizes of a submission and its grade."""

import os
import statistics
import tempfile
import time
from itertools import islice
from pathlib import Path

import msgspec

from grader.course.loading import load_exercise
from grader.course.location import default_root
from grader.course.records import Exercise
from grader.examiner.pool import ExaminerPool, grade_all
from grader.examiner.tasks import Done, Task
from grader.grades.grade import Grade
from grader.grades.gradebook import NAME, Entry, Gradebook, Key
from grader.submission.files import Submission
from tests.benchmarks.classes import source
from tests.benchmarks.measure import Row, asked, own_memory

GRADES = 100_000
AT_ONCE = 20


def ingest(_runs: int) -> list[Row]:
    """Store 100,000 grades a few at a time, as a batch on a cluster does."""
    exercise = load_exercise(default_root(), "exercise1")
    grades = _some_grades(exercise)
    with (
        tempfile.TemporaryDirectory() as name,
        Gradebook(Path(name, NAME), create=True) as gradebook,
    ):
        marks = [time.perf_counter()]
        for start in range(0, GRADES, AT_ONCE):
            gradebook.add(
                _entry(number, grades[number % len(grades)])
                for number in range(start, start + AT_ONCE)
            )
            if not (start + AT_ONCE) % (GRADES // 10):
                marks.append(time.perf_counter())
        size = Path(name, NAME).stat().st_size
        began = time.perf_counter()
        known = len(gradebook.latest_keys())
        looked = time.perf_counter() - began
        before = own_memory(os.getpid())
        held = list(islice(gradebook.latest(), GRADES // 10))
        memory = (own_memory(os.getpid()) - before) / len(held)
    assert known == GRADES
    first, last = marks[1] - marks[0], marks[-1] - marks[-2]
    rate = GRADES / (marks[-1] - marks[0])
    sent = statistics.mean(
        len(msgspec.msgpack.encode(source(exercise, number).encode())) for number in range(100)
    )
    back = statistics.mean(len(msgspec.msgpack.encode(grade)) for grade in grades)
    return [
        Row(f"{GRADES:,} grades, {AT_ONCE} at a time", f"{rate:,.0f}/s", "", "", ""),
        Row(
            "the last tenth, beside the first",
            f"{last:.1f} s",
            f"{first:.1f} s",
            f"{last / first:.2f}",
            asked("at most 1.25", last <= 1.25 * first),
        ),
        Row("a grade on the disk", f"{size / GRADES:,.0f} bytes"),
        Row("a grade in memory, while the report is written", f"{memory:.0f} KiB"),
        Row("a submission on its way, and its grade", f"{sent:,.0f} bytes", f"{back:,.0f} bytes"),
        Row(f"asking which of {GRADES:,} are graded", f"{looked:.2f} s"),
    ]


def _some_grades(exercise: Exercise) -> list[Grade]:
    """Real grades of ten submissions of a class."""
    tasks = [
        Task(
            f"{number}.py",
            f"learner{number}",
            exercise,
            1,
            lambda number=number: Submission("exercise1.py", source(exercise, number).encode()),
        )
        for number in range(10)
    ]
    with ExaminerPool() as pool:
        events = [event for some in grade_all(pool, tasks) for event in some]
    return [event.grade for event in events if isinstance(event, Done)]


def _entry(number: int, grade: Grade) -> Entry:
    learner = f"learner{number:06}"
    key = Key(learner, grade.exercise, f"{number:032x}", "0" * 32, "grade 0.1.0, torch 2.13.0")
    return Entry(
        key, f"{learner}/exercise1.py", "2026-01-01T00:00:00.000+00:00", grade, f"{number:032x}"
    )
