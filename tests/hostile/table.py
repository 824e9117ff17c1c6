"""Write the table of environments in docs/security.md: ``python -m tests.hostile.table``.

It grades every hostile and every innocent submission in each environment that ``launch.py`` can
create, which takes minutes, and replaces the lines between the two marks on the page.
"""

import datetime
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tests.grading import SMALL_COURSE
from tests.hostile.test_hostile import ENVIRONMENTS, HOSTILE, INNOCENT, drive
from tests.sandbox.environments import run

PAGE: Final = Path(__file__).parents[2] / "docs" / "security.md"
BEGIN: Final = "<!-- table of environments: python -m tests.hostile.table -->"
END: Final = "<!-- end of the table of environments -->"
REFUSING: Final = (
    "no-seccomp",
    "user+no-namespaces+no-landlock",
    "no-namespaces+no-seccomp",
    "no-capabilities+no-namespaces",
    "user+no-namespaces+no-landlock+no-seccomp",
)
"""Environments that lack a layer, so that other people's code does not run there."""
HEAD: Final = (
    "| environment | missing layers | hostile | points | secrets | left behind | harm "
    "| next one fails | innocent that pass |\n"
    "| --- | --- | --: | --: | --: | --: | --: | --: | --: |\n"
)


def counted(seen: Mapping[str, Any]) -> str:
    """Return the cells of an environment in which the submissions ran."""
    hostile = [seen[name] for name in HOSTILE]
    earned = sum(each["grade"].get("points", 0) for each in hostile)
    told = sum("MARKER-IN" in json.dumps(each["grade"]) for each in hostile)
    left = sum(bool(each["left"]) for each in hostile)
    harmed = sum(bool(each["harm"]) for each in hostile)
    spoiled = sum(not each["next"]["passed"] for each in hostile)
    passed = sum(seen[name]["grade"]["passed"] for name in INNOCENT)
    counts = (len(hostile), earned, told, left, harmed, spoiled)
    return " | ".join([*map(str, counts), f"{passed} of {len(INNOCENT)}"])


def row_of(environment: str) -> str:
    """Return the row of an environment with every layer: what all submissions did there."""
    seen = drive(environment)
    missing = [layer for layer, mechanism in seen["layers"].items() if mechanism is None]
    return f"| {environment} | {', '.join(missing) or 'none'} | {counted(seen)} |\n"


def row_of_refusal(environment: str) -> str:
    """Return the row of an environment that lacks a layer: other people's code does not run."""
    with tempfile.TemporaryDirectory() as folder:
        # The command may run as another user.
        Path(folder).chmod(0o755)
        path = Path(folder, "target.py")
        path.write_text("print('it ran')\ndef double(x):\n    return x * 2\n")
        path.chmod(0o644)
        words = ("target", str(path), "--not-mine", "--format", "json")
        done = run(environment, *words, "--course", str(SMALL_COURSE))
    grade = json.loads(done.stdout)
    if done.returncode != 3 or grade["stdout"]:
        raise SystemExit(f"{environment}: not refused: {done.stdout}{done.stderr}")
    missing = ", ".join(grade["weak_isolation"])
    return f"| {environment} | {missing} | refused, exit code 3 | – | – | – | – | – | – |\n"


def main() -> None:
    """Run everything, and write the table."""
    rows = [row_of(environment) for environment in ENVIRONMENTS]
    rows += [row_of_refusal(environment) for environment in REFUSING]
    page = PAGE.read_text("utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    today = datetime.datetime.now(tz=datetime.UTC).date()
    table = f"{BEGIN}\n{HEAD}{''.join(rows)}\nSeen on {today}.\n"
    PAGE.write_text(f"{before}{table}{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
