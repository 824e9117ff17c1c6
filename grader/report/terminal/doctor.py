"""The page of ``grade doctor``: the layers of the sandbox on this machine."""

import platform
from collections.abc import Iterator
from importlib import metadata
from typing import Final

from grader.grades.isolation import LAYERS, NO_SANDBOX, VARIABLE, weak_layers
from grader.system import SPAWNED, SYSTEM
from grader.text import wrapped

_NAMESPACES: Final = (
    "User namespaces: a container needs a seccomp profile that allows `unshare` and `mount`. "
    "Ubuntu 24.04 and later require an AppArmor profile with `userns,` for the program."
)
_ONLY_OWN: Final = (
    "You can grade your own code here. `grade batch`, exported autograders and the Python API "
    "refuse other people's code with exit code 3. In a container or a virtual machine that you "
    f"can afford to lose, --isolation weak or {VARIABLE}=weak grades it anyway."
)
_INDENT: Final = 14


def lines(isolation: dict[str, str | None]) -> Iterator[str]:
    """The page, line by line, at most 80 columns wide."""
    # The part after the hyphen is the distribution's build.
    kernel = platform.release().partition("-")[0]
    torch = metadata.version("torch")
    yield f"Python {platform.python_version()}, torch {torch}, {platform.system()} {kernel}"
    yield ""
    if SYSTEM.learners == SPAWNED:
        yield NO_SANDBOX
        yield ""
        yield from wrapped(_ONLY_OWN, indent=0)
        return

    yield "In the sandbox of this machine, a submission:"
    for name, mechanism in isolation.items():
        layer = LAYERS[name]
        if mechanism:
            yield from wrapped(f"✓ {name:<11} {layer.meaning}", indent=_INDENT)
            yield from wrapped(f"{' ' * _INDENT}with {mechanism}", indent=_INDENT)
        else:
            yield from wrapped(f"✗ {name:<11} not available", indent=_INDENT)
            yield from wrapped(f"{' ' * _INDENT}to get it: {layer.remedy}", indent=_INDENT)

    yield ""

    missing = [LAYERS[name] for name, mechanism in isolation.items() if not mechanism]
    # Several remedies mention namespaces, so they are explained once.
    if any("namespaces" in layer.remedy for layer in missing):
        yield from wrapped(_NAMESPACES, indent=0)
        yield ""

    if weak := weak_layers(isolation):
        for name in weak:
            yield from wrapped(f"Without {name}, a submission can {LAYERS[name].risk}.", indent=0)

        yield from wrapped(_ONLY_OWN, indent=0)
    elif missing:
        yield from wrapped(
            f"{len(missing)} of {len(isolation)} layers are missing, but submissions are separated "
            "from your files and processes. You can grade other people's code here; --isolation "
            "strict refuses to.",
            indent=0,
        )
    else:
        yield "All layers are available. You can grade other people's code here."

    if isolation["files"] and "namespace" not in isolation["files"]:
        yield from wrapped(
            "Without namespaces, the sandbox is weaker for exercises that let submissions start "
            "programs; their grades say so.",
            indent=0,
        )
