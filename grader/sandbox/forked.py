"""A learner process that was forked from the fork server: it serves one submission."""

import contextlib
import os
from collections.abc import Sequence

from grader.sandbox import runner, side_effects, wire
from grader.sandbox.forbidden import Guard
from grader.sandbox.layers import Sandbox

REQUESTS = 3
REPLIES = 4
_NICE = 5


def main(
    descriptors: Sequence[int],
    sandbox: Sandbox,
    guard: Guard,
    functions: side_effects.Functions,
    spawn: wire.Spawn,
) -> None:
    """Run as the learner process for ``spawn``; never returns.

    ``descriptors`` are those for requests, replies and output.
    """
    if spawn.cpu is not None:
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, {spawn.cpu})
    # A signal to the process group must not reach the fork server.
    os.setsid()
    # Where the kernel does not share the CPU by sessions (sched(7), autogroup), its threads get
    # less of it than the grader. A larger number would starve it on a busy machine.
    os.nice(_NICE)
    sandbox.ruleset = _arrange_descriptors(descriptors, sandbox.ruleset)
    with open(REQUESTS, "rb") as stream:
        load = wire.receive(stream, wire.Load)
        if load is None:
            os._exit(0)

        layers = _LayersOnce(sandbox)
        program = runner.Runner(load, guard, functions)
        if not runner.begin(program, layers, spawn, _reply):
            os._exit(0)
        while (request := wire.receive(stream, wire.Request)) is not None:  # type: ignore[arg-type]
            if isinstance(request, wire.Load):
                # The same submission again, with another seed.
                program.unload()
                program = runner.Runner(request, guard, functions)
                runner.begin(program, layers, spawn, _reply)
            else:
                _reply(program.answer(request))

    os._exit(0)


class _LayersOnce:
    """The layers of a sandbox, which a process applies before its first run of a submission."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._applied: dict[str, str | None] | None = None

    def apply_layers(
        self, spawn: wire.Spawn, memory_bytes: int, cpu_seconds: int
    ) -> dict[str, str | None]:
        """Apply all layers the first time; return the mechanism of each."""
        if self._applied is None:
            self._applied = self._sandbox.apply_layers(spawn, memory_bytes, cpu_seconds)
        return self._applied

    def limit_data(self, memory_bytes: int) -> None:
        """Limit what this process allocates from now on."""
        self._sandbox.limit_data(memory_bytes)


def _reply(message: wire.Reply) -> None:
    runner.flush_output()
    data = memoryview(wire.pack(message))
    while data:
        data = data[os.write(REPLIES, data) :]


def _arrange_descriptors(descriptors: Sequence[int], ruleset: int) -> int:
    """Keep only these descriptors, from 0 on; return where ``ruleset`` is now, or -1.

    Standard input is empty; both standard outputs, ``REQUESTS`` and ``REPLIES`` follow.
    """
    requests, replies, output = descriptors
    nothing = os.open(os.devnull, os.O_RDONLY)
    wanted = [nothing, output, output, requests, replies]
    if ruleset >= 0:
        wanted.append(ruleset)
        ruleset = REPLIES + 1

    # First to unused numbers, because a source can have the number of a target.
    unused = max(wanted) + 10
    for number, descriptor in enumerate(wanted):
        os.dup2(descriptor, unused + number)
    for number in range(len(wanted)):
        os.dup2(unused + number, number)

    os.closerange(len(wanted), os.sysconf("SC_OPEN_MAX"))
    return ruleset
