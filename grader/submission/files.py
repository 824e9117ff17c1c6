"""Read a submission from a file into names and bytes; nothing here executes it."""

import contextlib
import errno
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec

from grader.course import yaml_reader
from grader.course.records import CodeExercise, Exercise
from grader.errors import CourseError, SubmissionError, UnreadableError
from grader.files import digest_of, read_regular
from grader.grades.grade import Frame
from grader.submission import archives, contents, exported, ipython, notebook, work
from grader.submission.beside import MAX_TOTAL_BYTES, Find, FolderBeside, among, used_files
from grader.submission.filenames import COPY, PLAIN, Names, split, suffix_of
from grader.submission.notebook import Cell
from grader.text import printable

MAX_BYTES: Final = CodeExercise.max_bytes
"""Size limit of each Python file."""
# A notebook contains pictures too, so its file can be much larger than its code.
MAX_NOTEBOOK_BYTES: Final = 64 * 1024 * 1024
_TEXT_SUFFIXES: Final = (".txt", "")
"""The endings with which a plain editor saves code."""
_MAX_MARKER: Final = 60
# More names than anybody writes, and they travel with each submission.
_MAX_ELSEWHERE: Final = 1000


class Submission(msgspec.Struct, frozen=True):
    """A learner's work for one exercise."""

    name: str
    """The file's name."""
    source: bytes
    """Python source, or the YAML of a quiz's answers."""
    helpers: dict[str, bytes] = {}
    """The modules and data that it uses: path below its folder, with ``/``, to the content."""
    cells: list[tuple[int, int]] | None = None
    """For a notebook: each cell's number and its first line in ``source``, in order."""
    starts: list[int] = []
    """The lines of ``source`` at which the cells begin that run one at a time; empty if the
    whole source runs at once."""
    elsewhere: dict[str, int] = {}
    """For a notebook: each name that a cell defines which is not graded, to its number."""
    file_note: str = ""
    """Which file this is, if that is not obvious, and what else is not."""

    def with_note(self, note: str) -> "Submission":
        """The submission with a sentence about its file before the note that it has."""
        notes = filter(None, (note, self.file_note))
        return msgspec.structs.replace(self, file_note=" ".join(notes))

    def place(self, file: str, line: int) -> str:
        """A line as the learner knows it: ``my.py line 3``, ``cell 4, line 2``."""
        return self.frame(file, line).place

    def frame(self, file: str, line: int) -> Frame:
        """The place of a line, which in a notebook is in one of its cells."""
        if file != self.name or self.cells is None:
            return Frame(file, line)

        number, first = 1, 1
        # The cells are in order, so the last one that begins above the line contains it.
        for cell in self.cells:
            if cell[1] <= line:
                number, first = cell

        return Frame(file, line - first + 1, number)

    def line(self, file: str, line: int) -> str:
        """The stripped text of a line, counted from 1; empty if there is no such line."""
        sources = {**self.helpers, self.name: self.source}
        source = sources.get(file, b"")
        lines = _split(source)
        if not 0 < line <= len(lines):
            return ""

        found = lines[line - 1]
        return found.decode("utf-8", "replace").strip()


# A traceback asks for its lines one after the other.
@lru_cache(maxsize=1)
def _split(source: bytes) -> list[bytes]:
    """The lines as Python counts them."""
    # Not text.splitlines(), which also splits at form feeds and line separators.
    return source.splitlines()


def find_submission(exercise: Exercise, folder: Path) -> Path | None:
    """The file in the learner's own ``folder`` for ``exercise``; None if there is none.

    The exact name counts, or else the only other spelling of it: ``Exercise1.py``.
    """
    exact = exact_submission(exercise, folder)
    if exact is not None:
        return exact

    spelled = other_spellings(exercise, folder)
    return spelled[0] if len(spelled) == 1 else None


def exact_submission(exercise: Exercise, folder: Path) -> Path | None:
    """The file in ``folder`` that is named exactly as ``exercise``; None if there is none."""
    for suffix in exercise.spec.suffixes:
        path = folder / f"{exercise.id}{suffix}"
        # A broken symlink counts: reading it explains what is wrong.
        if os.path.lexists(path):
            return path

    return None


