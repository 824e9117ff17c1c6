"""Hostile submissions fail without effect, in every environment that this machine can create.

``driver.py`` grades them and looks for harm; ``launch.py`` creates the environments. The first
line of each file below ``submissions/`` says what it tries. The line ``ends as:`` lists the
outcomes that it may have. One environment runs all of them, the others about every twelfth, or
none; ``--slow`` runs all of them everywhere.
"""

import json
import os
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from grader.sandbox.layers import LAYERS
from tests.hostile.driver import HERE, endings, in_sample, names

IS_ROOT = os.getuid() == 0
# All of these have every layer.
ENVIRONMENTS = (
    "as-is",
    "no-namespaces",
    "user",
    "user+no-namespaces",
    "no-landlock",
    "docker+no-namespaces",
)
# Where everything runs without --slow.
FULL = ("as-is",)
# Without --slow, `tests/sandbox/test_layers` alone shows that it has every layer.
SLOW = ("user",)
HOSTILE = [name for name in names() if name.startswith("submissions/")]
INNOCENT = [name for name in names() if name.startswith("innocent/")]
# Each command imports torch again, so these are few: some of every kind. None of them only waits:
# two tries with the limits of the exercise take too long.
BY_COMMAND = HOSTILE[1::17]
BY_COMMAND_QUICK = BY_COMMAND[::5]
# What these find without a sandbox. They only harm the driver's own folder.
CONTROLS = {
    "submissions/stealing/reads_the_checks": "MARKER-IN-CHECKS",
    "submissions/stealing/reads_a_file_of_another_learner": "MARKER-IN-SECRET",
    "submissions/stealing/links_to_a_secret": "MARKER-IN-SECRET",
    "submissions/escaping/makes_pairs_of_sockets": "BREACH",
    "submissions/escaping/connects_to_a_server": "BREACH connected",
    "submissions/escaping/connects_to_abstract_and_named_sockets": "BREACH connected",
    "submissions/escaping/writes_elsewhere": "BREACH",
}
OUTCOMES = {"failed", "raised", "timeout", "memory", "crashed", "refused"}


def drive(environment: str, *words: str) -> dict[str, dict]:
    """Run the driver in an environment; return what it observed for each submission."""
    driver = [sys.executable, "-W", "ignore", "-m", "tests.hostile.driver", *words]
    done = subprocess.run(
        [sys.executable, HERE / "launch.py", environment, *driver],
        cwd=HERE.parents[1],
        env={**os.environ, "PYTHONPATH": str(HERE.parents[1])},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def runs(request):
    """Return a function from an environment, or another name, to what its driver observed.

    All drivers start together; two run at a time.
    """
    slow = request.config.getoption("--slow")
    ways: dict[str, tuple[str, ...]] = {}
    for environment in ENVIRONMENTS:
        if is_possible(environment) and (slow or environment not in SLOW):
            full = slow or environment in FULL
            ways[environment] = (environment,) if full else (environment, "--sample")
    ways["command"] = ("as-is", "--command", *(BY_COMMAND if slow else BY_COMMAND_QUICK))
    ways["no sandbox"] = ("as-is", "--isolation", "none", *CONTROLS)
    with ThreadPoolExecutor(2) as pool:
        started: dict[str, Future] = {name: pool.submit(drive, *way) for name, way in ways.items()}
        yield lambda name: started[name].result()


def is_possible(environment: str) -> bool:
    """Return whether this machine can create it: only root can become another user."""
    return IS_ROOT or not environment.startswith(("user", "docker"))


def everywhere(names: list[str]) -> list:
    """Return each name with each environment; all but a sample is slow where it is not full."""
    cases = []
    for environment in ENVIRONMENTS:
        for name in names:
            marks = []
            if not is_possible(environment):
                marks.append(pytest.mark.skip(reason="needs root, to become another user"))
            if environment in SLOW or (environment not in FULL and not in_sample(name)):
                marks.append(pytest.mark.slow)
            cases.append(pytest.param(name, environment, marks=marks))
    return cases


@pytest.mark.parametrize(
    "environment",
    [pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else []) for name in ENVIRONMENTS],
)
def test_every_layer_applies(environment, runs):
    """As root, as a user, and without namespaces or Landlock, no layer is missing."""
    if not is_possible(environment):
        pytest.skip("needs root, to become another user")
    layers = runs(environment)["layers"]
    assert tuple(layers) == LAYERS
    assert None not in layers.values()


