"""Run the command ``grade`` in environments that lack layers of the sandbox."""

import subprocess
import sys
from pathlib import Path

LAUNCH = Path(__file__).parents[1] / "hostile" / "launch.py"
GRADE = str(Path(sys.executable).parent / "grade")


def run(environment: str, *words: str, nice: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the command ``grade`` in an environment that ``launch.py`` creates."""
    return subprocess.run(
        ["nice", "-n", str(nice), sys.executable, LAUNCH, environment, GRADE, *words],
        cwd="/",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
