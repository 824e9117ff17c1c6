"""The command ``grade``: all its subcommands, and the exit code of each kind of failure."""

import contextlib
import importlib
import io
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final

import click

from grader import __version__, text
from grader.errors import CourseError, ExaminerError, GraderError, UsageError
from grader.system import SYSTEM

COMMANDS: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "Learn": {
        "list": ("learning.list_command", "List the exercises."),
        "show": ("learning.show_command", "Show the statement and the checks of an exercise."),
        "start": (
            "learning.start_command",
            "Make this folder your workspace, or start an exercise.",
        ),
        "status": ("studying.status_command", "Show your progress and what to type next."),
        "watch": ("studying.watch_command", "Grade on every save."),
        "hint": ("studying.hint_command", "Give the next hint for an exercise."),
        "reset": ("studying.reset_command", "Start an exercise again; a backup keeps your work."),
        "solution": (
            "studying.solution_command",
            "Show the solution of an exercise that you passed.",
        ),
        "stop": (
            "studying.stop_command",
            "End the examiners that are ready for the next grade.",
        ),
        "completion": (
            "completion.completion_command",
            "Complete commands with the Tab key in your shell.",
        ),
        "help": ("studying.help_command", "Show this message, or the help of a command."),
        "doctor": ("learning.doctor_command", "Check the sandbox on this machine."),
    },
    "Grade a class": {
        "batch": ("classes.batch_command", "Grade a class: the submissions in DIR."),
        "demo": ("classes.demo_command", "Write a made-up class, to try `grade batch`."),
        "report": (
            "classes.report_command",
            "Show how a class did; write its grades and feedback again.",
        ),
        "export": (
            "exports.export_group",
            "Write the grades of a class, or an autograder, for another system.",
        ),
    },
    "Grade from a program": {
        "stream": ("programs.stream_command", "Grade JSON Lines, for programs."),
    },
    "Write exercises": {
        "new": ("authoring.new_command", "Create a new exercise or assignment."),
        "verify": (
            "verifying.verify_command",
            "Prove that checks accept solutions and reject mistakes.",
        ),
        "schema": (
            "authoring.schema_command",
            "Print the JSON Schema of a YAML file, for editors.",
        ),
    },
}
"""Every command, by the title that ``grade --help`` lists it under: where it is, and its help.

A command is imported when it is used, so that no command waits for what only others need.
"""
_MAX_CHARACTERS: Final = 20_000
_MAX_LINES: Final = 500


class Commands(Mapping[str, click.Command]):
    """The commands of ``COMMANDS`` by name."""

    def __init__(self) -> None:
        self._places: dict[str, str] = {}
        for commands in COMMANDS.values():
            self._places |= {name: place for name, (place, _) in commands.items()}

    def __getitem__(self, name: str) -> click.Command:
        module, _, attribute = self._places[name].partition(".")
        found = getattr(importlib.import_module(f"grader.cli.{module}"), attribute)
        assert isinstance(found, click.Command)
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


class Problem(click.ClickException):
    """A ``GraderError`` on its way to the terminal."""

    def __init__(self, error: GraderError) -> None:
        super().__init__(text.lines(str(error), _MAX_CHARACTERS, _MAX_LINES))
        also = error.also if isinstance(error, CourseError) else ()
        self._also = [text.lines(str(each), _MAX_CHARACTERS, _MAX_LINES) for each in also]
        self.exit_code = error.exit_code  # type: ignore[misc]

    def show(self, file: Any = None) -> None:
        lines = [f"grade: {self.message}", *self._also]
        # Programs that read the output search for whole sentences.
        if sys.stderr.isatty():
            from grader.study import advice

            lines = [line for each in lines for line in advice.wrapped(each)]

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

        from grader.cli.grading import exercise_command

        # Any other word is an exercise; its command reports a name that does not exist.
        meant = _exercise_first(args)
        return meant[0], exercise_command, meant[1:]

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        from click.shell_completion import CompletionItem

        from grader.cli.common import complete_exercise

        exercises = [CompletionItem(name) for name in complete_exercise(ctx, None, incomplete)]
        return exercises + super().shell_complete(ctx, incomplete)

    def invoke(self, ctx: click.Context) -> Any:
        if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
            # Click itself asks only whether there is a terminal.
            ctx.color = False

        try:
            return super().invoke(ctx)
        except GraderError as error:
            raise Problem(_first_cause(error)) from None
        except OSError as error:
            _discard_output()
            if SYSTEM.is_reader_gone(error):
                # The shell's exit code where nobody reads on, as in `grade list | head -1`.
                ctx.exit(141)

            raise Problem(_refused_by_the_system(error)) from None
        except KeyboardInterrupt:
            # The shell's exit code for Ctrl-C: 128 and the number of the signal.
            name = ctx.invoked_subcommand
            is_exercise = name is not None and name not in self.commands
            what = "; nothing was graded" if is_exercise else ""
            click.echo(f"grade: interrupted{what}", err=True)
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
            for name, (_, short_help) in commands.items():
                # One width for all sections, so that their columns line up.
                rows.append((f"{name:<{width}}", short_help))

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
        # Each subcommand imports what it needs, so that `grade --help` answers at once.
        from grader.cli import progress
        from grader.cli.common import root_here
        from grader.course import loading
        from grader.examiner.settings import DEFAULTS

        progress.show_status(loading.listed(root_here(DEFAULTS)))


# Click only reads them.
cli.commands = Commands()  # type: ignore[assignment]


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A file or a program gets UTF-8 on every system, which JSON requires.
            if not stream.isatty():
                stream.reconfigure(encoding="utf-8")
            # A terminal without the sign for a passed check shows a question mark.
            stream.reconfigure(errors="replace")

    try:
        cli(prog_name="grade")
    except OSError as error:
        # Click writes a help text outside the group, for example to a full disk.
        _discard_output()
        problem = Problem(_refused_by_the_system(error))
        problem.show()
        sys.exit(problem.exit_code)
    except Exception:
        import traceback

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
    from grader.cli import words
    from grader.cli.common import here, root_here
    from grader.examiner.settings import Settings

    # The command itself reports a course that cannot be read.
    several = None
    with contextlib.suppress(GraderError):
        root = root_here(Settings(words.course_named(args)))
        several = words.first_of_several(root, here(), args)
        args = words.command_line(root, here(), args)

    if several is not None:
        raise UsageError(
            "`grade` grades one exercise at a time", advice=f"type `grade {several}` first"
        )

    words.refuse_missing(here(), args[0])
    return args


def _first_cause(error: GraderError) -> GraderError:
    """Return the error to report: in a folder that was removed, no path can be found."""
    from grader.cli.common import here

    if isinstance(error, UsageError):
        try:
            here()
        except UsageError as removed:
            return removed

    return error


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
