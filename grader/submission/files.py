"""A submission: read from a file into names and bytes, and never executed here."""

import os
import re
import textwrap
from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from grader.course import yaml_reader
from grader.course.records import Exercise
from grader.errors import CourseError, SubmissionError, UnreadableError
from grader.text import printable

MAX_BYTES: Final = 1024 * 1024
MAX_ANSWERS_BYTES: Final = 64 * 1024
MAX_NOTEBOOK_BYTES: Final = 32 * 1024 * 1024
MAX_HELPERS: Final = 20
MAX_HELPERS_BYTES: Final = 8 * 1024 * 1024
"""Of all helpers: with the submission they have to fit one frame of the wire."""
PYTHON_SUFFIXES: Final = (".py", ".ipynb")
ANSWER_SUFFIXES: Final = (".yaml", ".yml")
_IMPORT: Final = re.compile(
    rb"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import\b|import[ \t]+([\w., \t]+))", re.MULTILINE
)
# IPython takes blank lines before it; the seed of a repeated grading is no part of what is handed in. To be able to
# go back over a cell full of blank lines would take gigabytes, so nothing is given back (*+).
_MARKER: Final = re.compile(
    r"((?:[ \t]*+\n)*+)([ \t]*+)%%grade[ \t]+(\S+)(?:[ \t]+--seed[ \t]+(\d{1,18}))?[ \t]*(?:\n|\Z)",
    re.ASCII,
)
_PYTHON_MAGICS: Final = ("%%time", "%%timeit", "%%capture", "%%prun")
_TOKEN: Final = re.compile(r"'''|\"\"\"|'|\"|#|\\.|[()\[\]{}]|\n", re.DOTALL)
_MAGIC: Final = re.compile(r"[!?]|%%?\w|[A-Za-z_][\w.]*\?{1,2}$|[A-Za-z_][\w, ]*=\s*(?:!|%\w)")


class Cell(NamedTuple):
    """A code cell of a notebook."""

    number: int
    """Counted over all cells from 1, or what a kernel calls it."""
    text: str
    """Without its marker."""
    first: int = 1
    """The line of the cell that ``text`` begins on."""
    exercise: str = ""
    """Id of the exercise that it is marked for."""
    seed: int | None = None
    """To repeat a grading with, as the marker says."""


class Submission(msgspec.Struct, frozen=True):
    """What a learner handed in for one exercise."""

    name: str
    """The file's name."""
    source: bytes
    """Python source, or the YAML of a quiz's answers."""
    helpers: dict[str, bytes] = {}
    """Modules beside the file that it imports: file name to source."""
    cells: list[tuple[int, int]] | None = None
    """For a notebook: cell number and its first line in ``source``, in order."""

    def place(self, file: str, line: int) -> str:
        """Where ``line`` is, as the learner knows it: ``my.py line 3``, ``cell 4 line 2``."""
        if file != self.name or self.cells is None:
            return f"{file} line {line}"
        number, first = max(
            (cell for cell in self.cells if cell[1] <= line),
            default=(1, 1),
            key=lambda cell: cell[1],
        )
        return f"cell {number} line {line - first + 1}"

    def line(self, file: str, line: int) -> str:
        """The text of that line, stripped, or nothing where there is none."""
        source = self.source if file == self.name else self.helpers.get(file, b"")
        lines = _split(source)
        return lines[line - 1].decode("utf-8", "replace").strip() if 0 < line <= len(lines) else ""


@lru_cache(maxsize=1)  # the lines of one traceback are asked for in turn
def _split(source: bytes) -> list[bytes]:
    """Lines as Python counts them; those of bytes end with nothing else."""
    return source.splitlines()


def find_submission(exercise: Exercise, folder: Path) -> Path | None:
    """The file in ``folder`` named after ``exercise``, if there is one."""
    suffixes = exercise.spec.suffixes
    # lexists: a link to nothing is there too, and reading it says what is wrong.
    return next(
        (path for suffix in suffixes if os.path.lexists(path := folder / f"{exercise.id}{suffix}")),
        None,
    )


