"""Choose the file to grade among everything that one learner handed in.

Every command uses this ranking; ``docs/batch.md`` documents it. Names decide first. The files
are read only if several are possible, or if none has the name of an exercise.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Final

import msgspec

from grader.course.records import Exercise
from grader.errors import SubmissionError
from grader.files import read_regular
from grader.submission import archives, contents, notebook, work
from grader.submission.filenames import (
    COPY,
    PLAIN,
    SUFFIXES,
    WORDS,
    Named,
    Names,
    Version,
    split,
    suffix_of,
    version,
)
from grader.submission.files import (
    MAX_BYTES,
    MAX_NOTEBOOK_BYTES,
    graded_cells,
    marked_exercises,
    submission_name,
)
from grader.text import printable

# What a course numbers: its weeks and tasks.
_COURSE_WORD: Final = re.compile(
    r"(?:week|hw|homework|ex|exercise|lab|assignment|part|task|ps|sheet)"
)
_MAX_COURSE_NUMBER: Final = 1000
# How Canvas and Moodle name what learners type into them.
_TYPED: Final = frozenset({"text.html", "link.html", "onlinetext.html"})
_SHOWN: Final = 6
_MAX_SHOWN: Final = 80
_NAMED: Final = 0
_MARKED: Final = 1
_DEFINES: Final = 2
_NO_ARCHIVE: Final = Version("", PLAIN, 0)


class File(msgspec.Struct, frozen=True):
    """A file that a learner handed in."""

    path: Path
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

    def problem(self) -> SubmissionError | None:
        """Why nobody can tell what is in it, for an archive or a notebook."""
        return self.error or _problem_of_notebook(self)


class Choice(msgspec.Struct, frozen=True):
    """The decision for one exercise."""

    file: File
    """The file to grade; if there is a ``problem``, the file that the problem is about."""
    others: list[File] = []
    """The other files for the exercise, in the order of the ranking."""
    is_exact: bool = True
    """Whether the file has the exact name, at the top of the learner's folder."""
    problem: SubmissionError | None = None
    """Why nothing can be graded."""
    is_undecided: bool = False
    """Whether the problem is that several different files could be meant."""
    different: list[File] = []
    """The ``others`` with other work, unless they are from an earlier attempt."""

    def note(self) -> str:
        """The sentence that says which file was graded.

        Empty if its name is exact, and no other file has other work for the exercise.
        """
        if self.problem is not None:
            return ""

        listed = self.others
        end = "."
        if self.is_exact:
            # The learner may have meant one of these to count.
            listed = self.different
            end = ", with other code."
            if not listed:
                return ""

        graded, *others = _named_apart([self.file, *listed])
        note = f"Graded `{graded}`"
        if others:
            note += f"; also found {_some(others)}"

        return f"{note}{end}"


class Chosen(msgspec.Struct, frozen=True):
    """The decisions for everything that one learner handed in."""

    choices: dict[str, Choice]
    """Exercise id to the decision; without the exercises for which there is no file."""
    reasons: list[tuple[File, SubmissionError]]
    """Each file that is for no exercise, with the reason."""


class _Candidate(msgspec.Struct, frozen=True):
    """A file that may be for an exercise."""

    file: File
    kind: int
    """``_NAMED``, ``_MARKED`` or ``_DEFINES``."""
    mark: int
    number: int
    base: str
    """The name that all its versions share, if it is not that of the exercise."""
    archive: Version
    """The name and number of the archive around it."""
    is_exact: bool

    @property
    def is_exact_at_top(self) -> bool:
        """Whether the file has the exact name, at the top of the learner's folder."""
        return self.is_exact and "/" not in self.file.shown


class _Ranked(msgspec.Struct, frozen=True):
    """A candidate with what decides between it and others; the smallest rank counts."""

    candidate: _Candidate
    digest: bytes
    """The digest of its code, because the code of very many files would not fit into memory."""
    has_work: bool
    """Whether there is more than a starter in it."""
    first: tuple[object, ...]
    """What counts before the number of a version."""
    download: int
    """The number of a download or a resubmission, which counts before the kind of the file."""
    kind: tuple[object, ...]
    """The ending and the mark, which count before any other number."""
    last: tuple[object, ...]

    @property
    def rank(self) -> tuple[object, ...]:
        """The whole rank."""
        return (*self.first, -self.download, *self.kind, *self.last)


