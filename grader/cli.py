"""The command ``grade``: the only module that prints or exits.

It imports neither torch nor pytest; both live in the examiner's process.
"""

import contextlib
import getpass
import io
import os
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO, TypeVar

import click

from grader import __version__, course, scaffold, workspace
from grader.course import CodeExercise, Exercise
from grader.errors import ExaminerError, GraderError, UsageError
from grader.submission import find_submission, read_submission, submission_name

if TYPE_CHECKING:
    from grader.examiner.client import Examiner

F = TypeVar("F", bound=Callable[..., Any])
_FORMATS: Final = ("terminal", "json", "junit")
ISOLATIONS: Final = ("auto", "strict", "none")
DEVICES: Final = ("cpu", "cuda", "mps", "auto")


class Problem(click.ClickException):
    """A ``GraderError`` on its way to the terminal."""

    def __init__(self, error: GraderError) -> None:
        super().__init__(str(error))
        self.exit_code = error.exit_code  # type: ignore[misc]

    def show(self, file: Any = None) -> None:
        click.echo(f"grade: {self.message}", err=True, file=file)


class GradeGroup(click.Group):
    """Commands, and beside them every exercise's id as a command of its own."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            return "exercise", exercise_command, args
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except GraderError as error:
            raise Problem(error) from None
        except KeyboardInterrupt:
            click.echo("grade: interrupted; nothing was graded", err=True)
            ctx.exit(130)  # as shells say it: 128 and the signal's number

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as click calls it
        formatter.write_usage("grade", "EXERCISE [FILE] [OPTIONS]")
        formatter.write_usage("grade", "COMMAND [ARGS]...", prefix="       ")


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
    return click.option("--learner", default=None, help="Who the submission is by; by default your login name.")(
        command
    )


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
        help=f"Where the submission computes: auto is CUDA if there is a GPU and else the CPU{every}.",
    )


@click.group(cls=GradeGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="grade")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Grade PyTorch exercises: `grade exercise1` checks exercise1.py in this folder.

    \b
    Exit status: 0 every check passed, 1 some check did not,
    2 wrong usage or a broken course, 3 the grader could not grade.
    """  # noqa: D301 - click's \b keeps these lines as they are
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


@click.command("EXERCISE")
@click.argument("exercise_id", metavar="EXERCISE")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    default="terminal",
    show_default=True,
    help="How to show the grade.",
)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the grade to this file instead.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Repeat a grading exactly: the seed that it printed.")
@learner_option
@device_option("all")
@isolation_option
@course_option
def exercise_command(
    exercise_id: str,
    file: Path | None,
    form: str,
    output: Path | None,
    seed: int | None,
    learner: str | None,
    device: str,
    isolation: str,
    root: Path | None,
) -> None:
    """Grade FILE for EXERCISE.

    Without FILE, EXERCISE.py, .yaml or .ipynb in this folder is graded; where
    there is none, the starter is written there and graded.
    """
    from grader.examiner.client import Examiner
    from grader.examiner.protocol import Examine

    exercise = _exercise(root, exercise_id, or_command=True)
    learner = learner or _login()
    if file is None:
        file = find_submission(exercise, Path.cwd())
    if file is None:
        file = workspace.start(exercise, Path.cwd(), learner)
        click.echo(
            f"No {file.name} here yet: started it for you. `grade show {exercise.id}` says what to do.", err=True
        )
    submission = read_submission(exercise, file)
    if not isinstance(exercise.spec, CodeExercise):
        device = "cpu"  # PyTorch says the same everywhere
    seed = _new_seed() if seed is None else seed
    with Examiner(isolation, device) as examiner:
        grades = []
        for where in _chosen(device, examiner):
            examiner.request(Examine(exercise, submission, learner, seed, device=where))
            # While torch is imported over there, what shows the grade is imported here.
            from grader.report import documents, terminal

            grades.append(examiner.result())
    with contextlib.ExitStack() as stack:
        stream = sys.stdout if output is None else stack.enter_context(_writable(output))
        if form == "junit":
            stream.write(documents.as_junit(*grades))
        elif form == "json":
            stream.write(documents.all_as_json(grades) if device == "all" else documents.as_json(grades[0]))
        elif device == "all":
            terminal.write_all(grades, exercise.spec.title, stream)
        else:
            terminal.write(grades[0], exercise.spec.title, stream)
    sys.exit(max(grade.exit_code for grade in grades))


