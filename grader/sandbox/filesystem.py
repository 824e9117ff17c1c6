"""The file system of learner processes: what they can read, and the one folder that they can write."""

import contextlib
import os
import site
import sysconfig
from collections.abc import Iterable, Iterator
from typing import Final

import torch

from grader.sandbox import kernel

HOME: Final = "/home/learner"
"""Where a learner process works, where it has a root of its own."""
HOME_BYTES: Final = 64 * 2**20
COMPILER_BYTES: Final = 2**30
"""What the home holds where a submission may start programs: PyTorch's compiler writes headers of 100 MB."""
HOME_FILES: Final = 10_000

# Of the system: its libraries and what the C library looks up; for exercises that start programs, those
# programs. Nothing of /etc, /home, /var or the rest of /usr/local that could be somebody's.
_SYSTEM: Final = (
    *(
        "/lib",
        "/lib64",
        "/usr/lib",
        "/usr/lib64",
        "/usr/local/lib",
        "/usr/local/cuda",
        "/usr/local/nvidia",
    ),
    *("/bin", "/usr/bin", "/usr/include", "/usr/libexec"),
    *("/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo", "/sys/devices/system/cpu"),
)
_PROC: Final = ("/proc/cpuinfo", "/proc/meminfo")
DEVICES: Final = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_DISTRIBUTION: Final = "torch_exercise_grader"


def readable() -> list[str]:
    """Files and folders that Python and torch need, none of which holds anything of the grader or a course."""
    paths = sysconfig.get_paths()
    prefix = sysconfig.get_config_var("installed_base")
    sites = [
        *(paths["purelib"], paths["platlib"]),
        *site.getsitepackages(),
        *([site.getusersitepackages()] if site.ENABLE_USER_SITE else []),
    ]
    wanted = [
        *_SYSTEM,
        *_PROC,
        *(paths[name] for name in ("stdlib", "platstdlib", "include", "scripts")),
        *(os.path.join(prefix, name) for name in ("bin", "lib", "include")),
        *sites,
        os.path.dirname(os.path.abspath(torch.__file__)),
    ]
    hidden = {os.path.realpath(path) for path in _own(sites)}
    both = [
        path for name in wanted for path in (name, os.path.realpath(name)) if os.path.exists(path)
    ]
    return sorted({path for name in both for path in _without(os.path.normpath(name), hidden)})


def _own(sites: Iterable[str]) -> Iterator[str]:
    """Where this grader and the course that came with it are, and what tells of them in site-packages."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    yield package
    for name in ("exercises", "solutions", "tests"):
        yield os.path.join(os.path.dirname(package), name)
    for folder in sites:
        with contextlib.suppress(OSError):
            for name in os.listdir(folder):
                if name == os.path.basename(package) or _DISTRIBUTION in name:
                    yield os.path.join(folder, name)


def _without(path: str, hidden: set[str]) -> Iterator[str]:
    """``path``, or where something in it is ``hidden`` all else that is in it."""
    real = os.path.realpath(path)
    if any(is_within(real, one) for one in hidden):
        return
    if not any(is_within(one, real) for one in hidden):
        yield path
        return
    for name in os.listdir(path):
        yield from _without(os.path.join(path, name), hidden)


def is_within(path: str, folder: str) -> bool:
    """Whether ``path`` is ``folder`` or lies in it, both absolute."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def enter_private_root(paths: Iterable[str], devices: Iterable[str], base: str) -> None:
    """Make ``paths``, read-only, all there is, with ``devices`` and a ``/proc`` of this PID namespace.

    ``base`` is an empty folder. For a process that is alone in a mount namespace and a
    PID namespace of its own.
    """
    kernel.mount("none", "/", "", kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount("tmpfs", base, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "size=1m,mode=755")
    for path in sorted(paths):
        _bind(path, base)
    for path in devices:
        _bind(path, base)
    for folder in ("proc", HOME[1:]):
        os.makedirs(os.path.join(base, folder), exist_ok=True)
    # Shared memory and temporary files are made in the home: one size for all, gone with it.
    for path in ("tmp", "dev/shm"):
        if not os.path.lexists(os.path.join(base, path)):  # Python itself may lie in /tmp
            os.symlink(HOME, os.path.join(base, path))
    kernel.make_read_only(base)
    with contextlib.suppress(OSError):  # refused where a container hides parts of /proc
        flags = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC
        kernel.mount("proc", os.path.join(base, "proc"), "proc", flags, "hidepid=2")
    kernel.change_root(base)


def _bind(path: str, base: str) -> None:
    target = os.path.join(base, path.lstrip("/"))
    if os.path.lexists(target) or path.startswith("/proc"):
        return  # it came with a folder above it
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if os.path.islink(path):
        os.symlink(os.readlink(path), target)
    elif os.path.isdir(path):
        os.mkdir(target)
        kernel.mount(path, target, "", kernel.MS_BIND | kernel.MS_REC)
    else:
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))
        kernel.mount(path, target, "", kernel.MS_BIND)


def mount_home(user: int, size: int) -> None:
    """A new, empty file system at ``HOME``, in memory and of ``size`` bytes at most; ``user``'s."""
    options = f"size={size},nr_inodes={HOME_FILES},mode=700,uid={user}"
    kernel.mount("tmpfs", HOME, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, options)


def unmount_home() -> None:
    """Take the file system at ``HOME`` away, with whatever is in it."""
    kernel.unmount(HOME)


def empty(folder: str) -> None:
    """Remove everything in ``folder``, however deep, unreadable or oddly named; links are not followed.

    Deep trees are lifted up level by level, so that neither Python's stack nor the
    length of a path limits what can be removed.
    """
    top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        lifted = 0
        while names := os.listdir(top):
            for name in names:
                try:
                    os.unlink(name, dir_fd=top)
                except IsADirectoryError:
                    try:
                        os.rmdir(name, dir_fd=top)
                    except OSError:
                        lifted = _lift(top, name, lifted)
                        os.rmdir(name, dir_fd=top)
    finally:
        os.close(top)


def _lift(top: int, name: str, lifted: int) -> int:
    """Empty the folder ``name`` in ``top``: its files go, its folders move up into ``top`` under new names."""
    os.chmod(name, 0o700, dir_fd=top)
    inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=top)
    try:
        for entry in os.listdir(inner):
            try:
                os.unlink(entry, dir_fd=inner)
            except IsADirectoryError:
                lifted += 1
                os.chmod(entry, 0o700, dir_fd=inner)  # to move a folder is to write in it
                os.rename(
                    entry, f".lifted-{os.getpid()}-{lifted}", src_dir_fd=inner, dst_dir_fd=top
                )
    finally:
        os.close(inner)
    return lifted


def is_over_size(folder: str, size: int) -> bool:
    """Whether ``folder`` holds more than ``size`` bytes or ``HOME_FILES``, or is too deep or closed to tell."""
    used, found, waiting = 0, 0, [folder]
    while waiting:
        try:
            # What goes away while we look is passed over; the rest is still looked at.
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
    """What a process has had written to disk since it began, by its own account in proc(5); 0 where it has ended."""
    try:
        with open(f"/proc/{process}/io", encoding="ascii") as file:
            return int(next(line.split()[1] for line in file if line.startswith("write_bytes:")))
    except (OSError, StopIteration):
        return 0
