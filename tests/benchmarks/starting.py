"""New processes: commands that need no torch, and one grading."""

import os
import sys
import tempfile
import time
from pathlib import Path

from grader.course.location import default_root
from tests.benchmarks.measure import Row, asked, interleaved, seconds

GRADE = str(Path(sys.executable).parent / "grade")
SOLUTION = str(default_root() / "solutions" / "exercise1" / "solution.py")
IMPORTS = [sys.executable, "-W", "ignore", "-c", "import torch, pytest"]


def startup(runs: int) -> list[Row]:
    """Commands that need neither torch nor pytest, beside an empty Python."""
    python = [sys.executable, "-c", "pass"]
    rows = []
    for words in (["--help"], ["list"], ["show", "exercise1"]):
        ours, floor = interleaved(
            runs, lambda words=words: seconds([GRADE, *words]), lambda: seconds(python)
        )
        what = f"grade {' '.join(words)}"
        bound = asked("at most 5", ours <= 5 * floor) if words == ["--help"] else ""
        rows.append(
            Row(
                what,
                f"{ours * 1e3:.0f} ms",
                f"empty Python {floor * 1e3:.0f} ms",
                f"{ours / floor:.1f}",
                bound,
            )
        )
    return rows


def cold(runs: int) -> list[Row]:
    """One grading in a new process, beside the imports that every grader needs."""
    ours, floor = interleaved(
        runs, lambda: seconds([GRADE, "exercise1", SOLUTION]), lambda: seconds(IMPORTS)
    )
    return [_beside_imports("grade exercise1 FILE, cold", ours, floor, 0.9)]


def resident(runs: int) -> list[Row]:
    """One grading after another, so that an examiner is ready, beside the same imports."""
    with tempfile.TemporaryDirectory() as folder:
        # Residents of their own, also where CI would have none.
        variables = {"XDG_RUNTIME_DIR": folder, "GRADE_RESIDENT": "600", "CI": ""}

        def grade() -> float:
            # The examiner needs a moment after the command before.
            time.sleep(0.1)
            return seconds([GRADE, "exercise1", SOLUTION], **variables)

        grade()
        while not _sockets(folder):
            time.sleep(0.1)
        ours, floor = interleaved(runs, grade, lambda: seconds(IMPORTS))
        seconds([GRADE, "stop"], **variables)
    return [_beside_imports("grade exercise1 FILE, after another", ours, floor, 0.25)]


def _sockets(folder: str) -> list[str]:
    private = Path(folder, "grade")
    if not private.is_dir():
        return []
    return [name for name in os.listdir(private) if not name.startswith("seat")]


def _beside_imports(what: str, ours: float, floor: float, most: float) -> Row:
    bound = asked(f"at most {most}", ours <= most * floor)
    beside = f"import torch, pytest {floor:.2f} s"
    return Row(what, f"{ours:.2f} s", beside, f"{ours / floor:.2f}", bound)
