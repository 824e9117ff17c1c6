"""The files beside a submission that it uses: modules, packages and data.

Nothing here runs or parses code, because parsing hostile source can take very long or crash.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from grader.errors import SubmissionError

DATA_SUFFIXES: Final = frozenset(
    [
        ".csv",
        ".tsv",
        ".txt",
        ".json",
        ".jsonl",
        ".yaml",
        ".yml",
        ".toml",
        ".npy",
        ".npz",
        ".pt",
        ".pth",
        ".safetensors",
    ]
)
"""Endings of the data files that come along."""
MAX_FILES: Final = 20
MAX_TOTAL_BYTES: Final = 8 * 1024 * 1024
"""Size limit of all files together: they share one frame of the wire with the submission."""
_MAX_PARTS: Final = 6
_MAX_FOLDERS: Final = 100
_INIT: Final = "__init__"
# No part of these patterns can match in two ways, so the time grows only with the length.
_FROM: Final = re.compile(
    rb"^[ \t]*from\b[ \t]*(\.*)[ \t]*(\w[\w.]*)?[ \t]+import\b[ \t]*(\([^)]{0,5000}\)|[^\n#;(]*)",
    re.MULTILINE,
)
_IMPORT: Final = re.compile(rb"^[ \t]*import[ \t]+([\w., \t]+)", re.MULTILINE)
# A short text in quotes, which may be the name of a data file.
_QUOTED: Final = re.compile(rb"""["']([^"'\n\\]{1,200})["']""")

Find = Callable[[str], Path | None]
"""Maps a path with ``/`` below the submission's folder to a regular file, or to None."""


def used_files(
    path: Path, source: bytes, find: Find, read: Callable[[Path], bytes]
) -> dict[str, bytes]:
    """Return the content of each file that ``source`` uses, directly or through another file.

    The names are paths below the folder of the submission at ``path``. ``find`` looks for a
    file and ``read`` reads one. Raises ``SubmissionError`` if there are too many, or if they are
    too large.
    """
    used: dict[str, bytes] = {}
    total = 0
    pending = [("", source)]
    while pending:
        inside, text = pending.pop()
        for name in _candidates(inside, text):
            if name in used:
                continue

            file = find(name)
            if file is None:
                continue
            if len(used) == MAX_FILES:
                raise SubmissionError(
                    f"uses more than {MAX_FILES} files beside it",
                    place=str(path),
                    advice="put them in fewer",
                )

            content = read(file)
            used[name] = content
            total += len(content)
            if total > MAX_TOTAL_BYTES:
                raise SubmissionError(
                    f"the files beside it that it uses are over {MAX_TOTAL_BYTES >> 20} MiB",
                    place=str(path),
                    advice="keep data out",
                )

            if name.endswith(".py"):
                pending.append((name.rpartition("/")[0], content))

    return used


class FolderBeside:
    """Finds the files of one learner in the folder of a submission.

    If the submission is part of a package, its imports can begin with the package's name. Each
    folder is listed once, because a submission can name a hundred thousand modules, and names
    that are longer than the system allows. Symlinks do not count.
    """

    def __init__(self, submission: Path) -> None:
        self._folder = submission.parent
        self._package = submission.absolute().parent.name
        self._own = submission.name
        self._listed: dict[str, dict[str, bool]] = {}

    def __call__(self, name: str) -> Path | None:
        """Return the file of this name; None if there is none."""
        if name == self._own:
            return None

        found = self._find(name)
        if found is None and name.startswith(f"{self._package}/"):
            found = self._find(name.removeprefix(f"{self._package}/"))

        return found

    def _find(self, name: str) -> Path | None:
        *folders, last = name.split("/")
        below = ""
        for folder in folders:
            if self._list(below).get(folder) is not False:
                return None
            below = f"{below}{folder}/"

        if not self._list(below).get(last):
            return None

        return self._folder / name

    def _list(self, below: str) -> dict[str, bool]:
        """Name of each regular file (True) and folder (False) in a folder."""
        if below in self._listed:
            return self._listed[below]

        found: dict[str, bool] = {}
        # A submission cannot make the grader walk through a whole disk.
        if len(self._listed) < _MAX_FOLDERS:
            try:
                with os.scandir(self._folder / below) as entries:
                    for entry in entries:
                        if entry.is_file(follow_symlinks=False):
                            found[entry.name] = True
                        elif entry.is_dir(follow_symlinks=False):
                            found[entry.name] = False
            except OSError:
                found = {}

        self._listed[below] = found
        return found


def among(files: Mapping[str, Path]) -> Find:
    """Find files in a flat download, in which a learner's files have no folders any more."""

    def find(name: str) -> Path | None:
        last = name.rpartition("/")[2]
        return files.get(name) or files.get(last)

    return find


def _candidates(inside: str, source: bytes) -> Iterator[str]:
    """The paths at which the imports and data of a file can be; the file is in ``inside``."""
    for match in _FROM.finditer(source):
        parts_of_line = [part.decode("utf-8", "replace") for part in match.groups(b"")]
        dots, module, names = parts_of_line
        base = _base(inside, len(dots))
        if base is None:
            continue

        parts = [part for part in module.split(".") if part]
        yield from _module(base, parts)
        for name in _imported(names.strip("() \t\r\n")):
            if name.isidentifier():
                yield from _module(base, [*parts, name])

    for match in _IMPORT.finditer(source):
        for name in _imported(match[1].decode()):
            yield from _module("", name.split("."))

    for match in _QUOTED.finditer(source):
        name_of_data = match[1].decode("utf-8", "replace").removeprefix("./")
        path = PurePosixPath(name_of_data)
        if path.suffix not in DATA_SUFFIXES:
            continue
        if not path.is_absolute() and ".." not in path.parts and len(path.parts) <= _MAX_PARTS:
            yield str(path)


def _imported(names: str) -> list[str]:
    """The names in ``one.part as two, three``, without those that the file gives to them."""
    found = []
    for written in names.split(","):
        words = written.split()
        if words:
            found.append(words[0])

    return found


def _base(inside: str, dots: int) -> str | None:
    """The folder in which an import with so many dots begins; None if it is above the top."""
    if dots == 0:
        return ""

    folders = inside.split("/") if inside else []
    if dots - 1 > len(folders):
        return None

    kept = folders[: len(folders) - (dots - 1)]
    return "".join(f"{folder}/" for folder in kept)


def _module(base: str, parts: list[str]) -> Iterator[str]:
    """The files that an import of ``parts`` runs or can run."""
    if len(parts) > _MAX_PARTS or not all(parts):
        return
    if not parts:
        yield f"{base}{_INIT}.py"
        return

    for count in range(1, len(parts) + 1):
        stem = base + "/".join(parts[:count])
        yield f"{stem}.py"
        yield f"{stem}/{_INIT}.py"
