"""The wall around a learner process, layer by layer.

``Wall`` is raised once, in the fork server: what can be set up once is set up
there. ``Wall.confine`` then locks one learner process down, before the first
learner byte runs. Each layer is tried, and says whether it holds.

Where a layer is refused (a container that forbids namespaces, a kernel without
Landlock), the others stand without it; ``docs/security.md`` tells which of them
keeps whom from what.
"""

import contextlib
import os
import pwd
import resource
import signal
import tempfile
from collections.abc import Callable, Sequence
from typing import Final

from grader.sandbox import devices, filesystem, kernel, landlock, syscalls

LAYERS: Final = ("files", "processes", "network", "syscalls", "resources", "privileges", "secrets")
MAX_FILE_BYTES: Final = 16 * 2**20
MAX_OPEN_FILES: Final = 256
MAX_TASKS: Final = 64
"""Threads and processes of one submission, where they can be counted apart from those of others."""
_FIRST_OF_OURS: Final = 2_000_000_000
"""User ids from here on belong to nobody; each fork server adds its process id."""


def guard_trusted_process() -> None:
    """Keep other processes of the same user from reading or tracing this one (prctl(2))."""
    _done(lambda: kernel.prctl(kernel.PR_SET_DUMPABLE, 0))


def become_parent_of_orphans() -> None:
    """Let processes that outlive their parent become this one's children, so it can end them."""
    _done(lambda: kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1))


def die_with_parent() -> bool:
    """Have the kernel kill this process when the one that forked it ends."""
    return _done(lambda: kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL))


def empty_environment(keep: Sequence[str] = ()) -> None:
    """Leave nothing of the environment but what a program cannot do without, and ``keep``; inherited by every fork."""
    kept = {name: os.environ[name] for name in keep if name in os.environ}
    os.environ.clear()
    os.environ.update(kept, PATH="/usr/bin:/bin", LANG="C.UTF-8")


