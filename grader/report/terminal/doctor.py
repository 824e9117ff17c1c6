"""What holds submissions on a machine, in words: the page of ``grade doctor``."""

import platform
import textwrap
from collections.abc import Iterator
from importlib import metadata
from typing import Final

# Layer: what a submission can do where it holds, and what to do where it does not.
LAYERS: Final = {
    "files": (
        "reads Python, PyTorch and its own folder, writes nowhere else",
        "use Linux 6.2 or later with Landlock (`landlock` in the kernel's `lsm=` list), or allow user namespaces",
    ),
    "processes": (
        "reads and signals its own processes only; none outlives it",
        "use Linux 6.12 or later with Landlock, or allow user namespaces",
    ),
    "network": (
        "reaches nothing, this machine included",
        "use a kernel with seccomp (CONFIG_SECCOMP_FILTER), or allow user namespaces",
    ),
    "syscalls": (
        "asks the kernel for what PyTorch programs need",
        "use a kernel with seccomp (CONFIG_SECCOMP_FILTER), on x86-64 or 64-bit ARM",
    ),
    "resources": (
        "is bounded in memory, time, files and threads",
        "let Python read /proc, which tells how much memory PyTorch takes by itself",
    ),
    "privileges": (
        "has no root, no capabilities, and can gain none",
        "grade as an ordinary user; as root, leave it CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_KILL, CAP_SETGID, CAP_SETUID",
    ),
    "secrets": (
        "has nothing of your environment or open files",
        "report this, please: it holds everywhere",
    ),
}
_NAMESPACES: Final = (
    "User namespaces: containers refuse them unless they are started with a seccomp profile that allows `unshare` and "
    "`mount`; Ubuntu 24.04 and later give them to programs with an AppArmor profile that says `userns,`."
)


def lines(isolation: dict[str, str | None]) -> Iterator[str]:
    """The page, line by line, at most 80 columns wide."""
    yield f"Python {platform.python_version()}, torch {metadata.version('torch')}, {platform.system()} {_kernel()}"
    yield ""
    yield "What a submission can do here:"
    for layer, holds in isolation.items():
        meaning, remedy = LAYERS[layer]
        yield from _wrapped(
            f"{'✓' if holds else '✗'} {layer:<11} {meaning}" if holds else f"✗ {layer:<11} not held"
        )
        yield from _wrapped(f"{'':<13} by {holds}" if holds else f"{'':<13} to hold it: {remedy}")
    yield ""
    missing = [layer for layer, holds in isolation.items() if not holds]
    if missing:
        if any("namespaces" in LAYERS[layer][1] for layer in missing):
            yield from _wrapped(_NAMESPACES, indent=0)
            yield ""
        yield from _wrapped(
            f"{len(missing)} of {len(isolation)} layers are missing. Grade your own code here, and other people's only "
            "inside a container or a virtual machine that may be lost.",
            indent=0,
        )
    else:
        yield "Every layer holds: other people's code can be graded here."
    if isolation["files"] and "namespace" not in isolation["files"]:
        yield from _wrapped(
            "Exercises that let submissions start programs are held less here without namespaces; their grades say so.",
            indent=0,
        )


def _kernel() -> str:
    return platform.release().partition("-")[0]


def _wrapped(text: str, indent: int = 14) -> list[str]:
    return textwrap.wrap(
        text, 80, subsequent_indent=" " * indent, break_on_hyphens=False, drop_whitespace=True
    )