@pytest.mark.parametrize(("name", "environment"), everywhere(HOSTILE))
def test_hostile_submission_has_no_effect(name, environment, runs):
    """It ends as expected, earns no point, leaves nothing behind, and the next one passes."""
    seen = runs(environment)[name]
    assert outcome(seen["grade"]) in endings(name), seen["grade"]
    assert_harmless(seen)
    # From the request to the grade, because the grade does not include all work of the examiner.
    # Code that exceeds a limit is graded twice.
    assert seen["took"] < 15
    assert seen["next"]["passed"], seen["next"]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name in BY_COMMAND_QUICK else [pytest.mark.slow])
        for name in BY_COMMAND
    ],
)
def test_hostile_submission_with_the_command(name, runs):
    """`grade target FILE` exits with 1, or 2 for a file that is not text, and says no secret."""
    seen = runs("command")[name]
    assert outcome(seen["grade"]) in endings(name), seen["grade"]
    assert seen["grade"]["exit"] == (2 if "refused" in seen["grade"] else 1)
    assert_harmless(seen)


@pytest.mark.parametrize(("name", "environment"), everywhere(INNOCENT))
def test_innocent_submission_gets_full_points(name, environment, runs):
    """Code that is only unusual passes in the sandbox."""
    seen = runs(environment)[name]
    assert seen["grade"]["passed"], seen["grade"]
    # It may earn points and take its time.
    grade = {**seen["grade"], "points": 0, "seconds": 0}
    assert_harmless({**seen, "grade": grade})


@pytest.mark.parametrize("name", CONTROLS)
def test_they_succeed_without_a_sandbox(name, runs):
    """Without a sandbox these find what they look for, so the tests above can fail."""
    assert CONTROLS[name] in runs("no sandbox")[name]["grade"]["stdout"]


def test_every_submission_says_what_it_tries():
    """Each has a docstring in its first line, and known outcomes."""
    for name in HOSTILE:
        assert (HERE / f"{name}.py").read_text().startswith('"""'), name
        assert endings(name), name
        assert set(endings(name)) <= OUTCOMES, name
    assert len(HOSTILE) >= 60
    assert len(INNOCENT) >= 12


def test_sample_has_every_kind():
    """The sample contains innocent submissions and some of every group of hostile ones."""
    groups = {name.split("/")[1] for name in HOSTILE}
    assert {name.split("/")[1] for name in HOSTILE if in_sample(name)} == groups
    assert any(map(in_sample, INNOCENT))


def outcome(grade: dict) -> str:
    """Return the outcome of the only check, or ``refused`` for a file that nobody read."""
    return grade["checks"][0]["outcome"] if "checks" in grade else "refused"


def assert_harmless(seen: dict) -> None:
    """Assert that it got no points, said no secret, left and changed nothing, and ended in time."""
    grade = seen["grade"]
    said = json.dumps(grade)
    assert grade.get("points", 0) == 0
    assert "BREACH" not in said
    assert "MARKER-IN" not in said
    assert "\\u001b" not in said
    assert (seen["left"], seen["harm"]) == ([], [])
    assert grade.get("status", "graded") == "graded"
    # Code that waits may take five times the limit of two seconds for the whole submission.
    assert grade.get("seconds", 0) < 11


def test_table_of_environments_is_current():
    """The table in docs/security.md counts today's files, and nothing got through anywhere."""
    page = (HERE.parents[1] / "docs" / "security.md").read_text()
    rows = {cells[1]: cells[2:-1] for cells in map(cells_of, page.splitlines()) if cells}
    assert rows.keys() >= set(ENVIRONMENTS)
    for environment in ENVIRONMENTS:
        everyone = f"{len(INNOCENT)} of {len(INNOCENT)}"
        nothing = ["0"] * 5
        assert rows[environment] == ["none", str(len(HOSTILE)), *nothing, everyone]


def cells_of(line: str) -> list[str]:
    """Return the cells of a row with all columns of that table; the first and last are empty."""
    cells = [cell.strip() for cell in line.split("|")]
    return cells if len(cells) == 11 else []