class Chooser:
    """Chooses among files for the exercises of a course."""

    def __init__(self, exercises: Mapping[str, Exercise]) -> None:
        self._exercises = exercises
        self._names = Names(exercises)

    def names(self, name: str) -> Named | None:
        """The exercise that a file's name means."""
        stem, _ = split(name)
        return self._names.find(stem)

    def spare(
        self, files: Iterable[File], choices: Mapping[str, Choice]
    ) -> Iterator[tuple[str, File]]:
        """The ``files`` that count for nothing, and may be why an exercise has no submission.

        Each with the exercise that its name means, or with an empty text.
        """
        used = set()
        has_work = False
        for decision in choices.values():
            used |= {file.path for file in (decision.file, *decision.others)}
            has_work = has_work or decision.problem is None

        for file in files:
            if file.path in used:
                continue

            named = self.names(file.name)
            if named is not None:
                yield named.exercise, file
            # Beside work, other files are its modules, unless nobody can look into them.
            elif not has_work or file.problem() is not None:
                yield "", file

    def choose(self, files: Iterable[File], likely: Collection[str]) -> Chosen:
        """Decide for each exercise which of a learner's ``files`` to grade.

        ``likely`` are the exercises that the class hands in. They decide if several ask for
        the same function, and no name says which one is meant.
        """
        search = _Search(self._exercises, self._names, likely)
        for file in files:
            search.add(file)

        return search.chosen()


def choose_one(exercise: Exercise, files: Iterable[File], others: Iterable[str]) -> Choice:
    """Decide which of ``files`` to grade for ``exercise``.

    If no file has its name or defines what it asks for, the only file of a suitable kind
    counts. ``others`` are the ids of the other exercises, whose files don't count. Raises
    ``SubmissionError`` if there is no file to grade.
    """
    files = list(files)
    search = _Search({exercise.id: exercise}, Names({exercise.id, *others}))
    for file in files:
        search.add(file)

    choice = search.chosen().choices.get(exercise.id)
    if choice is None:
        free = [file for file in search.free if _fits(exercise, file)]
        if len(free) == 1:
            return Choice(free[0], is_exact=False)

        raise missing(exercise, files)

    if choice.problem is not None:
        raise choice.problem

    return choice


def missing(exercise: Exercise, files: Iterable[File]) -> SubmissionError:
    """The error for a learner who handed in ``files``, none of them for ``exercise``."""
    # The learner did not write what is hidden.
    files = [file for file in files if file.error or not _shown(file).startswith(".")]
    # A file that cannot be opened may be the one that was meant.
    for file in files:
        error = file.problem()
        if error is not None:
            place = printable(file.name)
            return SubmissionError(error.problem, place=place, advice=error.advice)

    name = submission_name(exercise)
    if files and all(file.name in _TYPED for file in files):
        return SubmissionError(
            "text or a link was handed in, and no file", advice=f"hand in {name}"
        )

    found = _listed(files, mark="") or "no file at all"
    return SubmissionError(
        f"no {name} was handed in: there is {found}", advice=f"name your file {name}"
    )


