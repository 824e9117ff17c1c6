"""The command ``grade``: all its subcommands, and the exit code of each kind of failure."""

import contextlib
import io
import itertools
import os
import sys
import traceback
from typing import Any, Final

import click
import msgspec

from grader import __version__, text
from grader.cli import authoring, classes, exports, learning, studying, words
from grader.cli.common import complete_exercise, here, root_here
from grader.cli.grading import exercise_command
from grader.course import loading
from grader.errors import ExaminerError, GraderError
from grader.examiner.settings import DEFAULTS
from grader.study import advice

COMMANDS: Final[dict[str, tuple[click.Command, ...]]] = {
    "Learn": (
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
    "Grade a class": (
        classes.batch_command,
        classes.demo_command,
        classes.report_command,
        exports.export_group,
    ),
    "Write exercises": (
        authoring.new_command,
        authoring.verify_command,
        authoring.schema_command,
    ),
}
"""Every command, by the title that ``grade --help`` lists it under."""
_MAX_CHARACTERS: Final = 20_000
_MAX_LINES: Final = 500


class Problem(click.ClickException):
    """A ``GraderError`` on its way to the terminal."""

    def __init__(self, error: GraderError) -> None:
        super().__init__(text.lines(str(error), _MAX_CHARACTERS, _MAX_LINES))
        self.exit_code = error.exit_code  # type: ignore[misc]

    def show(self, file: Any = None) -> None:
        lines = [f"grade: {self.message}"]
        # Programs that read the output search for whole sentences.
        if sys.stderr.isatty():
            lines = advice.wrapped(lines[0])
        for line in lines:
            click.echo(line, err=True, file=file)


class GradeGroup(click.Group):
    """The subcommands; the id of every exercise is a command too."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else "-"
        if name == "next":
            return "show", self.commands["show"], args[1:]
        if name in self.commands or name.startswith("-"):
            return super().resolve_command(ctx, args)
        # Any other word is an exercise; its command reports a name that does not exist.
        meant = _exercise_first(args)
        return meant[0], exercise_command, meant[1:]

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        from click.shell_completion import CompletionItem

        exercises = [CompletionItem(name) for name in complete_exercise(ctx, None, incomplete)]
        return exercises + super().shell_complete(ctx, incomplete)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except GraderError as error:
            raise Problem(error) from None
        except BrokenPipeError:
            # The shell's exit code where nobody reads on, as in `grade list | head -1`.
            _discard_output()
            ctx.exit(141)
        except OSError as error:
            _discard_output()
            raise Problem(_refused_by_the_system(error)) from None
        except KeyboardInterrupt:
            # The shell's exit code for Ctrl-C: 128 and the number of the signal.
            click.echo("grade: interrupted; nothing was graded", err=True)
            ctx.exit(130)

    # Click calls these two with the context, which they do not need.
    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002
        formatter: click.HelpFormatter,
    ) -> None:
        """List the commands by purpose instead of by name."""
        width = max(len(name) for name in self.commands)
        for title, commands in COMMANDS.items():
            rows = []
            for each in commands:
                # One width for all sections, so that their columns line up.
                name = f"{each.name:<{width}}"
                rows.append((name, each.get_short_help_str(60)))
            with formatter.section(title):
                formatter.write_dl(rows)

    def format_usage(
        self,
        ctx: click.Context,  # noqa: ARG002
        formatter: click.HelpFormatter,
    ) -> None:
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
    """Grade PyTorch exercises: `grade exercise1` grades exercise1.py in this folder.

    `grade` alone shows your progress and what to type next.

    \b
    Exit code: 0 every check passed, 1 some check did not pass,
    2 a usage error or a broken course, 3 the grader could not grade.
    """  # noqa: D301 - Click's \b keeps these line breaks
    if ctx.invoked_subcommand is None:
        studying.show_status(loading.listed(root_here(DEFAULTS)))


for command in itertools.chain.from_iterable(COMMANDS.values()):
    cli.add_command(command)


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal without the sign for a passed check shows a question mark.
            stream.reconfigure(errors="replace")
    try:
        cli(prog_name="grade")
    except Exception:
        traceback.print_exc()
        click.echo(
            "grade: this is a bug in grade, not your fault; please report the lines above, the "
            f"command that you typed, and `grade {__version__}`",
            err=True,
        )
        # Python itself would exit with 1, which means that some check did not pass.
        sys.exit(3)


def _exercise_first(args: list[str]) -> list[str]:
    """The words after ``grade``, with the id of the exercise that they mean as the first."""
    # The command itself reports a course that cannot be read.
    with contextlib.suppress(GraderError):
        root = root_here(msgspec.structs.replace(DEFAULTS, root=words.course_named(args)))
        return words.command_line(root, here(), args)
    return args


def _refused_by_the_system(error: OSError) -> ExaminerError:
    """An error that can happen anywhere, such as a full disk."""
    where = f"{error.filename}: " if error.filename else ""
    why = error.strerror or str(error) or type(error).__name__
    return ExaminerError(
        f"{where}the system refused an operation ({why}); fix the cause, then run the command again"
    )


def _discard_output() -> None:
    """Drop output that is still buffered: if it fails while Python exits, the exit code is lost."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