def submitted_file(exercise: Exercise, folder: Path) -> Path:
    """What was handed in for ``exercise`` as ``folder``: the file named after it, or the only one of its kind.

    A link is never followed: it could lead to the solution. ``SubmissionError`` where there
    is no such file.
    """
    suffixes = exercise.spec.suffixes
    files = sorted(path for path in folder.iterdir() if path.is_file() and not path.is_symlink())
    of_kind = [path for suffix in suffixes for path in files if path.suffix.lower() == suffix]
    named = [path for path in of_kind if path.stem == exercise.id]
    if not named and len(of_kind) != 1:
        found = ", ".join(printable(path.name)[:80] for path in files[:10]) or "no file at all"
        raise SubmissionError(
            f"no {submission_name(exercise)} was handed in: there is {found}; name the file so"
        )
    return (named or of_kind)[0]


def submission_name(exercise: Exercise) -> str:
    """The file name that ``grade`` gives to a new submission."""
    return exercise.id + exercise.spec.suffixes[0]


def read_submission(exercise: Exercise, path: Path, *, include_helpers: bool = True) -> Submission:
    """Read ``path`` as a submission for ``exercise``; ``SubmissionError`` where it is none.

    Modules beside it come along, unless other people's files lie there too (``include_helpers`` is false).
    """
    is_code = exercise.spec.runs_code
    name = printable(path.name)
    suffix = path.suffix.lower()
    wanted = PYTHON_SUFFIXES if is_code else (*ANSWER_SUFFIXES, ".ipynb")
    if os.path.isdir(path):
        raise SubmissionError(f"{path}: a folder; name the file in it that holds {exercise.id}")
    if os.path.islink(path) and not os.path.exists(path):
        raise SubmissionError(
            f"{path}: a link that leads to no file; put the file itself there, or remove the link"
        )
    if not os.path.exists(path):
        raise SubmissionError(
            f"{path}: no such file; `grade start {exercise.id}` writes {submission_name(exercise)}"
        )
    if not os.path.isfile(path):
        raise SubmissionError(
            f"{path}: not a regular file; name a file ending in {_either(wanted)}"
        )
    if suffix not in wanted:
        raise SubmissionError(
            f"{path}: {exercise.id} takes a file ending in {_either(wanted)}; rename or name another"
        )
    notebook = suffix == ".ipynb"
    data = _read(
        path, MAX_NOTEBOOK_BYTES if notebook else MAX_BYTES if is_code else MAX_ANSWERS_BYTES
    )
    if notebook:
        return _from_notebook(exercise, path, name, data, include_helpers=include_helpers)
    if not data.strip():
        raise SubmissionError(f"{path}: empty; `grade show {exercise.id}` says what belongs in it")
    if b"\0" in data:
        raise SubmissionError(f"{path}: a binary file, not text; save it as plain text")
    return Submission(name, data, _helpers(path, data) if is_code and include_helpers else {})


def marked_exercises(path: Path) -> list[str]:
    """Ids that cells of a notebook are marked for, and an empty one for code that is not marked at all.

    Raises ``SubmissionError`` where it is no notebook.
    """
    cells = _code_cells(path, _read(path, MAX_NOTEBOOK_BYTES))
    return list(
        dict.fromkeys(cell.exercise for cell in cells if cell.exercise or cell.text.strip())
    )


