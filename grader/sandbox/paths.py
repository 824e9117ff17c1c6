"""Paths that are compared as texts."""

import os


def is_within(path: str, folder: str) -> bool:
    """Return whether ``path`` is ``folder`` or inside it. Both are absolute."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
