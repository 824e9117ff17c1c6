"""Hidden lines of a rubric: their points count, and a learner sees their number and nothing else."""

import io
import json
import shutil
from datetime import UTC, datetime

import msgspec
import pytest

from grader.course.loading import load_exercise
from grader.examiner.protocol import Examine
from grader.grades.grade import Outcome
from grader.report.export import classroom50, documents, github, gradescope, markdown
from grader.report.terminal import grade_page
from grader.study import cell_page
from grader.submission.files import Submission
from tests.grading import SMALL_COURSE, run_grade

LINES = {
    "gradient": "  - {check: gradient, title: The gradient is two everywhere",
    "refuses": "  - {check: refuses, title: Text is refused",
}
GOOD = "def double(x):\n    if isinstance(x, str): raise TypeError\n    return x * 2\n"
# Prints every input; returns nonsense where a gradient is asked for, and raises what it was given for text.
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
def grade(tmp_path):
    """Grade a source for `double`, of which the gradient and the refusal are hidden."""
    course = tmp_path / "course"
    shutil.copytree(SMALL_COURSE, course)
    definition = course / "exercises/double/exercise.yaml"
    text = definition.read_text()
    for line in LINES.values():
        assert line in text
        text = text.replace(line, f"{line}, visible: false")
    definition.write_text(text)

    def run(source: str, *words: str):
        (tmp_path / "double.py").write_text(source)
        return run_grade("double", *words, "--course", str(course), folder=tmp_path)

    run.course = course
    return run


def test_points_of_hidden_checks_count(grade):
    """Hidden checks that are missed take their points, and the page says how many there are and how they went."""
    result = grade(TELLTALE)
    assert result.returncode == 1
    assert "0 of 2 checks that you are not shown passed" in result.stdout
    assert "3 of 5 points" in result.stdout


def test_nothing_of_a_hidden_check_is_shown(grade):
    """Neither title, case, message nor what was printed while one ran; what was printed before is shown."""
    page = grade(TELLTALE).stdout
    for text in ("gradient", "refused", "saw [", "you returned", "requires_grad", "input text"):
        assert text not in page
    assert "input tensor([0., 1., 2.])" in page


@pytest.mark.parametrize("form", ["json", "junit"])
def test_documents_keep_what_is_hidden(form, grade):
    """JSON and JUnit XML of `grade EXERCISE` have outcome and points of a hidden check, and no message or case."""
    text = grade(TELLTALE, "--format", form).stdout
    assert "saw [" not in text and "requires_grad" not in text
    if form == "json":
        hidden = [check for check in json.loads(text)["checks"] if not check["visible"]]
        assert [(check["outcome"], check["message"], check["case"]) for check in hidden] == [
            ("failed", "", None),
            ("failed", "", None),
        ]


def test_a_misconception_seen_only_in_a_hidden_check_stays_there(grade):
    """The explanation is about what was shown to be wrong, or it is not given."""
    shutil.copy(
        SMALL_COURSE / "solutions/double/wrong/squared.py",
        grade.course / "solutions/double/wrong/tripled.py",
    )
    (grade.course / "solutions/double/wrong/tripled.py").write_text(
        f'"""You tripled."""\n{TELLTALE}'
    )
    assert "tripled" not in grade(TELLTALE).stdout


def test_all_passed(grade):
    """Where all hold, hidden ones too, the learner is told so."""
    result = grade(GOOD)
    assert result.returncode == 0
    assert "2 of 2 checks that you are not shown passed" in result.stdout
    assert "All checks passed: 5 of 5 points" in result.stdout


def test_show_counts_hidden_checks(grade, tmp_path):
    """`grade show` lists what is visible, and says that there is more."""
    shown = run_grade("show", "double", "--course", str(grade.course), folder=tmp_path).stdout
    assert "2 points  2 more checks that you are not shown" in shown
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
