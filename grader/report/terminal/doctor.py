"""The page of ``grade doctor``: the layers of the sandbox on this machine."""

import platform
import textwrap
from collections.abc import Iterator
from importlib import metadata
from typing import Final, NamedTuple


class Layer(NamedTuple):
    """One layer of the sandbox in words."""

    meaning: str
    """What it makes sure of; the subject is a submission."""
    remedy: str
    """How to get it."""


LAYERS: Final = {
    "files": Layer(
        "reads Python, PyTorch and its own folder, and writes nowhere else",
        "use Linux 6.2 or later with Landlock (`landlock` in the kernel's `lsm=` list), or "
        "allow user namespaces",
    ),
    "processes": Layer(
        "sees and signals only its own processes, and none outlives it",
        "use Linux 6.12 or later with Landlock, or allow user namespaces",
    ),
    "network": Layer(
        "reaches no other machine, and no other program on this one",
        "use a kernel with seccomp (CONFIG_SECCOMP_FILTER), or allow user namespaces",
    ),
    "syscalls": Layer(
        "makes only the system calls that PyTorch programs need",
        "use a kernel with seccomp (CONFIG_SECCOMP_FILTER), on x86-64 or 64-bit ARM",
    ),
    "resources": Layer(
        "has limits on memory, time, files and threads",
        "let Python read /proc, which says how much memory PyTorch itself takes",
    ),
    "privileges": Layer(
        "has no root rights and no capabilities, and cannot gain any",
        "grade as an ordinary user; as root, keep the capabilities CAP_CHOWN, "
        "CAP_DAC_OVERRIDE, CAP_KILL, CAP_SETGID and CAP_SETUID",
    ),
    "secrets": Layer(
        "sees nothing of your environment and open files",
        "please report this: it should work on every machine",
    ),
}
_NAMESPACES: Final = (
    "User namespaces: a container needs a seccomp profile that allows `unshare` and `mount`. "
    "Ubuntu 24.04 and later require an AppArmor profile with `userns,` for the program."
)
_INDENT: Final = " " * 14


def lines(isolation: dict[str, str | None]) -> Iterator[str]:
    """The page, line by line, at most 80 columns wide."""
    # The part after the hyphen is the distribution's build.
    kernel = platform.release().partition("-")[0]
    torch = metadata.version("torch")
    yield f"Python {platform.python_version()}, torch {torch}, {platform.system()} {kernel}"
    yield ""
    yield "In the sandbox of this machine, a submission:"
    for name, mechanism in isolation.items():
        layer = LAYERS[name]
        if mechanism:
            yield from _wrapped(f"✓ {name:<11} {layer.meaning}", _INDENT)
            yield from _wrapped(f"{_INDENT}with {mechanism}", _INDENT)
        else:
            yield from _wrapped(f"✗ {name:<11} not available", _INDENT)
            yield from _wrapped(f"{_INDENT}to get it: {layer.remedy}", _INDENT)
    yield ""

    missing = [LAYERS[name] for name, mechanism in isolation.items() if not mechanism]
    # Several remedies mention namespaces, so they are explained once.
    if any("namespaces" in layer.remedy for layer in missing):
        yield from _wrapped(_NAMESPACES)
        yield ""
    if missing:
        yield from _wrapped(
            f"{len(missing)} of {len(isolation)} layers are missing. You can grade your own code "
            "here. Grade other people's code only in a container or a virtual machine that you "
            "can afford to lose."
        )
    else:
        yield "All layers are available. You can grade other people's code here."

    if isolation["files"] and "namespace" not in isolation["files"]:
        yield from _wrapped(
            "Without namespaces, the sandbox is weaker for exercises that let submissions start "
            "programs; their grades say so."
        )


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, 80, subsequent_indent=indent, break_on_hyphens=False)
