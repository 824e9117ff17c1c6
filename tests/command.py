"""The command ``grade`` in the process of the tests: fast, because its examiner stays warm."""

import contextlib
from pathlib import Path
from typing import NamedTuple

from click.testing import CliRunner

from grader.cli import cli
from grader.examiner.pool import ExaminerPool


class Result(NamedTuple):
    """How a command ended, named as in ``subprocess.CompletedProcess``."""

    returncode: int
    stdout: str
    stderr: str


class RunHere:
    """Runs ``grade`` in a folder; its examiners are those of ``pool`` if the settings agree."""

    def __init__(self, pool: ExaminerPool) -> None:
        self._pool = pool

    def __call__(self, *words: str, folder: Path, **environment: str) -> Result:
        """Run ``grade`` with these words in ``folder``; an unexpected error is raised."""
        variables = {"COLUMNS": "80", **environment}
        with contextlib.chdir(folder):
            result = CliRunner().invoke(
                cli,
                words,
                obj=self._pool,
                env=variables,
                prog_name="grade",
                catch_exceptions=False,
            )
        return Result(result.exit_code, result.stdout, result.stderr)
