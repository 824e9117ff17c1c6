"""A file that a learner handed in: what it contains, and how messages name it."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from grader.course.records import Exercise
from grader.errors import SubmissionError
from grader.files import read_regular
from grader.submission import contents, notebook, work
from grader.submission.filenames import suffix_of
from grader.submission.files import (
    MAX_BYTES,
    MAX_NOTEBOOK_BYTES,
    graded_cells,
    marked_exercises,
)
from grader.text import printable

# A learner chooses the names of files and their number.
_MAX_NAME: Final = 80
_MOST_NAMES: Final = 6


class File(msgspec.Struct, frozen=True):
    """A file that a learner handed in."""

    path: Path
    """Where it can be read."""
    shown: str
    """Its path in the learner's folder, with ``/``; an archive counts as a folder."""
    whole: str = ""
    """Its path in the folder of the class."""
    attempt: tuple[int, ...] = ()
    """The numbers and dates by which the system orders attempts, the latest largest."""
    assignment: str = ""
    """The name of the exercise that the layout gives, for a file without it in its name."""
    archives: int = 0
    """How many archives it lies in."""
    error: SubmissionError | None = None
    """Why it cannot be unpacked, for an archive."""

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.shown.rpartition("/")[2]

    @property
    def suffix(self) -> str:
        """The ending of its name, in lower case."""
        return suffix_of(self.name)

    @property
    def label(self) -> str:
        """Its name in messages: printable, and of a long path the end."""
        return _short(self.shown)

    @property
    def folders(self) -> list[str]:
        """The names of the folders around it, the outermost first."""
        return self.shown.split("/")[:-1]


# What a file contains


def problem_of(file: File) -> SubmissionError | None:
    """Why nobody can tell what is in ``file``, for an archive or a notebook."""
    if file.error is not None or file.suffix != notebook.SUFFIX:
        return file.error

    try:
        marked_exercises(file.path)
    except SubmissionError as error:
        return error

    return None


def markers(file: File) -> list[str]:
    """The names in a notebook's markers; an empty one stands for code without a marker."""
    if file.suffix != notebook.SUFFIX:
        return []

    try:
        return marked_exercises(file.path)
    except SubmissionError:
        # Reading the file as a submission reports the problem.
        return []


def fits(exercise: Exercise, file: File) -> bool:
    """Whether ``file`` has an ending that ``exercise`` takes."""
    return file.suffix in exercise.spec.suffixes


def code_for(exercise: Exercise, file: File) -> bytes:
    """What ``file`` has for ``exercise``: its text, or that of a notebook's cells."""
    content = _content(file)
    if file.suffix != notebook.SUFFIX:
        # A web page in place of the file is no work.
        is_source = contents.kind_of(content) is None and b"\0" not in content
        return content[:MAX_BYTES] if is_source else b""

    try:
        cells = notebook.code_cells(file.path, content)
    except SubmissionError:
        return b""

    own = graded_cells(exercise, cells)
    text = "\n".join(cell.text for cell in own)
    return text.encode("utf-8", "surrogatepass")[:MAX_BYTES]


def defines(exercise: Exercise, file: File) -> bool:
    """Whether ``file`` has work, and seems to define everything that ``exercise`` asks for."""
    code = code_for(exercise, file)
    return work.defines(exercise, code) and work.has_work(exercise, code)


def _content(file: File) -> bytes:
    """The file's content without the ends of lines, which programs change; or its beginning."""
    try:
        content = read_regular(file.path, MAX_NOTEBOOK_BYTES)
    except OSError:
        return b""

    return contents.as_utf8(content).replace(b"\r\n", b"\n").strip()


# How messages name files


def names_of(files: Sequence[File]) -> list[str]:
    """The names of some files, with the folders of the class around those of one name."""
    numbers = Counter(file.shown for file in files)
    names = []
    for file in files:
        name = file.label
        if numbers[file.shown] > 1 and file.whole:
            name = _short(file.whole)

        names.append(name)

    return names


def listed(names: Sequence[str], mark: str = "`") -> str:
    """The first of some names, each between two of ``mark``, and the number of the others."""
    some = [f"{mark}{name}{mark}" for name in names[:_MOST_NAMES]]
    more = len(names) - len(some)
    if more > 0:
        some.append(f"{more} more")

    return ", ".join(some)


def _short(name: str) -> str:
    return printable(name)[-_MAX_NAME:]
