"""What has to be the same on two machines for them to grade alike: versions, and the grader's own source."""

from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import grader

PACKAGES: Final = ("torch-exercise-grader", "torch")
"""What decides a grade, beside Python, the course and the submission."""


def versions(found: Mapping[str, Any]) -> dict[str, str | None]:
    """What decides a grade, of all the versions that Dask ``found`` somewhere.

    What a release was built for (``2.13.0+cpu``) is left out: this machine need not have a worker's GPU.
    """
    python = ".".join(found["host"]["python"].split(".")[:2])
    packages = {name: found["packages"].get(name) for name in PACKAGES}
    return {
        "Python": python,
        **{name: known and known.partition("+")[0] for name, known in packages.items()},
    }


def sources() -> dict[str, str]:
    """Each of the grader's modules on this machine, with a digest: a checkout changes under the same version."""
    package = Path(grader.__file__).parent
    return {
        str(path.relative_to(package.parent)): blake2b(path.read_bytes(), digest_size=8).hexdigest()
        for path in sorted(package.rglob("*.py"))
    }


_AT_START: Final = sources()


def sources_in_use() -> dict[str, str] | None:
    """The ``sources`` that this process has imported; None where those on the disk are others by now."""
    found = sources()
    return found if found == _AT_START else None


def other_versions(there: Mapping[str, str | None], here: Mapping[str, str | None]) -> str | None:
    """The first version that differs, as a sentence."""
    for name, version in there.items():
        if version != here[name]:
            return f"{f'{name} {version}' if version else f'no {name}'} there, {here[name]} here"
    return None


def other_sources(there: Mapping[str, str] | None, here: Mapping[str, str]) -> str | None:
    """Which of the grader's files differ, as a sentence."""
    if there is None:
        return "the grader's files have changed since it started; start it again"
    other = sorted(name for name in there.keys() | here.keys() if there.get(name) != here.get(name))
    if not other:
        return None
    more = f" and {len(other) - 1} more" if len(other) > 1 else ""
    return f"same version of the grader, but another {other[0]}{more} there than here"
