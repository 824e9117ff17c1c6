"""Whether two machines give the same grades: they need the same versions and the same sources."""

from collections.abc import Mapping
from typing import Any, Final

from grader.files import sources

PACKAGES: Final = ("torch-exercise-grader", "torch")
"""The packages that decide a grade, besides Python."""


def versions(found: Mapping[str, Any]) -> dict[str, str | None]:
    """The versions that decide a grade, from a result of Dask's ``get_versions(PACKAGES)``.

    None is a package that is not installed. The build of a release, as in ``2.13.0+cpu``, is
    left out: this machine can be without the GPU of a worker.
    """
    major, minor, *_ = found["host"]["python"].split(".")
    # Python's patch releases fix bugs, and decide no grade.
    decisive: dict[str, str | None] = {"Python": f"{major}.{minor}"}
    for name in PACKAGES:
        decisive[name] = None
        version = found["packages"].get(name)
        if version is not None:
            release, _, _ = version.partition("+")
            decisive[name] = release

    return decisive


_AT_START: Final = sources()


def sources_in_use() -> dict[str, str] | None:
    """The ``sources`` that this process runs; None if the files have changed since it started."""
    # Python does not import a module again, so the process still runs the old code.
    if sources() != _AT_START:
        return None

    return _AT_START


def other_versions(there: Mapping[str, str | None], here: Mapping[str, str | None]) -> str | None:
    """A sentence about the first version that differs; None if all are equal."""
    for name, version in there.items():
        own = here[name]
        if version is None:
            return f"no {name} there, {own} here"
        if version != own:
            return f"{name} {version} there, {own} here"

    return None


def other_sources(there: Mapping[str, str] | None, here: Mapping[str, str]) -> str | None:
    """A sentence about the modules that differ; None if all are equal."""
    if there is None:
        return "the grader's files have changed since the worker started; restart the worker"

    # Pairs of name and digest, so that a module that only one side has counts too.
    different = there.items() ^ here.items()
    names = sorted({name for name, _ in different})

    if not names:
        return None

    # One name shows where to look; a new checkout can differ in a hundred.
    text = f"same version of the grader, but another {names[0]}"
    if len(names) > 1:
        text += f" and {len(names) - 1} more"

    return f"{text} there than here"
