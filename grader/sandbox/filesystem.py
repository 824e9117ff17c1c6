"""The file system of learner processes: what they can read, and the one folder they can write."""

import contextlib
import glob
import os
import site
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

import torch

from grader.sandbox import kernel
from grader.sandbox.paths import is_within

# Where a learner process works if it has a root of its own.
HOME = "/home/learner"
HOME_BYTES = 64 * 2**20
# The size of the home if a submission may start programs. The compiler of PyTorch alone writes
# headers of 100 MB.
COMPILER_BYTES = 2**30
HOME_FILES = 10_000
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
# Libraries, what the C library looks up, and the programs that some exercises start. Nothing of
# /etc, /home, /var or /usr/local that could be private.
_SYSTEM = (
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/local/cuda",
    "/usr/local/nvidia",
    "/bin",
    "/usr/bin",
    "/usr/include",
    "/usr/libexec",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/usr/share/zoneinfo",
    "/sys/devices/system/cpu",
    "/proc/cpuinfo",
    "/proc/meminfo",
)
_DISTRIBUTION = "torch_exercise_grader"


def readable() -> list[str]:
    """Return the files and folders that Python and torch need.

    None of them contains anything of the grader or of the course that it comes with.
    """
    paths = sysconfig.get_paths()
    sites = [
        paths["purelib"],
        paths["platlib"],
        *site.getsitepackages(),
    ]
    if site.ENABLE_USER_SITE:
        sites.append(site.getusersitepackages())

    # The interpreter that a virtual environment is based on.
    base = sysconfig.get_config_var("installed_base")
    wanted = [
        *_SYSTEM,
        *sites,
        # An editable installation of torch is elsewhere.
        os.path.dirname(torch.__file__),
        paths["stdlib"],
        paths["platstdlib"],
        paths["include"],
        paths["scripts"],
        f"{base}/bin",
        f"{base}/lib",
        f"{base}/include",
    ]

    hidden = [os.path.realpath(path) for path in _own_paths(sites)]
    found: set[str] = set()
    for path in wanted:
        # Both are needed: programs open the link, and Landlock checks its target.
        for name in (os.path.normpath(path), os.path.realpath(path)):
            if os.path.exists(name):
                found.update(_without(name, hidden))

    return sorted(found)


