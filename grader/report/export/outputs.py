"""The files that a graded class leaves beside its gradebook, each written whole or not at all."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from grader.errors import GradebookError
from grader.grades.class_results import ClassResults
from grader.grades.grade import Grade
from grader.report.export import classroom50, grades_csv, gradescope, markdown
from grader.report.html import class_page
from grader.submission.finder import folder_names

SHEETS: Final[dict[str, Callable[[ClassResults], str]]] = {
    "grades.csv": grades_csv.as_csv,
    "report.html": class_page.class_page,
}
"""File name to what writes it."""
FEEDBACK: Final = "feedback"


def write(out: Path, results: ClassResults) -> None:
    """Write every output of ``results`` into ``out``."""
    for name, text_of in SHEETS.items():
        _replace(out / name, text_of(results))
    titles = {exercise.id: exercise.title for exercise in results.exercises}
    folders = folder_names(results.grades)
    for learner, grades in results.grades.items():
        for exercise_id, grade in grades.items():
            page = markdown.feedback(grade, titles[exercise_id])
            _replace(out / FEEDBACK / folders[learner] / f"{exercise_id}.md", page)


def gradescope_files(results: ClassResults) -> dict[str, str]:
    """``<learner>/<exercise>/results.json`` to its content, for every graded submission."""
    return {
        f"{folder}/{grade.exercise}/results.json": gradescope.as_results(grade)
        for folder, _, grade in _graded(results)
    }


def classroom50_files(results: ClassResults, classroom: str) -> dict[str, str]:
    """``<learner>/<exercise>/result.json`` to its content, for every graded submission."""
    return {
        f"{folder}/{grade.exercise}/result.json": classroom50.as_result(
            grade, classroom50.origin_by_hand(classroom, grade.exercise, name), results.graded_at
        )
        for folder, name, grade in _graded(results)
    }


def _graded(results: ClassResults) -> Iterator[tuple[str, str, Grade]]:
    """Folder name, learner and grade of all that could be graded: the rest is no zero, and has no file."""
    folders = folder_names(results.grades)
    for name, grades in results.grades.items():
        for grade in grades.values():
            if grade.status == "graded":
                yield folders[name], name, grade


def _replace(path: Path, text: str) -> None:
    """Write ``path`` so that whoever reads it finds the old file or the new one."""
    draft = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(text, "utf-8", newline="")
        os.replace(draft, path)
    except OSError as error:
        raise GradebookError(
            f"{path}: cannot be written ({error.strerror}); the gradebook has every grade: mend that, "
            f"then `grade report --out` writes the rest"
        ) from None