def _plain_files(folder: Path) -> dict[str, Path]:
    """The regular files in ``folder``, name to path, without symlinks."""
    files = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False):
                    files[entry.name] = Path(entry.path)
    except OSError:
        return {}

    return files


def other_spellings(exercise: Exercise, folder: Path) -> list[Path]:
    """The files in ``folder`` whose names mean ``exercise``: copies, and other spellings."""
    names = Names([exercise.id])
    found = []
    for name, path in _plain_files(folder).items():
        stem, suffix = split(name)
        if suffix not in exercise.spec.suffixes or name.startswith("."):
            continue

        named = names.find(stem)
        if named is not None and named.mark <= COPY:
            found.append(path)

    return sorted(found)


def misnamed_submission(exercise: Exercise, folder: Path) -> Path | None:
    """The text file in ``folder`` that would be the submission with another ending, if any."""
    files = _plain_files(folder)
    for suffix in _TEXT_SUFFIXES:
        path = files.get(f"{exercise.id}{suffix}")
        if path is None:
            continue
        # Notes about an exercise can have its name, too.
        with contextlib.suppress(SubmissionError):
            if work.defines(exercise, _read(path, exercise.spec.max_bytes)):
                return path

    return None


def spelling_note(exercise: Exercise, path: Path) -> str:
    """The sentence that names a submission whose name is not exact; empty for any other."""
    exact_names = [f"{exercise.id}{suffix}" for suffix in exercise.spec.suffixes]
    if path.name in exact_names:
        return ""

    return f"Graded `{printable(path.name)}`."


def submission_name(exercise: Exercise) -> str:
    """The file name of a new submission: ``exercise1.py``."""
    suffix = exercise.spec.suffixes[0]
    return f"{exercise.id}{suffix}"


def read_submission(
    exercise: Exercise,
    path: Path,
    *,
    include_helpers: bool = True,
    beside: Mapping[str, Path] | None = None,
    follow: bool = True,
) -> Submission:
    """Read the file at ``path`` as a submission for ``exercise``.

    ``include_helpers`` adds the modules and data in the same folder that it uses; it must be
    false if other people's files are there too. ``beside`` replaces that folder: name of each
    file to its path. Without ``follow``, a link at ``path`` is refused, as other people's must
    be; links beside it always are. Raises ``SubmissionError`` if the file cannot be a
    submission, and its subclass ``UnreadableError`` if the system refuses to read it.
    """
    if not follow:
        refuse_link(path)

    _require_fitting_file(exercise, path)
    find: Find = _nothing
    if beside is not None:
        find = among(beside)
    elif include_helpers:
        find = FolderBeside(path)

    if suffix_of(path.name) == notebook.SUFFIX:
        data = _read(path, MAX_NOTEBOOK_BYTES, follow=follow)
        cells = notebook.code_cells(path, data)
        chosen = graded_cells(exercise, cells)
        if exercise.spec.runs_code and not _has_code(exercise, cells):
            raise SubmissionError(
                "no code cell with code",
                place=str(path),
                advice="put your code into a code cell, not a Markdown cell, and save the notebook",
            )
        _require_own_marker(exercise, path, cells, chosen)
        if not chosen and not exercise.spec.runs_code:
            raise SubmissionError(
                f"no cell starts with %%grade {exercise.id}",
                place=str(path),
                advice="put your answers in one",
            )

        submission = _from_cells(exercise, path, chosen, find)
        elsewhere = _defined_elsewhere(exercise, cells, chosen)
        return msgspec.structs.replace(submission, elsewhere=elsewhere)

    data = _read(path, exercise.spec.max_bytes, follow=follow)
    return _from_text(exercise, path, data, find)


def refuse_link(path: Path) -> None:
    """Raise ``SubmissionError`` for a link: it can lead to any file that the user can read."""
    if os.path.islink(path):
        raise SubmissionError(
            "a link, which is never followed",
            place=str(path),
            advice="put the file itself there",
        )