class _Search:
    """The files of one learner, sorted by what they can be."""

    def __init__(
        self, exercises: Mapping[str, Exercise], names: Names, likely: Collection[str] = ()
    ) -> None:
        self._exercises = exercises
        self._names = names
        self._likely = likely
        self._candidates: dict[str, list[_Candidate]] = {}
        self._reasons: dict[Path, tuple[File, SubmissionError]] = {}
        self._refused: dict[str, tuple[File, SubmissionError]] = {}
        """Exercise id to a file that has its name and can't be graded."""
        self._misspelled: dict[Path, SubmissionError] = {}
        self.free: list[File] = []
        """The files whose name means no exercise."""

    def add(self, file: File) -> None:
        """Sort in one file by its name, and a notebook by its marked cells too."""
        stem, suffix = split(file.name)
        if suffix not in SUFFIXES or file.error is not None:
            error = file.error or SubmissionError("not a .py, .ipynb or .yaml file")
            if archives.is_archive(file.name):
                stem = archives.stem(file.name)

            self._refuse(file, self._names.find(stem), error)
            return

        named = self._names.find(stem)
        marked: list[str] = []
        if suffix == notebook.SUFFIX:
            marked = self._add_marked(file, named)
        if named is None:
            if not marked:
                self.free.append(file)
                misspelled = self._misspelled.get(file.path)
                self._say(file, misspelled or _why_free(suffix))

            return

        # Unmarked code in a notebook belongs to the exercise in its name.
        is_for_name = not marked or "" in marked or named.exercise in marked
        exercise = self._exercises.get(named.exercise)
        if is_for_name and exercise is not None:
            self._add_named(file, named, suffix, exercise)

    def chosen(self) -> Chosen:
        """The decisions, after all files were added."""
        meant = {file.path: self._meant(file) for file in self.free}
        for exercise in self._exercises.values():
            self._add_unnamed(exercise, meant)
            self._keep_defining(exercise)

        choices = {}
        for exercise_id, candidates in self._candidates.items():
            choices[exercise_id] = _decide(self._exercises[exercise_id], candidates)
            for candidate in candidates:
                self._reasons.pop(candidate.file.path, None)

        for exercise_id, (file, error) in self._refused.items():
            if exercise_id not in choices:
                choices[exercise_id] = Choice(file, problem=error)

        return Chosen(choices, list(self._reasons.values()))

    def _add_marked(self, file: File, named: Named | None) -> list[str]:
        """Add a notebook for each exercise that one of its cells is marked for."""
        marked = _marked(file.path)
        found = []
        for written in marked:
            meant = self._names.find(written)
            if meant is None:
                self._refuse_marker(file, written)
            if meant is None or meant.mark != PLAIN:
                continue
            if meant.exercise in self._exercises:
                found.append(meant.exercise)

        for exercise_id in found:
            # With the exercise's name it is added by its name, which ranks higher.
            if named is None or named.exercise != exercise_id:
                self._add_other(exercise_id, file, _MARKED)

        if found and "" in marked:
            found.append("")

        return found

    def _add_named(self, file: File, named: Named, suffix: str, exercise: Exercise) -> None:
        if suffix not in exercise.spec.suffixes:
            endings = " or ".join(exercise.spec.suffixes)
            problem = f"{exercise.id} takes a file ending in {endings}"
            self._refuse(file, named, SubmissionError(problem))
            return

        is_exact = file.name == f"{exercise.id}{suffix}"
        archive = _archive_version(file)
        number = named.number or archive.number
        candidate = _Candidate(file, _NAMED, named.mark, number, named.words, archive, is_exact)
        self._candidates.setdefault(named.exercise, []).append(candidate)

    def _meant(self, file: File) -> set[str]:
        """The exercises for which a file without their name defines everything."""
        entries = {}
        for exercise in self._exercises.values():
            if _fits(exercise, file) and _defines(exercise, file):
                entries[exercise.id] = {entry.name for entry in exercise.spec.entries}

        # An exercise can ask for a function of another one.
        meant = set()
        for exercise_id, names in entries.items():
            is_own = True
            for other, other_names in entries.items():
                if other != exercise_id and names <= other_names:
                    is_own = False

            if is_own or exercise_id in self._likely:
                meant.add(exercise_id)

        return meant

    def _add_unnamed(self, exercise: Exercise, meant: Mapping[Path, set[str]]) -> None:
        """Add files with other names, if no file with the exercise's name is work."""
        if not self.free:
            return

        candidates = self._candidates.get(exercise.id, [])
        for candidate in candidates:
            code = _code(exercise, candidate.file)
            if work.has_work(exercise, code):
                return

        fitting = [file for file in self.free if _fits(exercise, file)]
        defining = [file for file in fitting if exercise.id in meant[file.path]]
        # A folder that is named after the exercise says what its only file is for.
        if not defining and not candidates:
            in_its_folder = [file for file in fitting if self._folder_of(file) == exercise.id]
            if len(in_its_folder) == 1:
                defining = in_its_folder

        for file in defining:
            self._add_other(exercise.id, file, _DEFINES)

    def _add_other(self, exercise_id: str, file: File, kind: int) -> None:
        """Add a file whose name does not mean the exercise."""
        stem, _ = split(file.name)
        taken = version(stem)
        candidate = _Candidate(
            file, kind, taken.mark, taken.number, taken.base, _NO_ARCHIVE, is_exact=False
        )
        self._candidates.setdefault(exercise_id, []).append(candidate)

    def _keep_defining(self, exercise: Exercise) -> None:
        """Remove the files that have the name among other words and are only modules.

        A module can have such a name too: ``exercise1_utils.py``.
        """
        candidates = self._candidates.get(exercise.id, [])
        if len(candidates) < 2 or not exercise.spec.runs_code:
            return

        kept = []
        for candidate in candidates:
            file = candidate.file
            if candidate.mark != WORDS or _defines(exercise, file):
                kept.append(candidate)
            else:
                self._say(file, _why_free(suffix_of(file.name)))

        if kept:
            self._candidates[exercise.id] = kept

    def _folder_of(self, file: File) -> str:
        """The exercise that the folder of a file is named after, or the layout names."""
        folders = file.shown.split("/")[:-1]
        for folder in (file.assignment, *reversed(folders)):
            stem = archives.stem(folder)
            named = self._names.find(stem)
            if named is not None and named.mark <= COPY:
                return named.exercise

        return ""

    def _refuse(self, file: File, named: Named | None, error: SubmissionError) -> None:
        """Note why a file isn't graded; with an exercise's name it is a submission all the same."""
        self._say(file, error)
        if named is None or named.mark == WORDS:
            return

        exercise = self._exercises.get(named.exercise)
        if exercise is None:
            return

        name = submission_name(exercise)
        place = printable(file.name)
        refusal = SubmissionError(error.problem, place=place, advice=f"hand in {name}")
        self._refused.setdefault(named.exercise, (file, refusal))

    def _refuse_marker(self, file: File, written: str) -> None:
        """Note a marker in a notebook that means no exercise, and may be meant for one."""
        near = self._names.near(written)
        exercise = self._exercises.get(near)
        if not written or exercise is None:
            return

        name = printable(written)[:_MAX_SHOWN]
        error = SubmissionError(
            f"a cell starts with %%grade {name}, which is no exercise",
            place=printable(file.name),
            advice=f"did you mean %%grade {near}?",
        )
        self._misspelled[file.path] = error
        self._refused.setdefault(near, (file, error))

    def _say(self, file: File, error: SubmissionError) -> None:
        self._reasons[file.path] = (file, error)


