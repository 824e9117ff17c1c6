"""Helpers that several commands share: options, the course, the examiner, output files."""

import contextlib
import functools
import importlib.util
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO, TypeVar

import click

from grader.cli import words
from grader.course import loading, location, trust
from grader.course.records import Exercise
from grader.errors import GraderError, UsageError, os_errors_as
from grader.examiner.settings import DEFAULTS, Settings
from grader.files import private_files, refuse_links, write_file
from grader.grades import isolation
from grader.study import progress
from grader.text import printable

if TYPE_CHECKING:
    from grader.examiner.client import Examiner
    from grader.examiner.pool import ExaminerPool

F = TypeVar("F", bound=Callable[..., Any])

_MAX_SEED: Final = 2**63 - 1
_MOST_DIGITS: Final = 20
_ERASE_REST: Final = "\x1b[K"
"""The control sequence that erases the rest of a line."""
DEVICES: Final = ("cpu", "cuda", "mps", "auto")


def complete_exercise(ctx: click.Context, _: Any, incomplete: str) -> list[str]:
    """The exercises that begin with ``incomplete``."""
    # A shell has no place for an error message.
    with contextlib.suppress(GraderError):
        # Completion runs no command, so the option has to be read here.
        named = ctx.params.get("root")
        ids = location.exercise_ids(root_here(Settings(named)))
        return [name for name in ids if name.startswith(incomplete)]

    return []


def read_seed(_: click.Context, __: click.Parameter, written: str | None) -> int | None:
    """The seed of an option, as a page prints it."""
    if written is None:
        return None
    is_number = written.isdecimal() and len(written) <= _MOST_DIGITS
    if not is_number or int(written) > _MAX_SEED:
        raise click.BadParameter(f"{written!r} is not a seed; take the number that a page printed")

    return int(written)


exercise_argument: Final = click.argument(
    "exercise_id", metavar="[EXERCISE]", required=False, shell_complete=complete_exercise
)
course_option: Final = click.option(
    "--course",
    "root",
    type=click.Path(path_type=Path),
    envvar="GRADE_COURSE",
    help="Folder of another course; it contains exercises/ and solutions/.",
)
learner_option: Final = click.option(
    "--learner",
    default=None,
    help="Name of the learner; overrides the name on an answer sheet. The default is the "
    "learner of this workspace, $GRADE_LEARNER, or your login name.",
)
isolation_option: Final = click.option(
    "--isolation",
    type=click.Choice(isolation.MODES),
    default="auto",
    show_default=True,
    envvar=isolation.VARIABLE,
    help="What to run if this machine lacks sandbox layers. auto: your own code, but other "
    "people's code only with the layers that separate it from files and processes. strict: "
    "nothing if any layer is missing. weak: everything, with the layers that there are. "
    "none: everything, without a sandbox, to debug your own code. "
    f"${isolation.VARIABLE} sets the default.",
)


def _require_installed(_: click.Context, __: click.Parameter, packages: tuple[str, ...]) -> None:
    for name in packages:
        if not name.isidentifier() or importlib.util.find_spec(name) is None:
            raise UsageError(
                f"--allow {name}: not installed beside the grader; install it with pip, and name "
                "it as an import does"
            )


allow_option: Final = click.option(
    "--allow",
    "packages",
    metavar="PACKAGE",
    multiple=True,
    expose_value=False,
    callback=_require_installed,
    help="A package that submissions may import besides PyTorch, NumPy and those that the "
    "exercise names. It must be installed beside the grader; otherwise nothing is graded.",
)


def _switch_off_residents(_: click.Context, __: click.Parameter, value: bool) -> None:
    if value:
        os.environ["GRADE_RESIDENT"] = "0"


no_resident_option: Final = click.option(
    "--no-resident",
    is_flag=True,
    expose_value=False,
    callback=_switch_off_residents,
    help="Use no examiner that an earlier command left running, and leave none running.",
)


