"""Write a file so that a reader never sees half of it."""

import os
from pathlib import Path


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
