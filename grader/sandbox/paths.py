"""Paths that are compared as texts."""


def is_within(path: str, folder: str) -> bool:
    """Return whether ``path`` is ``folder`` or inside it. Both are absolute."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")
