"""The command ``grade``: the only package that prints or exits.

It imports neither torch nor pytest; both live in the examiner's process.
"""

from grader.cli.app import cli, main

__all__ = ["cli", "main"]
