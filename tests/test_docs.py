"""What the documentation says is what the program does."""

import io
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import get_args

import click
import pytest
from rich.console import Console

from grader.cli import cli
from grader.course import assignment, editors, loading, location, scaffold
from grader.course import records as course_records
from grader.course.loading import load_exercise
from grader.course.records import SideEffect
from grader.examiner.protocol import Examine
from grader.examiner.quiz import grade_quiz
from grader.grades import grade
from grader.grades.document import to_document
from grader.grades.grade import for_learner
from grader.report.export import outputs
from grader.report.terminal import one_screen
from grader.submission.files import Submission
from grader.verify import records
from tests.grading import check_result, grade_file, invoke_grade

ROOT = Path(__file__).parents[1]
RECORDS = {
    "exercise-format.md": [
        course_records.CodeExercise,
        course_records.QuizExercise,
        course_records.Check,
        course_records.Limits,
        course_records.Question,
        course_records.WrongAnswer,
        course_records.Equivalent,
    ],
    "verification.md": [records.Verification, records.Proof, records.Finding, records.Counts],
    "results-format.md": [grade.Grade, grade.Case],
    "assignments.md": [
        assignment.Assignment,
        assignment.Late,
        assignment.Extension,
        assignment.Excuse,
        assignment.Override,
    ],
}


