"""Other graders on the same notebooks and checks, if they are installed.

``python -m tests.benchmarks.peers`` creates an environment for each of them in ``.peers/``,
which uses this PyTorch and this checkout. Each is used as its manual says: ``otter run``
grades one notebook, ``nbgrader autograde`` an assignment.

Neither has a sandbox like ours. Both execute the notebook and the tests in one kernel, as the
user who runs them. ``otter grade`` runs all of that in a container.
"""

import json
import os
import resource
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import nbformat

from grader.course.loading import load_exercise, wrong_solutions
from grader.course.location import default_root
from tests.benchmarks import in_process
from tests.benchmarks.measure import Row

ROOT = default_root()
PLACE = ROOT / ".peers"
PEERS = {"otter": "otter-grader", "nbgrader": "nbgrader"}
EXERCISE = "exercise1"
GRADE = str(Path(sys.executable).parent / "grade")
HOLDS = f"holds({EXERCISE!r}, {{check!r}}, globals())"
IMPORT = "from tests.benchmarks.in_process import holds"
SCORES = f"""
import json
from nbgrader.api import Gradebook
with Gradebook("sqlite:///gradebook.db") as gradebook:
    print(json.dumps({{
        submission.student.id: {{
            grade.name: bool(grade.auto_score)
            for notebook in submission.notebooks for grade in notebook.grades
        }}
        for submission in gradebook.assignment_submissions({EXERCISE!r})
    }}))
"""
Verdicts = dict[str, dict[str, bool]]
"""Learner to check to whether it passed."""


def main() -> None:
    """Create the environments."""
    for name, package in PEERS.items():
        print(f"{package} into {PLACE / name}", flush=True)
        venv.create(PLACE / name, with_pip=True, clear=True)
        subprocess.run(
            [PLACE / name / "bin/pip", "install", "--quiet", package, "ipykernel"], check=True
        )
        # What is missing there is found here: PyTorch, pytest and the checks.
        site = next((PLACE / name / "lib").glob("python*")) / "site-packages"
        (site / "beside.pth").write_text(f"{ROOT}\n{sysconfig.get_path('purelib')}\n")


def compare(_runs: int, submissions: int = 8) -> list[Row]:
    """Return the seconds of each for some notebooks, and whether the verdicts are the same."""
    there = [name for name in PEERS if (PLACE / name / "bin").is_dir()]
    if not there:
        return [Row("other graders", "none is installed here: python -m tests.benchmarks.peers")]
    exercise = load_exercise(ROOT, EXERCISE)
    sources = [exercise.hidden / "solution.py", *wrong_solutions(exercise).values()]
    texts = {f"learner{n}": sources[n % len(sources)].read_text() for n in range(submissions)}
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        wall, cpu, ours = _timed(lambda: _ours(Path(folder, "ours"), texts))
        what = f"grade batch --jobs 1, {submissions} notebooks"
        for name in there:
            wall_there, cpu_there, theirs = _timed(
                lambda name=name: GRADERS[name](Path(folder, name), texts)
            )
            same = sum(
                theirs[learner][check] == ours[learner][check]
                for learner in ours
                for check in ours[learner]
            )
            of = sum(map(len, ours.values()))
            beside = f"{PEERS[name]} {wall_there:.1f} s, the same verdict on {same} of {of} checks"
            rows.append(Row(what, f"{wall:.1f} s", beside, f"{wall_there / wall:.1f}"))
            rows.append(
                Row("- CPU", f"{cpu:.1f} s", f"{cpu_there:.1f} s", f"{cpu_there / cpu:.1f}")
            )
    return rows