def device_option(*also: str) -> Callable[[F], F]:
    """Give a command the option that says where submissions compute: ``DEVICES`` or ``also``."""
    every = ""
    if "all" in also:
        every = " all: grade on every device of this machine in turn."

    return click.option(
        "--device",
        type=click.Choice((*DEVICES, *also)),
        default="cpu",
        show_default=True,
        help="Device that submissions compute on. auto: cuda if present, else mps, else cpu."
        f"{every}",
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


@contextlib.contextmanager
def borrow_examiner(
    settings: Settings = DEFAULTS, *, may_stay: bool = True
) -> "Iterator[Examiner]":
    """Lend an examiner to a command.

    A caller that keeps examiners warm passes its ``ExaminerPool`` to Click as ``obj``. Without
    one, or if its examiners have another sandbox or device, this uses the resident, or starts an
    examiner that may become the resident. Unless it ``may_stay``, this starts one and ends it.
    """
    from grader.examiner.client import Examiner, KeptExaminer

    pool: ExaminerPool | None = click.get_current_context().obj
    if pool is not None and _are_alike(pool.settings, settings):
        with pool.borrow() as examiner:
            yield examiner
    elif not may_stay:
        with Examiner(settings) as examiner:
            yield examiner
    else:
        # No pool here: its import would delay every single grade.
        with KeptExaminer(settings, str(root_here(settings))) as examiner:
            yield examiner


@contextlib.contextmanager
def waiting(what: str, later: str = "", patience: int = 0) -> Iterator[None]:
    """Say at a terminal what takes so long, and for how many seconds, until it is done.

    Nothing appears before the first second is over, and nothing stays behind. ``later`` replaces
    ``what`` after ``patience`` seconds.
    """
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield
        return

    done = threading.Event()

    def say_seconds() -> None:
        started = time.monotonic()
        while not done.wait(1.0):
            seconds = int(time.monotonic() - started)
            said = later if later and seconds >= patience else what
            sys.stderr.write(f"\r{said} … {seconds} s{_ERASE_REST}")
            sys.stderr.flush()

    thread = threading.Thread(target=say_seconds, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        sys.stderr.write(f"\r{_ERASE_REST}")
        sys.stderr.flush()


def _are_alike(first: Settings, second: Settings) -> bool:
    """Whether an examiner started with ``first`` does what ``second`` asks for."""
    # Course and learner come with every submission.
    if first.isolation != second.isolation:
        return False

    return first.device == second.device


def say_in_pages(text: str) -> None:
    """Print a text; one that is longer than the terminal goes through its pager."""
    if not sys.stdout.isatty():
        click.echo(text, nl=False)
        return

    terminal = os.get_terminal_size(sys.stdout.fileno())
    # The prompt comes below the text.
    if not terminal.lines or text.count("\n") < terminal.lines:
        click.echo(text, nl=False)
        return

    # The text stays on the screen afterwards, and the last line says which keys there are.
    os.environ.setdefault("LESS", "-EFRX -Ps space\\: more   b\\: back   q\\: quit$")
    click.echo_via_pager(text, color=True)


def say_weak_sandbox(layers: Mapping[str, str | None], settings: Settings) -> None:
    """Say in one line which layers were missing while a person's own code ran."""
    lacking = isolation.weak_layers(layers)
    # Whoever names another mode knows about it.
    if lacking and settings.isolation == "auto":
        click.echo(isolation.own_code_line(lacking), err=True)


def resident_lines() -> list[str]:
    """Which examiners earlier commands left running."""
    from grader.examiner import resident
    from grader.study import advice

    lines = []
    for each in resident.running():
        course = printable(each.course)
        sentence = f"Process {each.pid} is ready for the next grade of the course {course}. "
        lines += advice.wrapped(sentence + "`grade stop` ends it.")

    return lines


def say_device(asked: str, device: str) -> None:
    """Say which device ``auto`` stands for."""
    if asked == "auto":
        click.echo(f"--device auto is {device} here.", err=True)


def here() -> Path:
    """The current folder."""
    try:
        return Path.cwd()
    except OSError as error:
        raise UsageError(
            f"the current folder was removed ({error.strerror}); change to another and try again"
        ) from None


def root_here(settings: Settings) -> Path:
    """The course for the current folder: the one that was named, or that of the workspace."""
    folder = here()
    # In a folder of a workspace, its course counts.
    around = progress.around(folder)
    return trust.root(around.folder if around else folder, settings.root)


def author_course(settings: Settings) -> Path | None:
    """The course that was named, or else the one in the current folder; None without any.

    Only for commands of authors: anybody can write a folder that looks like a course.
    """
    if settings.root is not None:
        return settings.root

    folder = here()
    return folder if location.is_course(folder) else None


def exercise_of(root: Path, exercise_id: str, *, or_command: bool = False) -> Exercise:
    """Load an exercise of the course at ``root``; ``1`` and ``ex1`` mean exercise1.

    If there is none of that name and ``or_command``, the error may suggest a command.
    """
    commands: list[str] = []
    context = click.get_current_context()
    program = context.find_root().command
    if or_command and isinstance(program, click.Group):
        # A command that replaces a file is never a guess.
        commands = sorted(program.commands.keys() - {"reset"})

    meant = words.looked_up(root, exercise_id)
    try:
        return loading.load_exercise(root, meant, also_known=commands)
    except UsageError:
        # Commands of authors use the course in this folder, and this one does not.
        own = {path.parent.name for path in here().glob("exercises/*/exercise.yaml")}
        if meant not in own:
            raise

        raise UsageError(
            f"the course {root} has no exercise `{meant}`, but this folder has one",
            advice="add --course . if you trust the course in this folder",
        ) from None


def say(lines: Iterable[str], *, err: bool = False) -> None:
    """Print lines."""
    for line in lines:
        click.echo(line, err=err)


def write(what: str | Callable[[TextIO], None], output: Path | None) -> None:
    """Write a text, or call ``what`` with a stream: the file ``output`` or standard output."""
    with contextlib.ExitStack() as stack:
        stream = sys.stdout
        if output is not None:
            stream = stack.enter_context(writable(output))
        if isinstance(what, str):
            stream.write(what)
        else:
            what(stream)

        # A full disk must show here, not while Python exits.
        stream.flush()


@contextlib.contextmanager
def writable(path: Path) -> Iterator[TextIO]:
    """Open a text file for writing; raise ``UsageError`` if that fails."""
    with _reports_failure(path), private_files(), path.open("w", encoding="utf-8") as stream:
        yield stream
        stream.flush()


def write_bytes(path: Path, content: bytes, *, out: Path | None = None) -> None:
    """Replace a file atomically, and create its folders. Raises ``UsageError`` if that fails.

    ``out`` is the output folder of a class: links in it are never followed, because somebody may
    have planted them. A link anywhere else is followed.
    """
    with _reports_failure(path), private_files():
        if out is not None and path.is_relative_to(out):
            refuse_links(out, path.parent)
        else:
            path = path.resolve()

        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, content)


def _reports_failure(path: Path) -> contextlib.AbstractContextManager[None]:
    return os_errors_as(UsageError, "cannot be written", path, "name another file with --output")
