"""Every hostile submission, through the real wall, in every surroundings that this machine can make.

``driver.py`` grades them and looks for harm; ``launch.py`` makes the surroundings.
Each file under ``submissions/`` says in its first line what it tries, and after
``ends as:`` the outcomes that it may come to.
"""

import functools
import json
import os
import re
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from grader.sandbox.layers import LAYERS
from tests.hostile.driver import HERE, names

SURROUNDINGS = ("as-is", "no-namespaces", "user", "user+no-namespaces", "no-landlock")
"""All of these hold every layer; ``user`` needs root to become one."""
HOSTILE = [name for name in names() if name.startswith("submissions/")]
INNOCENT = [name for name in names() if name.startswith("innocent/")]
BY_COMMAND = HOSTILE[::17]
"""Each command imports torch anew: some of every kind."""
CONTROLS = {
    "submissions/stealing/reads_the_checks": "MARKER-IN-CHECKS",
    "submissions/stealing/reads_a_file_of_another_learner": "MARKER-IN-SECRET",
    "submissions/stealing/links_to_a_secret": "MARKER-IN-SECRET",
    "submissions/escaping/makes_pairs_of_sockets": "BREACH",
    "submissions/escaping/connects_to_a_server": "BREACH connected",
    "submissions/escaping/connects_to_abstract_and_named_sockets": "BREACH connected",
    "submissions/escaping/writes_elsewhere": "BREACH",
}
"""What these find without a wall; they harm nothing but the driver's own folder."""


def drive(surroundings: str, *words: str) -> dict[str, dict]:
    """Run the driver in ``surroundings``; name of a submission to what was seen."""
    driver = [sys.executable, "-W", "ignore", "-m", "tests.hostile.driver", *words]
    done = subprocess.run(
        [sys.executable, HERE / "launch.py", surroundings, *driver],
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
def runs():
    """Surroundings, or another name, to what the driver will have seen; started together, two at a time."""
    ways: dict[str, tuple[str, ...]] = {name: (name,) for name in SURROUNDINGS}
    ways |= {"command": ("as-is", "--command", *BY_COMMAND)}
    ways |= {"no wall": ("as-is", "--isolation", "none", *CONTROLS)}
    with ThreadPoolExecutor(2) as pool:
        started: dict[str, Future] = {
            name: pool.submit(drive, *way) for name, way in ways.items() if possible(name)
        }
        yield lambda name: started[name].result()


def possible(surroundings: str) -> bool:
    """Whether this machine can make them: to be root and become a user takes root."""
    return os.getuid() == 0 or not surroundings.startswith("user")


@functools.cache
def endings(name: str) -> tuple[str, ...]:
    """The outcomes that a submission may come to."""
    text = (HERE / f"{name}.py").read_text()
    return tuple(re.search(r"^# ends as: (\S+)", text, re.MULTILINE)[1].split("|"))


def outcome(grade: dict) -> str:
    """The outcome of the one check, or that the file was refused unread."""
    return grade["checks"][0]["outcome"] if "checks" in grade else "refused"


@pytest.mark.parametrize("surroundings", SURROUNDINGS)
def test_whole_wall_stands(surroundings, runs):
    """Every layer holds in these surroundings, as root, as a user, and where namespaces or Landlock are refused."""
    if not possible(surroundings):
        pytest.skip("needs root, to become another user")
    wall = runs(surroundings)["wall"]
    assert tuple(wall) == LAYERS
    assert None not in wall.values()


@pytest.mark.parametrize("surroundings", SURROUNDINGS)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_submission_comes_to_nothing(name, surroundings, runs):
    """It ends as it should, without a point, a secret, a trace, a survivor, or an effect on the next submission."""
    if not possible(surroundings):
        pytest.skip("needs root, to become another user")
    seen = runs(surroundings)[name]
    assert outcome(seen["grade"]) in endings(name), seen["grade"]
    assert_harmless(seen)
    # From the request to the grade: what the examiner does with it after its checks is in no grade.
    assert seen["took"] < 5
    assert seen["next"]["passed"], seen["next"]


@pytest.mark.parametrize("name", BY_COMMAND)
def test_hostile_submission_by_the_command(name, runs):
    """`grade target FILE` exits with 1, or 2 for a file that is no text, and says nothing that it should not."""
    seen = runs("command")[name]
    assert outcome(seen["grade"]) in endings(name), seen["grade"]
    assert seen["grade"]["exit"] == (2 if "refused" in seen["grade"] else 1)
    assert_harmless(seen)


@pytest.mark.parametrize("surroundings", SURROUNDINGS)
@pytest.mark.parametrize("name", INNOCENT)
def test_innocent_submission_gets_full_points(name, surroundings, runs):
    """What is merely unusual passes behind the whole wall."""
    if not possible(surroundings):
        pytest.skip("needs root, to become another user")
    seen = runs(surroundings)[name]
    assert seen["grade"]["passed"], seen["grade"]
    assert_harmless(
        {**seen, "grade": {**seen["grade"], "points": 0, "seconds": 0}}
    )  # it may take its time


@pytest.mark.parametrize("name", CONTROLS)
def test_without_a_wall_they_succeed(name, runs):
    """Without a wall these find what they look for: the tests above can fail."""
    assert CONTROLS[name] in runs("no wall")[name]["grade"]["stdout"]


def test_every_submission_says_what_it_tries():
    """Each has a first line in words, and outcomes of our vocabulary."""
    for name in HOSTILE:
        assert (HERE / f"{name}.py").read_text().startswith('"""'), name
        assert set(endings(name)) <= {
            "failed",
            "raised",
            "timeout",
            "memory",
            "crashed",
            "refused",
        }, name
    assert len(HOSTILE) >= 60
    assert len(INNOCENT) >= 12


def assert_harmless(seen: dict) -> None:
    """No points, nothing secret in anything that was said, nothing left, nothing changed, no time overrun."""
    grade = seen["grade"]
    said = json.dumps(grade)
    assert grade.get("points", 0) == 0
    assert "BREACH" not in said
    assert "MARKER-IN" not in said
    assert "\\u001b" not in said
    assert (seen["left"], seen["harm"]) == ([], [])
    assert grade.get("status", "graded") == "graded"
    assert grade.get("seconds", 0) < 4
