"""The CPU time of other processes, as the examiner reads it."""

import os
import subprocess
import sys
import time

import pytest

from grader.examiner import cpu_time
from tests.grading import until

WORKS = "import time\nwhile time.process_time() < 0.4: pass\n"
STARTS_ANOTHER = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {WORKS!r}])\n"


@pytest.mark.parametrize("measure", [cpu_time.of_process, cpu_time.of_family])
@pytest.mark.parametrize("source", [WORKS, STARTS_ANOTHER], ids=["itself", "child"])
def test_time_of_a_dead_process(measure, source):
    """A process keeps its time until it is waited for. Only a family has the time of a child."""
    process = subprocess.Popen([sys.executable, "-c", source])
    handle = os.pidfd_open(process.pid)
    assert cpu_time.process_of(handle) == process.pid
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    counts = source == WORKS or measure is cpu_time.of_family
    assert (measure(process.pid) > 0.3) is counts
    process.wait()
    with pytest.raises(ProcessLookupError):
        cpu_time.process_of(handle)
    os.close(handle)


def test_time_of_a_running_child():
    """The time of a child counts while it runs; waiting takes no time."""
    source = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'while True: pass'])\n"
    process = subprocess.Popen([sys.executable, "-c", source], start_new_session=True)
    try:
        until(lambda: cpu_time.of_family(process.pid) > 0.3)
        before = cpu_time.of_process(process.pid)
        time.sleep(0.1)
        assert cpu_time.of_process(process.pid) - before < 0.05
    finally:
        os.killpg(process.pid, 9)
        process.wait()
