"""Everything that lies below a folder; archives count as folders."""

import contextlib
import itertools
import os
from collections import Counter
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final

from grader.errors import SubmissionError
from grader.grades.notice import Notice, NoticeKind
from grader.submission import archives
from grader.submission.beside import DATA_SUFFIXES
from grader.submission.filenames import SUFFIXES, suffix_of

MAX_DEPTH: Final = 6
_MAX_ARCHIVES: Final = 3
"""Archives inside one another."""
# Tools create these files and folders, sometimes thousands; they are not submissions.
LEFTOVERS: Final = frozenset(
    {
        "__pycache__",
        "__macosx",
        ".ipynb_checkpoints",
        ".git",
        ".ds_store",
        ".idea",
        ".vscode",
        ".venv",
        "venv",
        "site-packages",
        "node_modules",
        "backup",
        "build",
        "thumbs.db",
        "desktop.ini",
    }
)


# Learners also take a file out of these, or hand in nothing else.
_LOOKED_INTO: Final = frozenset({"backup", "build", ".ipynb_checkpoints"})
_MAX_LOOKED_AT: Final = 20
# What a batch writes. Instructors also name the folder of the class with --out.
_OUTPUTS: Final = frozenset(
    {"gradebook.db", "grades.csv", "report.html", "assignments.csv", "feedback"}
)


def _is_output(folder: Path) -> bool:
    """Whether ``folder`` is what a batch wrote; no learner hands in all of these."""
    names = ("gradebook.db", "grades.csv", "report.html")
    paths = [folder / name for name in names]
    return all(path.is_file() for path in paths)