@cli.command("list")
@course_option
def list_command(root: Path | None) -> None:
    """List the exercises."""
    folder = _root(root)
    loaded = [course.load_exercise(folder, exercise_id) for exercise_id in course.exercise_ids(folder)]
    width = max((len(exercise.id) for exercise in loaded), default=0)
    for exercise in loaded:
        click.echo(f"{exercise.id:<{width}}  {_points(exercise):>3} points  {exercise.spec.title}")


@cli.command("show")
@click.argument("exercise_id", metavar="EXERCISE")
@learner_option
@course_option
def show_command(exercise_id: str, learner: str | None, root: Path | None) -> None:
    """Show what EXERCISE asks for, and its rubric."""
    exercise = _exercise(root, exercise_id)
    spec = exercise.spec
    click.echo(f"{click.style(exercise.id, bold=True)}  {spec.title}\n")
    click.echo(spec.statement.rstrip())
    click.echo()
    if isinstance(spec, CodeExercise):
        click.echo(click.style(f"Write in {submission_name(exercise)}", bold=True))
        for signature in spec.entry:
            click.echo(f"  {signature}")
        if names := [name for name in spec.forbidden if "::" not in name]:
            click.echo(f"\n{click.style('Not allowed', bold=True)}")
            for name in names:
                click.echo(f"  {name}")
        click.echo(f"\n{click.style('Checks', bold=True)}")
        for line in spec.rubric:
            click.echo(f"  {line.points} {'point ' if line.points == 1 else 'points'}  {line.title}")
    else:
        click.echo(click.style(f"Answer in {submission_name(exercise)}", bold=True))
        for name, text in workspace.questions(exercise, learner or _login()):
            click.echo(click.wrap_text(f"{name}: {text}", 78, initial_indent="  ", subsequent_indent="    "))
    click.echo(f"\nNext: `grade start {exercise.id}`, then `grade {exercise.id}`.")


@cli.command("start")
@click.argument("exercise_id", metavar="EXERCISE")
@learner_option
@course_option
def start_command(exercise_id: str, learner: str | None, root: Path | None) -> None:
    """Write the starter of EXERCISE into this folder; never overwrites."""
    exercise = _exercise(root, exercise_id)
    path = workspace.start(exercise, Path.cwd(), learner or _login())
    click.echo(f"Wrote {path.name}. Edit it, then type `grade {exercise.id}`.")


@cli.command("schema")
def schema_command() -> None:
    """Print the JSON Schema of exercise.yaml, for editors."""
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(course.schema()), indent=2).decode())


@cli.command("new")
@click.argument("exercise_id", metavar="EXERCISE")
@click.option("--kind", type=click.Choice(("code", "quiz")), default="code", show_default=True, help="What it takes.")
@course_option
def new_command(exercise_id: str, kind: str, root: Path | None) -> None:
    """Write both sides of a new exercise: small, whole, and marked where you have something to say."""
    for name in scaffold.write_exercise(course.own_root() if root is None else root, exercise_id, kind):
        click.echo(f"Wrote {name}")
    where = "" if root is None else f" --course {root}"
    click.echo(f"`grade verify {exercise_id}{where}` tells what is left to do.")


