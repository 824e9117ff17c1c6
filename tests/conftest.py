"""Small courses on disk, for every test that needs one."""

import copy
import gc
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.course.loading import load_exercise
from grader.course.records import Exercise
from grader.examiner import resident
from grader.examiner.client import Examiner
from grader.examiner.pool import ExaminerPool
from tests.command import RunHere

pytest_plugins = ["tests.browser"]

# The processes of the tests share the cores, and more threads would only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Otherwise each of the many processes that the tests start would compile the grader anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

CODE = {
    "format": 1,
    "kind": "code",
    "title": "Twice as much",
    "statement": "Write `double(x)`.\n",
    "entry": ["double(x) -> Tensor"],
    "rubric": [
        {"check": "value", "title": "Every element is doubled", "points": 2},
        {"check": "gradient", "title": "Gradients flow back"},
    ],
    "hints": ["Think of a sum."],
    "forbidden": ["torch.add", "aten::add"],
}
QUIZ = {
    "format": 1,
    "kind": "quiz",
    "title": "Shapes",
    "statement": "Tell every shape.\n",
    "questions": [
        {
            "name": "weight",
            "ask": "What is the shape of nn.Embedding({num}, {dim}).weight?",
            "expression": "nn.Embedding({num}, {dim}).weight.shape",
            "draw": {"num": [10, 40], "dim": [2, 9]},
            "points": 2,
        },
        {
            "name": "has_bias",
            "ask": "Has nn.Embedding a bias?",
            "expression": "hasattr(nn.Embedding(2, 3), 'bias')",
        },
    ],
}
WRONG = {
    "weight": [
        {
            "misconception": "transposed",
            "expression": "({dim}, {num})",
            "because": "That table lies on its side.",
        }
    ]
}
CODE_FILES = {
    "exercises/{id}/starter.py": "def double(x):\n    raise NotImplementedError\n",
    "solutions/{id}/solution.py": "def double(x):\n    return x + x\n",
    "solutions/{id}/checks.py": "def test_value(learner): ...\n\n\ndef test_gradient(learner): ...\n",  # noqa: E501
}
QUIZ_FILES = {"solutions/{id}/wrong.yaml": yaml.safe_dump(WRONG)}


class Course:
    """A course under construction in a folder; ``write`` adds or replaces a file of it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, path: str, content: str | bytes) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def add_code(
        self, exercise_id: str = "double", change: Callable[[dict[str, Any]], Any] | None = None
    ) -> "Course":
        return self._add(exercise_id, CODE, CODE_FILES, change)

    def add_quiz(
        self, exercise_id: str = "shapes", change: Callable[[dict[str, Any]], Any] | None = None
    ) -> "Course":
        return self._add(exercise_id, QUIZ, QUIZ_FILES, change)

    def load(self, exercise_id: str) -> Exercise:
        return load_exercise(self.root, exercise_id)

    def _add(
        self,
        exercise_id: str,
        spec: dict[str, Any],
        files: dict[str, str],
        change: Callable[[dict[str, Any]], Any] | None,
    ) -> "Course":
        spec = copy.deepcopy(spec)
        if change is not None:
            change(spec)
        self.write(
            f"exercises/{exercise_id}/exercise.yaml",
            yaml.safe_dump(spec, sort_keys=False, allow_unicode=True),
        )
        for path, content in files.items():
            self.write(path.format(id=exercise_id), content)
        return self


@pytest.fixture(scope="session", autouse=True)
def _settings_of_nobody() -> Iterator[None]:
    """Keep what the grader stores in a folder of the tests, and leave no examiner running."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", folder)
        patch.setenv("XDG_CACHE_HOME", folder)
        # Nor does any test see an examiner that the user's own commands have left running.
        patch.setenv("XDG_RUNTIME_DIR", folder)
        patch.setenv("GRADE_RESIDENT", "0")
        yield
        # Terminals in tests leave some running.
        resident.end()


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """An empty course in a folder of its own."""
    return Course(tmp_path / "course")


@pytest.fixture
def code(course: Course) -> Exercise:
    """The exercise ``double``, of kind code."""
    return course.add_code().load("double")


@pytest.fixture
def quiz(course: Course) -> Exercise:
    """The exercise ``shapes``, of kind quiz."""
    return course.add_quiz().load("shapes")


LONGEST = (
    "hostile/test_hostile.py",
    "verify/test_rules.py",
    "classroom/test_cluster.py",
    "study/test_notebook.py",
    "examiner/test_grading.py",
    "study/test_watch.py",
    "course/test_writing_exercises.py",
    "sandbox/test_layers.py",
    "verify/test_verify.py",
    "programs/test_warm.py",
    "study/test_first_hour.py",
    "cli/test_cli.py",
    "classroom/test_interruption.py",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip slow tests unless asked for, and begin with the files that take longest."""
    if not config.getoption("--slow"):
        skip = pytest.mark.skip(reason="slow: add --slow to run it")
        for item in items:
            if item.get_closest_marker("slow"):
                item.add_marker(skip)
    # All cores then finish at about the same time.
    rank = {Path(__file__).parent / name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path, len(LONGEST)))


def pytest_collection() -> None:
    """Collect the tests without garbage collections, which would take a third of the time."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Collect garbage again, but do not visit the many objects that stay."""
    gc.freeze()
    gc.enable()


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker ``slow``: on a test, or on one ``pytest.param(..., marks=...)``."""
    config.addinivalue_line("markers", "slow: takes long or repeats others; runs with --slow")
    # A shell starts a background job with SIGINT ignored. Programs inherit that, and the tests
    # that press Ctrl-C would wait for ever.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our options: slow tests, new golden folders, and the length of the fuzz."""
    parser.addoption("--slow", action="store_true", help="also run tests marked slow")
    parser.addoption(
        "--rewrite-golden", action="store_true", help="write what the golden folders expect anew"
    )
    parser.addoption(
        "--fuzz-replies",
        type=int,
        default=800,
        help="how many malformed replies and files to try (800)",
    )


@pytest.fixture(scope="session")
def pool() -> Iterator[ExaminerPool]:
    """The warm examiners of this test process, as a class is graded by them."""
    with ExaminerPool() as warm:
        yield warm


@pytest.fixture(scope="session")
def run_here(pool: ExaminerPool) -> RunHere:
    """Run the command ``grade`` in this process, with a warm examiner."""
    return RunHere(pool)


@pytest.fixture
def examiner(pool: ExaminerPool) -> Iterator[Examiner]:
    """A warm examiner, which the next test uses too."""
    with pool.borrow() as warm:
        yield warm