def read_cell(number: int, text: str) -> Cell:
    """A code cell as IPython takes it; its marker, and indentation that all of it has, are no part of its text."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not (match := _MARKER.match(text)):
        return Cell(number, text)
    before, indented, exercise_id, seed = match.groups()
    text = text[len(before) :]
    if indented:
        text = textwrap.dedent(text)
    seed = None if seed is None else int(seed)
    return Cell(number, text.partition("\n")[2], before.count("\n") + 2, exercise_id, seed)


def cell_submission(exercise: Exercise, name: str, cell: Cell) -> Submission:
    """What a cell that is marked for ``exercise`` hands in, as its saved notebook will.

    ``name`` stands for the notebook's file; modules are looked for in the current folder.
    """
    return _of_cells(exercise, Path(name), name, [cell], include_helpers=True)


def digest(submission: Submission) -> str:
    """A digest of what was handed in, helpers included; the file's name is no part of it."""
    hashed = blake2b(digest_size=16)
    for name, content in (("", submission.source), *sorted(submission.helpers.items())):
        for part in (name.encode("utf-8", "surrogatepass"), content):
            hashed.update(len(part).to_bytes(8, "big") + part)
    return hashed.hexdigest()


def read_answers(submission: Submission) -> dict[str, Any]:
    """The answers of a quiz as data: name to text, or to a list of texts."""
    try:
        answers = yaml_reader.load(submission.source, submission.name, typed=False)
    except CourseError as error:
        raise SubmissionError(str(error)) from None
    if not isinstance(answers, dict):
        raise SubmissionError(
            f"{submission.name}: not a list of `name: answer` lines; write one line per question"
        )
    return {str(name): answer for name, answer in answers.items()}


def _either(suffixes: tuple[str, ...]) -> str:
    return " or ".join(suffixes)