@cli.command("verify")
@click.argument("exercise_ids", metavar="[EXERCISE]...", nargs=-1)
@click.option(
    "--format",
    "form",
    type=click.Choice(("terminal", "json")),
    default="terminal",
    show_default=True,
    help="How to show what was found.",
)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write that to this file instead.")
@click.option("--jobs", type=click.IntRange(1), default=None, help="Examiners at work at once; by default one a core.")
@click.option("--seed", type=click.IntRange(0, 2**62), default=1, show_default=True, help="The first of the seeds.")
@device_option()
@course_option
def verify_command(
    exercise_ids: tuple[str, ...],
    form: str,
    output: Path | None,
    jobs: int | None,
    seed: int,
    device: str,
    root: Path | None,
) -> None:
    """Prove EXERCISEs, or the whole course: what is right passes, and nothing wrong does.

    \b
    Exit status: 0 all is proven, 1 something is not, 2 wrong usage or an
    exercise that cannot be read, 3 the grader could not grade.
    """  # noqa: D301 - click's \b keeps these lines as they are
    from grader.verify import work

    folder = _root(root)
    ids = list(dict.fromkeys(exercise_ids)) or course.exercise_ids(folder)
    planned = work.plan(folder, ids, seed, whole=not exercise_ids)
    if device != "cpu":
        device = _one_device(device)
    with contextlib.ExitStack() as stack:
        stream = sys.stdout if output is None else stack.enter_context(_writable(output))
        with _progress(len(planned.tasks)) as bar:
            verification = work.carry_out(planned, jobs or _cores(), lambda: bar and bar.update(1), device)
        from grader.report import verification as report

        if form == "terminal":
            report.write(verification, stream)
        else:
            stream.write(report.as_json(verification))
    sys.exit(verification.exit_code)


@cli.command("doctor")
@isolation_option
def doctor_command(isolation: str) -> None:
    """Show what holds submissions on this machine, and what to do where something does not."""
    from grader.examiner.client import Examiner
    from grader.report import doctor

    with Examiner(isolation) as examiner:
        holds = examiner.inspect()
    for line in doctor.lines(holds):
        click.echo(line)
    sys.exit(0 if all(holds.values()) else 1)


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show a tick shows a question mark
    cli(prog_name="grade")


def _chosen(device: str, examiner: "Examiner") -> list[str]:
    """The devices that ``device`` stands for on this machine, which is asked only where it matters."""
    if device == "all":
        return examiner.devices()
    if device == "auto":
        return ["cuda" if "cuda" in examiner.devices() else "cpu"]
    return [device]


def _one_device(device: str) -> str:
    """The device that ``device`` stands for; ``ExaminerError`` where this machine does not have it."""
    from grader.examiner.client import Examiner

    with Examiner(device=device) as examiner:
        [chosen], present = _chosen(device, examiner), examiner.devices()
    if chosen not in present:
        raise ExaminerError(f"this machine has no device `{chosen}` for PyTorch; it has {', '.join(present)}")
    return chosen


def _root(root: Path | None) -> Path:
    return root if root is not None else course.default_root()


def _exercise(root: Path | None, exercise_id: str, *, or_command: bool = False) -> Exercise:
    also = sorted(cli.commands) if or_command else []
    return course.load_exercise(_root(root), exercise_id, also_known=also)


def _points(exercise: Exercise) -> int:
    spec = exercise.spec
    return sum(line.points for line in (spec.rubric if isinstance(spec, CodeExercise) else spec.questions))


def _writable(path: Path) -> TextIO:
    try:
        return path.open("w", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}); name another file with --output") from None


def _progress(steps: int) -> contextlib.AbstractContextManager[Any]:
    """A bar on the terminal's error stream; nothing where that is no terminal."""
    if not sys.stderr.isatty():
        return contextlib.nullcontext()
    return click.progressbar(length=steps, label="Verifying", file=sys.stderr)


def _cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "learner"  # a user id without a name, as in many containers


def _new_seed() -> int:
    return random.SystemRandom().getrandbits(32)
