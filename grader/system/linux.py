"""Linux, on which learner processes are forked and have a sandbox."""

import resource

from grader.system.posix import Posix

# Column of /proc/self/statm (proc(5)): the data and stack of this process, in pages.
_DATA = 5


class Linux(Posix):
    """Adds what the kernel of Linux says about memory."""

    can_fork = True
    has_residents = True
    environment = ("LD_LIBRARY_PATH",)
    # getrusage(2) counts in KiB.
    _unit_of_memory = 1024

    def data_bytes(self) -> int:
        # Without /proc, it is unknown.
        try:
            with open("/proc/self/statm", encoding="ascii") as file:
                pages = int(file.read().split()[_DATA])
        except OSError:
            return 0

        return pages * resource.getpagesize()

    def limit_growth(self, size: int) -> None:
        used = self.data_bytes()
        if not used:
            return

        _, highest = resource.getrlimit(resource.RLIMIT_DATA)
        limit = used + size
        if highest != resource.RLIM_INFINITY:
            limit = min(limit, highest)

        resource.setrlimit(resource.RLIMIT_DATA, (limit, highest))