def _require_own_marker(
    exercise: Exercise, path: Path, cells: Sequence[Cell], chosen: Sequence[Cell]
) -> None:
    """Raise ``SubmissionError`` if the code is in a cell with another marker, perhaps a slip."""
    # Larger code is refused, and nothing should read it character by character before.
    length = sum(len(cell.text) for cell in cells)
    if length > exercise.spec.max_bytes or _defines(exercise, chosen):
        return

    for cell in cells:
        is_other = cell.exercise and not is_marked(cell, exercise.id)
        if is_other and _defines(exercise, [cell]) and _has_work(exercise, [cell]):
            marker = printable(cell.exercise)[:_MAX_MARKER]
            raise SubmissionError(
                f"cell {cell.number} has the code and starts with %%grade {marker}",
                place=str(path),
                advice=f"start it with %%grade {exercise.id} if it is for this exercise",
            )


def _defined_elsewhere(
    exercise: Exercise, cells: Sequence[Cell], chosen: Sequence[Cell]
) -> dict[str, int]:
    """The names that the other cells define, each with the number of the last such cell."""
    others = [cell for cell in cells if cell not in chosen]
    length = sum(len(cell.text) for cell in others)
    if not exercise.spec.runs_code or length > exercise.spec.max_bytes:
        return {}

    found = {}
    for cell in others:
        source = cell.text.encode("utf-8", "surrogatepass")
        for name in work.defined_names(source) | work.imported_names(source):
            found[name] = cell.number

    if len(found) > _MAX_ELSEWHERE:
        return {}

    return found


def text_submission(exercise: Exercise, data: bytes) -> Submission:
    """Make a submission of a text that a program has; raises ``SubmissionError`` as for a file."""
    path = Path(submission_name(exercise))
    _require_size(path, data, exercise.spec.max_bytes)
    return _from_text(exercise, path, data, _nothing)


def _nothing(_name: str) -> None:
    """Find no file."""


def _from_text(exercise: Exercise, path: Path, data: bytes, find: Find) -> Submission:
    data = contents.as_utf8(data)
    kind = contents.kind_of(data)
    problem = advice = ""
    if contents.is_blank(data):
        problem = "empty"
        advice = f"`grade show {exercise.id}` says what belongs in it"
    elif kind is not None:
        problem = f"{kind.name}, not {exercise.spec.content}"
        advice = kind.advice
    elif b"\0" in data:
        problem = "a binary file, not text"
        advice = "save it as plain text"

    if problem:
        raise SubmissionError(problem, place=str(path), advice=advice)

    helpers = {}
    starts: list[int] = []
    if exercise.spec.runs_code:
        data, starts = _python(path, data)
        helpers = used_files(path, data, find, _read_beside)

    return Submission(printable(path.name), data, helpers, starts=starts)


def marked_exercises(path: Path) -> list[str]:
    """The exercise ids in a notebook's markers; an empty id stands for code without a marker.

    Raises ``SubmissionError`` if the file is not a notebook, or a link.
    """
    data = _read(path, MAX_NOTEBOOK_BYTES, follow=False)
    cells = notebook.code_cells(path, data)
    ids = []
    for cell in cells:
        if cell.exercise or cell.text.strip():
            ids.append(cell.exercise)

    return list(dict.fromkeys(ids))


def graded_cells(exercise: Exercise, cells: Sequence[Cell]) -> list[Cell]:
    """The cells of a notebook that are graded for ``exercise``; none for a quiz without a mark.

    The last cell with the mark counts. An empty one asks for the starter, and a copy of the
    starter does not replace work; neither does a cell that only tries out the function.
    """
    marked = [cell for cell in cells if is_marked(cell, exercise.id)]
    written = [cell for cell in marked if cell.text.strip()]
    last = written[-1:] or marked[-1:]
    if not exercise.spec.runs_code:
        return last

    unmarked = [cell for cell in cells if not cell.exercise]
    # Larger code is refused, and nothing should read it character by character before.
    length = sum(len(cell.text) for cell in written + unmarked)
    if length > exercise.spec.max_bytes:
        return last or unmarked

    changed = [cell for cell in written if _has_work(exercise, [cell])]
    defining = [cell for cell in changed if _defines(exercise, [cell])]
    best = defining[-1:] or changed[-1:] or last
    if not best:
        return _without_starter(exercise, unmarked)

    # A learner can split a cell, and the mark stays in one half of it.
    is_half = not _defines(exercise, best) and _defines(exercise, unmarked)
    if changed and is_half:
        return [cell for cell in cells if not cell.exercise or cell in marked]

    return best