def _why_free(suffix: str) -> SubmissionError:
    if suffix == notebook.SUFFIX:
        return SubmissionError("no cell in it starts with %%grade and an exercise of this course")

    return SubmissionError(
        "named after no exercise of this course", advice="rename it if it is meant for one"
    )


def _decide(exercise: Exercise, candidates: list[_Candidate]) -> Choice:
    """The best of ``candidates``, or the problem that several are equally good."""
    if len(candidates) == 1:
        (only,) = candidates
        # One file alone does not have to be read.
        return Choice(only.file, is_exact=only.is_exact_at_top)

    ranked = [_ranked(exercise, candidate) for candidate in candidates]
    # With equal ranks the first file by name comes first, on every machine the same.
    ranked.sort(key=lambda each: (each.rank, each.candidate.file.shown))
    best, *others = ranked
    file = best.candidate.file
    is_exact = best.candidate.is_exact_at_top

    files = []
    different = []
    equal = []
    for other in others:
        other_file = other.candidate.file
        files.append(other_file)
        # Copies of one file need no decision.
        if other.digest == best.digest:
            continue
        if other.has_work and other_file.attempt == file.attempt:
            different.append(other_file)
        if _is_equal(best, other):
            equal.append(other_file)

    if not equal or not best.has_work:
        return Choice(file, files, is_exact, different=different)

    names = _some(_named_apart([file, *equal]))
    problem = SubmissionError(
        f"several different files could be your {exercise.id}: {names}",
        advice=f"hand in one of them, named {submission_name(exercise)}",
    )
    return Choice(file, files, is_exact, problem, is_undecided=True)


def _is_equal(best: _Ranked, other: _Ranked) -> bool:
    """Whether nothing says that ``best`` counts and ``other`` does not."""
    if best.rank == other.rank:
        return True

    # Numbers order the versions of one file, and say nothing about files with other names.
    is_same_kind = (best.first, best.kind) == (other.first, other.kind)
    return is_same_kind and not _are_versions(best.candidate, other.candidate)


