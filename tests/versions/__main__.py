"""Install the grader with many versions of Python and its packages, and see what works.

``python -m tests.versions`` goes through all of ``ENVIRONMENTS``, one at a time, and prints the
table of CONTRIBUTING.md. Words select some of them: ``python -m tests.versions 3.13 torch==2.6.0``
runs those whose description contains every word. Each environment is created in a temporary
folder, downloads PyTorch (gigabytes), and is removed afterwards. That takes minutes.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
LOWEST = "lowest"
"""Stands for the lowest versions that pyproject.toml allows, without torch."""
TESTS = ("tests/course", "tests/examiner", "tests/report", "tests/sandbox")
HEADER = """\
| environment | `grade exercise1` | right verdicts | tests | seconds |
| --- | --- | --- | --- | --- |"""


class Environment(NamedTuple):
    """A version of Python, and what is installed besides the grader."""

    python: str
    torch: str
    packages: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (f"Python {self.python}", self.torch, self.packages)))


ENVIRONMENTS = [
    *(Environment("3.11", f"torch=={version}") for version in ("2.6.0", "2.8.0", "2.10.0")),
    *(Environment("3.11", f"torch=={version}") for version in ("2.13.0", "2.14.1")),
    Environment("3.11", "torch==2.13.0", LOWEST),
    Environment("3.11", "torch==2.6.0", "numpy==1.26.4"),
    *(Environment("3.12", f"torch=={version}") for version in ("2.6.0", "2.13.0", "2.14.1")),
    *(Environment("3.13", f"torch=={version}") for version in ("2.6.0", "2.13.0", "2.14.1")),
    Environment("3.14", "torch==2.15.0"),
]


def lowest_versions() -> list[str]:
    """Return the lowest versions of the packages that the grader needs, and of its test tools."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    pins = []
    for text in [*project["dependencies"], *project["optional-dependencies"]["test"]]:
        requirement = Requirement(text)
        bounds = [bound.version for bound in requirement.specifier if bound.operator == ">="]
        if bounds and requirement.name != "torch":
            pins.append(f"{requirement.name}=={bounds[0]}")
    return pins


def main(words: Sequence[str]) -> int:
    """Try the environments that ``words`` select; return 1 if one of them failed."""
    print(HEADER, flush=True)
    is_fine = True
    for environment in ENVIRONMENTS:
        if not all(word in str(environment) for word in words):
            continue
        started = time.monotonic()
        tried = try_environment(environment)
        seconds = round(time.monotonic() - started)
        print("|", " | ".join((str(environment), *tried, str(seconds))), "|", flush=True)
        if not tried.is_fine:
            is_fine = False
    return 0 if is_fine else 1


class Tried(NamedTuple):
    """What came of an environment, in words."""

    graded: str
    right: str = ""
    tested: str = ""

    @property
    def is_fine(self) -> bool:
        """Whether everything worked, or this Python is not there."""
        if self.graded.startswith("not run"):
            return True
        right, _, count = self.right.partition(" of ")
        return self.graded == "passed" and right == count and "failed" not in self.tested


def try_environment(environment: Environment) -> Tried:
    """Create the environment, grade an exercise, grade the course, and run tests."""
    program = shutil.which(f"python{environment.python}")
    if program is None:
        return Tried("not run: no such Python")
    with tempfile.TemporaryDirectory() as folder:
        # Some tests run as an ordinary user.
        os.chmod(folder, 0o755)  # noqa: S103
        # pyenv has commands for Pythons that are not in use.
        if run([program, "-m", "venv", folder]).returncode:
            return Tried("not run: no such Python")
        python = str(Path(folder, "bin", "python"))
        packages = [environment.torch, *environment.packages.split()]
        if LOWEST in packages:
            packages.remove(LOWEST)
            packages += lowest_versions()
        installed = run([python, "-m", "pip", "install", "-q", "-e", f"{ROOT}[test]", *packages])
        if installed.returncode:
            return Tried(f"not installed: {last_line(installed.stderr)}")
        return Tried(grade(python), grade_course(python), run_tests(python))


def grade(python: str) -> str:
    """Grade the solution of the first exercise; return ``passed``, the status, or an error."""
    solution = str(ROOT / "solutions" / "exercise1" / "solution.py")
    done = run([python, "-m", "grader", "exercise1", solution, "--format", "json"])
    try:
        document = json.loads(done.stdout)
    except ValueError:
        return last_line(done.stderr)
    return "passed" if document["passed"] else str(document["status"])


def grade_course(python: str) -> str:
    """Grade every submission of the course; return how many verdicts are right."""
    return last_line(run([python, "-m", "tests.versions.course"]).stdout)


def run_tests(python: str) -> str:
    """Run some of the tests; return the last line of pytest."""
    done = run([python, "-m", "pytest", "-q", *TESTS])
    summary = last_line(done.stdout)
    return re.sub(r" in [\d.]+s.*", "", summary).strip("= ")


def run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a command in the repository, without examiners of earlier commands."""
    environment = {**os.environ, "GRADE_RESIDENT": "0"}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def last_line(text: str) -> str:
    """Return the last line of a text that is not empty."""
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
