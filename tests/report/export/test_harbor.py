"""`grade export harbor`: a task folder whose own test grades a submission."""

import json
import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import pytest

from tests.grading import SMALL_COURSE, invoke_grade
from tests.hostile.launch import USER

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
    places = {"HARBOR_APP": app, "HARBOR_LOGS": logs, "HARBOR_AGENT": "", "PYTHON": sys.executable}
    variables = {**os.environ, **{name: str(place) for name, place in places.items()}}

    def reward() -> float | None:
        subprocess.run([task / "tests" / "test.sh"], env=variables, check=False, timeout=120)
        found = logs / "reward.txt"
        return float(found.read_text()) if found.exists() else None

    subprocess.run([task / "solution" / "solve.sh"], env=variables, check=True)
    assert reward() == 1
    (app / "double.py").write_text(WRONG)
    assert reward() == 0.2
    assert json.loads((logs / "grade.json").read_text())["points"] == 1
    os.rename(app / "double.py", app / "other.py")
    assert reward() == 0, "the agent removed its file"
    (app / "double.py").symlink_to(task / "solution" / "double.py")
    assert reward() == 0, "a link is no file of the agent"
    os.rename(app / "other.py", app / "double.py")
    checks = task / "tests" / "course" / "solutions" / "double" / "checks.py"
    checks.write_text("raise ValueError\n")
    assert reward() is None


AGENT = """
mount --bind "$1/passwd" /etc/passwd
chown -R agent "$HARBOR_APP" "$HARBOR_LOGS"
setpriv --reuid agent --regid 65534 --clear-groups -- sh -c '
    while :; do
        echo 1 >"$HARBOR_LOGS/reward.txt"; cat "$0/tests/course/solutions/double/checks.py"
    done >"$HARBOR_LOGS/stolen" 2>/dev/null' "$2" &
sleep 0.5
"$2/tests/test.sh"
sleep 0.5
"""


@pytest.mark.slow
@pytest.mark.skipif(os.getuid() != 0, reason="needs root, to become another user")
def test_processes_that_the_agent_left():
    """What the agent left running ends before the grade; it reads no check and writes no reward."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        words = ("export", "harbor", "double", "--output", "task", "--course", str(SMALL_COURSE))
        result = invoke_grade(*words, folder=folder)
        assert result.exit_code == 0, result.output
        task = folder / "task"
        assert tomllib.loads((task / "task.toml").read_text())["agent"]["user"] == "agent"
        variables = {**os.environ, "PYTHON": sys.executable}
        for place in ("app", "logs"):
            (folder / place).mkdir()
            variables[f"HARBOR_{place.upper()}"] = str(folder / place)
        (folder / "app" / "double.py").write_text(WRONG)
        users = Path("/etc/passwd").read_text()
        (folder / "passwd").write_text(users + f"agent:x:{USER}:65534::/:/bin/sh\n")
        command = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "bash", "-c", AGENT]
        done = subprocess.run(
            [*command, "bash", folder, task], env=variables, check=False, timeout=120
        )
        assert done.returncode == 0
        assert (folder / "logs" / "reward.txt").read_text() == "0.2\n"
        assert (folder / "logs" / "stolen").read_text() == ""


def test_nothing_is_overwritten(tmp_path):
    """A folder that has files already is refused."""
    (tmp_path / "harbor" / "double").mkdir(parents=True)
    (tmp_path / "harbor" / "double" / "mine").touch()
    course = ("--course", str(SMALL_COURSE))
    result = invoke_grade("export", "harbor", "double", *course, folder=tmp_path)
    assert result.exit_code == 2
    assert "harbor/double: not empty; name another folder with --output" in result.output
