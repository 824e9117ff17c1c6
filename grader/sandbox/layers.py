"""The sandbox of a learner process, layer by layer.

The fork server creates one ``Sandbox`` and prepares what all learner processes
share. Each learner process then calls ``Sandbox.apply_layers`` before it runs any
learner code. The sandbox tries each layer on its own. If the machine refuses one
(a container without namespaces, a kernel without Landlock), the others still
apply. ``docs/security.md`` says what each layer protects.

No sandboxing tool fits here. bubblewrap, nsjail, isolate, firejail and gVisor all
start a new program, which would import torch (1 to 2 seconds) for each submission.
None of them can confine a process that was forked from a running interpreter.
"""

import contextlib
import os
import pwd
import resource
import signal
import tempfile
from collections.abc import Callable, Sequence

from grader.sandbox import filesystem, gpu_access, kernel, landlock, syscalls, wire
from grader.sandbox.cgroup import Group
from grader.sandbox.wire import LAYERS
from grader.system import SYSTEM

MAX_FILE_BYTES = 16 * 2**20
MAX_OPEN_FILES = 256
# Threads and processes of one submission. The limit applies only where the kernel does not count
# other processes of the same user too.
MAX_TASKS = 64
# In a control group, the processes of a submission allocate at most as much as so many of them.
MAX_FAMILY = 4
# What a group allocates besides: the fork server, which moves its memory into large pages, and
# what a learner process changes in its copy of that memory.
_SHARED_BYTES = 768 * 2**20
# No system assigns user ids from here on. Each fork server adds its process id.
_FIRST_UNUSED_USER = 2_000_000_000
_REAL_USER = os.getuid()
# What the sandbox allows a submission of most exercises.
_NOTHING_ELSE = wire.Spawn([], subprocesses=False)
# To create a home for another user, become that user, kill its processes and remove its files.
_TO_CHANGE_USER = (
    kernel.CAP_CHOWN,
    kernel.CAP_DAC_OVERRIDE,
    kernel.CAP_KILL,
    kernel.CAP_SETGID,
    kernel.CAP_SETUID,
)


def guard_trusted_process() -> None:
    """Stop other processes of the same user from reading or tracing this one (prctl(2))."""
    _try(kernel.prctl, kernel.PR_SET_DUMPABLE, 0)


