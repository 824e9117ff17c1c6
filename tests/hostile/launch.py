"""Run a command as on another machine: ``python launch.py ENVIRONMENT COMMAND...``.

ENVIRONMENT consists of words joined by ``+``: ``user`` (an ordinary user instead of root),
``no-namespaces`` (as in most containers), ``docker`` (root with the capabilities of a
Docker container), ``no-capabilities`` (root without any), ``no-landlock`` (an older
kernel), ``no-seccomp``. ``read-only`` stands for ``docker run --read-only --network none
--tmpfs /tmp``: only the folder that the variable WRITABLE names can be written; it needs
``user`` and root. A seccomp filter of this script makes the kernel refuse what the other
machine would refuse. ``as-is`` changes nothing. This script imports nothing from the grader.
"""

import ctypes
import errno
import os
import struct
import sys
import sysconfig
import tempfile
from pathlib import Path

USER = 2_100_000_000
"""An ordinary user, who owns nothing on this machine."""
LIBC = ctypes.CDLL(None, use_errno=True)
# asm/unistd.h: the numbers of these calls by architecture
NUMBERS = {
    "x86_64": {
        "unshare": 272,
        "setns": 308,
        "mount": 165,
        "mount_setattr": 442,
        "clone": 56,
        "clone3": 435,
        "prctl": 157,
        "seccomp": 317,
    },
    "aarch64": {
        "unshare": 97,
        "setns": 268,
        "mount": 40,
        "mount_setattr": 442,
        "clone": 220,
        "clone3": 435,
        "prctl": 167,
        "seccomp": 277,
    },
}[os.uname().machine]
LANDLOCK_CREATE_RULESET = 444
NEW_NAMESPACES = 0x7E020000
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, PR_CAPBSET_DROP = 38, 22, 24
DOCKER = {0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31}
"""Docker's default capabilities (docs.docker.com/engine/containers/run; linux/capability.h)."""
LOAD, EQUAL, ANY_BIT, RETURN = 0x20, 0x15, 0x45, 0x06
ALLOW, ERRNO = 0x7FFF0000, 0x00050000


def main() -> None:
    """Create the environment, then become the command."""
    words, command = sys.argv[1].split("+"), sys.argv[2:]
    if "user" in words and os.getuid() == 0:
        become_user(read_only="read-only" in words)
    for capability in range(64) if {"docker", "no-capabilities"} & set(words) else ():
        if "no-capabilities" in words or capability not in DOCKER:
            # This fails for numbers that the kernel does not know.
            LIBC.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    rules: list[tuple[int, int, int, int]] = []
    if "no-namespaces" in words:
        for name in ("unshare", "setns", "mount"):
            rules += refuse(NUMBERS[name], errno.EPERM)
        rules += refuse(NUMBERS["clone3"], errno.ENOSYS)
        # The first argument of clone contains the flags, that of prctl the option.
        rules += [
            (EQUAL, 0, 3, NUMBERS["clone"]),
            (LOAD, 0, 0, 16),
            (ANY_BIT, 0, 1, NEW_NAMESPACES),
        ]
        rules += [(RETURN, 0, 0, ERRNO | errno.EPERM), (LOAD, 0, 0, 0)]
    if "no-landlock" in words:
        rules += refuse(LANDLOCK_CREATE_RULESET, errno.ENOSYS)
    if "no-seccomp" in words:
        rules += refuse(NUMBERS["seccomp"], errno.EINVAL)
        rules += [(EQUAL, 0, 3, NUMBERS["prctl"]), (LOAD, 0, 0, 16), (EQUAL, 0, 1, PR_SET_SECCOMP)]
        rules += [(RETURN, 0, 0, ERRNO | errno.EINVAL), (LOAD, 0, 0, 0)]
    if rules:
        install([(LOAD, 0, 0, 0), *rules, (RETURN, 0, 0, ALLOW)])
    os.execv(command[0], command)  # noqa: S606 - this is its purpose


def refuse(number: int, error: int) -> list[tuple[int, int, int, int]]:
    """Return the rule that answers a system call with an error."""
    return [(EQUAL, 0, 1, number), (RETURN, 0, 0, ERRNO | error)]


def install(rules: list[tuple[int, int, int, int]]) -> None:
    """Filter the system calls of this process; root keeps its privileges."""

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))

    data = b"".join(struct.pack("=HBBI", *rule) for rule in rules)
    buffer = ctypes.create_string_buffer(data, len(data))
    if os.geteuid() != 0:
        check(LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    program = Program(len(rules), ctypes.addressof(buffer))
    check(LIBC.prctl(PR_SET_SECCOMP, 2, ctypes.byref(program), 0, 0))


def become_user(*, read_only: bool) -> None:
    """Become an ordinary user, who can read the folders that Python needs."""
    check(LIBC.unshare(0x20000))
    check(LIBC.mount(b"none", b"/", None, ctypes.c_ulong(0x44000), None))
    needed = [
        sysconfig.get_config_var("installed_base"),
        sys.prefix,
        str(Path(__file__).parents[2]),
    ]
    # Others must be able to pass the folders that this creates.
    umask = os.umask(0o022)
    for closed in sorted({folder for path in needed if (folder := first_closed(Path(path)))}):
        open_up(closed, [path for path in needed if Path(path).is_relative_to(closed)])
    os.umask(umask)
    if read_only:
        forbid_writing(os.environ["WRITABLE"])
    os.setgroups([])
    os.setresgid(USER, USER, USER)
    os.setresuid(USER, USER, USER)
    os.environ["HOME"] = "/"


def forbid_writing(writable: str) -> None:
    """Make every mount read-only, except one folder and an empty /tmp; leave the network."""
    check(LIBC.unshare(0x40000000))
    bind(writable, writable)
    # struct mount_attr: what to set, what to clear, propagation and user namespace.
    attributes = [struct.pack("=QQQQ", *flags) for flags in ((1, 0, 0, 0), (0, 1, 0, 0))]
    for path, recursive, which in ((b"/", 0x8000, 0), (writable.encode(), 0, 1)):
        size = ctypes.c_size_t(32)
        number = NUMBERS["mount_setattr"]
        check(LIBC.syscall(number, -100, path, recursive, attributes[which], size))
    check(LIBC.mount(b"tmpfs", b"/tmp", b"tmpfs", ctypes.c_ulong(0), b"mode=1777"))


def first_closed(path: Path) -> Path | None:
    """Return the topmost folder on the way to ``path`` that others can't pass, or None."""
    return next(
        (folder for folder in [*reversed(path.parents), path] if not folder.stat().st_mode & 1),
        None,
    )


def open_up(closed: Path, needed: list[str]) -> None:
    """Mount an open folder over ``closed`` that contains only what is ``needed``."""
    spare = Path(tempfile.mkdtemp())
    places = [spare / str(number) for number, _ in enumerate(needed)]
    for place, path in zip(places, needed, strict=True):
        place.mkdir()
        bind(path, place)
    check(LIBC.mount(b"tmpfs", bytes(closed), b"tmpfs", ctypes.c_ulong(0), b"mode=755"))
    for place, path in zip(places, needed, strict=True):
        Path(path).mkdir(parents=True, exist_ok=True)
        bind(str(place), path)
        check(LIBC.umount2(bytes(place), 2))
        place.rmdir()
    spare.rmdir()


def bind(source: str, target: str | Path) -> None:
    """Mount ``source`` at ``target``."""
    check(LIBC.mount(source.encode(), bytes(Path(target)), None, ctypes.c_ulong(0x5000), None))


def check(result: int) -> None:
    """Raise the error of a system call."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


if __name__ == "__main__":
    main()
