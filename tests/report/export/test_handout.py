"""`grade export handout`: what learners get works, and has nothing of the solutions side."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import msgspec
import nbformat
import pytest
import yaml
from IPython.core.inputtransformer2 import TransformerManager
from packaging.requirements import Requirement

from grader.course.loading import RECORDED, load_exercise
from grader.course.location import default_root, exercise_ids
from grader.errors import ExaminerError, UsageError
from grader.examiner.recording import Recording
from grader.grades.grade import Outcome, grade_from_checks
from grader.report.export.handout import make_handout
from tests.grading import SMALL_COURSE, check_result

ROOT = Path(__file__).parents[3]
RIGHT = "def double(x):\n    if isinstance(x, str):\n        raise KeyError(x)\n    return 2 * x\n"
WRONG = "def double(x):\n    return x * x\n"
COMMON = {
    *("check", "__main__", "float32", "float64", "torch.float64"),
    *("int32", "int64", "cpu", "sum", "ignore"),
}
"""Words that say nothing about a solution."""


def constants(source):
    """Every string and number of a Python or YAML file of the solutions side."""
    found = set()
    try:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Constant):
                found.add(node.value)
    except SyntaxError:
        pending = [yaml.safe_load(source)]
        while pending:
            item = pending.pop()
            if isinstance(item, dict):
                pending += [*item, *item.values()]
            elif isinstance(item, list):
                pending += item
            else:
                found.add(item)
    return found


def telling(exercise):
    """The strings and numbers of the solutions side that the public side does not have."""
    public = "".join(path.read_text() for path in exercise.public.iterdir() if path.is_file())
    found = set()
    for path in exercise.hidden.rglob("*"):
        if path.suffix in (".py", ".yaml"):
            for value in constants(path.read_text()):
                text = str(value).strip().removesuffix(".0")
                # A digit, and a word of one or two letters, stand anywhere.
                if len(text) > 2 and text not in public and not isinstance(value, bool | None):
                    found.add(text)
    return found - COMMON - {check.name for check in exercise.spec.checks}


def words(value):
    """The texts in a recorded value. Its numbers are results, as a learner's own code has them."""
    if isinstance(value, dict):
        return [text for each in value.values() for text in words(each)]
    if isinstance(value, list):
        return [text for each in value for text in words(each)]
    return [value] if isinstance(value, str) else []


def assert_nothing_leaks(exercise, files):
    """No string or number of the solutions side stands in a file, or in a recording."""
    texts = []
    for name, content in files.items():
        if name.endswith(RECORDED):
            recording = msgspec.msgpack.decode(content, type=Recording)
            for cases in recording.values():
                # A submission gets requests in any case, also from the instructor.
                replies = [call.reply for case in cases for call in case]
                texts += words(msgspec.to_builtins(replies, builtin_types=(bytes,)))
        elif not name.startswith("grade-tool/"):
            texts.append(content.decode())
    everything = "\n".join(texts)
    for each in telling(exercise):
        assert not re.search(rf"(?<!\w){re.escape(each)}(?!\w)", everything), each


@pytest.fixture(scope="module")
def handout(pool):
    """The handout of the exercise ``double``."""
    exercise = load_exercise(SMALL_COURSE, "double")
    with pool.borrow() as examiner:
        made = make_handout([exercise], examiner, "https://github.com/o/r/tree/main/week1")
    return made.files


def test_nothing_of_the_solutions_side(handout):
    """No string and no number of the solutions side is in the handout; its grader has no course."""
    exercise = load_exercise(SMALL_COURSE, "double")
    assert any("MARKER" in each for each in telling(exercise))
    assert_nothing_leaks(exercise, handout)
    with pytest.raises(AssertionError):
        assert_nothing_leaks(exercise, handout | {"leak.md": b"Two everywhere."})
    tool = [name for name in handout if name.startswith("grade-tool/")]
    assert "grade-tool/grader/cli/app.py" in tool
    assert not [name for name in tool if "_course" in name or "solutions/double" in name]
    project = tomllib.loads(handout["grade-tool/pyproject.toml"].decode())["project"]
    ours = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    required = {Requirement(each).name for each in project["dependencies"]}
    assert required == {Requirement(each).name for each in ours["dependencies"]}
    assert project["scripts"]["grade"] == ours["scripts"]["grade"]


@pytest.mark.slow
@pytest.mark.parametrize("exercise_id", exercise_ids(default_root()))
def test_nothing_of_the_course_leaks(exercise_id, pool):
    """The same for each exercise of kind code that comes with the grader."""
    exercise = load_exercise(default_root(), exercise_id)
    if not exercise.spec.runs_code:
        pytest.skip("a quiz is not handed out")
    with pool.borrow() as examiner:
        assert_nothing_leaks(exercise, make_handout([exercise], examiner).files)