class Tree:
    """The regular files and the folders below ``root``, none through a symlink."""

    def __init__(
        self,
        root: Path,
        scratch: Path,
        *,
        ignored: Path | None = None,
        named: Collection[str] = (),
        most: int | None = None,
        budget_of: Callable[[str], archives.Budget] | None = None,
        levels: int = _MAX_ARCHIVES,
    ) -> None:
        """Walk ``root``, and unpack archives below ``scratch``.

        ``ignored`` is a folder to leave out, and ``named`` are names that are no leftovers
        here. The walk ends after ``most`` files. ``budget_of`` says by its path what may come out
        of an archive; without it, everything here is one learner's. Archives in fewer than
        ``levels`` others are unpacked.
        """
        self.root = root
        self.files: dict[str, Path] = {}
        """The path below ``root``, with ``/``, to the file; both differ in an archive."""
        self.folders: list[str] = []
        self.skipped: list[Notice] = []
        self.errors: dict[str, SubmissionError] = {}
        """The path of each archive that cannot be unpacked, with the reason."""
        self.set_aside: dict[str, tuple[Path, SubmissionError]] = {}
        """The path of each file that was left out, but is named as a submission can be."""
        self._scratch = scratch
        self._ignored = ignored
        self._leftovers = LEFTOVERS - {name.casefold() for name in named}
        self._most = most
        self._levels = levels
        # Everything here is one learner's if nobody says whose an archive is.
        self._own_budget = archives.Budget()
        self._budget_of = budget_of or (lambda _: self._own_budget)
        self._has_outputs = _is_output(root)
        self._unpacked = 0
        # The files whose content has several names (hard links).
        self._linked: dict[str, os.stat_result] = {}
        self._walk(root, "", 0)
        self._drop_links_out()

    def archives_around(self, path: str) -> int:
        """How many archives ``path`` lies in."""
        folders = path.split("/")[:-1]
        return sum(archives.is_archive(folder) for folder in folders)

    def _walk(self, folder: Path, below: str, depth: int) -> None:
        try:
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError:
            self.skipped.append(_unreadable(below))
            return

        for entry in entries:
            if self._most is not None and len(self.files) >= self._most:
                return

            path = entry.name
            if below:
                path = f"{below}/{path}"

            notice = self._notice_of(entry, path)
            if notice is not None:
                self.skipped.append(notice)
                self._set_aside(entry, path)
            elif entry.is_dir():
                self._add_folder(Path(entry.path), path, depth)
            else:
                self._add_file(Path(entry.path), path, depth)

    def _set_aside(self, entry: "os.DirEntry[str]", path: str) -> None:
        """Note which files nobody grades, to tell a learner who handed in nothing else."""
        name = entry.name
        folder = Path(entry.path)
        if entry.is_symlink():
            return

        if name.startswith(".") and entry.is_file() and suffix_of(name) in SUFFIXES:
            problem = "a hidden file, which nobody grades"
            if name.startswith("._"):
                problem = "written by macOS about a file, and not the file itself"

            error = SubmissionError(problem, advice="hand in the file itself")
            self.set_aside[path] = (folder, error)
        elif name.casefold() in _LOOKED_INTO & self._leftovers and entry.is_dir():
            problem = f"in the folder `{name}`, in which tools keep copies, so nobody grades it"
            error = SubmissionError(problem, advice="hand in your own file")
            with contextlib.suppress(OSError), os.scandir(folder) as listing:
                for inner in itertools.islice(listing, _MAX_LOOKED_AT):
                    is_plain = inner.is_file(follow_symlinks=False)
                    if is_plain and suffix_of(inner.name) in SUFFIXES:
                        self.set_aside[f"{path}/{inner.name}"] = (Path(inner.path), error)

    def _add_folder(self, folder: Path, path: str, depth: int) -> None:
        is_top = "/" not in path
        if is_top and _is_output(folder):
            problem = "the output of another `grade batch`"
            self.skipped.append(Notice(path, NoticeKind.NOT_A_SUBMISSION, problem))
            return

        # The output folder can be inside the folder of submissions.
        if self._ignored is not None and folder.resolve() == self._ignored:
            return

        self.folders.append(path)
        self._walk(folder, path, depth)

    def _add_file(self, file: Path, path: str, depth: int) -> None:
        """Add a file, or the files in an archive; ``depth`` counts the archives around it."""
        with contextlib.suppress(OSError):
            found = file.lstat()
            if found.st_nlink > 1:
                self._linked[path] = found

        if not archives.is_archive(file.name):
            self.files[path] = file
            if file.name.lower().endswith(archives.OTHER_SUFFIXES):
                self.errors[path] = archives.not_unpackable()

            return

        if self._levels <= depth < _MAX_ARCHIVES:
            self.files[path] = file
            return

        try:
            if depth >= _MAX_ARCHIVES:
                raise SubmissionError(f"in more than {_MAX_ARCHIVES} archives")

            self._unpacked += 1
            inside = self._scratch / str(self._unpacked)
            archives.unpack(file, inside, is_wanted, self._budget_of(path))
            if not any(inside.iterdir()):
                raise SubmissionError("an archive without files", advice="pack your files again")
        except SubmissionError as error:
            self.files[path] = file
            self.errors[path] = error
            return

        self._walk(inside, path, depth + 1)

    def _drop_links_out(self) -> None:
        """Leave out files that have another name outside, such as somebody's solution.

        A tool that saves space links equal files to one another, and then all names are here.
        """
        names = Counter((found.st_dev, found.st_ino) for found in self._linked.values())
        for path, found in self._linked.items():
            if found.st_nlink <= names[found.st_dev, found.st_ino]:
                continue

            for name in list(self.files):
                # The names of files in an archive begin with its own.
                if name == path or name.startswith(f"{path}/"):
                    del self.files[name]
                    self.errors.pop(name, None)

            problem = "a hard link, which is never followed"
            advice = "put a copy of the file itself there"
            notice = Notice(path, NoticeKind.NOT_A_SUBMISSION, problem, advice)
            self.skipped.append(notice)

    def _notice_of(self, entry: "os.DirEntry[str]", path: str) -> Notice | None:
        """Why a file or folder is left out; None if it is not."""
        problem = advice = ""
        if entry.name.casefold() in self._leftovers or entry.name.startswith("._"):
            problem = "left behind by a tool"
        elif self._has_outputs and path in _OUTPUTS:
            problem = "the output of a `grade batch`"
        elif entry.is_symlink():
            problem = "a link, which is never followed"
            advice = "put the file itself there"
        elif entry.is_dir():
            if path.count("/") >= MAX_DEPTH:
                problem = f"more than {MAX_DEPTH} folders deep"
        elif not entry.is_file():
            problem = "not a regular file"
        elif not os.access(entry.path, os.R_OK):
            return _unreadable(path)
        elif entry.name.startswith(".") and suffix_of(entry.name) in SUFFIXES:
            # Editors and tools keep their own copies under such names.
            problem = "a hidden file"
            advice = "rename it if it is a submission"

        if not problem:
            return None

        return Notice(path, NoticeKind.NOT_A_SUBMISSION, problem, advice)


def _unreadable(path: str) -> Notice:
    return Notice(path, NoticeKind.UNREADABLE, "cannot be read", "check its permissions")


def is_wanted(path: str) -> bool:
    """Whether a file in an archive can be a submission, or something that one uses."""
    suffix = suffix_of(path)
    return suffix in SUFFIXES or suffix in DATA_SUFFIXES or archives.is_archive(path)