def _own_paths(sites: Iterable[str]) -> list[str]:
    """Return the paths of the grader, its course, and its metadata in site-packages."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    parent, name = os.path.split(package)
    paths = [
        package,
        # In an editable installation, the course is next to the package.
        f"{parent}/exercises",
        f"{parent}/solutions",
        f"{parent}/tests",
    ]
    for folder in sites:
        paths.append(f"{folder}/{name}")
        paths += glob.glob(f"{glob.escape(folder)}/*{_DISTRIBUTION}*")

    return paths


def _without(path: str, hidden: list[str], real: str = "") -> Iterator[str]:
    """Yield ``path``; if something in it is ``hidden``, yield everything else in it instead.

    Landlock can only add to what is allowed, so a folder with an exception must be
    allowed entry by entry. ``real`` is the real path of ``path`` if it is known: finding it
    asks the system about each folder above, which takes long for all entries of site-packages.
    """
    real = real or os.path.realpath(path)
    if any(is_within(real, one) for one in hidden):
        return
    if not any(is_within(one, real) for one in hidden):
        yield path
        return

    with os.scandir(path) as entries:
        for entry in entries:
            inner = "" if entry.is_symlink() else os.path.join(real, entry.name)
            yield from _without(entry.path, hidden, inner)


def enter_private_root(paths: Iterable[str], devices: Iterable[str], base: str) -> None:
    """Build a root in the empty folder ``base`` and make it the root of this process.

    It contains ``paths``, read-only, and ``devices``, and a ``/proc`` for this PID
    namespace. A path that was removed meanwhile, as pip does, is empty there. The
    process must be in new mount and PID namespaces.
    """
    kernel.mount("none", "/", "", kernel.MS_REC | kernel.MS_PRIVATE)
    flags = kernel.MS_NOSUID | kernel.MS_NODEV
    kernel.mount("tmpfs", base, "tmpfs", flags, "size=1m,mode=755")
    bound: set[str] = set()
    for path in [*sorted(paths), *devices]:
        # A folder above it brings it along.
        if not bound.isdisjoint(map(str, PurePosixPath(path).parents)):
            continue

        bound.add(path)
        try:
            _bind(path, base + path)
        except FileNotFoundError:
            if os.path.lexists(path):
                raise

    for folder in ("/proc", HOME):
        os.makedirs(base + folder, exist_ok=True)

    # Shared memory and temporary files go to the home, which limits their size and is removed.
    for path in ("/tmp", "/dev/shm"):  # noqa: S108
        # Python itself may be installed in /tmp.
        if not os.path.lexists(base + path):
            os.symlink(HOME, base + path)

    kernel.make_read_only(base)
    # The kernel refuses this in containers that hide parts of /proc.
    with contextlib.suppress(OSError):
        kernel.mount("proc", base + "/proc", "proc", flags | kernel.MS_NOEXEC, "hidepid=2")

    kernel.change_root(base)


def _bind(path: str, target: str) -> None:
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if os.path.islink(path):
        os.symlink(os.readlink(path), target)
        return

    # A folder can only be mounted on a folder, and a file on a file.
    if os.path.isdir(path):
        os.mkdir(target)
    else:
        with open(target, "wb"):
            pass

    kernel.mount(path, target, "", kernel.MS_BIND | kernel.MS_REC)


def mount_home(user: int, size: int) -> None:
    """Mount a new, empty file system of ``size`` bytes at ``HOME``, owned by ``user``."""
    flags = kernel.MS_NOSUID | kernel.MS_NODEV
    options = f"size={size},nr_inodes={HOME_FILES},mode=700,uid={user}"
    kernel.mount("tmpfs", HOME, "tmpfs", flags, options)


def empty(folder: str) -> None:
    """Remove everything in ``folder``, however deep, unreadable or strangely named.

    It moves nested folders up to ``folder`` before it removes them, so neither Python's
    stack nor the length of a path limits how deep they can be. It does not follow links.
    """
    top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        # Moving content up adds names to the folder, so it is read until it is empty.
        while names := os.listdir(top):
            for name in names:
                if not _unlink(name, top):
                    _move_content_up(name, top)
                    os.rmdir(name, dir_fd=top)
    finally:
        os.close(top)


def _unlink(name: str, folder: int) -> bool:
    """Remove a file or link; return False if it is a folder."""
    try:
        os.unlink(name, dir_fd=folder)
    except IsADirectoryError:
        return False

    return True


def _move_content_up(name: str, top: int) -> None:
    """Empty the folder ``name`` in ``top``: remove its files and move its folders to ``top``."""
    os.chmod(name, 0o700, dir_fd=top)
    inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=top)
    try:
        for entry in os.listdir(inner):
            if not _unlink(entry, inner):
                # Moving a folder changes its entry "..", which needs permission to write.
                os.chmod(entry, 0o700, dir_fd=inner)
                # A random name, so that a submission can't guess it and block it.
                new = f".moved-{os.urandom(8).hex()}"
                os.rename(entry, new, src_dir_fd=inner, dst_dir_fd=top)
    finally:
        os.close(inner)


def is_over_size(folder: str, size: int) -> bool:
    """Return whether ``folder`` contains more than ``size`` bytes or ``HOME_FILES`` files.

    The answer is also True if the folder is too deep or too restricted to look through.
    """
    used = found = 0
    waiting = [folder]
    try:
        while waiting:
            # A running submission can remove what is listed here; the rest still counts.
            with contextlib.suppress(FileNotFoundError), os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    found += 1
                    with contextlib.suppress(FileNotFoundError):
                        used += entry.stat(follow_symlinks=False).st_blocks * 512
                        if entry.is_dir(follow_symlinks=False):
                            waiting.append(entry.path)

                    if used > size or found > HOME_FILES:
                        return True
    except OSError:
        return True

    return False


def written_bytes(process: int) -> int:
    """Return how much ``process`` has written to disk (proc(5), io), or 0 if it has ended."""
    return int(kernel.proc_field(f"/proc/{process}/io", "write_bytes"))
