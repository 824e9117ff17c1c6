"""One more submission for a warm examiner."""

import statistics
import tempfile
from pathlib import Path

from grader.examiner.client import Examiner
from grader.examiner.protocol import Examine
from grader.grades.grade import Outcome
from grader.submission.files import read_submission
from tests.benchmarks.classes import hand_in
from tests.benchmarks.floors import Forks
from tests.benchmarks.measure import Row, asked, cpu_of_tree

COUNT = 40


def warm(runs: int) -> list[Row]:
    """CPU time of a submission, beside a fork of a warm process that calls the same checks."""
    with tempfile.TemporaryDirectory() as name:
        exercise = hand_in(Path(name), COUNT)
        files = [Path(name, f"learner{number:05}", "exercise1.py") for number in range(COUNT)]
        requests = [
            Examine(exercise, read_submission(exercise, file), "benchmark", 1) for file in files
        ]
        with (
            Examiner() as examiner,
            Forks(exercise, "small") as forks,
            Forks(exercise, "large") as large,
            Forks(exercise, "small", "guarded") as guarded,
            Forks(exercise, "large", "guarded") as guarded_large,
        ):

            def ours() -> tuple[float, int]:
                before, passed = cpu_of_tree(examiner.pid), 0
                for request in requests:
                    checks = examiner.grade(request).checks
                    passed += sum(check.outcome is Outcome.PASSED for check in checks)
                return cpu_of_tree(examiner.pid) - before, passed

            sides = [forks, large, guarded, guarded_large]
            turns = []
            for _ in range(runs + 1):
                turns.append((ours(), *(side.examine(files) for side in sides)))
            # The first one warms up.
            del turns[0]
    mine, floor, lower, watched, watched_lower = (
        statistics.median(cpu for cpu, _ in side) / COUNT * 1e3 for side in zip(*turns, strict=True)
    )
    passed = [{count for _, count in side} for side in zip(*turns, strict=True)]
    return [
        Row(
            "CPU of a submission",
            f"{mine:.1f} ms",
            f"fork and checks {floor:.1f} ms",
            f"{mine / floor:.2f}",
            asked("at most 2.5", mine <= 2.5 * floor),
        ),
        Row(
            "the same", f"{mine:.1f} ms", f"with large pages {lower:.1f} ms", f"{mine / lower:.2f}"
        ),
        Row(
            "the same",
            f"{mine:.1f} ms",
            f"fork, checks and the same guards {watched:.1f} ms",
            f"{mine / watched:.2f}",
            asked("at most 1.4", mine <= 1.4 * watched),
        ),
        Row(
            "the same",
            f"{mine:.1f} ms",
            f"with large pages {watched_lower:.1f} ms",
            f"{mine / watched_lower:.2f}",
        ),
        # The counts can differ: there, the reference gets inputs that a submission has changed.
        Row(
            f"checks passed by {COUNT}",
            *(", ".join(map(str, sorted(counts))) for counts in passed[:2]),
        ),
    ]
