"""Hidden checks: their points count, and a learner sees only how many there are."""

import io
import json
import shutil
from datetime import UTC, datetime

import msgspec
import pytest

from grader.course.loading import load_exercise
from grader.examiner.protocol import Examine
from grader.grades.grade import Outcome, for_learner
from grader.report.export import classroom50, documents, github, gradescope, markdown
from grader.report.terminal import grade_page
from grader.study import cell_page
from grader.submission.files import Submission
from tests.grading import SMALL_COURSE, grade_file

LINES = {
    "gradient": "  - {check: gradient, title: The gradient is two everywhere",
    "refuses": "  - {check: refuses, title: Text is refused",
}
GOOD = "def double(x):\n    if isinstance(x, str): raise TypeError\n    return x * 2\n"
# Prints every input, returns a wrong gradient, and raises its inputs when it gets text.
TELLTALE = """
seen = []
def double(x):
    print("input", x)
    seen.append(x)
    if isinstance(x, str):
        raise RuntimeError(f"saw {seen}")
    return x * 3 if x.requires_grad else x * 2
"""


@pytest.fixture
def course(tmp_path):
    """A course whose exercise `double` has two hidden checks: the gradient and the refusal."""
    root = tmp_path / "course"
    shutil.copytree(SMALL_COURSE, root)
    definition = root / "exercises/double/exercise.yaml"
    text = definition.read_text()
    for line in LINES.values():
        assert line in text
        text = text.replace(line, f"{line}, visible: false")
    definition.write_text(text)
    return root


@pytest.fixture
def command(course, tmp_path, run_here):
    """Run `grade double` on a source."""

    def run(source, *words):
        (tmp_path / "double.py").write_text(source)
        return run_here("double", *words, "--course", str(course), folder=tmp_path)

    return run


@pytest.fixture
def page(course, tmp_path, examiner):
    """The page for the learner about a source, graded by a warm examiner."""

    def graded(source, write=terminal_page):
        path = tmp_path / "double.py"
        path.write_text(source)
        return write(for_learner(grade_file(examiner, "double", path, course=course)))

    return graded


def test_points_of_hidden_checks_count(command):
    """Missed hidden checks take their points; the page gives their number and how many passed."""
    result = command(TELLTALE)
    assert result.returncode == 1
    assert "0 of 2 hidden checks passed" in result.stdout
    assert "3 of 5 points" in result.stdout


def test_nothing_of_a_hidden_check_is_shown(page):
    """The page has no title, case, message or output of a hidden check; it has earlier output."""
    shown = page(TELLTALE)
    for text in ("gradient", "refused", "saw [", "you returned", "requires_grad", "input text"):
        assert text not in shown
    assert "input tensor([0., 1., 2.])" in shown


def test_json_keeps_what_is_hidden(command):
    """The JSON of `grade EXERCISE` has the outcome of a hidden check, but no message or case."""
    text = command(TELLTALE, "--format", "json").stdout
    assert "saw [" not in text and "requires_grad" not in text
    hidden = [check for check in json.loads(text)["checks"] if not check["visible"]]
    assert [(check["outcome"], check["message"], check["case"]) for check in hidden] == [
        ("failed", "", None),
        ("failed", "", None),
    ]


def test_junit_keeps_what_is_hidden(page):
    """JUnit XML for a learner has no message of a hidden check."""
    text = page(TELLTALE, documents.as_junit)
    assert "saw [" not in text and "requires_grad" not in text


# Could tell a hidden input by how long it takes, and by how it ends.
SLOW = """
import time
def double(x):
    if isinstance(x, str):
        time.sleep(0.3)
        raise MemoryError
    if x.requires_grad:
        time.sleep(0.2)
        raise SystemExit(7)
    return x * 2
"""


def test_how_a_hidden_check_ends(command):
    """A learner reads neither the time nor the outcome nor the name of a hidden check."""
    document = json.loads(command(SLOW, "--format", "json").stdout)
    visible = [check for check in document["checks"] if check["visible"]]
    hidden = [check for check in document["checks"] if not check["visible"]]
    assert [check["name"] for check in hidden] == ["hidden_1", "hidden_2"]
    for check in hidden:
        assert (check["title"], check["outcome"], check["seconds"]) == ("Hidden check", "failed", 0)
    assert document["seconds"] == pytest.approx(
        sum(check["seconds"] for check in visible), abs=2e-3
    )
    assert document["seconds"] < 0.2


