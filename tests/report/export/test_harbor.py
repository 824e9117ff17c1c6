"""`grade export harbor`: a task folder whose own test grades a submission."""

import json
import os
import subprocess
import sys
import tomllib

import pytest

from tests.grading import SMALL_COURSE, invoke_grade

WRONG = "def double(x):\n    return x * 3\n"


@pytest.mark.slow
def test_task(tmp_path):
    """The solution gets the reward 1, wrong code its share, and a broken grader none."""
    course = ("--course", str(SMALL_COURSE))
    result = invoke_grade("export", "harbor", "double", *course, folder=tmp_path)
    assert result.exit_code == 0, result.output
    task = tmp_path / "harbor" / "double"
    settings = tomllib.loads((task / "task.toml").read_text())
    assert settings["task"]["description"] == "Twice as much"
    assert settings["verifier"]["timeout_sec"] > 0

    shown = [task / "instruction.md", *(task / "environment").iterdir()]
    assert "double(x) -> Tensor" in shown[0].read_text()
    assert not any("MARKER-IN" in path.read_text() for path in shown)

    app, logs = tmp_path / "app", tmp_path / "logs"
    app.mkdir()
    places = {"HARBOR_APP": str(app), "HARBOR_LOGS": str(logs), "PYTHON": sys.executable}
    variables = {**os.environ, **places}

    def reward() -> float | None:
        subprocess.run([task / "tests" / "test.sh"], env=variables, check=False, timeout=120)
        found = logs / "reward.txt"
        return float(found.read_text()) if found.exists() else None

    subprocess.run([task / "solution" / "solve.sh"], env=variables, check=True)
    assert reward() == 1
    (app / "double.py").write_text(WRONG)
    assert reward() == 0.2
    assert json.loads((logs / "grade.json").read_text())["points"] == 1
    checks = task / "tests" / "course" / "solutions" / "double" / "checks.py"
    checks.write_text("raise ValueError\n")
    assert reward() is None


def test_nothing_is_overwritten(tmp_path):
    """A folder that has files already is refused."""
    (tmp_path / "harbor" / "double").mkdir(parents=True)
    (tmp_path / "harbor" / "double" / "mine").touch()
    course = ("--course", str(SMALL_COURSE))
    result = invoke_grade("export", "harbor", "double", *course, folder=tmp_path)
    assert result.exit_code == 2
    assert "harbor/double: not empty; name another folder with --output" in result.output
