"""The time that the sandbox adds to a bare fork, in milliseconds, as JSON.

``python -m tests.benchmarks.sandbox RUNS [--no-namespaces]`` prepares a sandbox
as the fork server does. It forks processes that apply all layers and end, in turns with
processes that only end.
"""

import gc
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import torch

from grader.sandbox import kernel, layers, memory, wire
from grader.sandbox.layers import Sandbox
from tests.benchmarks.measure import Row, asked

MEMORY = 2**30
SPAWN = wire.Spawn([], subprocesses=False)
# The layers that are timed by themselves: module or class, and function.
STEPS: dict[str, tuple[Any, str]] = {
    "home, empty": (Sandbox, "create_home"),
    "home, removed": (Sandbox, "remove_home"),
    "limits": (Sandbox, "_set_limits"),
    "another user": (Sandbox, "_become_user"),
    "Landlock": (kernel, "restrict"),
    "capabilities": (kernel, "drop_capabilities"),
    "seccomp": (kernel, "install_filter"),
    "filter assembled": (layers.syscalls, "program"),
}


def sandbox(runs: int) -> list[Row]:
    """Time that the sandbox adds to a bare fork, with and without namespaces, and of each layer."""
    rows = []
    for words, most in ([], 6), (["--no-namespaces"], 2):
        done = subprocess.run(
            [
                sys.executable,
                "-W",
                "ignore",
                "-m",
                "tests.benchmarks.sandbox",
                str(runs * 10),
                *words,
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        what = f"the sandbox, {words[0][2:].replace('-', ' ') if words else 'namespaces'}"
        if done.returncode:
            rows.append(Row(what, "refused here", done.stderr.strip().splitlines()[-1]))
            continue
        seen = json.loads(done.stdout)
        (added, used), (fork, _) = seen["whole sandbox"], seen["bare fork"]
        beside, ratio = f"bare fork {fork:.1f} ms", f"{(fork + added) / fork:.2f}"
        bound = asked(f"adds at most {most} ms", added <= most)
        rows.append(Row(what, f"adds {added:.2f} ms, {used:.2f} of it CPU", beside, ratio, bound))
        rows += [
            Row(f"- {step}", f"{milliseconds:.2f} ms")
            for step, milliseconds in seen["steps"].items()
        ]
    return rows


def main() -> None:
    """Measure and print one JSON object."""
    runs, namespaces = int(sys.argv[1]), "--no-namespaces" not in sys.argv
    folder = tempfile.mkdtemp(prefix="wall-")
    os.chmod(folder, 0o711)  # noqa: S103 - as the client does
    scratch = tempfile.mkdtemp(prefix="scratch-", dir=folder)
    sandbox = Sandbox(scratch, enabled=True)
    if namespaces:
        sandbox.enter_namespaces()
        if first := os.fork():
            os._exit(os.waitstatus_to_exitcode(os.waitpid(first, 0)[1]))
    sandbox.prepare()
    torch.set_num_threads(1)
    (torch.ones(2, 2) @ torch.ones(2)).sum().item()
    gc.collect()
    gc.freeze()
    memory.use_large_pages()
    steps = _time_steps()
    sandboxed, bare = [], []
    for number in range(runs + 1):
        pair = _timed(lambda: _one(sandbox, steps)), _timed(lambda: _one(None, steps))
        if number:  # the first turn warms up
            sandboxed.append(pair[0])
            bare.append(pair[1])
    sandbox.remove_home()
    print(
        json.dumps(
            {
                "bare fork": [statistics.median(one[n] for one in bare) for n in (0, 1)],
                "whole sandbox": [
                    statistics.median(
                        one[n] - other[n] for one, other in zip(sandboxed, bare, strict=True)
                    )
                    for n in (0, 1)
                ],
                "steps": {name: statistics.median(times) for name, times in steps.items()},
                "layers": sandbox.apply_layers(SPAWN, MEMORY, cpu_seconds=60),
            }
        )
    )


def _one(sandbox: Sandbox | None, steps: dict[str, list[float]]) -> None:
    """Run a process from its home, if it has a sandbox, to its end; a pipe returns its times."""
    reading, writing = os.pipe()
    if sandbox is not None:
        sandbox.remove_home()
        sandbox.create_home(SPAWN)
    before = {name: len(times) for name, times in steps.items()}
    child = os.fork()
    if child == 0:
        if sandbox is not None:
            sandbox.apply_layers(SPAWN, MEMORY, cpu_seconds=60)
        os.write(
            writing,
            json.dumps({name: times[before[name] :] for name, times in steps.items()}).encode(),
        )
        os._exit(0)
    os.waitpid(child, 0)
    for name, times in json.loads(os.read(reading, 4096)).items():
        steps[name] += times
    os.close(reading)
    os.close(writing)


def _timed(action: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds of elapsed time and of CPU time, here and in the forked process."""
    started, used = time.perf_counter(), _used()
    action()
    return (time.perf_counter() - started) * 1e3, (_used() - used) * 1e3


def _used() -> float:
    return sum(
        sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )


def _time_steps() -> dict[str, list[float]]:
    """Make each step record its time."""
    steps: dict[str, list[float]] = {name: [] for name in STEPS}
    for name, (owner, function) in STEPS.items():
        original = getattr(owner, function)

        def timed(*words: Any, _original: Any = original, _name: str = name, **named: Any) -> Any:
            started = time.perf_counter()
            try:
                return _original(*words, **named)
            finally:
                steps[_name].append((time.perf_counter() - started) * 1e3)

        setattr(owner, function, timed)
    return steps


if __name__ == "__main__":
    main()
