"""``grader.checks`` is the one module that authors import."""

import ast
import re
import shutil
from pathlib import Path

import pytest

import grader.checks
from grader.course.scaffold import write_exercise
from tests.grading import SMALL_COURSE, grade_file

ROOT = Path(__file__).parents[2]
GOOD = "def double(x):\n    if isinstance(x, str): raise TypeError\n    return x * 2\n"


def grader_imports(source: str) -> set[str]:
    """The modules of the grader that Python code imports names from."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name for name in found if name.split(".")[0] == "grader"}


@pytest.mark.parametrize(
    "course",
    [ROOT, SMALL_COURSE, ROOT / "examples" / "attention"],
    ids=["course", "sample course", "example"],
)
def test_courses_import_the_public_module_only(course):
    """No file of a course imports another module of the grader."""
    files = [*course.glob("exercises/**/*.py"), *course.glob("solutions/**/*.py")]
    used = [grader_imports(path.read_text()) for path in files]
    assert set().union(*used) == {"grader.checks"}


def test_template_imports_the_public_module_only(tmp_path):
    """`grade new` writes checks that import `grader.checks` and nothing else of the grader."""
    files = [path for path in write_exercise(tmp_path, "double", "code") if path.suffix == ".py"]
    used = [grader_imports((tmp_path / name).read_text()) for name in files]
    assert set().union(*used) == {"grader.checks"}


@pytest.mark.parametrize("page", ["writing-exercises.md", "exercise-format.md"])
def test_pages_for_authors_import_the_public_module_only(page):
    """Python code in the pages for authors imports no other module of the grader."""
    text = (ROOT / "docs" / page).read_text()
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert set().union(*map(grader_imports, blocks)) == {"grader.checks"}


def test_every_public_name_is_documented():
    """The page of the format names everything that `grader.checks` exports."""
    text = (ROOT / "docs" / "exercise-format.md").read_text()
    assert [name for name in grader.checks.__all__ if f"`{name}" not in text] == []


def test_older_courses_still_work(examiner, tmp_path):
    """Checks that import from the modules that were documented before give the same grade."""
    course = shutil.copytree(SMALL_COURSE, tmp_path / "course")
    checks = course / "solutions/double/checks.py"
    older = (
        "from grader.examiner.compare import Mismatch, assert_close, assert_equal, assert_shape\n"
        "from grader.examiner.probes import reference_vjp\n"
    )
    source, count = re.subn(r"from grader\.checks import .*\n", older, checks.read_text())
    assert count == 1
    checks.write_text(source)
    submission = tmp_path / "double.py"
    submission.write_text(GOOD)
    now = grade_file(examiner, "double", submission)
    before = grade_file(examiner, "double", submission, course=course)
    assert before.passed
    assert [(check.name, check.points) for check in before.checks] == [
        (check.name, check.points) for check in now.checks
    ]
