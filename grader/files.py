"""Writing files so that a reader never sees half of one."""

import os
from pathlib import Path


def replace_file(path: Path, content: bytes) -> None:
    """Put ``content`` in place of a file, of which there is never half; a link leads where it led."""
    path = path.resolve()
    written = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        written.write_bytes(content)
        written.chmod(path.stat().st_mode & 0o777)
        written.replace(path)
    except OSError:
        written.unlink(missing_ok=True)
        raise
