"""What the layers of the sandbox protect, and which of them grading needs.

A learner process reports the mechanism behind each layer, or None. ``required`` says which
layers must be there, and ``weak_layers`` which of those that separate are missing.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Final, NamedTuple

from grader.errors import ExaminerError, UsageError

MODES: Final = ("auto", "strict", "weak", "none")
"""The values of ``--isolation``."""
VARIABLE: Final = "GRADE_ISOLATION"
"""The environment variable that replaces ``--isolation``."""


class Layer(NamedTuple):
    """One layer of the sandbox in words."""

    meaning: str
    """What it makes sure of; the subject is a submission."""
    risk: str
    """What a submission can do without it, after "can"."""
    remedy: str
    """How to get it, as an imperative."""


LAYERS: Final = {
    "files": Layer(
        "reads Python, PyTorch and its own folder, and writes nowhere else",
        "read the hidden checks and solutions, and read or change your files",
        "use Linux 6.2 or later with Landlock (`landlock` in the kernel's `lsm=` list) and "
        "seccomp, or allow user namespaces",
    ),
    "processes": Layer(
        "sees and signals only its own processes, and none outlives it",
        "stop your programs and other submissions, and go on after its grade",
        "use Linux 6.12 or later with Landlock, or allow user namespaces",
    ),
    "network": Layer(
        "reaches no other machine, and no other program on this one",
        "send data to other machines, and connect to programs on this one",
        "use a kernel with seccomp (CONFIG_SECCOMP_FILTER), or allow user namespaces",
    ),
    "syscalls": Layer(
        "makes only the system calls that PyTorch programs need",
        "attack the kernel through any system call",
        "use a kernel with seccomp (CONFIG_SECCOMP_FILTER), on x86-64 or 64-bit ARM",
    ),
    "resources": Layer(
        "has limits on memory, time, files and threads",
        "use up the memory of this machine",
        "let Python read /proc, which says how much memory PyTorch itself takes",
    ),
    "privileges": Layer(
        "has no root rights and no capabilities, and cannot gain any",
        "act as root: change every file, including the hidden checks",
        "grade as an ordinary user; as root, keep the capabilities CAP_CHOWN, "
        "CAP_DAC_OVERRIDE, CAP_KILL, CAP_SETGID and CAP_SETUID, or allow namespaces",
    ),
    "secrets": Layer(
        "sees nothing of your environment and open files",
        "read your environment",
        "please report this: it should work on every machine",
    ),
}
"""The layers, in the order in which a process reports them."""
SEPARATING: Final = ("files", "processes", "network", "syscalls", "privileges")
"""The layers that keep a submission away from files and processes that are not its own.

Without ``syscalls``, a submission can attack the kernel, which provides all the others.
"""
NO_SANDBOX: Final = "This system has no sandbox for learner code. Grade only code you trust."

_ADVICE_WITHOUT_SANDBOX: Final = (
    "grade on Linux, or run `grade doctor` to see what is missing. In a virtual machine that you "
    f"can afford to lose, --isolation weak or {VARIABLE}=weak grades without a sandbox"
)
_ADVICE: Final = (
    "run `grade doctor` to see every layer. In a container or virtual machine that you can afford "
    f"to lose, --isolation weak or {VARIABLE}=weak grades without these layers"
)


def mode(named: str | None, environment: Mapping[str, str]) -> str:
    """The isolation that a program ``named``, or that of the environment, or ``auto``.

    Raises ``UsageError`` for an unknown name, because a typing error must not open the sandbox.
    """
    place = "isolation"
    chosen = named
    if chosen is None:
        # The error names where the word comes from.
        place = VARIABLE
        chosen = environment.get(VARIABLE) or "auto"

    if chosen not in MODES:
        raise UsageError(
            f"unknown isolation {chosen!r}", place=place, advice=f"use one of {', '.join(MODES)}"
        )

    return chosen


def required(mode: str, *, own: bool) -> tuple[str, ...]:
    """The layers without which no submission may run.

    ``own`` is true for code of the person who grades: it may do what that person may do.
    """
    if mode == "strict":
        return tuple(LAYERS)
    if mode == "auto" and not own:
        return SEPARATING

    return ()


def missing(isolation: Mapping[str, str | None], layers: Iterable[str]) -> list[str]:
    """The names among ``layers`` for which ``isolation`` names no mechanism."""
    return [layer for layer in layers if not isolation.get(layer)]


def weak_layers(isolation: Mapping[str, str | None]) -> list[str]:
    """The separating layers that a submission ran without; empty for one that ran no code."""
    if not isolation:
        return []

    return missing(isolation, SEPARATING)


def refused(lacking: Collection[str], layers: Collection[str]) -> ExaminerError:
    """The error for a run that requires ``layers``: it names those that are ``lacking``.

    For each one it says what a submission could do, and how to get the layer.
    """
    # Nothing separates submissions here, so a list of all layers would only be long.
    if set(lacking) >= set(SEPARATING):
        return ExaminerError(
            "this system has no sandbox for learner code, so no submission of others runs here",
            advice=_ADVICE_WITHOUT_SANDBOX,
        )

    names = ", ".join(lacking)
    # Only `strict` requires every layer.
    if len(layers) == len(LAYERS):
        return ExaminerError(
            f"this machine lacks {names}, and --isolation strict requires every layer",
            advice="run `grade doctor` for advice",
        )

    sentences = []
    for name in lacking:
        layer = LAYERS[name]
        sentences.append(f"Without {name}, it can {layer.risk}. To get it: {layer.remedy}.")

    return ExaminerError(
        f"the sandbox of this machine lacks {names}, so no submission of others runs here. "
        + " ".join(sentences),
        advice=_ADVICE,
    )


def own_code_line(lacking: Collection[str]) -> str:
    """One line for a person who grades their own code while layers are ``lacking``."""
    if set(lacking) >= set(SEPARATING):
        return NO_SANDBOX

    return (
        f"Sandbox: {', '.join(lacking)} missing here. That is fine for your own code; "
        "`grade doctor` explains."
    )