def test_learners_can_grade(handout, run_here, tmp_path):
    """With the commands of the README, the visible checks tell right from wrong."""
    for name, content in handout.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    _, start, grade = re.search(r"```sh\n(.*?)```", handout["README.md"].decode(), re.DOTALL)[
        1
    ].splitlines()
    assert run_here(*start.split()[1:], folder=tmp_path).returncode == 0
    for source, code, said in ((RIGHT, 0, "of 5 points"), (WRONG, 1, "expected")):
        (tmp_path / "double.py").write_text(source)
        result = run_here(*grade.split()[1:], folder=tmp_path)
        assert result.returncode == code
        assert said in result.stdout
    assert "cannot be shown" in run_here("solution", "double", "--give-up", folder=tmp_path).stderr


def test_notebook(handout):
    """The notebook is valid, its marked cell has the starter, and its badges lead to it."""
    notebook = nbformat.reads(handout["double.ipynb"].decode(), as_version=4)
    nbformat.validate(notebook)
    marked = [cell.source for cell in notebook.cells if cell.source.startswith("%%grade double\n")]
    assert marked == [f"%%grade double\n{handout['double.py'].decode()}".rstrip()]
    assert "github/o/r/blob/main/week1/double.ipynb" in notebook.cells[0].source
    assert "gh/o/r/main?labpath=week1/double.ipynb" in notebook.cells[0].source
    # On Colab, only the notebook is there.
    fetch = notebook.cells[1].source
    assert "git clone -q --depth 1 --branch main https://github.com/o/r handout\n" in fetch
    assert "%cd -q handout/week1\n" in fetch
    ast.parse(TransformerManager().transform_cell(fetch))


class Failing:
    """An examiner that records, and whose first grades fail as on a machine without memory."""

    def __init__(self, examiner, failures):
        self.record = examiner.record
        self._grade = examiner.grade
        self.failures = failures

    def grade(self, request):
        if not self.failures:
            return self._grade(request)
        self.failures -= 1
        check = check_result("test_value", "A", Outcome.UNGRADED, 0, 1, "no memory")
        return grade_from_checks(
            [check], exercise="double", submission="solution.py", learner="handout", seed=1
        )


def test_a_failure_of_the_grader_leaves_out_no_check(handout, examiner):
    """A grade that fails is repeated; if it keeps failing, there is no handout and a reason."""
    exercise = load_exercise(SMALL_COURSE, "double")
    again = make_handout([exercise], Failing(examiner, 2)).files
    assert (
        again["course/exercises/double/exercise.yaml"]
        == (handout["course/exercises/double/exercise.yaml"])
    )
    with pytest.raises(ExaminerError, match="nothing was written .test_value: no memory") as error:
        make_handout([exercise], Failing(examiner, 3))
    assert error.value.exit_code == 3


def test_no_check_can_be_repeated(examiner, course):
    """An exercise whose solution answers at random has no handout, and the error says why."""
    course.add_code()
    course.write(
        "solutions/double/solution.py",
        "import torch\n\n\ndef double(x):\n    return torch.rand(3)\n",
    )
    checks = "\n\ndef test_{}(learner):\n    learner.double(1)\n"
    course.write("solutions/double/checks.py", checks.format("value") + checks.format("gradient"))
    with pytest.raises(UsageError, match="double has no check that a handout can repeat"):
        make_handout([course.load("double")], examiner)


@pytest.mark.slow
def test_the_grader_of_a_handout_is_installed(handout, tmp_path):
    """Pip makes a wheel of the folder, which has the command and the data files."""
    for name, content in handout.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    words = ("-m", "pip", "install", "-q", "--no-deps", "--target", "there", "./grade-tool")
    subprocess.run([sys.executable, *words], cwd=tmp_path, check=True)
    installed = tmp_path / "there"
    assert (installed / "bin" / "grade").is_file()
    assert (installed / "grader" / "report" / "templates" / "handout.md").is_file()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["sizes", "--out", "new"], "the definition of a quiz contains its answers: sizes"),
        (["double", "--out", "taken"], "taken: exists already"),
        (["double", "--out", "new", "--badges", "https://x.org"], "not the address of a folder"),
        (
            ["double", "--out", "new", "--badges", "https://github.com/o/r/tree/main/$(reboot)"],
            "not the address of a folder",
        ),
    ],
    ids=" ".join,
)
def test_usage(words, sentence, run_here, tmp_path):
    """A quiz, a folder with files and a wrong address are refused."""
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").touch()
    words = ("export", "handout", *words, "--course", str(SMALL_COURSE))
    result = run_here(*words, folder=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert sentence in result.stderr
    assert not (tmp_path / "new").exists()