def _without_starter(exercise: Exercise, cells: list[Cell]) -> list[Cell]:
    """The cells without copies of the starter, if the others have the work."""
    filled = [cell for cell in cells if cell.text.strip()]
    copies = [cell for cell in filled if not _has_work(exercise, [cell])]
    others = [cell for cell in cells if cell not in copies]
    if copies and _defines(exercise, others):
        return others

    return cells


def is_marked(cell: Cell, exercise_id: str) -> bool:
    """Whether a cell has the marker of an exercise, in any spelling: ``%%grade ex1``."""
    if not cell.exercise:
        return False
    if cell.exercise == exercise_id:
        return True

    named = Names([exercise_id]).find(cell.exercise)
    return named is not None and named.mark == PLAIN


def _has_work(exercise: Exercise, cells: Iterable[Cell]) -> bool:
    return work.has_work(exercise, _joined(cells))


def _has_code(exercise: Exercise, cells: Iterable[Cell]) -> bool:
    """Whether there is more than comments; larger code is refused, whatever it is."""
    code = _joined(cells)
    return len(code) >= exercise.spec.max_bytes or work.has_code(code)


def _defines(exercise: Exercise, cells: Iterable[Cell]) -> bool:
    return work.defines(exercise, _joined(cells))


def _joined(cells: Iterable[Cell]) -> bytes:
    """The code of some cells, up to the size that a submission can have."""
    text = "\n".join(cell.text for cell in cells)
    return text.encode("utf-8", "surrogatepass")[:MAX_BYTES]


def cell_submission(exercise: Exercise, name: str, cell: Cell) -> Submission:
    """The submission in a running kernel's cell: the same as from its saved notebook.

    ``name`` stands for the notebook's file. Helpers come from the current folder.
    """
    path = Path(name)
    return _from_cells(exercise, path, [cell], FolderBeside(path))


def digest(submission: Submission) -> str:
    """A digest of the source and the helpers; the submission's own file name does not count."""
    parts = [b"", submission.source]
    for name, content in sorted(submission.helpers.items()):
        parts.append(name.encode("utf-8", "surrogatepass"))
        parts.append(content)

    return digest_of(parts)


def read_answers(submission: Submission) -> dict[str, Any]:
    """The answers of a quiz: question name to text, or to a list of texts.

    Raises ``SubmissionError`` if the source is not a YAML mapping.
    """
    try:
        answers = yaml_reader.load(submission.source, submission.name, typed=False)
    except CourseError as error:
        raise SubmissionError(
            error.problem, place=error.place, line=error.line, advice=error.advice
        ) from None

    if not isinstance(answers, dict):
        raise SubmissionError(
            "not a list of `name: answer` lines",
            place=submission.name,
            advice="write one line per question",
        )

    return {str(name): answer for name, answer in answers.items()}


def _require_fitting_file(exercise: Exercise, path: Path) -> None:
    """Raise ``SubmissionError`` unless ``path`` is a regular file with a suffix that fits."""
    endings = " or ".join(exercise.spec.suffixes)
    problem = advice = ""
    # The functions of os.path answer False to a name that the system refuses, where those of
    # Path raise.
    if os.path.isdir(path):
        problem = "a folder"
        advice = f"name the file in it that holds {exercise.id}"
    elif os.path.islink(path) and not os.path.exists(path):
        problem = "a link that leads to no file"
        advice = "put the file itself there, or remove the link"
    elif not os.path.exists(path):
        problem = "no such file"
        advice = f"`grade start {exercise.id}` writes {submission_name(exercise)}"
    elif not os.path.isfile(path):
        problem = "not a regular file"
        advice = f"name a file ending in {endings}"
    elif path.name.lower().endswith(archives.OTHER_SUFFIXES):
        error = archives.not_unpackable()
        problem = error.problem
        advice = error.advice
    elif suffix_of(path.name) not in exercise.spec.suffixes:
        problem = f"{exercise.id} takes a file ending in {endings}"
        advice = "name another file"
        if suffix_of(path.name) in _TEXT_SUFFIXES:
            new = submission_name(exercise)
            advice = f"rename it to {new}, then type `grade {exercise.id}`"

    if problem:
        raise SubmissionError(problem, place=str(path), advice=advice)


