"""Performance, as ratios of things measured side by side: ``python -m tests.benchmarks``.

Every figure is the median of interleaved runs (A B A B …), so that a machine
whose speed drifts moves both sides alike.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from grader.course import default_root, load_exercise
from grader.examiner.client import Examiner
from grader.examiner.protocol import Examine
from grader.submission import read_submission

ROOT = default_root()
GRADE = str(Path(sys.executable).parent / "grade")
TICK = os.sysconf("SC_CLK_TCK")
EMPTY_FORKS = """
import gc, os, resource, sys
gc.disable()
import torch
torch.set_num_threads(1)
(torch.ones(2, 2) @ torch.ones(2)).sum().item()
gc.collect(); gc.freeze(); gc.enable()
def cpu():
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
for line in sys.stdin:
    before = cpu()
    for _ in range(int(line)):
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        os.waitpid(pid, 0)
    print(cpu() - before, flush=True)
"""


def main() -> None:
    """Run the chosen benchmarks and print one line for each."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *BENCHMARKS], help="which to run (all)")
    parser.add_argument("--runs", type=int, default=7, help="interleaved runs of each side (7)")
    arguments = parser.parse_args()
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{machine}, {arguments.runs} runs of each side")
    for name in arguments.names or BENCHMARKS:
        for line in BENCHMARKS[name](arguments.runs):
            print(line, flush=True)


def startup(runs: int) -> list[str]:
    """Commands that need neither torch nor pytest, beside an empty Python."""
    python = [sys.executable, "-c", "pass"]
    lines = []
    for words in (["--help"], ["list"], ["show", "exercise1"]):
        ours, floor = _interleaved(runs, lambda words=words: _wall([GRADE, *words]), lambda: _wall(python))
        lines.append(f"startup  grade {' '.join(words):<16} {ours * 1e3:6.0f} ms   empty Python {floor * 1e3:.0f} ms")
    return lines


def cold(runs: int) -> list[str]:
    """One grading from nothing, beside the imports that nobody can do without."""
    solution = str(ROOT / "solutions" / "exercise1" / "solution.py")
    ours, floor = _interleaved(
        runs,
        lambda: _wall([GRADE, "exercise1", solution]),
        lambda: _wall([sys.executable, "-W", "ignore", "-c", "import torch, pytest"]),
    )
    ratio = f"ratio {ours / floor:.2f} (at most 1.4)"
    return [f"cold     grade exercise1 FILE   {ours:6.2f} s    import torch, pytest {floor:.2f} s   {ratio}"]


def warm(runs: int, submissions: int = 40) -> list[str]:
    """CPU of one more submission to a warm examiner, over an empty fork of a warm process."""
    lines = []
    forker = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", EMPTY_FORKS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert forker.stdin and forker.stdout

    def empty_forks() -> float:
        print(submissions, file=forker.stdin, flush=True)
        return float(forker.stdout.readline()) / submissions

    with forker, Examiner() as examiner:
        for exercise_id in ("exercise1", "exercise3"):
            exercise = load_exercise(ROOT, exercise_id)
            submission = read_submission(exercise, exercise.hidden / "solution.py")
            request = Examine(exercise, submission, "benchmark", 1)
            checks = len(examiner.grade(request).checks)

            def gradings(request: Examine = request) -> float:
                before = _cpu_of_tree(examiner.pid)
                for _ in range(submissions):
                    assert examiner.grade(request).passed
                return (_cpu_of_tree(examiner.pid) - before) / submissions

            ours, floor = _interleaved(runs, gradings, empty_forks)
            over = (ours - floor) * 1e3
            lines.append(
                f"warm     {exercise_id}, {checks} checks   {ours * 1e3:6.1f} ms CPU   empty fork {floor * 1e3:.1f} ms"
                f"   over it {over:.1f} ms, {over / checks * 8:.1f} for eight checks (at most 30)"
            )
        forker.stdin.close()
    return lines


def wall(runs: int) -> list[str]:
    """What the wall adds to a bare fork, with namespaces and without, and each step of it."""
    lines = []
    for words, most in ([], 6), (["--no-namespaces"], 2):
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.wall", str(runs * 10), *words],
            capture_output=True,
            text=True,
            check=False,
        )
        name = words[0][2:].replace("-", " ") if words else "namespaces"
        if done.returncode:
            lines.append(f"wall     {name}: refused here ({done.stderr.strip().splitlines()[-1]})")
            continue
        seen = json.loads(done.stdout)
        steps = ", ".join(f"{step} {milliseconds:.2f}" for step, milliseconds in seen["steps"].items())
        (added, used), (fork, fork_used) = seen["whole wall"], seen["bare fork"]
        lines.append(
            f"wall     {name:<14} adds {added:.2f} ms (at most {most}), {used:.2f} ms of them CPU, to a bare fork of "
            f"{fork:.1f} ms, {fork_used:.1f} ms CPU   {steps}"
        )
    return lines


BENCHMARKS: dict[str, Callable[[int], list[str]]] = {"startup": startup, "cold": cold, "warm": warm, "wall": wall}


def _interleaved(runs: int, one: Callable[[], float], other: Callable[[], float]) -> tuple[float, float]:
    """Medians of both, measured in turn after one uncounted turn."""
    one(), other()
    pairs = [(one(), other()) for _ in range(runs)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


def _wall(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


def _cpu_of_tree(pid: int) -> float:
    """CPU seconds of a process, its children and what they have reaped (proc(5), stat and task/children)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return sum(map(int, fields[11:15])) / TICK + sum(_cpu_of_tree(int(child)) for child in children)


if __name__ == "__main__":
    main()