@pytest.mark.parametrize(
    ("page", "record"),
    [(page, record) for page, records in RECORDS.items() for record in records],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_every_key_is_documented(page, record):
    """Each key of each record stands in a table of its page."""
    first_cells = re.findall(r"^\| (`.*?) \|", (ROOT / "docs" / page).read_text(), re.MULTILINE)
    documented = {key for cell in first_cells for key in re.findall(r"`(\w+)`", cell)}
    assert set(record.__struct_encode_fields__) <= documented


def test_every_key_of_a_check_in_json_is_documented():
    """Each key that JSON has for the result of a check stands in a table of the results format."""
    check = check_result("value", "It doubles", grade.Outcome.PASSED, 1, 1)
    graded = grade.grade_from_checks(
        [check], exercise="double", submission="double.py", learner="ada", seed=1
    )
    text = (ROOT / "docs" / "results-format.md").read_text()
    assert all(f"| `{key}` |" in text for key in to_document(graded)["checks"][0])


def test_no_key_is_documented_that_does_not_exist():
    """Each key in the tables of the exercise format is a key of some record."""
    documented = re.findall(
        r"^\| `(\w+)` \|", (ROOT / "docs" / "exercise-format.md").read_text(), re.MULTILINE
    )
    known = {
        key for record in RECORDS["exercise-format.md"] for key in record.__struct_encode_fields__
    } | {
        "kind",
        "rng",
        "device",
        *get_args(SideEffect),
    }
    assert set(documented) <= known


def test_every_outcome_is_documented():
    """Each outcome stands in the table of the results format."""
    text = (ROOT / "docs" / "results-format.md").read_text()
    assert all(f"| `{outcome.value}` |" in text for outcome in grade.Outcome)


def test_every_rule_is_documented():
    """Each rule of a verification stands in the table of its page."""
    text = (ROOT / "docs" / "verification.md").read_text()
    assert all(f"| `{rule.value}` |" in text for rule in records.Rule)


def test_screen_of_the_site_is_real(examiner):
    """The page that the site begins with is what grading that mistake prints at a terminal."""
    index = (ROOT / "docs" / "index.md").read_text()
    shown = re.search(r"\$ grade exercise3\n(.*?)```", index, re.DOTALL)[1]
    seed = int(re.search(r"--seed (\d+)", shown)[1])
    exercise = load_exercise(ROOT, "exercise3")
    mistake = ROOT / "solutions" / "exercise3" / "wrong" / "not_transposed.py"
    submission = Submission("exercise3.py", mistake.read_bytes())
    examine = Examine(exercise, submission, "ada", seed, small_example=True)
    grade = for_learner(examiner.grade(examine))
    steps = [
        ("Next", "change {line}, then `grade exercise3`"),
        ("Stuck", "`grade hint exercise3` (3 left)."),
        ("All", f"`grade exercise3 --all --seed {seed}`"),
    ]
    size = one_screen.Size(80, shown.count("\n"))
    entries = exercise.code.entries
    page = one_screen.page(grade, exercise.spec.title, submission, entries, size, steps)
    stream = io.StringIO()
    Console(file=stream, width=80).print(page)
    assert [line.rstrip() for line in stream.getvalue().splitlines()] == shown.splitlines()


@pytest.mark.slow
def test_example_of_the_api_runs(tmp_path):
    """The program in docs/batch.md grades its texts, and imports no torch for it."""
    page = (ROOT / "docs" / "batch.md").read_text()
    example = re.search(r"<!-- example: sources -->\n```python\n(.*?)```", page, re.DOTALL)[1]
    (tmp_path / "example.py").write_text(
        example + "import sys\nassert 'torch' not in sys.modules\n"
    )
    result = subprocess.run(
        [sys.executable, "example.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.stderr == ""
    *grades, last = result.stdout.splitlines()
    assert sorted(grades) == ["first 20/20 None", "second 0/20 one_based"]
    assert last == "1 of 2 pass every check"


@pytest.mark.parametrize(
    ("page", "name"),
    [
        pytest.param("README.md", "readme", marks=pytest.mark.slow),
        ("docs/programs.md", "grader"),
    ],
)
def test_examples_of_the_warm_grader(page, name, tmp_path):
    """The programs for warm graders print the reward."""
    text = (ROOT / page).read_text()
    example = re.search(rf"<!-- example: {name} -->\n```python\n(.*?)```", text, re.DOTALL)[1]
    result = subprocess.run(
        [sys.executable, "-c", example],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (result.stdout, result.stderr) == ("1.0 True None\n", "")


def test_example_of_the_stream(tmp_path):
    """The shell command of docs/programs.md gets one answer."""
    text = (ROOT / "docs" / "programs.md").read_text()
    command = re.search(r"<!-- example: stream -->\n```sh\n(.*?)```", text, re.DOTALL)[1]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    result = subprocess.run(
        ["sh", "-c", command],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    answer = json.loads(result.stdout)
    assert (answer["id"], answer["reward"]) == ("a", 1)


def test_every_option_of_batch_is_documented():
    """docs/batch.md tells of every option, and of every file that a batch leaves."""
    page = (ROOT / "docs" / "batch.md").read_text()
    for option in cli.commands["batch"].params:
        assert isinstance(option, click.Argument) or option.opts[0] in page
    names = (*outputs.SHEETS, outputs.ASSIGNMENTS, "gradebook.db")
    assert all(f"`{name}`" in page for name in names)


FENCES = re.compile(r"^```(?:sh|console|text|bash)\n(.*?)^```", re.DOTALL | re.MULTILINE)
TYPED = re.compile(r"^(?:\$ )?(?:\.venv/bin/)?grade((?: +(?!#)\S+)*)", re.MULTILINE)
INLINE = re.compile(r"`grade((?: [^`]+)?)`")


def commands_in(page: Path) -> set[str]:
    """The words after ``grade`` in the code blocks and the inline code of ``page``."""
    text = page.read_text()
    blocks = FENCES.findall(text)
    typed = {words.strip() for block in blocks for words in TYPED.findall(block)}
    return typed | {words.strip() for words in INLINE.findall(FENCES.sub("", text))}


DOCUMENTED = sorted(
    (page.relative_to(ROOT).as_posix(), words)
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
    for words in commands_in(page)
)


@pytest.mark.parametrize(("page", "words"), DOCUMENTED, ids=lambda value: value)
def test_every_documented_command_exists(page, words):
    """Each command in the documentation names a command and options that exist."""
    typed = shlex.split(re.split(r"\s[>|&]|\s{2,}", words)[0].replace("\\|", "|"))
    command: click.Command = cli
    while isinstance(command, click.Group) and typed and not typed[0].startswith("-"):
        if typed[0].isupper() and command is not cli:
            break  # a placeholder for any of its commands
        context = click.Context(command)
        _, command, typed = command.resolve_command(context, typed)
    parameters = command.params
    known = {name for each in parameters for name in (*each.opts, *each.secondary_opts)}
    used = {word.split("=")[0] for word in typed if word.startswith("--")}
    assert used <= known | {"--help", "--version"}, f"{page}: grade {words}"


def test_links_lead_somewhere():
    """Every relative link in the documentation leads to a file."""
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_text_of_the_package_has_no_relative_links():
    """A package index shows a text of its own, because it has none of the files of README.md."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    text = project["readme"]["text"]
    assert "grade start" in text
    assert not re.findall(r"\]\((?!https://)", text)


def test_quiz_in_the_documentation_works(tmp_path):
    """The quiz of the exercise format loads, and the grade of its answers is what the page says."""
    text = (ROOT / "docs" / "exercise-format.md").read_text()
    files = dict(re.findall(r"<!-- quiz: (\S+) -->\n```yaml\n(.*?)```", text, re.DOTALL))
    for path, name in (("exercises", "exercise.yaml"), ("solutions", "wrong.yaml")):
        (tmp_path / path / "shapes").mkdir(parents=True)
        (tmp_path / path / "shapes" / name).write_text(files[name])
    quiz = loading.load_exercise(tmp_path, "shapes")
    grade = grade_quiz(
        quiz, Submission("shapes.yaml", files["answers.yaml"].encode()), "ada", seed=1
    )
    assert (grade.points, grade.max_points, grade.misconception) == (0, 4, "ids_count_from_one")
    assert "Ids begin at 0" in grade.checks[1].message


def shown_in_the_format(mark):
    """The block with this mark in the page of the exercise format."""
    text = (ROOT / "docs" / "exercise-format.md").read_text()
    return re.search(rf"<!-- {mark} -->\n```\w+\n(.*?)```", text, re.DOTALL)[1]


def test_schema_is_where_its_line_says(tmp_path):
    """The path in the line leads from an exercise's file to the schema of the command."""
    command = shown_in_the_format("schema: command").strip().removeprefix("$ grade ")
    assert invoke_grade(*command.split(), folder=tmp_path).exit_code == 0
    line = shown_in_the_format("schema: line")
    folder = tmp_path / "exercises" / "double"
    folder.mkdir()
    schema = (folder / line.strip().partition("$schema=")[2]).read_bytes()
    assert schema.decode() == editors.schema_text(course_records.Spec)
    assert line == editors.first_line("exercises/double/exercise.yaml")


def test_checks_in_the_documentation_work(tmp_path, examiner):
    """The checks of the exercise format pass what they should, and fail what they should."""
    scaffold.write_exercise(tmp_path, "lookup", "code")
    definition = tmp_path / "exercises" / "lookup" / "exercise.yaml"
    definition.write_text(
        "format: 1\nkind: code\ntitle: Look up rows\nstatement: Write `lookup`.\n"
        "entry: ['lookup(weight, idx)']\nrubric: [{check: rows, title: Rows}]\n"
    )
    checks = tmp_path / "solutions" / "lookup" / "checks.py"
    checks.write_text(shown_in_the_format("checks: lookup"))
    passed = []
    for number, answer in enumerate(("weight[idx]", "weight[idx] + 1")):
        submission = tmp_path / f"lookup{number}.py"
        submission.write_text(f"def lookup(weight, idx):\n    return {answer}\n")
        passed.append(grade_file(examiner, "lookup", submission, course=tmp_path).passed)
    assert passed == [True, False]


def test_equivalent_mutant_in_the_documentation_loads(course, code):
    """The equivalent mutant of the exercise format is a record of that format."""
    course.write("solutions/double/equivalent.yaml", shown_in_the_format("equivalent: mean"))
    [mutant] = loading.equivalent_mutants(code)
    assert (mutant.was, mutant.becomes) == ("return x.sum() / x.numel()", "return x.mean()")


def test_order_in_the_documentation_loads(course):
    """The course.yaml of the exercise format gives the order that the page describes."""
    for name in ("exercise1", "exercise2", "exercise3", "warmup"):
        course.write(f"exercises/{name}/exercise.yaml", "")
    course.write("exercises/course.yaml", shown_in_the_format("order: course.yaml"))
    ids = ["warmup", "exercise3", "exercise1", "exercise2"]
    assert location.exercise_ids(course.root) == ids


def test_every_block_of_the_exercise_format_is_tested():
    """Each block of the page has a mark, by which a test finds it, except the tree of files."""
    text = (ROOT / "docs" / "exercise-format.md").read_text()
    blocks = re.findall(r"^```\w+$", text, re.MULTILINE)
    marked = re.findall(r"^<!-- (\w+): .* -->\n```\w+$", text, re.MULTILINE)
    assert len(blocks) == len(marked) + 1
    assert set(marked) == {"schema", "checks", "equivalent", "quiz", "order"}


def test_numbers_in_the_readme():
    """The README counts the exercises and the submissions that are there now."""
    text = " ".join((ROOT / "README.md").read_text().split())
    solutions = ROOT / "solutions"
    wrong = [*solutions.glob("*/wrong/*.py"), *solutions.glob("*/outsiders/wrong/*.py")]
    right = [*solutions.glob("*/outsiders/right/*.py")]
    hostile = [*(ROOT / "tests" / "hostile" / "submissions").rglob("*.py")]
    assert f"The course has {len(location.exercise_ids(ROOT))} exercises" in text
    assert f"{len(wrong):,} wrong submissions" in text and f"{len(right)} right ones" in text
    assert f"{len(hostile)} hostile submissions" in text


def test_figures_of_the_verification_are_current():
    """The table of figures counts the misconceptions and outsiders that are there now."""
    text = (ROOT / "docs" / "verification.md").read_text()
    rows = re.findall(
        r"^\| (exercise\d+) \| (\d+) of (\d+) \| (\d+) of (\d+) \|", text, re.MULTILINE
    )
    shown = {name: tuple(map(int, figures)) for name, *figures in rows}
    for name in location.exercise_ids(ROOT):
        folder = ROOT / "solutions" / name
        if (folder / "wrong").is_dir():
            wrong = len(list((folder / "wrong").glob("*.py")))
            outsiders = len(list((folder / "outsiders").glob("*/*.py")))
            assert shown[name] == (wrong, wrong, outsiders, outsiders)


@pytest.mark.parametrize("asset", ["class.css", "class.js"])
def test_live_example_looks_like_a_page_of_today(asset):
    """The page of a class on the site has today's style and script: run ``docs/live.py`` again."""
    page = (ROOT / "docs" / "live" / "class.html").read_text()
    assert (ROOT / "grader" / "report" / "templates" / asset).read_text().strip() in page