def test_a_misconception_seen_only_in_a_hidden_check_stays_there(course, page):
    """The page explains a misconception only if a visible check shows it."""
    wrong = course / "solutions/double/wrong/tripled.py"
    wrong.write_text(f'"""You tripled."""\n{TELLTALE}')
    assert "tripled" not in page(TELLTALE)


def test_all_passed(page):
    """If all checks passed, the page says so, also for the hidden ones."""
    shown = page(GOOD)
    assert "2 of 2 hidden checks passed" in shown
    assert "All checks passed: 5 of 5 points" in shown


def test_show_counts_hidden_checks(course, tmp_path, run_here):
    """`grade show` lists the visible checks, and the number of hidden ones."""
    shown = run_here("show", "double", "--course", str(course), folder=tmp_path).stdout
    assert "2 points  2 hidden checks" in shown
    assert "gradient" not in shown.partition("Checks")[2]


def terminal_page(grade):
    stream = io.StringIO()
    grade_page.write(grade, "Twice", stream)
    grade_page.write_all([grade, grade], "Twice", stream)
    grade_page.show(grade_page.verdict_first(grade, "Twice"), stream)
    return stream.getvalue()


def classroom50_result(grade):
    origin = classroom50.origin_in_batch("class", "double", "ada")
    return classroom50.as_result(grade, origin, datetime(2026, 1, 2, tzinfo=UTC))


FORMATS = {
    "terminal": terminal_page,
    "markdown": lambda grade: markdown.feedback(grade, "Twice"),
    "github": lambda grade: github.annotations(grade, "double.py"),
    "gradescope": gradescope.as_results,
    "classroom50": classroom50_result,
    "junit": documents.as_junit,
    "notebook": lambda grade: cell_page.cell_page(grade, "Twice", []),
}


@pytest.fixture
def absent(examiner):
    """The grade of `double` on a device that no machine with Linux has; one check is hidden."""
    exercise = load_exercise(SMALL_COURSE, "double")
    first, *others = exercise.spec.rubric
    hidden = msgspec.structs.replace(first, title="SECRET", visible=False)
    spec = msgspec.structs.replace(exercise.spec, rubric=(hidden, *others))
    exercise = msgspec.structs.replace(exercise, spec=spec)
    submission = Submission("double.py", GOOD.encode())
    return examiner.grade(Examine(exercise, submission, "ada", 1, device="mps"))


@pytest.mark.parametrize("form", FORMATS)
def test_absent_device_shows_no_hidden_title(form, absent):
    """Every check of the grade is skipped, and no format shows a learner the hidden one's title."""
    assert {check.outcome for check in absent.checks} == {Outcome.SKIPPED}
    assert "SECRET" not in FORMATS[form](absent)


def test_json_marks_a_hidden_check(absent):
    """JSON is data: it contains the title of a hidden check and says that it is not visible."""
    checks = json.loads(documents.as_json(absent))["checks"]
    assert [check["title"] for check in checks if not check["visible"]] == ["SECRET"]


def test_check_decides_what_a_learner_reads(absent):
    """A result gives its title only if the check is visible; instructors ask the check itself."""
    hidden, *others = absent.checks
    assert (hidden.title, hidden.check.title) == ("Hidden check", "SECRET")
    assert [check.title for check in others] == [check.check.title for check in others]


def test_check_that_needs_a_hidden_one(course, tmp_path, examiner):
    """Its message names neither the name nor the title of the hidden check."""
    definition = course / "exercises/double/exercise.yaml"
    text = definition.read_text()
    line = next(line for line in text.splitlines() if "check: value" in line)
    definition.write_text(text.replace(line, line.replace("}", ", needs: [refuses]}")))
    path = tmp_path / "double.py"
    path.write_text("def double(x):\n    return x * 2\n")
    grade = grade_file(examiner, "double", path, course=course)
    value = next(check for check in grade.checks if check.name == "value")
    assert (value.outcome, value.needed) == (Outcome.FAILED, "refuses")
    shown = for_learner(grade)
    everything = repr(shown) + terminal_page(shown) + documents.as_json(shown)
    assert "Not counted, because this check did not pass: Hidden check" in everything
    assert "refuse" not in everything.lower()
