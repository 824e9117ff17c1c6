"""When a submission was handed in, as the system of a download, Git or a roster says.

``docs/assignments.md`` has the order of the sources. A time can lack its zone here: the assignment
says which zone that is.
"""

import hashlib
import os
import re
import subprocess
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from grader.files import read_regular
from grader.grades.counted import Handed
from grader.submission import layouts
from grader.submission.layouts import Layout
from grader.system import SYSTEM
from grader.text import one_line

_SMALL: Final = 4096
_FILES: Final = {"Submitty": ".submit.timestamp", "nbgrader": "timestamp.txt"}
"""The file beside a submission that has its time."""
_GIT_SECONDS: Final = 20
# Git reads a commit as a whole, and one of gigabytes compresses to a file of megabytes.
_GIT_MEMORY: Final = "64m"
_LATE_IN_CANVAS: Final = re.compile(r"_late_[0-9a-z]+_(?:\d+_)?\Z|late_anon_", re.IGNORECASE)
# Systems write `Z` and offsets behind a space.
_SPACE_BEFORE_ZONE: Final = re.compile(r" (?=Z$|[+-]\d\d:?\d\d$)")
_ZONE: Final = re.compile(r"(.+) ([A-Za-z]+(?:/[A-Za-z_/+-]+)?)")
_HASH: Final = re.compile(r"[0-9a-f]{40}")
# As Moodle writes them in English: Tuesday, 3 February 2026, 10:11 AM
_WRITTEN_OUT: Final = ("%A, %d %B %Y, %I:%M %p", "%d %B %Y, %I:%M %p", "%A, %d %B %Y, %H:%M")
# As Moodle writes them in German, and as spreadsheets write them where dates have dots:
# Samstag, 17. Oktober 2026, 23:59; 17.10.2026 23:59. Nobody writes the month first with dots.
_WITH_DOTS: Final = re.compile(
    r"(?:[^\W\d_]+, )?(\d\d?)\. ?(?:(\d\d?)\. ?|([^\W\d_]+) )(\d{4}),? (\d\d?):(\d\d)"
    r"(?::(\d\d))?(?: Uhr)?"
)
_GERMAN_MONTHS: Final = [
    *("januar", "februar", "märz", "april", "mai", "juni"),
    *("juli", "august", "september", "oktober", "november", "dezember"),
]


def is_time_of(layout: Layout, name: str) -> bool:
    """Whether a learner's file is one that the system wrote, with the time."""
    return _FILES.get(layout.system) == name


def of_system(
    layout: Layout, path: str, files: Mapping[str, Path], created: Mapping[str, str]
) -> Handed:
    """What the download says about the time of the file at ``path``.

    ``files`` are those of the download. ``created`` maps a submission of Gradescope to its time.
    """
    match = layout.match(path)
    if match is None:
        return Handed()

    system = layout.system
    if system == "Gradescope":
        return parsed(created.get(match["id"], ""), "Gradescope")
    if system in _FILES:
        folder = path.removesuffix(match["file"])
        file = files.get(f"{folder}{_FILES[system]}")
        return parsed(_content(file), system)

    if system == "Canvas":
        before = match.string[: match.start("file")]
        is_late = _LATE_IN_CANVAS.search(before) is not None
        return Handed(
            source="Canvas", marked_late=is_late, problem="downloads of Canvas have no times"
        )

    numbers = layouts.attempt(match)
    if system in ("Blackboard", "Brightspace") and len(numbers) >= 5:
        try:
            return Handed(datetime(*numbers[:6]), system)  # type: ignore[arg-type] # noqa: DTZ001
        except ValueError:
            return Handed(problem="the name of the file has no date that exists")

    if system == "Moodle":
        return Handed(problem="downloads of Moodle have no times")

    return Handed(problem="nothing but the file has a time")


def parsed(text: str, source: str) -> Handed:
    """A written time, which may lack its zone."""
    if not text:
        return Handed(problem=f"{source} gives no time")

    written = _SPACE_BEFORE_ZONE.sub("", text.strip())
    zone = None
    named = _ZONE.fullmatch(written)
    try:
        if named and named[2] not in ("AM", "PM", "Uhr"):
            written = named[1]
            zone = UTC if named[2] == "UTC" else ZoneInfo(named[2])

        at = _read(written)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return Handed(problem=f"{source} says `{one_line(text, 60)}`, which is no known time")

    if zone is not None:
        at = at.replace(tzinfo=zone)

    return Handed(at, source)


