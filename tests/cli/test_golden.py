"""Golden folders: a submission with its exact page and document.

``python -m pytest tests/cli/test_golden.py --rewrite-golden`` writes them again; read the
difference before you commit it.
"""

import io
import json
from pathlib import Path

import msgspec
import pytest

from grader.course.loading import load_exercise
from grader.report.export.documents import as_json
from grader.report.terminal import grade_page
from tests.grading import SMALL_COURSE, grade_file, load_json

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.mark.parametrize("case", sorted(path.name for path in GOLDEN.iterdir()))
def test_golden(case, examiner, request):
    """The page and the JSON of the submission equal those in its folder."""
    submission = next(
        path for path in (GOLDEN / case).iterdir() if path.suffix in (".py", ".ipynb", ".yaml")
    )
    exercise = load_exercise(SMALL_COURSE, submission.stem)
    grade = grade_file(examiner, submission.stem, submission)
    # The layers of the sandbox differ between machines.
    document = load_json(as_json(msgspec.structs.replace(grade, isolation={})))
    page = io.StringIO()
    grade_page.write(grade, exercise.spec.title, page)
    page_file, document_file = GOLDEN / case / "page.txt", GOLDEN / case / "grade.json"
    if request.config.getoption("--rewrite-golden"):
        page_file.write_text(page.getvalue())
        document_file.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    assert page.getvalue() == page_file.read_text()
    assert document == json.loads(document_file.read_text())
