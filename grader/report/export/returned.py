"""Feedback pages for learners, in the form in which each system takes files back.

Moodle reads a zip with the folders of its own download (moodle/moodle,
``mod/assign/feedback/file/importziplib.php``): it finds a person by the number of the participant
in the folder's name. Canvas reads a zip with the files of its own download (instructure/canvas-lms,
``infer_comment_context_from_filename``): it finds a submission by the two numbers in the file's
name. So the names come from the paths of the graded files, and only from
what the system wrote there: learners choose the rest.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from markdown_it import MarkdownIt

from grader.errors import UsageError
from grader.grades.class_results import ClassResults, GradedExercise
from grader.grades.learner import Learner
from grader.report.export import markdown, matching, tables
from grader.report.export.folder_names import folder_names
from grader.report.export.moodle import GradingWorksheet
from grader.submission.graded_paths import read_paths
from grader.submission.roster import ADDRESS
from grader.text import printable

_HTML: Final = MarkdownIt("commonmark", {"html": False}).enable("table")


class Page(msgspec.Struct, frozen=True):
    """The feedback for one submission, as Markdown."""

    learner: Learner
    exercise: str
    file: str
    """The path of the graded file in the folder of submissions; empty if there is none."""
    content: str


class Returned(msgspec.Struct, frozen=True):
    """Files to return, path to content, and a sentence about everybody who gets none."""

    files: dict[str, bytes]
    notices: list[str]
    missing: int
    """Submissions and learners without a page, or without an address."""

    @property
    def pages(self) -> int:
        """The number of pages."""
        return sum(path.endswith(".md") for path in self.files)


def files_for(
    form: str,
    results: ClassResults,
    wanted: Sequence[str],
    *,
    table: str,
    sheet: GradingWorksheet | None,
    addresses: Mapping[str, str],
) -> Returned:
    """The feedback in one form: ``moodle``, ``canvas``, ``mail``, ``folder`` or ``zip``.

    ``wanted`` names the exercises, ``table`` the file with the addresses. Raises
    ``UsageError`` if nobody gets a page.
    """
    exercises = chosen_exercises(results, wanted)
    pages, notices = feedback_pages(results, exercises)
    if form == "moodle":
        made = for_moodle(pages, sheet, results)
    elif form == "canvas":
        made = for_canvas(pages, results)
    elif form == "mail":
        made = for_mail(pages, addresses, table)
    else:
        made = in_folders(pages)

    notices += made.notices
    if not made.pages:
        reasons = "; ".join(notices) or "there is no grade"
        raise UsageError(f"no page to return: {reasons}")

    without_page = len(results.learners) * len(exercises) - len(pages)
    return Returned(made.files, notices, made.missing + without_page)


def chosen_exercises(results: ClassResults, wanted: Sequence[str]) -> list[GradedExercise]:
    """The exercises that ``wanted`` names, or all; raises ``UsageError`` for an unknown one."""
    matching.require_known(results, wanted, "--exercise {}")
    known = {exercise.id: exercise for exercise in results.exercises}
    return [known[exercise_id] for exercise_id in wanted or known]


def one_assignment(results: ClassResults, wanted: Sequence[str], system: str) -> None:
    """Raise ``UsageError`` if it is not certain which exercises belong to the assignment."""
    if not wanted and len(results.exercises) > 1:
        names = ", ".join(exercise.id for exercise in results.exercises)
        raise UsageError(
            f"a zip for {system} belongs to one assignment; name its exercises with --exercise: "
            f"{names}"
        )


def feedback_pages(
    results: ClassResults, exercises: Sequence[GradedExercise]
) -> tuple[list[Page], list[str]]:
    """The page of each submission, and a sentence about those without one."""
    pages = []
    nothing = []
    failed = []
    for learner in results.learners:
        for exercise in exercises:
            submission = f"{learner.name}, {exercise.id}"
            grade = results.grade(learner.name, exercise.id)
            if grade is None:
                nothing.append(submission)
            elif grade.status == "ungraded":
                failed.append(submission)
            else:
                files = results.files.get(learner.name, {})
                content = page(results, learner.name, exercise)
                made = Page(learner, exercise.id, files.get(exercise.id, ""), content)
                pages.append(made)

    notices = matching.sentence("no page, because nothing was submitted", nothing)
    notices += matching.sentence("no page, because the grader failed", failed)
    return pages, notices


def for_moodle(
    pages: Sequence[Page], sheet: GradingWorksheet | None, results: ClassResults
) -> Returned:
    """The files of a feedback zip; ``sheet`` tells the participants that no path tells."""
    folders = {}
    if sheet is not None:
        for row, learner in sheet.match(results).found.items():
            folders[learner.name] = _moodle_folder(sheet.name(row), sheet.participant(row))

    written = _written_by("Moodle", pages, results)
    paths = []
    for page in pages:
        found = written.get(page.file)
        folder = folders.get(page.learner.name, "")
        if not folder and found is not None:
            folder = _moodle_folder(found["learner"], found["id"])

        path = ""
        if folder:
            path = f"{folder}/{page.exercise}.md"

        paths.append(path)

    return _placed(
        pages, paths, "their files are not from a Moodle download (--sheet WORKSHEET.csv helps)"
    )


def for_canvas(pages: Sequence[Page], results: ClassResults) -> Returned:
    """The files of a zip to upload where the submissions were downloaded."""
    written = _written_by("Canvas", pages, results)
    paths = []
    for page in pages:
        found = written.get(page.file)
        path = ""
        if found is not None:
            before = found.string[: found.start("file")]
            # Text and links that learners type in have no second number.
            if before[found.end("id") :].strip("_"):
                path = f"{printable(before)}{page.exercise}.md"

        paths.append(path)

    return _placed(pages, paths, "their files are not from a Canvas download")


def _written_by(
    system: str, pages: Sequence[Page], results: ClassResults
) -> dict[str, "re.Match[str]"]:
    """The path of each file that comes from ``system``, with what the system wrote into it."""
    owners: dict[str, set[str]] = defaultdict(set)
    for page in pages:
        if page.file:
            owners[page.file].add(page.learner.name)

    only = ""
    if len(results.learners) == 1:
        only = results.learners[0].name

    written = {}
    for file, (layout, match) in read_paths(owners, only=only).items():
        if layout.system == system:
            written[file] = match

    return written


def in_folders(pages: Sequence[Page]) -> Returned:
    """A folder for each learner, with a page for each exercise."""
    folders = folder_names(page.learner.name for page in pages)
    paths = [f"{folders[page.learner.name]}/{page.exercise}.md" for page in pages]
    return _placed(pages, paths, "")


def for_mail(pages: Sequence[Page], addresses: Mapping[str, str], name: str) -> Returned:
    """The table ``name`` with a row for each learner, and the page of each learner beside it."""
    folders = folder_names(page.learner.name for page in pages)
    by_learner: dict[str, list[Page]] = defaultdict(list)
    for page in pages:
        by_learner[page.learner.name].append(page)

    files = {}
    rows = [("learner", "email", "page")]
    without = []
    for learner, own in by_learner.items():
        email = addresses.get(learner) or _address(own[0].learner)
        if not email:
            # The row stays, so that the instructor can write an address there.
            without.append(learner)

        path = f"pages/{folders[learner]}.md"
        content = "\n".join(page.content for page in own)
        files[path] = content.encode()
        rows.append((learner, email, path))

    notices = matching.sentence("no e-mail address (--roster CLASS.csv helps)", without)
    # The table comes last: whoever sees it finds all pages.
    files[name] = tables.as_csv(rows).encode()
    return Returned(files, notices, len(without))


def page(results: ClassResults, learner: str, exercise: GradedExercise) -> str:
    """The feedback of a learner for an exercise as Markdown; empty without a grade."""
    grade = results.grade(learner, exercise.id)
    if grade is None:
        return ""

    counted = results.counted_for(learner, exercise.id)
    comments = results.comments_for(learner, exercise.id)
    return markdown.feedback(grade, exercise.title, counted, comments)


def as_html(results: ClassResults, learner: str, exercises: Sequence[GradedExercise]) -> str:
    """The pages of a learner as HTML, for a comment; text of learners cannot become markup."""
    pages = [page(results, learner, exercise) for exercise in exercises]
    return str(_HTML.render("\n\n".join(pages))).strip()


def _placed(pages: Sequence[Page], paths: Sequence[str], reason: str) -> Returned:
    """The pages as files; a page whose path is empty has no place, for this ``reason``."""
    files: dict[str, bytes] = {}
    owners: dict[str, str] = {}
    without = []
    shared = []
    for page, path in zip(pages, paths, strict=True):
        name = page.learner.name
        if not path:
            without.append(name)
        elif path in files:
            shared.append(f"{name} with {owners[path]}")
        else:
            files[path] = page.content.encode()
            owners[path] = name

    names = list(dict.fromkeys(without))
    notices = matching.sentence(f"no page, because {reason}", names)
    notices += matching.sentence("one page, because they share a submission", shared)
    return Returned(files, notices, len(names))


def _moodle_folder(name: str, participant: str) -> str:
    # Moodle splits the name at underscores, and the number decides whose folder it is.
    words = re.sub(r"[_/\\]", " ", printable(name)).split()
    person = " ".join(words) or "Participant"
    return f"{person}_{participant}_assignsubmission_file_"


def _address(learner: Learner) -> str:
    for text in (learner.email, *learner.keys, learner.name):
        if ADDRESS.fullmatch(text):
            return text

    return ""
