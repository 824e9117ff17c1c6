"""CPU time of a learner process, read from outside: nothing in that process can change it."""

import contextlib
import os
import time
from typing import Final

# A clock of another process is its inverted id and these three bits (CPUCLOCK_SCHED,
# linux/posix-timers_types.h). clock_getcpuclockid(3) returns it too, but Python lacks that call.
_ID_SHIFT: Final = 3
_SCHEDULER_CLOCK: Final = 2
# Columns of /proc/PID/stat after the name (proc(5)): utime, stime, cutime and cstime.
_TIMES: Final = slice(11, 15)
_TICKS: Final = os.sysconf("SC_CLK_TCK")


def process_of(handle: int) -> int:
    """Return the id of the process behind a pidfd, as this process sees it.

    The process may have another id in its own PID namespace. Raises ``OSError`` if it is gone.
    """
    with open(f"/proc/self/fdinfo/{handle}", encoding="ascii") as file:
        for line in file:
            name, _, value = line.partition(":")
            # It is -1 once the process is gone.
            if name == "Pid" and int(value) > 0:
                return int(value)

    raise ProcessLookupError(f"descriptor {handle} belongs to no process")


def of_process(process: int) -> float:
    """Return the CPU seconds that all threads of ``process`` have used so far.

    A dead process keeps its time until its parent waits for it. Raises ``OSError`` after that.
    """
    return time.clock_gettime(~process << _ID_SHIFT | _SCHEDULER_CLOCK)


def of_family(process: int) -> float:
    """Return the CPU seconds of ``process`` and of all that it started, in steps of about 0.01.

    A child that it waited for counts. One that lost its parent does not.
    """
    ticks = 0
    waiting = [process]
    while waiting:
        member = waiting.pop()
        # Any of them can end meanwhile.
        with contextlib.suppress(OSError):
            ticks += _ticks(member)
            waiting += _children(member)
    return ticks / _TICKS


def _ticks(process: int) -> int:
    with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:
        # The name can contain spaces and parentheses.
        columns = file.read().rpartition(")")[2].split()
    return sum(int(column) for column in columns[_TIMES])


def _children(process: int) -> list[int]:
    children: list[int] = []
    folder = f"/proc/{process}/task"
    # Each thread lists the processes that it started.
    for thread in os.listdir(folder):
        with open(f"{folder}/{thread}/children", encoding="ascii") as file:
            words = file.read().split()
        children += [int(word) for word in words]
    return children
