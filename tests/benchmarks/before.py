"""Warm grading, beside the commit before the guards around each call."""

import contextlib
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from grader.course.location import default_root
from tests.benchmarks.measure import Row, asked, cpu_of_tree, interleaved

COMMIT = "166d5e1960e77060449ce64a523b7c9f32510588"
"""The last commit without guards."""
ROOT = default_root()
_PROGRAM = Path(__file__).with_name("rounds.py")
_ROUNDS = 2


def before(runs: int) -> list[Row]:
    """CPU time of the same solutions with today's grader and course, and with those of then."""
    with tempfile.TemporaryDirectory() as name:
        then = Path(name)
        try:
            _extract(COMMIT, then)
        except subprocess.CalledProcessError:
            return [Row("CPU of ten solutions", f"no commit {COMMIT[:8]} in this checkout")]

        with _warm(ROOT) as ours, _warm(then) as theirs:
            mine, before_guards = interleaved(
                2 * runs, lambda: _cpu_of_a_round(ours), lambda: _cpu_of_a_round(theirs)
            )
    return [
        Row(
            "CPU of ten solutions",
            f"{mine * 1e3:.0f} ms",
            f"before the guards {before_guards * 1e3:.0f} ms",
            f"{mine / before_guards:.2f}",
            asked("at most 1.3", mine <= 1.3 * before_guards),
        )
    ]


def _extract(commit: str, folder: Path) -> None:
    """Write the files of a commit; raises ``CalledProcessError`` if git does not have it."""
    archive = folder / "commit.tar"
    subprocess.run(
        ["git", "archive", "--output", archive, commit, "grader", "exercises", "solutions"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    with tarfile.open(archive) as file:
        file.extractall(folder, filter="data")


@contextlib.contextmanager
def _warm(tree: Path) -> Iterator[subprocess.Popen[str]]:
    """The program ``rounds.py`` with the grader and the course of ``tree``."""
    with subprocess.Popen(
        [sys.executable, "-P", _PROGRAM],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": str(tree)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.communicate()


def _cpu_of_a_round(process: subprocess.Popen[str]) -> float:
    """CPU seconds in which the program grades its solutions once."""
    assert process.stdin is not None
    assert process.stdout is not None
    started = cpu_of_tree(process.pid)
    # The CPU time is counted in steps of 10 ms, which is little beside several rounds.
    for _ in range(_ROUNDS):
        print(file=process.stdin, flush=True)
        if not process.stdout.readline():
            raise RuntimeError("rounds.py ended")
    return (cpu_of_tree(process.pid) - started) / _ROUNDS