def _read(text: str) -> datetime:
    for form in _WRITTEN_OUT:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the assignment has the zone
        except ValueError:
            continue

    dotted = _WITH_DOTS.fullmatch(text)
    if dotted is not None:
        day, number, name, year, hour, minute, second = dotted.groups(default="0")
        month = int(number) or _GERMAN_MONTHS.index(name.casefold()) + 1
        at = [int(year), month, int(day), int(hour), int(minute), int(second)]
        return datetime(*at)  # type: ignore[arg-type] # noqa: DTZ001 - as above

    # A date alone is not exact enough.
    if len(text) <= len("2026-10-15"):
        raise ValueError(text)

    return datetime.fromisoformat(text)


def _content(path: Path | None) -> str:
    if path is None:
        return ""

    try:
        return read_regular(path, _SMALL).decode("utf-8", "replace").strip()
    except OSError:
        return ""


def of_file(path: Path) -> datetime | None:
    """When the file was last changed on this machine."""
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return None


# Git


def of_commit(path: Path, root: Path) -> Handed | None:
    """When ``path`` was committed, if a folder between it and ``root`` is a Git repository.

    ``root`` is not one of these folders: a repository of the instructor says nothing about
    learners. None if there is no repository, or if the file differs from what was committed.
    """
    for folder in path.parents:
        if folder == root or root not in folder.parents:
            return None

        repository = folder / ".git"
        if repository.is_dir() and not repository.is_symlink():
            return _committed(repository, path, path.relative_to(folder).as_posix())

    return None


def _committed(repository: Path, path: Path, name: str) -> Handed | None:
    commit = _head(repository)
    if not commit:
        return None

    # The settings of a stranger's repository can name programs to run. So Git works in an empty
    # repository of our own, which only borrows the objects.
    with tempfile.TemporaryDirectory(prefix="grade-") as scratch:
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_ALLOW_PROTOCOL": "none",
            "GIT_LITERAL_PATHSPECS": "1",
            "GIT_ALLOC_LIMIT": _GIT_MEMORY,
            "GIT_DIR": scratch,
        }
        for variable in SYSTEM.environment:
            if variable in os.environ:
                environment[variable] = os.environ[variable]

        def git(*words: str) -> str:
            return subprocess.run(
                ["git", *words],
                env=environment,
                cwd=scratch,
                capture_output=True,
                check=True,
                text=True,
                timeout=_GIT_SECONDS,
            ).stdout.strip()

        try:
            git("init", "--quiet", "--bare", scratch)
            environment["GIT_OBJECT_DIRECTORY"] = str((repository / "objects").resolve())
            blob = git("rev-parse", "--verify", "--quiet", f"{commit}:{name}")
            if blob != _blob(path):
                return None

            seconds, _, _ = git("rev-list", "-1", "--timestamp", commit, "--", name).partition(" ")
            return Handed(datetime.fromtimestamp(int(seconds), UTC), "Git")
        except (OSError, subprocess.SubprocessError, ValueError):
            return None


def _head(repository: Path) -> str:
    """The commit that is checked out; empty if that cannot be read."""
    text = _content(repository / "HEAD")
    name = text.removeprefix("ref: ")
    if name != text:
        # A name that leads out of the folder belongs to no branch.
        if ".." in name or not name.startswith("refs/"):
            return ""
        text = _content(repository / name) or _packed(repository, name)

    return text if _HASH.fullmatch(text) else ""


def _packed(repository: Path, name: str) -> str:
    try:
        listed = read_regular(repository / "packed-refs", 1 << 22).decode("utf-8", "replace")
    except OSError:
        return ""

    for line in listed.splitlines():
        commit, _, packed = line.partition(" ")
        if packed == name:
            return commit

    return ""


def _blob(path: Path) -> str:
    """The name that Git gives to the content of the file."""
    content = path.read_bytes()
    header = b"blob %d\0" % len(content)
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest()
