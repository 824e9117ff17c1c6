"""Ask which machine this is, as benchmarks do."""

import os
import platform
import resource
import sys
import time

import torch

(
    os.cpu_count(),
    os.sched_getaffinity(0),
    os.getloadavg(),
    os.uname(),
    platform.platform(),
    sys.getsizeof(1),
)
(
    resource.getrusage(resource.RUSAGE_SELF),
    time.perf_counter(),
    time.process_time(),
    time.get_clock_info("time"),
)
torch.__config__.show(), torch.get_num_threads(), torch.cuda.is_available()
with open("/proc/cpuinfo") as file:
    file.read()


def double(x):
    return x * 2
