"""Performance, as ratios of things measured side by side: ``python -m tests.benchmarks``.

Every figure is the median of interleaved runs (A B A B …), so that a machine
whose speed drifts moves both sides alike.
"""

import argparse
import contextlib
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from grader.course import default_root, load_exercise, wrong_solutions
from grader.examiner.client import Examiner
from grader.examiner.protocol import Examine
from grader.submission import read_submission
from grader.workspace import start
from tests.benchmarks.saves import saves

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


def batch(runs: int, learners: int = 100) -> list[str]:
    """A class of 100 on three exercises, beside one pytest process for each submission and the same checks."""
    exercises = ("exercise1", "exercise2", "exercise3")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "class")
        for number in range(learners):
            for exercise_id in exercises:
                _hand_in(folder / f"learner{number:03}", exercise_id, number)
        jobs = len(os.sched_getaffinity(0))
        measured, beside = [], []
        for run in range(min(runs, 3)):
            measured.append(_batch(folder, Path(place, f"graded{run}"), jobs))
            beside += [_pytest_process(Path(place), exercise_id) for exercise_id in exercises[::2] * 2]
    count = learners * len(exercises)
    wall, cpu, memory = (statistics.median(values) for values in zip(*measured, strict=True))
    their_wall, their_cpu = (statistics.median(values) for values in zip(*beside, strict=True))
    rate, each = count / wall, cpu / count
    theirs = f"one pytest process each {1 / their_wall:5.2f}/s   ratio {rate * their_wall:.0f}"
    costs = f"one pytest process {their_cpu * 1e3:5.0f} ms   ratio {their_cpu / each:.0f}"
    return [
        f"batch    {count} submissions, {jobs} jobs  {rate:6.1f}/s   {theirs}",
        f"batch    CPU of a submission     {each * 1e3:6.0f} ms   {costs}",
        f"batch    memory (PSS) at most    {memory:6.0f} MiB",
    ]


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


BENCHMARKS: dict[str, Callable[[int], list[str]]] = {
    "startup": startup,
    "cold": cold,
    "warm": warm,
    "wall": wall,
    "batch": batch,
    "saves": saves,
}
IN_PROCESS = """
import importlib.util, os, pytest, torch
from grader.examiner import probes
class Learner:
    def __init__(self, module):
        self._module = module
    def __getattr__(self, name):
        return getattr(self._module, name)
    def run(self, probe, *arguments):
        return probe(self._module, *arguments)
    def vjp(self, function, *arguments, cotangent):
        return probes.vjp(self._module, function, list(arguments), cotangent)
    def must_raise(self, kinds, function, *arguments):
        with pytest.raises(kinds):
            getattr(self._module, function)(*arguments)
@pytest.fixture(scope="session")
def learner():
    spec = importlib.util.spec_from_file_location("submission", os.environ["SUBMISSION"])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return Learner(module)
@pytest.fixture
def rng():
    return torch.Generator().manual_seed(1)
"""


def _hand_in(folder: Path, exercise_id: str, number: int) -> None:
    """One learner's file: two in three right, the others wrong in one of the known ways."""
    folder.mkdir(parents=True, exist_ok=True)
    exercise = load_exercise(ROOT, exercise_id)
    if exercise_id == "exercise2":
        start(exercise, folder, folder.name)
        return
    wrong = list(wrong_solutions(exercise).values())
    path = exercise.hidden / "solution.py" if number % 3 else wrong[number % len(wrong)]
    (folder / f"{exercise_id}.py").write_text(f"# {folder.name}\n{path.read_text()}")


def _batch(folder: Path, out: Path, jobs: int) -> tuple[float, float, float]:
    """Seconds, CPU seconds and MiB of `grade batch`."""
    command = [GRADE, "batch", str(folder), "--out", str(out), "--jobs", str(jobs)]
    started, cpu, memory = time.perf_counter(), 0.0, 0.0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            with contextlib.suppress(OSError):  # a process may end while it is looked at
                cpu = max(cpu, _cpu_of_tree(process.pid))
                memory = max(memory, _memory_of_tree(process.pid))
            time.sleep(0.1)
    assert process.returncode == 0
    return time.perf_counter() - started, cpu, memory / 1024


def _pytest_process(place: Path, exercise_id: str) -> tuple[float, float]:
    """Seconds and CPU seconds of one pytest process with the checks of an exercise on its solution."""
    hidden = load_exercise(ROOT, exercise_id).hidden
    folder = place / f"pytest-{exercise_id}"
    folder.mkdir(exist_ok=True)
    (folder / "conftest.py").write_text(IN_PROCESS)
    (folder / "checks.py").write_text((hidden / "checks.py").read_text())
    command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "-o", "python_files=checks.py", "checks.py"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    environment = os.environ | {"SUBMISSION": str(hidden / "solution.py")}
    # Without copies on the way a check for aliases may fail; it has run all the same.
    assert subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True).returncode in (0, 1)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - started, sum(after[:2]) - sum(before[:2])


def _memory_of_tree(pid: int) -> float:
    """Proportional set size, in KiB, of a process and all below it (proc(5), smaps_rollup)."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    own = next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    children = [
        child for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]
    return own + sum(_memory_of_tree(int(child)) for child in children)


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
    children = [
        child for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]
    return sum(map(int, fields[11:15])) / TICK + sum(_cpu_of_tree(int(child)) for child in children)


if __name__ == "__main__":
    main()