def _read(path: Path, limit: int, *, follow: bool = False) -> bytes:
    try:
        data = read_regular(path, limit, follow=follow)
    except OSError as error:
        reason = error.strerror
        advice = "check its permissions"
        if error.errno == errno.ELOOP:
            reason = "a link, which is never followed"
            advice = "put the file itself there"

        raise UnreadableError(
            f"cannot be read ({reason})", place=str(path), advice=advice
        ) from None

    _require_size(path, data, limit)
    return data


def _require_size(path: Path, data: bytes, limit: int) -> None:
    if len(data) <= limit:
        return

    advice = "a submission is a short file of source"
    if limit == MAX_NOTEBOOK_BYTES:
        advice = "clear the outputs of its cells"

    raise SubmissionError(f"larger than {limit // 1024} KiB", place=str(path), advice=advice)


def _python(path: Path, data: bytes) -> tuple[bytes, list[int]]:
    """The Python in a file, and where its cells begin if it is an exported notebook."""
    notebook.refuse_conflict(data, path, "keep one of the two versions")
    return exported.read(data) or (data, [])


def _read_beside(path: Path) -> bytes:
    if path.suffix == ".py":
        return contents.as_utf8(_read(path, MAX_BYTES))

    return _read(path, MAX_TOTAL_BYTES)


def _from_cells(exercise: Exercise, path: Path, cells: list[Cell], find: Find) -> Submission:
    spec = exercise.spec
    name = printable(path.name)
    # The limit comes first: everything after it reads the text character by character.
    text = "\n".join(cell.text for cell in cells)
    encoded = _encoded(exercise, path, text)
    if not spec.runs_code:
        return Submission(name, encoded)
    if not text.strip():
        raise SubmissionError(
            f"no code for {exercise.id}",
            place=str(path),
            advice=f"start its cell with %%grade {exercise.id}",
        )

    lines: list[str] = []
    places = []
    starts = []
    # A learner can write the file that was asked for from a cell.
    ordinary = [cell for cell in cells if not ipython.writes(cell.text)]
    runs_written = not _defines(exercise, ordinary)
    for cell in cells:
        # The line in the source at which the cell would begin with its marker.
        cell_start = len(lines) + 2 - cell.first
        places.append((cell.number, cell_start))
        starts.append(len(lines) + 1)
        code = ipython.to_python(cell.text, runs_written=runs_written)
        lines += code.split("\n")

    source = _encoded(exercise, path, "\n".join(lines) + "\n")
    helpers = used_files(path, source, find, _read_beside)
    note = _several_note(exercise, cells)
    return Submission(name, source, helpers, places, starts, file_note=note)


def _several_note(exercise: Exercise, cells: Sequence[Cell]) -> str:
    """The sentence that names the cells which define the same thing; empty if none do."""
    notes = []
    for entry in exercise.code.entries:
        definitions: dict[str, int] = {}
        for cell in cells:
            defined = work.defined_functions(_joined([cell]))
            if entry.name in defined and _has_work(exercise, [cell]):
                definitions[cell.text] = cell.number

        if len(definitions) > 1:
            numbers = sorted(definitions.values())
            *first, last = map(str, numbers)
            notes.append(
                f"`{entry.name}` is defined in cells {', '.join(first)} and {last}; a later "
                "definition replaces an earlier one."
            )

    return " ".join(notes)


def _encoded(exercise: Exercise, path: Path, text: str) -> bytes:
    """``text`` as bytes; ``SubmissionError`` if they are more than a submission may have."""
    source = text.encode("utf-8", "surrogatepass")
    limit = exercise.spec.max_bytes
    if len(source) > limit:
        raise SubmissionError(
            f"more than {limit // 1024} KiB of code or answers",
            place=str(path),
            advice=f"mark one cell with %%grade {exercise.id}",
        )

    return source