def become_parent_of_orphans() -> None:
    """Adopt the processes that outlive their parent, so that this process can kill them."""
    _try(kernel.prctl, kernel.PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent ends."""
    _try(kernel.prctl, kernel.PR_SET_PDEATHSIG, signal.SIGKILL)


def empty_environment(keep: Sequence[str]) -> None:
    """Remove all environment variables except ``keep`` and those that every program needs."""
    for name in list(os.environ):
        if name not in keep:
            del os.environ[name]
    os.environ["PATH"] = "/usr/bin:/bin"
    os.environ["LANG"] = "C.UTF-8"
    # Matplotlib must not look for a screen.
    os.environ["MPLBACKEND"] = "Agg"
    # PyTorch 2.6 to 2.10 ask for it to compile, and the user of a sandbox has no other name.
    os.environ["USER"] = "learner"


class Sandbox:
    """What this machine offers for sandboxing, and the parts that are already set up.

    ``scratch`` is an empty folder that belongs to the fork server. Without ``enabled``
    no layer applies, which is only for debugging. With ``gpu``, submissions can be
    given access to the GPUs of this machine. ``group`` is that of this process, if it has one.
    """

    def __init__(
        self, scratch: str, *, enabled: bool, gpu: bool = False, group: Group | None = None
    ) -> None:
        self.scratch = scratch
        self.enabled = enabled
        self.gpu = gpu
        self._group = group
        self.home = ""
        self.user = os.getuid()
        self.readable: list[str] = []
        # Mount and PID namespaces come together; without both, neither helps.
        self.in_namespaces = False
        # A learner process keeps this descriptor open until it applies Landlock.
        self.ruleset = -1
        self._in_network_namespace = False
        self._landlock = 0
        self._seccomp = syscalls.supported()
        # Capabilities that a learner process keeps if others can't read the folders of Python.
        self._kept_capabilities: tuple[int, ...] = ()
        self._home_bytes = filesystem.HOME_BYTES
        # Read now, because a container can refuse a /proc in a new PID namespace.
        self._address_space = _mapped_bytes()
        if enabled:
            self.readable = filesystem.readable()
            self._landlock = kernel.landlock_version()
            if self.user == 0 and kernel.has_capabilities(*_TO_CHANGE_USER):
                self.user = _unused_user() or 0

    def enter_namespaces(self) -> None:
        """Leave the namespaces of the machine. The next fork becomes process 1 of a PID namespace.

        Raises ``OSError`` if this machine refuses. The process is then of no further use.
        """
        if not kernel.has_capabilities(kernel.CAP_SYS_ADMIN):
            if os.getuid() == 0:
                raise PermissionError("without CAP_SYS_ADMIN, root is still root in a namespace")
            _enter_user_namespace()

        kernel.unshare(kernel.CLONE_NEWNS | kernel.CLONE_NEWPID)
        self.in_namespaces = True
        self._in_network_namespace = _try(kernel.unshare, kernel.CLONE_NEWNET)
        _try(kernel.unshare, kernel.CLONE_NEWIPC)

    def prepare(self) -> None:
        """Prepare what all learner processes share: their file system, filter and ruleset."""
        if self.in_namespaces:
            readable = list(self.readable)
            nodes = list(filesystem.DEVICES)
            if self.gpu:
                readable += [path for path in gpu_access.SYSTEM if os.path.exists(path)]
                nodes += gpu_access.nodes()
            filesystem.enter_private_root(readable, nodes, self.scratch)
            self.home = filesystem.HOME
        else:
            self.home = os.path.join(self.scratch, "home")
            if self.user != os.getuid():
                self._let_other_user_in()

        if self._seccomp:
            # Each learner process inherits the cached result.
            self._filter(_NOTHING_ELSE)

        os.environ["HOME"] = os.environ["TMPDIR"] = self.home
        tempfile.tempdir = None
        if self._landlock:
            self.ruleset = self._create_ruleset(_NOTHING_ELSE)

    def _let_other_user_in(self) -> None:
        """Let ``self.user`` reach what it needs; if that is impossible, stay the current user."""
        os.chmod(self.scratch, 0o711)  # noqa: S103 - others can pass through but not list it
        if _can_reach(self.user, [*self.readable, self.scratch]):
            return

        # These capabilities override the permissions of files. That is safe only if Landlock
        # limits what the process can read and write.
        for capability in (kernel.CAP_DAC_READ_SEARCH, kernel.CAP_DAC_OVERRIDE):
            if self._landlock and kernel.has_capabilities(capability):
                self._kept_capabilities = (capability,)
                return

        self.user = os.getuid()

    def create_home(self, spawn: wire.Spawn) -> None:
        """Create an empty home folder for the next learner process."""
        self.remove_home()
        self._home_bytes = filesystem.HOME_BYTES
        if spawn.subprocesses:
            self._home_bytes = filesystem.COMPILER_BYTES

        if self.in_namespaces:
            filesystem.mount_home(self.user, self._home_bytes)
            return

        os.mkdir(self.home, 0o700)
        if self.user != os.getuid():
            os.chown(self.home, self.user, self.user)

    def limit_group(self, spawn: wire.Spawn) -> None:
        """Limit what the next learner process and its children allocate together.

        Call this after ``create_home``, because the files in a home are memory, too.
        """
        if self._group is None:
            return

        size = 0
        if spawn.memory_bytes and not spawn.gpu:
            processes = MAX_FAMILY if spawn.subprocesses else 1
            size = processes * spawn.memory_bytes + self._home_bytes + _SHARED_BYTES
        self._group.limit_memory(size)

    def remove_home(self) -> None:
        """Remove the home folder and everything in it."""
        if not self.in_namespaces:
            filesystem.empty(self.scratch)
        elif os.path.ismount(self.home):
            kernel.unmount(self.home)

    def wrote_too_much(self, process: int) -> bool:
        """Return whether ``process`` wrote more than it may to a home that has no size limit.

        This counts the files in the home and all bytes ever written, because the process
        can delete a file and still keep it open.
        """
        if self.in_namespaces:
            return False
        if filesystem.written_bytes(process) > 4 * self._home_bytes:
            return True

        return filesystem.is_over_size(self.scratch, self._home_bytes)

    def apply_layers(
        self, spawn: wire.Spawn, memory_bytes: int, cpu_seconds: int
    ) -> dict[str, str | None]:
        """Apply all layers to this process; return the mechanism of each, or None if it is missing.

        ``memory_bytes`` is added to the memory that the process already maps, because that
        depends on the build of torch. On a GPU it is ignored: call ``limit_data`` after the
        device has started.
        """
        mechanisms: dict[str, str | None] = dict.fromkeys(LAYERS)
        if not self.enabled:
            return mechanisms

        ruleset = self.ruleset
        if self._landlock and (spawn.subprocesses or spawn.gpu):
            ruleset = self._create_ruleset(spawn)

        _offer_to_oom_killer()
        self._set_limits(spawn, cpu_seconds)
        used = _mapped_bytes() or self._address_space
        if used and not spawn.gpu:
            _lower(resource.RLIMIT_AS, used + memory_bytes)
            mechanisms["resources"] = self._limits()

        if self.in_namespaces and not self._landlock and not spawn.gpu:
            _hide_proc()
        unprivileged = self._become_user()
        if not _try(kernel.prctl, kernel.PR_SET_NO_NEW_PRIVS, 1):
            unprivileged = False
        # setresuid(2) has reset the next two. The process may read its own /proc/self.
        die_with_parent()
        _try(kernel.prctl, kernel.PR_SET_DUMPABLE, 1)

        landlocked = ruleset >= 0 and _try(kernel.restrict, ruleset)
        # The two may be the same, which is closed once; -1 is none.
        for descriptor in {ruleset, self.ruleset} - {-1}:
            os.close(descriptor)

        # They override file permissions, so without Landlock the process must not have them.
        kept = self._kept_capabilities if landlocked else ()
        if not _try(kernel.drop_capabilities, kept):
            unprivileged = False

        # Last, because the filter blocks the calls that the other layers need.
        filtered = self._seccomp and _try(kernel.install_filter, self._filter(spawn))
        if filtered:
            mechanisms["syscalls"] = "seccomp, only the calls that PyTorch needs"
        if unprivileged:
            mechanisms["privileges"] = self._privileges()
        if spawn.subprocesses and self._group is None and not self._counts_tasks():
            # Each process has its own limit, and nothing limits their number.
            mechanisms["resources"] = None

        mechanisms["files"] = self._files(spawn, landlocked=landlocked, filtered=filtered)
        mechanisms["processes"] = self._processes(spawn, landlocked=landlocked, filtered=filtered)
        mechanisms["network"] = self._network(spawn, filtered=filtered)
        mechanisms["secrets"] = "emptied environment, no inherited descriptors"
        return mechanisms

    def limit_data(self, memory_bytes: int) -> None:
        """Limit what this process allocates from now on, for use with a GPU.

        CUDA reserves so many addresses that their number can't be limited. Shared memory
        does not count (getrlimit(2), RLIMIT_DATA), so this stops mistakes, not attacks.
        """
        used = SYSTEM.data_bytes()
        if self.enabled and used:
            _lower(resource.RLIMIT_DATA, used + memory_bytes)

    # The mechanisms behind a layer, as the grade and `grade doctor` name them.

    def _files(self, spawn: wire.Spawn, *, landlocked: bool, filtered: bool) -> str | None:
        # Landlock alone must cover truncate, and needs a filter for what it never covers. A
        # submission that starts programs has a wider filter.
        alone = self._landlock >= landlock.TRUNCATE_SINCE and filtered and not spawn.subprocesses
        names = []
        if self.in_namespaces:
            names.append("mount namespace")
        if landlocked and (self.in_namespaces or alone):
            names.append(f"Landlock {self._landlock}")
        if names and spawn.gpu:
            names[-1] += ", except the device files of GPUs"

        return " and ".join(names) or None

    def _processes(self, spawn: wire.Spawn, *, landlocked: bool, filtered: bool) -> str | None:
        if self.in_namespaces:
            return "PID namespace"
        if landlocked and self._landlock >= landlock.SIGNALS_SINCE:
            return f"Landlock {self._landlock}"
        if landlocked and filtered and not spawn.subprocesses:
            return "Landlock and seccomp"

        return None

    def _network(self, spawn: wire.Spawn, *, filtered: bool) -> str | None:
        names = []
        if self._in_network_namespace:
            names.append("network namespace")

        # Where the filter allows local sockets, only a namespace separates them from others.
        allows_sockets = spawn.subprocesses or spawn.gpu
        if filtered and (self._in_network_namespace or not allows_sockets):
            names.append("seccomp")

        return " and ".join(names) or None

    def _limits(self) -> str:
        if self._group is None:
            return "rlimits"
        return f"rlimits and a control group ({', '.join(self._group.controllers)})"

    def _privileges(self) -> str:
        user = "your own user" if self.user == _REAL_USER else "an unused user id"
        if self._kept_capabilities:
            return f"{user}, no capabilities except to read closed folders, no new privileges"
        return f"{user}, no capabilities, no new privileges"

    # The steps.

    def _create_ruleset(self, spawn: wire.Spawn) -> int:
        read = landlock.READ
        if spawn.subprocesses:
            read |= landlock.EXECUTE

        rights = dict.fromkeys(self.readable, read)
        rights |= dict.fromkeys(filesystem.DEVICES, landlock.WRITE)
        if self.in_namespaces:
            rights["/"] = landlock.LIST
        elif spawn.subprocesses:
            # The C library creates the semaphores of a DataLoader's workers here.
            rights["/dev/shm"] = landlock.WRITE  # noqa: S108

        if spawn.gpu:
            rights |= gpu_access.rights()

        # The parent of the home, because each learner process gets a new home.
        rights[os.path.dirname(self.home)] = landlock.WRITE
        return landlock.ruleset(self._landlock, rights)

    def _filter(self, spawn: wire.Spawn) -> bytes:
        # Without a root of its own, a process can name the files of others. Landlock does not
        # control changes to their modes, owners and times, so the filter blocks those.
        attributes = self.in_namespaces
        return syscalls.program(
            os.getpid(), subprocesses=spawn.subprocesses, attributes=attributes, gpu=spawn.gpu
        )

    def _set_limits(self, spawn: wire.Spawn, cpu_seconds: int) -> None:
        limits = {
            resource.RLIMIT_CORE: 0,
            resource.RLIMIT_FSIZE: MAX_FILE_BYTES,
            resource.RLIMIT_NOFILE: MAX_OPEN_FILES,
            resource.RLIMIT_MEMLOCK: 0,
        }
        if spawn.subprocesses:
            # The compiler of PyTorch writes large files.
            limits[resource.RLIMIT_FSIZE] = self._home_bytes

        if self._counts_tasks():
            limits[resource.RLIMIT_NPROC] = MAX_TASKS

        for limit, value in limits.items():
            _lower(limit, value)

        # SIGXCPU first, which tells the examiner the reason; SIGKILL if the process ignores it.
        _lower(resource.RLIMIT_CPU, cpu_seconds, grace=1)

    def _counts_tasks(self) -> bool:
        """Return whether RLIMIT_NPROC counts only the tasks of the submission."""
        return self.user != _REAL_USER or self.in_namespaces

    def _become_user(self) -> bool:
        """Become ``self.user``; return False if that is root."""
        if self.user != os.getuid():
            if self._kept_capabilities:
                kernel.prctl(kernel.PR_SET_KEEPCAPS, 1)
            os.setgroups([])
            os.setresgid(self.user, self.user, self.user)
            os.setresuid(self.user, self.user, self.user)

        return self.user != 0


def _try(step: Callable[..., object], *arguments: object) -> bool:
    """Call ``step``; return whether the kernel allowed it."""
    try:
        step(*arguments)
    except OSError:
        return False

    return True


def _hide_proc() -> None:
    """Take /proc away from this process, because its mount table names folders of the host.

    Where Landlock applies, no right to read it does the same.
    """
    kernel.unshare(kernel.CLONE_NEWNS)
    kernel.unmount("/proc")


def _enter_user_namespace() -> None:
    """Become the owner of a user namespace that has only the current user (user_namespaces(7))."""
    user, group = os.getuid(), os.getgid()
    kernel.unshare(kernel.CLONE_NEWUSER)
    # The kernel wants these three files in this order.
    for file, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        with open(f"/proc/self/{file}", "w", encoding="ascii") as stream:
            stream.write(text)


def _unused_user() -> int | None:
    """Return a user id that nobody has, different for each fork server; None if there is none."""
    try:
        with open("/proc/self/uid_map", encoding="ascii") as file:
            ranges = [[int(number) for number in line.split()] for line in file]
    except (OSError, ValueError):
        return None

    first, _, count = max(ranges, key=lambda one: one[2], default=(0, 0, 0))
    user = _FIRST_UNUSED_USER + os.getpid()
    if user >= first + count:
        # A container may have only 65,536 ids. Real users are rare in the upper half of them.
        half = count // 2
        user = first + half + os.getpid() % max(1, half - 2)

    if not first < user < first + count:
        return None

    try:
        pwd.getpwuid(user)
    except KeyError:
        return user

    return None


def _can_reach(user: int, paths: list[str]) -> bool:
    """Return whether ``user`` has access to all ``paths``. The caller is root."""
    os.setresgid(user, -1, -1)
    os.setresuid(user, -1, -1)
    try:
        # access(2) checks the real user, without the capabilities of root.
        for path in paths:
            needed = os.X_OK if os.path.isdir(path) else os.R_OK
            if not os.access(path, needed):
                return False
        return True
    finally:
        os.setresuid(0, -1, -1)
        os.setresgid(0, -1, -1)


def _offer_to_oom_killer() -> None:
    """Make this process the first that the kernel kills if memory runs out (proc(5))."""
    with (
        contextlib.suppress(OSError),
        open("/proc/self/oom_score_adj", "w", encoding="ascii") as file,
    ):
        file.write("1000")


def _lower(limit: int, soft: int, grace: int = 0) -> None:
    """Set a limit of this process, but never above the limit that it has."""
    hard = soft + grace
    _, highest = resource.getrlimit(limit)
    if highest != resource.RLIM_INFINITY:
        soft = min(soft, highest)
        hard = min(hard, highest)

    resource.setrlimit(limit, (soft, hard))


def _mapped_bytes() -> int:
    """Return the size of all mapped memory of this process, or 0 without /proc."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            # The first column (proc(5)).
            pages = int(file.read().split()[0])
    except OSError:
        return 0

    return pages * resource.getpagesize()
