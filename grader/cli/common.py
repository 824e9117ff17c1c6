"""What several commands share: their options, the course, the folder, who is at work, and writing a file."""

import contextlib
import functools
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final, TextIO, TypeVar

import click

from grader.course import loading, location, trust
from grader.course.records import Exercise
from grader.errors import GraderError, UsageError
from grader.examiner.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])

ISOLATIONS: Final = ("auto", "strict", "none")
DEVICES: Final = ("cpu", "cuda", "mps", "auto")


def exercise_argument(command: F) -> F:
    """Give ``command`` the argument that names an exercise; a shell can complete it."""
    return click.argument("exercise_id", metavar="EXERCISE", shell_complete=complete_exercise)(
        command
    )


def complete_exercise(ctx: click.Context, _: Any, incomplete: str) -> list[str]:
    """The exercises that begin with ``incomplete``; none where there is no course, for a shell wants no errors."""
    with contextlib.suppress(GraderError):
        return [
            name
            for name in location.exercise_ids(root_here(Settings(ctx.params.get("root"))))
            if name.startswith(incomplete)
        ]
    return []


def course_option(command: F) -> F:
    """Give ``command`` the option that names another course."""
    return click.option(
        "--course",
        "root",
        type=click.Path(path_type=Path),
        envvar="GRADE_COURSE",
        help="A folder with exercises/ and solutions/; by default the course that came with grade.",
    )(command)


def learner_option(command: F) -> F:
    """Give ``command`` the option that says who the learner is."""
    return click.option(
        "--learner",
        default=None,
        help="Who the submission is by, whatever a quiz's sheet says; by default "
        "$GRADE_LEARNER or your login name, and a sheet knows better.",
    )(command)


def isolation_option(command: F) -> F:
    """Give ``command`` the option that says how well a submission has to be held."""
    return click.option(
        "--isolation",
        type=click.Choice(ISOLATIONS),
        default="auto",
        show_default=True,
        help="Hold a submission with what this machine has (auto), refuse to run it where a layer of the wall is "
        "missing (strict), or not at all (none, for debugging your own code).",
    )(command)


def device_option(*also: str) -> Callable[[F], F]:
    """Give a command the option that says where submissions compute, one of ``DEVICES`` or ``also``."""
    every = ", all is each device that there is, one after the other" if "all" in also else ""
    return click.option(
        "--device",
        type=click.Choice((*DEVICES, *also)),
        default="cpu",
        show_default=True,
        help=f"Where submissions compute: auto is cuda if there is one, else mps, else cpu{every}.",
    )


def settings_options(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Give a command the shared ``options``, and pass their values to it as one ``settings``."""

    def decorate(command: F) -> F:
        @functools.wraps(command)
        def with_settings(*args: Any, **values: Any) -> Any:
            given = {
                name: values.pop(name) for name in Settings.__struct_fields__ if name in values
            }
            # An option that was not given is None: then the default of the field applies.
            chosen = {name: value for name, value in given.items() if value is not None}
            return command(*args, settings=Settings(**chosen), **values)

        for option in reversed(options):
            option(with_settings)
        return with_settings  # type: ignore[return-value]

    return decorate


def say_device(asked: str, device: str) -> None:
    """Say which device was chosen, where that was left to the machine."""
    if asked == "auto":
        click.echo(f"--device auto is {device} here.", err=True)


def here() -> Path:
    """The folder that the command was typed in."""
    try:
        return Path.cwd()
    except OSError as error:
        raise UsageError(
            f"this folder is gone ({error.strerror}); go to another, then type that again"
        ) from None


def root_here(settings: Settings) -> Path:
    """The course of a learner in this folder: the one that was named, or that of this workspace."""
    return trust.root(here(), settings.root)


def exercise_of(root: Path, exercise_id: str, *, or_command: bool = False) -> Exercise:
    """Read one exercise of the course at ``root``; where there is none of that name, a command may have been meant."""
    program = click.get_current_context().find_root().command
    also = sorted(program.commands) if or_command and isinstance(program, click.Group) else []
    return loading.load_exercise(root, exercise_id, also_known=also)


def say(lines: Iterable[str]) -> None:
    """Print lines."""
    for line in lines:
        click.echo(line)


def write(what: str | Callable[[TextIO], None], output: Path | None) -> None:
    """Write a text, or what writes itself to a stream, to the file ``output`` or to standard output."""
    with contextlib.ExitStack() as stack:
        stream = sys.stdout if output is None else stack.enter_context(writable(output))
        if isinstance(what, str):
            stream.write(what)
        else:
            what(stream)
        stream.flush()  # here, where a full disk can still be told


@contextlib.contextmanager
def writable(path: Path) -> Iterator[TextIO]:
    """A text file open for writing; what cannot be written is told with its name."""
    try:
        with path.open("w", encoding="utf-8") as stream:
            yield stream
            stream.flush()
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be written ({error.strerror}); name another file with --output"
        ) from None


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file and the folders that it lies in."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be written ({error.strerror}); name another file with --output"
        ) from None