class Wall:
    """What this machine offers to hold learner processes, and what of it is set up already.

    ``scratch`` is an empty folder of the fork server's own. A wall that does not
    hold (``holds``) is there for debugging: it keeps nobody from anything. Where
    submissions will be graded on a GPU (``gpu``), it can be reached in here.
    """

    def __init__(self, scratch: str, *, holds: bool, gpu: bool = False) -> None:
        self.scratch = scratch
        self.holds = holds
        self.gpu = gpu
        self.readable = filesystem.readable() if holds else []
        self.namespaces: set[str] = set()
        self.user = os.getuid()
        """Whom a learner process runs as."""
        self._landlock = kernel.landlock_version() if holds else 0
        self._seccomp = syscalls.supported()
        self._keeps: tuple[int, ...] = ()
        """Capabilities that a learner process needs to read Python, where that lies in a folder closed to others."""
        self._mapped = _held_bytes(_ALL)
        if holds and self.user == 0 and kernel.has_capabilities(*_TO_CHANGE_USER):
            self.user = _unused_user() or 0
        self.home = ""
        self._home_bytes = filesystem.HOME_BYTES
        self.ruleset = -1
        """A descriptor that learner processes have to keep until they are confined."""

    def enter_namespaces(self) -> None:
        """Leave the namespaces of the machine; the next fork is the first process of its own PID namespace.

        Raises ``OSError`` where this machine refuses; the process is of no use then.
        """
        if not kernel.has_capabilities(kernel.CAP_SYS_ADMIN):
            if os.getuid() == 0:
                raise PermissionError(
                    "a root without CAP_SYS_ADMIN would stay root in a namespace of its own"
                )
            _enter_user_namespace()
        kernel.unshare(kernel.CLONE_NEWNS | kernel.CLONE_NEWPID)
        self.namespaces |= {"mount", "PID"}
        for name, flag in {"network": kernel.CLONE_NEWNET, "IPC": kernel.CLONE_NEWIPC}.items():
            if _done(lambda flag=flag: kernel.unshare(flag)):  # type: ignore[misc]
                self.namespaces.add(name)

    def settle(self) -> None:
        """Prepare the place where learner processes will live: a root of their own, or a folder."""
        if "mount" in self.namespaces:
            readable, nodes = [*self.readable], [*filesystem.DEVICES]
            if self.gpu:
                readable += [path for path in devices.SYSTEM if os.path.exists(path)]
                nodes += devices.nodes()
            filesystem.enter_private_root(readable, nodes, self.scratch)
            self.home = filesystem.HOME
        else:
            self.home = os.path.join(self.scratch, "home")
            if self.user != os.getuid():
                self._let_in()
        if self._seccomp:
            self._filter(subprocesses=False)  # most of it is made the first time
        os.environ["HOME"] = os.environ["TMPDIR"] = self.home
        tempfile.tempdir = None
        if self._landlock:
            self.ruleset = self._make_ruleset(subprocesses=False)

    def _let_in(self) -> None:
        """Let another user reach what a learner process needs; where that cannot be, processes stay root."""
        os.chmod(self.scratch, 0o711)  # noqa: S103 - to pass, not to look
        if _can_reach(self.user, [*self.readable, self.scratch]):
            return
        reading = (kernel.CAP_DAC_READ_SEARCH, kernel.CAP_DAC_OVERRIDE)
        # Only with Landlock, which then alone says what may be read and written.
        self._keeps = tuple(
            one for one in reading if self._landlock and kernel.has_capabilities(one)
        )[:1]
        if not self._keeps:
            self.user = os.getuid()

    def furnish(self, *, subprocesses: bool) -> None:
        """Make the home anew for the next learner process: empty, and theirs."""
        self.clear()
        self._home_bytes = filesystem.COMPILER_BYTES if subprocesses else filesystem.HOME_BYTES
        if "mount" in self.namespaces:
            filesystem.mount_home(self.user, self._home_bytes)
        else:
            os.mkdir(self.home, 0o700)
            if self.user != os.getuid():
                os.chown(self.home, self.user, self.user)

    def clear(self) -> None:
        """Remove the home with everything that was left in it."""
        if "mount" in self.namespaces:
            if os.path.ismount(self.home):
                filesystem.unmount_home()
        else:
            filesystem.empty(self.scratch)

    def overflows(self, process: int) -> bool:
        """Whether ``process`` wrote more than it may, where the file system of its home does not see to it.

        What lies there is counted, and all that was ever written: a file can have no name any more.
        """
        if "mount" in self.namespaces:
            return False
        written = filesystem.written_bytes(process)
        return written > 4 * self._home_bytes or filesystem.is_over_size(
            self.scratch, self._home_bytes
        )

    def confine(
        self, *, memory_bytes: int, cpu_seconds: int, subprocesses: bool, gpu: bool = False
    ) -> dict[str, str | None]:
        """Lock the current process down; each of ``LAYERS`` with what holds it, or None where nothing does.

        ``memory_bytes`` come on top of what the process has already: an absolute
        limit would have to know what this build of torch maps. With ``gpu`` memory is
        left to ``hold_data``, once the GPU has been started.
        """
        if not self.holds:
            return dict.fromkeys(LAYERS)
        other = self._landlock and (subprocesses or gpu)
        ruleset = self._make_ruleset(subprocesses=subprocesses, gpu=gpu) if other else self.ruleset
        _volunteer_for_the_oom_killer()
        file_bytes = self._home_bytes if subprocesses else MAX_FILE_BYTES
        limited = self._limit(None if gpu else memory_bytes, cpu_seconds, file_bytes)
        switched = self._become_user()
        no_new = _done(lambda: kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1))
        # What the kernel clears when the user changes, set again.
        die_with_parent()
        _done(
            lambda: kernel.prctl(kernel.PR_SET_DUMPABLE, 1)
        )  # its own /proc/self is its own to read
        walled = ruleset >= 0 and _done(lambda: kernel.restrict(ruleset))
        for descriptor in {ruleset, self.ruleset} - {-1}:
            os.close(descriptor)
        dropped = _done(lambda: kernel.drop_capabilities(self._keeps if walled else ()))
        filtered = self._seccomp and _done(
            lambda: kernel.install_filter(self._filter(subprocesses=subprocesses, gpu=gpu))
        )
        return {
            "files": _but_for_the_gpu(
                self._files(walled=walled, safe=filtered and not subprocesses), gpu=gpu
            ),
            "processes": self._processes(
                walled=walled, filtered=filtered, subprocesses=subprocesses
            ),
            "network": self._network(filtered=filtered, sockets=subprocesses or gpu),
            "syscalls": "seccomp, those that PyTorch needs" if filtered else None,
            "resources": limited if self._counts_tasks() or not subprocesses else None,
            "privileges": self._privileges() if switched and no_new and dropped else None,
            "secrets": "emptied environment, no inherited descriptors",
        }

    def hold_data(self, memory_bytes: int) -> None:
        """Limit what this process may still allocate for itself, where a GPU forbids to limit its address space.

        Memory that is made to be shared does not count (getrlimit(2), RLIMIT_DATA), so
        this meets who takes too much by mistake, and no one else.
        """
        if self.holds and (used := _held_bytes(_DATA)) is not None:
            _lower(resource.RLIMIT_DATA, used + memory_bytes, used + memory_bytes)

    # What holds each layer, in words.

    def _files(self, *, walled: bool, safe: bool) -> str | None:
        holds = ["mount namespace"] if "mount" in self.namespaces else []
        if walled and (holds or (self._landlock >= landlock.TRUNCATE_SINCE and safe)):
            holds.append(f"Landlock {self._landlock}")
        return " and ".join(holds) or None

    def _processes(self, *, walled: bool, filtered: bool, subprocesses: bool) -> str | None:
        if "PID" in self.namespaces:
            return "PID namespace"
        if walled and self._landlock >= landlock.SIGNALS_SINCE:
            return f"Landlock {self._landlock}"
        return "Landlock and seccomp" if walled and filtered and not subprocesses else None

    def _network(self, *, filtered: bool, sockets: bool) -> str | None:
        holds = ["network namespace"] if "network" in self.namespaces else []
        if filtered and (holds or not sockets):
            holds.append("seccomp")
        return " and ".join(holds) or None

    def _privileges(self) -> str:
        user = "a user of nobody's" if self.user != _REAL_USER else "your own user"
        beyond = " but to pass closed folders" if self._keeps else ""
        return f"{user} without capabilities{beyond}, no new privileges"

    # The steps.

    def _make_ruleset(self, *, subprocesses: bool, gpu: bool = False) -> int:
        read = landlock.READ | (landlock.EXECUTE if subprocesses else 0)
        rights = dict.fromkeys((path for path in self.readable if os.path.exists(path)), read)
        rights |= dict.fromkeys(
            (path for path in filesystem.DEVICES if os.path.exists(path)), landlock.WRITE
        )
        if "mount" in self.namespaces:
            rights |= {"/": landlock.LIST, "/proc": landlock.READ}
        elif subprocesses and os.path.isdir("/dev/shm"):  # noqa: S108 - where semaphores of workers have to be
            rights["/dev/shm"] = landlock.WRITE  # noqa: S108
        # Not the home itself, which is another one each time.
        rights[os.path.dirname(self.home)] = landlock.WRITE
        return landlock.ruleset(self._landlock, rights | devices.rights() if gpu else rights)

    def _filter(self, *, subprocesses: bool, gpu: bool = False) -> bytes:
        # Where files of others can be named, their attributes could be changed: even a stranger may those of
        # a file that is open to everyone.
        attributes = "mount" in self.namespaces
        return syscalls.program(
            os.getpid(), subprocesses=subprocesses, attributes=attributes, gpu=gpu
        )

    def _limit(self, memory_bytes: int | None, cpu_seconds: int, file_bytes: int) -> str | None:
        limits = {
            resource.RLIMIT_CORE: (0, 0),
            resource.RLIMIT_CPU: (cpu_seconds, cpu_seconds + 1),
            resource.RLIMIT_FSIZE: (file_bytes, file_bytes),
            resource.RLIMIT_NOFILE: (MAX_OPEN_FILES, MAX_OPEN_FILES),
            resource.RLIMIT_MEMLOCK: (0, 0),
        }
        mapped = None if memory_bytes is None else _held_bytes(_ALL) or self._mapped
        if memory_bytes is not None and mapped is not None:
            limits[resource.RLIMIT_AS] = (mapped + memory_bytes,) * 2
        if self._counts_tasks():
            limits[resource.RLIMIT_NPROC] = (MAX_TASKS, MAX_TASKS)
        for limit, wished in limits.items():
            _lower(limit, *wished)
        return "rlimits" if mapped is not None else None

    def _counts_tasks(self) -> bool:
        """Whether the threads and processes of a submission can be counted apart from those of its user."""
        return self.user != _REAL_USER or "mount" in self.namespaces

    def _become_user(self) -> bool:
        """Be ``self.user``; False where that is root still."""
        if self.user == os.getuid():
            return self.user != 0
        if self._keeps:
            kernel.prctl(kernel.PR_SET_KEEPCAPS, 1)
        os.setgroups([])
        os.setresgid(self.user, self.user, self.user)
        os.setresuid(self.user, self.user, self.user)
        return True


