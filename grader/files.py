"""Write files whole, and files that only their owner can read."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

_ONLY_OWNER = 0o077


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


def replace_file(path: Path, content: bytes) -> None:
    """Replace the content of the file at ``path`` atomically, following symlinks.

    The file must exist; it keeps its permissions. Raises ``OSError`` and then leaves the file
    as it was.
    """
    # A rename would replace the link itself.
    path = path.resolve()
    written = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        written.write_bytes(content)
        written.chmod(path.stat().st_mode & 0o777)
        written.replace(path)
    except OSError:
        written.unlink(missing_ok=True)
        raise