def _ours(folder: Path, texts: dict[str, str]) -> Verdicts:
    for learner, text in texts.items():
        _write(folder / "class" / learner / f"{EXERCISE}.ipynb", [nbformat.v4.new_code_cell(text)])
    _run([GRADE, "batch", "class", "--out", "graded", "--jobs", "1"], folder)
    _run([GRADE, "export", "jsonl", "--out", "graded"], folder)
    grades = [
        json.loads(line) for line in (folder / "graded/grades.jsonl").read_text().splitlines()
    ]
    return {
        grade["learner"]: {check["name"]: check["outcome"] == "passed" for check in grade["checks"]}
        for grade in grades
    }


def _otter(folder: Path, texts: dict[str, str]) -> Verdicts:
    folder.mkdir()
    with zipfile.ZipFile(folder / "autograder.zip", "w") as archive:
        archive.writestr("otter_config.json", "{}")
        for check in in_process.check_names(EXERCISE):
            case = {"code": f">>> {IMPORT}\n>>> {HOLDS.format(check=check)}\nTrue"}
            test = {"name": check, "points": 1, "suites": [{"cases": [case], "type": "doctest"}]}
            archive.writestr(f"tests/{check}.py", f"OK_FORMAT = True\ntest = {test!r}\n")
    verdicts = {}
    for learner, text in texts.items():
        _write(folder / f"{learner}.ipynb", [nbformat.v4.new_code_cell(text)])
        (folder / learner).mkdir()
        otter = str(PLACE / "otter/bin/otter")
        _run(
            [otter, "run", "--no-logo", "-a", "autograder.zip", "-o", learner, f"{learner}.ipynb"],
            folder,
        )
        results = json.loads((folder / learner / "results.json").read_text())
        verdicts[learner] = {
            test["name"].split()[0]: test["score"] == test["max_score"]
            for test in results["tests"]
            if test.get("max_score")
        }
    return verdicts


def _nbgrader(folder: Path, texts: dict[str, str]) -> Verdicts:
    meta = {"schema_version": 3, "locked": False, "solution": True, "grade": False, "task": False}
    written = nbformat.v4.new_code_cell(
        "", metadata={"nbgrader": {**meta, "grade_id": "written", "cell_type": "code"}}
    )
    tests = [
        nbformat.v4.new_code_cell(
            f"{IMPORT}\nassert {HOLDS.format(check=check)}",
            metadata={
                "nbgrader": {
                    **meta,
                    "locked": True,
                    "solution": False,
                    "grade": True,
                    "grade_id": check,
                    "points": 1,
                }
                | {"cell_type": "code"}
            },
        )
        for check in in_process.check_names(EXERCISE)
    ]
    _write(folder / "source" / EXERCISE / f"{EXERCISE}.ipynb", [written, *tests])
    nbgrader = str(PLACE / "nbgrader/bin/nbgrader")
    _run([nbgrader, "generate_assignment", EXERCISE], folder)
    for learner, text in texts.items():
        cell = nbformat.v4.new_code_cell(text, metadata=written.metadata)
        _write(folder / "submitted" / learner / EXERCISE / f"{EXERCISE}.ipynb", [cell, *tests])
    _run([nbgrader, "autograde", EXERCISE], folder)
    verdicts: Verdicts = json.loads(
        _run([str(PLACE / "nbgrader/bin/python"), "-c", SCORES], folder)
    )
    return verdicts


GRADERS: dict[str, Callable[[Path, dict[str, str]], Verdicts]] = {
    "otter": _otter,
    "nbgrader": _nbgrader,
}


def _write(path: Path, cells: list[nbformat.NotebookNode]) -> None:
    """Return a notebook with these cells."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), path)


def _run(command: list[str], folder: Path) -> str:
    # Peers look for programs of their own environment on the path.
    path = f"{Path(command[0]).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path}
    return subprocess.run(
        command, cwd=folder, env=environment, check=True, capture_output=True, text=True
    ).stdout


def _timed(grade: Callable[[], Verdicts]) -> tuple[float, float, Verdicts]:
    """Return seconds, CPU seconds and verdicts."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    verdicts = grade()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - started, sum(after[:2]) - sum(before[:2]), verdicts


if __name__ == "__main__":
    main()