def _read(path: Path, cap: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(cap + 1)
    except OSError as error:
        raise UnreadableError(
            f"{path}: cannot be read ({error.strerror}); check its permissions"
        ) from None
    if len(data) > cap:
        raise SubmissionError(
            f"{path}: larger than {cap // 1024} KiB; a submission is a short file of source"
        )
    return data


def _helpers(path: Path, source: bytes) -> dict[str, bytes]:
    """Modules beside ``path`` that ``source`` imports, directly or through one another.

    Found by a regular expression, because parsing hostile source can burn a
    machine; only files that are named by an import are ever read.
    """
    helpers: dict[str, bytes] = {}
    pending, beside = [source], _plain_files(path.parent) - {path.name}
    while pending:
        for imported in _imported(pending.pop()):
            if (name := f"{imported}.py") not in beside:
                continue
            beside.remove(name)
            if len(helpers) == MAX_HELPERS:
                raise SubmissionError(
                    f"{path}: imports more than {MAX_HELPERS} modules beside it; put them in fewer"
                )
            helpers[name] = _read(path.parent / name, MAX_BYTES)
            if sum(map(len, helpers.values())) > MAX_HELPERS_BYTES:
                most = f"{MAX_HELPERS_BYTES >> 20} MiB"
                raise SubmissionError(
                    f"{path}: the modules beside it that it imports are over {most}; keep data out"
                )
            pending.append(helpers[name])
    return helpers


def _plain_files(folder: Path) -> set[str]:
    """Names of the files in ``folder`` that are no links.

    Looked up once: the system is never asked for a name that stands in a submission,
    which may be longer than it allows, and of which there may be a hundred thousand.
    """
    try:
        with os.scandir(folder) as entries:
            return {entry.name for entry in entries if entry.is_file(follow_symlinks=False)}
    except OSError:
        return set()


def _imported(source: bytes) -> Iterator[str]:
    for match in _IMPORT.finditer(source):
        for part in (match[1] or match[2]).decode().split(","):
            if words := part.split():
                yield words[0].split(".")[0]


def _from_notebook(
    exercise: Exercise, path: Path, name: str, data: bytes, *, include_helpers: bool
) -> Submission:
    cells = _code_cells(path, data)
    marked = [cell for cell in cells if cell.exercise == exercise.id]
    if not marked and not exercise.spec.runs_code:
        raise SubmissionError(
            f"{path}: no cell starts with %%grade {exercise.id}; put your answers in one"
        )
    # A cell run again under the same marker replaces the one before it; an empty one only asks for the starter.
    chosen = [cell for cell in marked if cell.text.strip()][-1:] or marked[-1:]
    return _of_cells(
        exercise,
        path,
        name,
        chosen or [cell for cell in cells if not cell.exercise],
        include_helpers=include_helpers,
    )


def _of_cells(
    exercise: Exercise, path: Path, name: str, cells: list[Cell], *, include_helpers: bool
) -> Submission:
    if not exercise.spec.runs_code:
        return Submission(name, _capped(path, cells[-1].text, exercise))
    _capped(
        path, "\n".join(cell.text for cell in cells), exercise
    )  # before anything reads it character by character
    if not any(cell.text.strip() for cell in cells):
        raise SubmissionError(
            f"{path}: no code for {exercise.id}; start its cell with %%grade {exercise.id}"
        )
    lines: list[str] = []
    starts = []
    for cell in cells:
        starts.append((cell.number, len(lines) + 2 - cell.first))
        lines += without_magics(cell.text).split("\n")
    source = _capped(path, "\n".join(lines) + "\n", exercise)
    return Submission(name, source, _helpers(path, source) if include_helpers else {}, starts)


def _capped(path: Path, text: str, exercise: Exercise) -> bytes:
    source = text.encode("utf-8", "surrogatepass")
    cap = exercise.spec.max_bytes
    if len(source) > cap:
        raise SubmissionError(
            f"{path}: more than {cap // 1024} KiB of code or answers; mark one cell with %%grade {exercise.id}"
        )
    return source


@lru_cache(maxsize=1)  # in a class, all exercises of one notebook are read in turn
def _code_cells(path: Path, data: bytes) -> list[Cell]:
    try:
        notebook = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise SubmissionError(
            f"{path}: not a notebook ({error}); save it again from Jupyter"
        ) from None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise SubmissionError(
            f"{path}: no notebook of format 4 (it has no `cells`); save it again from a recent Jupyter"
        )
    found = []
    for number, cell in enumerate(cells, 1):
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            text = cell.get("source", "")
            text = (
                "".join(part for part in text if isinstance(part, str))
                if isinstance(text, list)
                else text
            )
            if isinstance(text, str):
                found.append(read_cell(number, text))
    return found


def without_magics(cell: str) -> str:
    """``cell`` with IPython's magics, shell and help lines replaced by ``pass``, line for line."""
    first = cell.lstrip().partition("\n")[0]
    if first.startswith("%%") and not first.startswith(_PYTHON_MAGICS):
        return "\n" * cell.count("\n")
    kept = []
    for line, starts_statement in _lines(cell):
        statement = line.strip()
        magic = starts_statement and _MAGIC.match(statement)
        kept.append(line[: len(line) - len(line.lstrip())] + "pass" if magic else line)
    return "\n".join(kept)


def _lines(cell: str) -> Iterator[tuple[str, bool]]:
    """Each line, and whether a statement can start on it: not inside a bracket or a string."""
    depth, quote, comment, begin, starts = 0, "", False, 0, True
    for match in _TOKEN.finditer(cell):
        token = match[0]
        ends_line = token.endswith("\n")
        continued = token == "\\\n" and not comment
        if comment:
            comment = not ends_line
        elif quote:
            # In a string of single quotes, three of them end it and are an empty one beside it.
            if token[0] == quote[0] and (len(quote) == 1 or token == quote):
                quote = ""
            elif token == "\n" and len(quote) == 1:
                quote = ""  # an unfinished string ends with its line
        elif token == "#":
            comment = True
        elif token[0] in "'\"":
            quote = token
        elif token in "([{":
            depth += 1
        elif token in ")]}":
            depth = max(depth - 1, 0)
        if ends_line:
            yield cell[begin : match.end() - 1], starts
            begin, starts = match.end(), not continued and not depth and not quote
    yield cell[begin:], starts