_REAL_USER: Final = os.getuid()
_TO_CHANGE_USER: Final = (
    *(kernel.CAP_CHOWN, kernel.CAP_DAC_OVERRIDE, kernel.CAP_KILL),
    *(kernel.CAP_SETGID, kernel.CAP_SETUID),
)
"""What it takes to give a home to another user, become them, end them and remove what they left."""


def _done(step: Callable[[], object]) -> bool:
    """Try ``step``; whether the kernel allowed it."""
    try:
        step()
    except OSError:
        return False
    return True


def _enter_user_namespace() -> None:
    """Become the owner of a user namespace, in which the user's own id is the only one (user_namespaces(7))."""
    user, group = os.getuid(), os.getgid()
    kernel.unshare(kernel.CLONE_NEWUSER)
    for file, text in {
        "setgroups": "deny",
        "uid_map": f"{user} {user} 1",
        "gid_map": f"{group} {group} 1",
    }.items():
        with open(f"/proc/self/{file}", "w", encoding="ascii") as stream:
            stream.write(text)


def _unused_user() -> int | None:
    """A user id that nobody has, another one for each fork server if it can be; None where there is none to be had."""
    try:
        with open("/proc/self/uid_map", encoding="ascii") as file:
            ranges = [(int(first), int(count)) for first, _, count in map(str.split, file)]
    except (OSError, ValueError):
        return None
    wished = _FIRST_OF_OURS + os.getpid()
    first, count = max(ranges, key=lambda one: one[1], default=(0, 0))
    # A container may have 65,536 ids only: then one of the upper half.
    candidate = (
        wished
        if first <= wished < first + count
        else first + count // 2 + os.getpid() % max(1, count // 2 - 2)
    )
    try:
        pwd.getpwuid(candidate)
    except KeyError:
        return candidate if first < candidate < first + count else None
    return None


