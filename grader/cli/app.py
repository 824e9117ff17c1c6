"""The command ``grade``, gathered: its group of commands, and how each kind of failure ends it."""

import contextlib
import io
import itertools
import os
import sys
import traceback
from typing import Any, Final

import click

from grader import __version__, text
from grader.cli import authoring, classes, exports, learning, studying
from grader.cli.common import complete_exercise, root_here
from grader.cli.grading import exercise_command
from grader.course import loading
from grader.errors import ExaminerError, GraderError
from grader.examiner.settings import DEFAULTS
from grader.study import advice

COMMANDS: Final[dict[str, tuple[click.Command, ...]]] = {
    "To learn": (
        learning.list_command,
        learning.show_command,
        learning.start_command,
        studying.status_command,
        studying.watch_command,
        studying.hint_command,
        studying.reset_command,
        studying.solution_command,
        studying.completion_command,
        studying.help_command,
        learning.doctor_command,
    ),
    "To grade a class": (
        classes.batch_command,
        classes.demo_command,
        classes.report_command,
        exports.export_group,
    ),
    "To write exercises": (
        authoring.new_command,
        authoring.verify_command,
        authoring.schema_command,
    ),
}
"""Every command, under what it is for."""
_MAX_CHARACTERS: Final = 20_000
_MAX_LINES: Final = 500


class Problem(click.ClickException):
    """A ``GraderError`` on its way to the terminal."""

    def __init__(self, error: GraderError) -> None:
        super().__init__(text.lines(str(error), _MAX_CHARACTERS, _MAX_LINES))
        self.exit_code = error.exit_code  # type: ignore[misc]

    def show(self, file: Any = None) -> None:
        lines = [f"grade: {self.message}"]
        if sys.stderr.isatty():
            lines = advice.wrapped(lines[0])
        for line in lines:
            click.echo(line, err=True, file=file)


class GradeGroup(click.Group):
    """Commands, and beside them every exercise's id as a command of its own."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            return args[0], exercise_command, args[1:]
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        from click.shell_completion import CompletionItem

        exercises = [CompletionItem(name) for name in complete_exercise(ctx, None, incomplete)]
        return [*exercises, *super().shell_complete(ctx, incomplete)]

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except GraderError as error:
            raise Problem(error) from None
        except BrokenPipeError:
            _discard_output()
            ctx.exit(141)  # as shells say it of `grade list | head -1`, where nobody reads on
        except OSError as error:
            _discard_output()
            raise Problem(_of_the_system(error)) from None
        except KeyboardInterrupt:
            click.echo("grade: interrupted; nothing was graded", err=True)
            ctx.exit(130)  # as shells say it: 128 and the signal's number

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as click calls it
        """The commands by who needs them, in place of one list in the order of the alphabet."""
        width = max(len(name) for name in self.commands)
        for title, commands in COMMANDS.items():
            with formatter.section(title):
                formatter.write_dl(
                    [(f"{each.name:<{width}}", each.get_short_help_str(60)) for each in commands]
                )

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as click calls it
        formatter.write_usage("grade", "EXERCISE [FILE] [OPTIONS]")
        formatter.write_usage("grade", "COMMAND [ARGS]...", prefix="       ")


@click.group(
    cls=GradeGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="grade")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Grade PyTorch exercises: `grade exercise1` checks exercise1.py in this folder.

    `grade` alone shows where you are and what to type next.

    \b
    Exit status: 0 every check passed, 1 some check did not,
    2 wrong usage or a broken course, 3 the grader could not grade.
    """  # noqa: D301 - click's \b keeps these lines as they are
    if ctx.invoked_subcommand is None:
        studying.show_status(loading.listed(root_here(DEFAULTS)))


for command in itertools.chain.from_iterable(COMMANDS.values()):
    cli.add_command(command)


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(
                errors="replace"
            )  # a terminal that cannot show a tick shows a question mark
    try:
        cli(prog_name="grade")
    except Exception:
        # Python would end with 1 here, which says that some check did not pass.
        traceback.print_exc()
        click.echo(
            "grade: that is a bug of grade's, and no fault of yours; please report the lines above, with what you "
            f"typed and `grade {__version__}`",
            err=True,
        )
        sys.exit(3)


def _of_the_system(error: OSError) -> ExaminerError:
    """What the system refused and no one place of ours foresaw: a full disk, a broken one."""
    where = f"{error.filename}: " if error.filename else ""
    why = error.strerror or str(error) or type(error).__name__
    return ExaminerError(
        f"{where}the system could not do what was asked ({why}); mend that, then type the same again"
    )


def _discard_output() -> None:
    """Send what is still to be written nowhere: where that fails as Python ends, the exit status is lost."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
