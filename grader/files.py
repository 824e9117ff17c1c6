"""Read and write files in folders that other people can write to.

Reading opens the name once, and looks at what was opened, so nobody can swap the file in between.
Writing is atomic: a reader never sees half of a file.
"""

import contextlib
import errno
import os
import stat
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO

from grader.system import SYSTEM

_ONLY_OWNER = 0o077
# To pass a folder, but not to list it, which needs fewer permissions.
_PASS = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0)


@contextlib.contextmanager
def private_files() -> Iterator[None]:
    """Let only the owner read the files and folders that are created meanwhile.

    Grades and feedback are personal data, whatever the umask of the caller is.
    """
    before = os.umask(_ONLY_OWNER)
    try:
        yield
    finally:
        os.umask(before)


def read_regular(path: Path, limit: int, *, follow: bool = False) -> bytes:
    """Read a regular file, at most ``limit`` bytes and one more; that one shows that it is larger.

    Raises ``OSError`` as ``open_regular`` does.
    """
    with open_regular(path, follow=follow) as file:
        size = os.fstat(file.fileno()).st_size
        # A read gets memory for as many bytes as it asks for.
        return file.read(min(size, limit) + 1)


def open_regular(path: Path, *, follow: bool = False) -> BinaryIO:
    """Open a regular file for reading.

    Raises ``OSError`` for a link, unless ``follow``, and for a pipe, a device or a folder. Without
    ``follow``, a folder on the way can be a link only if it belongs to this user or to root.
    """
    flags = os.O_RDONLY | SYSTEM.open_flags
    if not follow:
        flags |= SYSTEM.no_follow
    if follow or os.open not in os.supports_dir_fd:
        descriptor = os.open(path, flags)
    else:
        descriptor = _open_without_links(path, flags)
    file = os.fdopen(descriptor, "rb")
    # Ask the open file, because another one can be at the path meanwhile.
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return file


def _open_without_links(path: Path, flags: int) -> int:
    """Open ``path`` folder by folder.

    Somebody could have put a link in place of a folder after it was listed.
    """
    *folders, name = path.parts
    here: int | None = None
    try:
        for folder in folders:
            inner = _open_folder(folder, here)
            if here is not None:
                os.close(here)
            here = inner

        return os.open(name, flags, dir_fd=here)
    finally:
        if here is not None:
            os.close(here)


def _open_folder(name: str, parent: int | None) -> int:
    try:
        return os.open(name, _PASS | SYSTEM.no_follow, dir_fd=parent)
    except OSError:
        found = os.stat(name, dir_fd=parent, follow_symlinks=False)
        if not stat.S_ISLNK(found.st_mode):
            raise
        if found.st_uid not in (0, os.geteuid()):
            problem = "the link of somebody else, which is never followed"
            raise OSError(errno.ELOOP, problem, name) from None

    return os.open(name, _PASS, dir_fd=parent)


def write_file(path: Path, content: bytes) -> None:
    """Write a file atomically, in an existing folder; it may be new.

    A link at ``path`` is replaced, and never followed. Only a pipe or a device, such as
    ``/dev/stdout``, is written to as it is. Raises ``OSError``.
    """
    mode = None
    with contextlib.suppress(FileNotFoundError):
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            # This also raises the error about a folder.
            path.write_bytes(content)
            return
        if not path.is_symlink():
            mode = stat.S_IMODE(found.st_mode)

    _replace(path, content, mode)


def _replace(path: Path, content: bytes, mode: int | None) -> None:
    """Put a new file with ``content`` at ``path``; without a ``mode``, it gets the usual one."""
    # Nobody can guess the name and put a link there; "x" would refuse one.
    draft = path.with_name(f".{os.urandom(8).hex()}.new")
    try:
        with draft.open("xb") as file:
            file.write(content)
        if mode is not None:
            draft.chmod(mode)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def refuse_links(folder: Path, below: Path) -> None:
    """Raise ``OSError`` if ``folder``, or a folder between it and ``below``, is a link.

    ``below`` lies in ``folder``. What somebody planted there must not redirect what is written.
    """
    inside = below.relative_to(folder).parts
    step = folder
    for part in ("", *inside):
        step = step / part
        if step.is_symlink():
            raise OSError(errno.ELOOP, "a link, which is never followed", str(step))


def replace_file(path: Path, content: bytes) -> None:
    """Replace the content of the file at ``path`` atomically, following symlinks.

    The file must exist; it keeps its permissions. Raises ``OSError`` and then leaves the file
    as it was.
    """
    # A rename would replace the link itself.
    path = path.resolve()
    _replace(path, content, path.stat().st_mode & 0o777)


def from_here(path: Path) -> str:
    """``path`` relative to the current folder if it is inside, or else in full."""
    full = path.resolve()
    folder = Path.cwd().resolve()
    if full.is_relative_to(folder):
        return str(full.relative_to(folder))

    return str(full)


def digest_of(parts: Iterable[bytes]) -> str:
    """A digest of several parts, for which no other parts give the same bytes."""
    hashed = blake2b(digest_size=16)
    for part in parts:
        # With its length before it, a part cannot continue in the next one.
        hashed.update(len(part).to_bytes(8, "big"))
        hashed.update(part)

    return hashed.hexdigest()


def sources() -> dict[str, str]:
    """The digest of each module of the grader on this machine.

    A checkout can change while its version stays the same.
    """
    package = Path(__file__).parent
    digests = {}
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package.parent)
        # Short, because each worker of a cluster sends all of them.
        digest = blake2b(path.read_bytes(), digest_size=8)
        digests[name.as_posix()] = digest.hexdigest()
    return digests