def _can_reach(user: int, paths: list[str]) -> bool:
    """Whether ``user`` would be let into all of ``paths``; asked by root, who would be let in anyway."""
    os.setresgid(user, -1, -1)
    os.setresuid(user, -1, -1)
    try:
        # access(2) answers for the real user, with that user's lack of privileges.
        return all(os.access(path, os.X_OK if os.path.isdir(path) else os.R_OK) for path in paths)
    finally:
        os.setresuid(0, -1, -1)
        os.setresgid(0, -1, -1)


def _volunteer_for_the_oom_killer() -> None:
    """Let this process be the first to go when the machine runs out of memory (proc(5), oom_score_adj)."""
    with contextlib.suppress(OSError):
        descriptor = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
        os.write(descriptor, b"1000")
        os.close(descriptor)


def _but_for_the_gpu(holds: str | None, *, gpu: bool) -> str | None:
    return f"{holds}, open for the device files of GPUs" if holds and gpu else holds


def _lower(limit: int, soft: int, hard: int) -> None:
    """Set a limit of this process, which is never raised."""
    highest = resource.getrlimit(limit)[1]
    if highest != resource.RLIM_INFINITY:
        soft, hard = min(soft, highest), min(hard, highest)
    resource.setrlimit(limit, (soft, hard))


# Columns of /proc/self/statm (proc(5)): the whole address space, and what is data and stack of it.
_ALL: Final = 0
_DATA: Final = 5


def _held_bytes(column: int) -> int | None:
    """Memory of this process that it has mapped, or None without /proc."""
    try:
        descriptor = os.open("/proc/self/statm", os.O_RDONLY)
    except OSError:
        return None
    pages = os.read(descriptor, 128).split()[column]
    os.close(descriptor)
    return int(pages) * resource.getpagesize()
