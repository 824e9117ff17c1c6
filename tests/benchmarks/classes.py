"""`grade batch` for a class that does exercise1."""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from grader.classroom import batch as batches
from grader.course.loading import load_exercise, wrong_solutions
from grader.course.location import default_root
from grader.course.records import Exercise
from grader.examiner.tasks import Done
from grader.grades.grade import Grade
from grader.grades.gradebook import NAME, Gradebook
from tests.benchmarks.floors import one_process_each
from tests.benchmarks.measure import Row, asked, cpu_of_tree, memory_of_tree
from tests.benchmarks.starting import GRADE

LEARNERS = 200
SAMPLE = 12
SIZES = (100, 1_000, 10_000)
MOMENTS = (500, 5_000, 10_000)
BROKEN = (
    "def lookup(weight, idx):\n    return weight[idx.tolist()[0]].rows\n",
    "def lookup(weight, idx):\n    raise ValueError('no row of that number')\n",
    "def lookup(weight, idx)\n    return weight[idx]\n",
)


def source(exercise: Exercise, number: int) -> str:
    """One submission. Of ten, five are right, four have a misconception, one raises."""
    wrong = list(wrong_solutions(exercise).values())
    if number % 10 == 9:
        text = BROKEN[number // 10 % len(BROKEN)]
    elif number % 2:
        text = wrong[number // 2 % len(wrong)].read_text()
    else:
        text = (exercise.hidden / "solution.py").read_text()
    return f"{text}\n\nLEARNER = {number}\n"


def hand_in(folder: Path, count: int) -> Exercise:
    """Write a class of ``count`` learners."""
    exercise = load_exercise(default_root(), "exercise1")
    for number in range(count):
        place = folder / f"learner{number:05}"
        place.mkdir(parents=True)
        (place / "exercise1.py").write_text(source(exercise, number))
    return exercise


def batch(runs: int) -> list[Row]:
    """A class of 200 with two jobs, beside one pytest process per submission, two at a time."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        exercise = hand_in(place / "class", LEARNERS)
        hand_in(place / "few", LEARNERS // 10)
        measured, few = [], []
        sample = [
            place / "class" / f"learner{number:05}" / "exercise1.py" for number in range(SAMPLE)
        ]
        peers = []
        for run in range(min(runs, 3)):
            few.append(_batch(place / "few", place / f"few{run}")[0])
            measured.append(_batch(place / "class", place / f"graded{run}"))
            peers.append(one_process_each(exercise, sample, place / f"peer{run}"))
        with Gradebook(place / "graded0" / NAME) as gradebook:
            grades = {entry.key.learner: entry.grade for entry in gradebook.latest()}
        alike, checks = _alike(grades, peers[0].passed)
    wall, cpu, memory = (statistics.median(values) for values in zip(*measured, strict=True))
    each = (wall - statistics.median(few)) / (LEARNERS - LEARNERS // 10)
    theirs = statistics.median(peer.seconds for peer in peers) / SAMPLE
    their_cpu = statistics.median(peer.cpu for peer in peers) / SAMPLE
    rate = f"pytest processes {1 / theirs:.2f}/s"
    return [
        Row(
            f"{LEARNERS} submissions, start and end in",
            f"{LEARNERS / wall:.1f}/s",
            rate,
            f"{LEARNERS / wall * theirs:.0f}",
            asked("at least 100", LEARNERS / wall * theirs >= 100),
        ),
        Row(
            "each submission more",
            f"{1 / each:.1f}/s",
            rate,
            f"{theirs / each:.0f}",
            asked("at least 100", theirs >= 100 * each),
        ),
        Row(
            "CPU, start and end in",
            f"{cpu / LEARNERS * 1e3:.0f} ms",
            f"{their_cpu * 1e3:.0f} ms",
            f"{their_cpu / cpu * LEARNERS:.0f}",
        ),
        Row(
            "verdicts as theirs",
            f"{alike} of {checks}",
            f"{SAMPLE} submissions",
            "",
            asked("all", alike == checks),
        ),
        Row(
            "memory (PSS), at most",
            f"{memory:.0f} MiB",
            "",
            "",
            asked("at most 1024 MiB", memory <= 1024),
        ),
    ]


def growth(_runs: int) -> list[Row]:
    """Time per submission in classes of 100, 1,000 and 10,000, and memory for the largest."""
    rows = []
    seen = {}
    with tempfile.TemporaryDirectory() as name:
        for size in SIZES:
            hand_in(Path(name, f"class{size}"), size)
            command = [
                sys.executable,
                "-m",
                "tests.benchmarks.classes",
                f"{name}/class{size}",
                f"{name}/out{size}",
            ]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            seen[size] = json.loads(done.stdout)
    smallest = (seen[SIZES[0]]["end"] - seen[SIZES[0]]["first"]) / SIZES[0]
    for size in SIZES:
        times = seen[size]
        each = (times["end"] - times["first"]) / size
        rows.append(
            Row(
                f"{size:,} submissions, after the first",
                f"{each * 1e3:.1f} ms each",
                f"{times['end']:.0f} s in all, "
                f"{times['end'] - times['last']:.1f} of them at the end",
                f"{each / smallest:.2f}",
                asked("at most 1.10", each <= 1.10 * smallest),
            )
        )
    memory = seen[SIZES[-1]]["memory"]
    for moment in MOMENTS:
        at = memory[str(moment)]
        rows.append(
            Row(
                f"memory (PSS) after {moment:,}",
                f"{at:.0f} MiB",
                "",
                f"{at / memory['500']:.2f}",
                asked("at most 1.05", at <= 1.05 * memory["500"]),
            )
        )
    return rows


def _alike(grades: dict[str, Grade], peers: dict[str, set[str]]) -> tuple[int, int]:
    """The number of checks that pass or fail on both sides alike, and the number of all."""
    pairs = [
        (check.outcome.value == "passed", check.name in passed)
        for learner, passed in peers.items()
        for check in grades[learner].checks
    ]
    return sum(ours == theirs for ours, theirs in pairs), len(pairs)


def _batch(folder: Path, out: Path) -> tuple[float, float, float]:
    """Seconds, CPU seconds and MiB of `grade batch --jobs 2`."""
    command = [GRADE, "batch", str(folder), "--out", str(out), "--jobs", "2"]
    started, cpu, memory = time.perf_counter(), 0.0, 0.0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            with contextlib.suppress(OSError):  # a process may end while it is looked at
                cpu = max(cpu, cpu_of_tree(process.pid))
                memory = max(memory, memory_of_tree(process.pid))
            time.sleep(0.1)
    assert process.returncode == 0
    return time.perf_counter() - started, cpu, memory / 1024


def main() -> None:
    """Grade a class; return when each submission was done, and the memory used meanwhile."""
    folder, out = sys.argv[1:]
    started = time.perf_counter()
    times: list[float] = []
    samples: dict[int, list[float]] = {moment: [] for moment in MOMENTS}

    def watch(event: object) -> None:
        if isinstance(event, Done):
            times.append(time.perf_counter() - started)
            for moment in MOMENTS:
                if moment - 100 < len(times) <= moment and not len(times) % 10:
                    with contextlib.suppress(OSError):
                        samples[moment].append(memory_of_tree(os.getpid()) / 1024)

    batches.grade_class(folder, out, jobs=2, watch=watch)
    memory = {moment: statistics.median(values or [0.0]) for moment, values in samples.items()}
    end = time.perf_counter() - started
    print(json.dumps({"first": times[0], "last": times[-1], "end": end, "memory": memory}))


if __name__ == "__main__":
    main()
