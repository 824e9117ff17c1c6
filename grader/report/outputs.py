"""The files that a graded class leaves beside its gradebook, each written whole or not at all."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from grader.errors import GradebookError
from grader.report import markdown, sheet
from grader.report.class_page import class_page
from grader.results import ClassResults
from grader.roster import folder_names

PAGES: Final[dict[str, Callable[[ClassResults], str]]] = {"grades.csv": sheet.as_csv, "report.html": class_page}
"""File name to what writes it."""
FEEDBACK: Final = "feedback"


def write(out: Path, results: ClassResults) -> None:
    """Write every output of ``results`` into ``out``."""
    for name, text_of in PAGES.items():
        _replace(out / name, text_of(results))
    titles = {exercise.id: exercise.title for exercise in results.exercises}
    folders = folder_names(results.grades)
    for learner, grades in results.grades.items():
        for exercise_id, grade in grades.items():
            page = markdown.feedback(grade, titles[exercise_id])
            _replace(out / FEEDBACK / folders[learner] / f"{exercise_id}.md", page)


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
