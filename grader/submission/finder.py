"""Find the submissions in a folder: those of a class, or that of one learner.

The steps for a class, each in a module of its own:

1. ``tree`` walks the folder and unpacks archives. It never follows a symlink.
2. ``recognition`` finds the layout of the system from which the folder comes.
3. ``owners`` finds the learners, and the files of each.
4. ``class_choice`` decides which of these files count, and reports all others.
5. ``layout_advice`` says what to type if another layout would find more.
"""

import contextlib
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from grader.course.records import Exercise
from grader.errors import SubmissionError, UsageError
from grader.submission import archives, choice, layouts, system_files
from grader.submission.archive_budgets import ArchiveBudgets
from grader.submission.choice import Choice, Chooser
from grader.submission.class_choice import choose_for_class
from grader.submission.class_folder import ClassFolder
from grader.submission.filenames import copies
from grader.submission.folder_names import with_versions
from grader.submission.layout_advice import A_FILE_PER_LEARNER, layout_advice, or_demo
from grader.submission.layouts import Layout
from grader.submission.learner_file import File
from grader.submission.owners import find_owners
from grader.submission.recognition import recognize
from grader.submission.tree import Tree, is_wanted

MAX_FILES: Final = 10_000
"""Files that are looked at in the folder of one learner."""


@contextlib.contextmanager
def chosen_file(exercise: Exercise, folder: Path, others: Iterable[str] = ()) -> Iterator[Choice]:
    """Choose the submission in ``folder``, or in an archive, of one learner.

    Ignores symlinks, which could lead to the solution. The file exists as long as the context
    does. ``others`` are the ids of the other exercises. Raises ``SubmissionError`` if no file
    or several files fit.
    """
    with tempfile.TemporaryDirectory(prefix="grade-") as temporary:
        scratch = Path(temporary)
        budget = archives.Budget()
        if folder.is_file():
            folder = _unpacked(folder, scratch, budget)

        tree = Tree(folder, scratch, most=MAX_FILES, budget_of=lambda _: budget)
        files = []
        for path, file in tree.files.items():
            depth = tree.archives_around(path)
            error = tree.errors.get(path)
            files.append(File(file, path, path, archives=depth, error=error))

        files = with_versions(files)
        if not files:
            for path, (file, error) in tree.set_aside.items():
                files.append(File(file, path, path, error=error))

        yield choice.choose_one(exercise, files, others)


def find_submissions(
    folder: Path,
    exercises: dict[str, Exercise],
    scratch: Path,
    pattern: str | None = None,
    ignored: Path | None = None,
) -> ClassFolder:
    """Find every submission under ``folder`` for one of ``exercises``.

    ``folder`` can be an archive. ``pattern`` replaces the known layouts; ``ignored`` is a
    folder to leave out, such as the output folder. Archives are unpacked below ``scratch``,
    which must exist as long as the submissions are read. Raises ``UsageError`` if the folder
    is missing or the pattern cannot work.
    """
    root = _folder_of_class(folder, scratch)
    named = pattern.split("/") if pattern else []
    walk = partial(Tree, root, ignored=ignored and ignored.resolve(), named=named)
    chooser = Chooser(exercises)

    def without_archives() -> Layout:
        if pattern:
            return layouts.of_pattern(pattern)

        return recognize(_listed(walk, scratch), chooser.names)

    budgets = ArchiveBudgets(without_archives)
    tree = walk(scratch, budget_of=budgets.of)

    def with_pattern(pattern: str) -> ClassFolder:
        return _contents(tree, layouts.of_pattern(pattern), chooser)

    if pattern:
        contents = with_pattern(pattern)
    else:
        contents = _contents(tree, recognize(tree, chooser.names), chooser)

    # For a single exercise, files can be named after the learners.
    if not contents.found and len(exercises) == 1 and not pattern:
        by_learner = with_pattern(A_FILE_PER_LEARNER)
        if by_learner.found:
            return msgspec.structs.replace(by_learner, layout="a file per learner (LEARNER.py)")

    advice = layout_advice(folder, contents, chooser.names, pattern, with_pattern)
    return msgspec.structs.replace(contents, advice=advice)


def no_such_folder(folder: Path) -> UsageError:
    """Return the error for a class that is not there."""
    advice = "name the one that holds the submissions"
    if folder.is_file():
        if folder.name.lower().endswith(archives.OTHER_SUFFIXES):
            error = archives.not_unpackable()
            return UsageError(error.problem, place=str(folder), advice=error.advice)

        return UsageError("a file, not a folder", place=str(folder), advice=advice)
    if not folder.exists():
        advice += or_demo(folder)
    return UsageError("no such folder", place=str(folder), advice=advice)


def _folder_of_class(folder: Path, scratch: Path) -> Path:
    """``folder``, or the folder with the files of an archive."""
    if folder.is_file() and archives.is_archive(folder.name):
        try:
            return _unpacked(folder, scratch, archives.Budget(archives.CLASS))
        except SubmissionError as error:
            raise UsageError(error.problem, place=str(folder), advice=error.advice) from None

    if not folder.is_dir():
        raise no_such_folder(folder)

    return folder


def _listed(walk: Callable[..., Tree], scratch: Path) -> Tree:
    """The files of a class, with the learners' archives as files."""
    tree = walk(scratch, levels=0)
    if len(tree.files) == 1 and archives.is_archive(*tree.files):
        # Only an archive, which can be that of the class.
        inside = scratch / "listed"
        inside.mkdir()
        return walk(inside, levels=1)

    return tree


def _unpacked(archive: Path, scratch: Path, budget: archives.Budget) -> Path:
    folder = scratch / "whole"
    archives.unpack(archive, folder, _is_needed, budget)
    return folder


def _is_needed(path: str) -> bool:
    """Whether a file in an archive is read: a submission, or what a system says about them."""
    name = path.rpartition("/")[2]
    return is_wanted(path) or name == system_files.GRADESCOPE_LIST


def _contents(tree: Tree, layout: Layout, chooser: Chooser) -> ClassFolder:
    """What is in the files of a class, arranged as ``layout`` says."""
    owners = find_owners(tree, layout, chooser.names)
    chosen = choose_for_class(owners, layout, tree.files, chooser)
    learners = sorted(
        owners.learners.values(),
        key=lambda learner: (learner.name.casefold(), learner.name),
    )
    # A number of the system tells learners apart.
    same_names = {} if layout.key else copies(sorted(owners.learners))
    return ClassFolder(
        layout.title,
        learners,
        chosen.found,
        skipped=[*tree.skipped, *owners.notices, *chosen.notices],
        paths=tree.files,
        owned=owners.files_of_each(),
        spare=chosen.spare,
        copies=same_names,
        strays=owners.strays,
    )
