"""What holds submissions on a machine, in words: the page of ``grade doctor``."""

import platform
import textwrap
from collections.abc import Iterator
from importlib import metadata
from typing import Final

_NAMESPACES: Final = (
    "user namespaces (in a container: let it have them, or use a virtual machine; on Ubuntu 24.04 and later: an "
    "AppArmor profile with `userns,` for this Python)"
)
# Layer: what it keeps a submission from, and what to do where nothing does.
_LAYERS: Final = {
    "files": (
        "reads Python, PyTorch and its own folder, writes 64 MiB there and nowhere else",
        f"needs Landlock 3 (Linux 6.2, `landlock` in the kernel's `lsm=` list) or {_NAMESPACES}",
    ),
    "processes": (
        "sees and signals its own processes only; none of them outlives it",
        f"needs {_NAMESPACES}, or Landlock 6 (Linux 6.12)",
    ),
    "network": ("reaches nothing, this machine included", f"needs seccomp in the kernel, or {_NAMESPACES}"),
    "syscalls": (
        "asks the kernel for what PyTorch programs need, and nothing else",
        "needs seccomp in the kernel (CONFIG_SECCOMP_FILTER) on x86-64 or 64-bit ARM",
    ),
    "resources": ("bounded memory, time, files and threads", "needs a readable /proc, to know what PyTorch takes"),
    "privileges": (
        "no root, no capabilities, none to be gained",
        "grade as an ordinary user; as root, let the process change its user (CAP_SETUID and CAP_SETGID)",
    ),
    "secrets": ("nothing of your environment or open files", "report this, please: it should hold everywhere"),
}


def lines(isolation: dict[str, str | None]) -> Iterator[str]:
    """The page, line by line, at most 80 columns wide."""
    yield f"Python {platform.python_version()}, torch {metadata.version('torch')}, {platform.platform(terse=True)}"
    yield ""
    yield "What holds a submission here:"
    for layer, holds in isolation.items():
        meaning, remedy = _LAYERS[layer]
        yield from _wrapped(f"{'✓' if holds else '✗'} {layer:<11} {meaning}")
        yield from _wrapped(f"{'':<13} by: {holds}" if holds else f"{'':<13} missing: {remedy}")
    missing = [layer for layer, holds in isolation.items() if not holds]
    yield ""
    if missing:
        yield from _wrapped(
            f"{len(missing)} of {len(isolation)} layers are missing. Grade your own code here, and other people's only "
            "inside a container or a virtual machine that may be lost.",
            indent=0,
        )
    else:
        yield "Every layer holds: other people's code can be graded here."


def _wrapped(text: str, indent: int = 14) -> list[str]:
    return textwrap.wrap(text, 80, subsequent_indent=" " * indent, break_on_hyphens=False, drop_whitespace=True)
