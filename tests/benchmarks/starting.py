"""New processes: commands that need no torch, and one grading."""

import sys
from pathlib import Path

from grader.course.location import default_root
from tests.benchmarks.measure import Row, asked, interleaved, seconds

GRADE = str(Path(sys.executable).parent / "grade")


def startup(runs: int) -> list[Row]:
    """Commands that need neither torch nor pytest, beside an empty Python."""
    python = [sys.executable, "-c", "pass"]
    rows = []
    for words in (["--help"], ["list"], ["show", "exercise1"]):
        ours, floor = interleaved(
            runs, lambda words=words: seconds([GRADE, *words]), lambda: seconds(python)
        )
        what = f"grade {' '.join(words)}"
        rows.append(
            Row(
                what,
                f"{ours * 1e3:.0f} ms",
                f"empty Python {floor * 1e3:.0f} ms",
                f"{ours / floor:.1f}",
            )
        )
    return rows


def cold(runs: int) -> list[Row]:
    """One grading in a new process, beside the imports that every grader needs."""
    solution = str(default_root() / "solutions" / "exercise1" / "solution.py")
    ours, floor = interleaved(
        runs,
        lambda: seconds([GRADE, "exercise1", solution]),
        lambda: seconds([sys.executable, "-W", "ignore", "-c", "import torch, pytest"]),
    )
    beside = f"import torch, pytest {floor:.2f} s"
    return [
        Row(
            "grade exercise1 FILE, cold",
            f"{ours:.2f} s",
            beside,
            f"{ours / floor:.2f}",
            asked("at most 1.4", ours <= 1.4 * floor),
        )
    ]
