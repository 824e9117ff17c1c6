"""The files that a graded class leaves next to its gradebook, each replaced atomically."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from grader.errors import GradebookError
from grader.files import private_files, refuse_links, write_file
from grader.grades.class_results import ClassResults
from grader.grades.grade import Grade
from grader.report.export import assignments_csv, classroom50, grades_csv, gradescope, returned
from grader.report.export.folder_names import folder_names
from grader.report.html import class_page

SHEETS: Final[dict[str, Callable[[ClassResults], str]]] = {
    "grades.csv": grades_csv.as_csv,
    "report.html": class_page.class_page,
}
"""File name to the function that writes its content."""
ASSIGNMENTS: Final = "assignments.csv"
"""Only a class with assignments has this sheet."""
FEEDBACK: Final = "feedback"


def write(out: Path, results: ClassResults) -> None:
    """Write every output of ``results`` into ``out``."""
    for name, content_of in SHEETS.items():
        content = content_of(results)
        _replace(out, out / name, content)

    if results.assignments:
        _replace(out, out / ASSIGNMENTS, assignments_csv.as_csv(results))

    exercises = {exercise.id: exercise for exercise in results.exercises}
    # A learner's name may contain characters that a file system refuses.
    folders = folder_names(results.grades)
    for learner, grades in results.grades.items():
        folder = out / FEEDBACK / folders[learner]
        for exercise_id in grades:
            page = returned.page(results, learner, exercises[exercise_id])
            _replace(out, folder / f"{exercise_id}.md", page)


def listed(results: ClassResults) -> str:
    """The names of the outputs of a class, in words."""
    names = list(SHEETS)
    if results.assignments:
        names.append(ASSIGNMENTS)

    return f"{', '.join(names)} and {FEEDBACK}/"


def gradescope_files(results: ClassResults) -> dict[str, str]:
    """Path ``<learner>/<exercise>/results.json`` to content, for every graded submission.

    What does not count for a learner has no file: without a score, it would be a zero.
    """
    files = {}
    for folder, learner, grade in _graded(results):
        counted = results.counted_for(learner, grade.exercise)
        if counted is not None and counted.points is None:
            continue

        comments = results.comments_for(learner, grade.exercise)
        path = f"{folder}/{grade.exercise}/results.json"
        files[path] = gradescope.as_results(grade, counted, comments)

    return files


def classroom50_files(results: ClassResults, classroom: str) -> dict[str, str]:
    """Path ``<learner>/<exercise>/result.json`` to content, for every graded submission.

    The score of the format is the sum of its tests, in whole points, so it is what was graded.
    """
    files = {}
    for folder, learner, grade in _graded(results):
        path = f"{folder}/{grade.exercise}/result.json"
        # The name in the grade may be that on a quiz's answer sheet.
        origin = classroom50.origin_in_batch(classroom, grade.exercise, learner)
        files[path] = classroom50.as_result(grade, origin, results.graded_at)

    return files


def _graded(results: ClassResults) -> Iterator[tuple[str, str, Grade]]:
    """The folder, the learner and the grade of each submission that could be graded.

    An ungraded submission gets no file: the formats would turn it into a zero.
    """
    folders = folder_names(results.grades)
    for learner, grades in results.grades.items():
        for grade in grades.values():
            if grade.status == "graded":
                yield folders[learner], learner, grade


def _replace(out: Path, path: Path, text: str) -> None:
    """Write ``path`` in ``out`` so that a reader finds either the old file or the new one."""
    # A browser or a spreadsheet may read the old file right now.
    try:
        refuse_links(out, path.parent)
        with private_files():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_file(path, text.encode())
    except OSError as error:
        raise GradebookError(
            f"{error.filename or path}: cannot be written ({error.strerror}). The gradebook has "
            "every grade: fix this, then write the files with `grade report --out`"
        ) from None