def _are_versions(one: _Candidate, other: _Candidate) -> bool:
    """Whether two files are versions of one, or lie in versions of one archive."""
    if one.archive.base != other.archive.base:
        return False
    if one.archive.number != other.archive.number:
        return True

    return one.base == other.base


def _archive_version(file: File) -> Version:
    """The name and number of the archive around a file: ``work (2).zip`` is a later download."""
    folders = file.shown.split("/")[:-1]
    around = [folder for folder in folders if archives.is_archive(folder)]
    if not file.archives or not around:
        return _NO_ARCHIVE

    stem = archives.stem(around[-1])
    taken = version(stem)
    is_download = stem.endswith((")", "]"))
    is_date = taken.number > _MAX_COURSE_NUMBER
    # hw-1.zip and hw-2.zip are the work of two weeks.
    if _COURSE_WORD.fullmatch(taken.base) and not (is_download or is_date):
        return Version(stem, PLAIN, 0)

    return taken


def _ranked(exercise: Exercise, candidate: _Candidate) -> _Ranked:
    file = candidate.file
    code = _code(exercise, file)
    has_work = work.has_work(exercise, code)
    later_first = tuple(-number for number in file.attempt)
    depth = file.shown.count("/")
    first: tuple[object, ...] = (not has_work, later_first, candidate.kind, file.archives, depth)
    last: tuple[object, ...] = (-candidate.number, not candidate.is_exact)
    download = 0
    kind: tuple[object, ...] = ()
    if candidate.kind == _NAMED:
        suffix = suffix_of(file.name)
        kind = (exercise.spec.suffixes.index(suffix), candidate.mark)
        if candidate.mark == PLAIN:
            download = candidate.number
    else:
        last = (candidate.mark, *last)

    # A notebook and a file can have the same code.
    digest = blake2b(code.strip()).digest()
    return _Ranked(candidate, digest, has_work, first, download, kind, last)


def _fits(exercise: Exercise, file: File) -> bool:
    """Whether a file has a suffix that the exercise takes."""
    return suffix_of(file.name) in exercise.spec.suffixes


def _problem_of_notebook(file: File) -> SubmissionError | None:
    if suffix_of(file.name) != notebook.SUFFIX:
        return None

    try:
        marked_exercises(file.path)
    except SubmissionError as error:
        return error

    return None


def _marked(path: Path) -> list[str]:
    # Reading the file as a submission reports its size and other problems.
    try:
        if path.stat().st_size > MAX_NOTEBOOK_BYTES:
            return []
        return marked_exercises(path)
    except (OSError, SubmissionError):
        return []


def _content(file: File) -> bytes:
    """The file's content without the ends of lines, which programs change; or its beginning."""
    try:
        content = read_regular(file.path, MAX_NOTEBOOK_BYTES)
    except OSError:
        return b""

    return contents.as_utf8(content).replace(b"\r\n", b"\n").strip()


def _code(exercise: Exercise, file: File) -> bytes:
    """What the file has for ``exercise``: its text, or that of a notebook's cells."""
    content = _content(file)
    if suffix_of(file.name) != notebook.SUFFIX:
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


def _defines(exercise: Exercise, file: File) -> bool:
    code = _code(exercise, file)
    return work.defines(exercise, code) and work.has_work(exercise, code)


def _shown(file: File) -> str:
    return printable(file.shown)[-_MAX_SHOWN:]


def _named_apart(files: list[File]) -> list[str]:
    """The names of some files, with the folders of the class around those of one name."""
    numbers = Counter(file.shown for file in files)
    names = []
    for file in files:
        name = _shown(file)
        if numbers[file.shown] > 1 and file.whole:
            name = printable(file.whole)[-_MAX_SHOWN:]

        names.append(name)

    return names


def _listed(files: list[File], mark: str = "`") -> str:
    """The names of some files."""
    return _some([_shown(file) for file in files], mark)


def _some(names: list[str], mark: str = "`") -> str:
    """The first of some names; a learner chooses the names and their number."""
    some = [f"{mark}{name}{mark}" for name in names[:_SHOWN]]
    more = len(names) - len(some)
    if more > 0:
        some.append(f"{more} more")

    return ", ".join(some)
