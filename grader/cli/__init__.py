"""The command ``grade``: the only package that prints or exits.

It imports neither torch nor pytest; both live in the examiner's process.
"""

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.cli.app import cli

__all__ = ["cli", "main"]


def main() -> None:
    """The console script."""
    from grader.cli import process

    process.prepare()
    # An examiner imports PyTorch while this process imports and reads the rest of the command.
    from grader.cli import ahead

    try:
        ahead.begin(sys.argv[1:])
        from grader.cli import app

        app.main()
    except KeyboardInterrupt:
        # While it still imports; later ones are reported by the command.
        sys.stderr.write("grade: interrupted\n")
        sys.exit(130)
    finally:
        ahead.finish()


def __getattr__(name: str) -> Any:
    if name != "cli":
        raise AttributeError(f"module 'grader.cli' has no attribute {name!r}")

    from grader.cli import app

    return app.cli
