"""The command ``grade``: the only module that prints or exits.

It imports neither torch nor pytest; both live in the examiner's process.
"""

import contextlib
import getpass
import io
import os
import random
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TextIO, TypeVar

import click

from grader import __version__, course, scaffold, workspace
from grader.course import CodeExercise, Exercise
from grader.errors import ExaminerError, GraderError, SubmissionError, UsageError
from grader.examiner.protocol import Examine
from grader.results import Grade, for_learner
from grader.submission import find_submission, read_submission, submission_name, submitted_file

F = TypeVar("F", bound=Callable[..., Any])
_FORMATS: Final = ("terminal", "json", "junit", "github", "gradescope", "classroom50")
_NO_ZERO: Final = ("gradescope", "classroom50")
"""Formats that cannot say that the grader failed: without a file, their systems say it themselves."""
ISOLATIONS: Final = ("auto", "strict", "none")


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
        except BrokenPipeError:
            _discard_output()
            ctx.exit(141)  # as shells say it of `grade list | head -1`, where nobody reads on
        except OSError as error:
            _discard_output()
            raise Problem(_of_the_system(error)) from None
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
@isolation_option
@course_option
def exercise_command(
    exercise_id: str,
    file: Path | None,
    form: str,
    output: Path | None,
    seed: int | None,
    learner: str | None,
    isolation: str,
    root: Path | None,
) -> None:
    """Grade FILE for EXERCISE.

    Without FILE, EXERCISE.py, .yaml or .ipynb in this folder is graded; where
    there is none, the starter is written there and graded. Where FILE is a
    folder, the file in it that is named so is graded, or the only one of its kind.
    """
    exercise = _exercise(root, exercise_id, or_command=True)
    sure, learner = bool(learner), learner or _login()
    if file is None:
        file = find_submission(exercise, _here())
    if file is None:
        file = workspace.start(exercise, _here(), learner)
        click.echo(
            f"No {file.name} here yet: started it for you. `grade show {exercise.id}` says what to do.", err=True
        )
    try:
        submission = read_submission(exercise, submitted_file(exercise, file) if file.is_dir() else file)
        chosen = _new_seed() if seed is None else seed
        grade = _grade(Examine(exercise, submission, learner, chosen, sure=sure), isolation)
    except SubmissionError as error:
        # Where a system waits for a result, a submission that cannot be read has one too: no points, and why.
        refusal = _refusal(form, exercise, file, str(error).replace(f"{file if file.is_dir() else file.parent}/", ""))
        if refusal is None:
            raise
        _write(refusal, output)
        sys.exit(1)
    if grade.status == "ungraded" and form in _NO_ZERO:
        raise ExaminerError("the grader could not grade this, which is not the learner's fault; nothing was written")
    _write(_formatted(form, grade, exercise, file), output)
    sys.exit(grade.exit_code)


def _grade(examine: Examine, isolation: str) -> Grade:
    from grader.examiner.client import Examiner

    with Examiner(isolation) as examiner:
        return for_learner(examiner.grade(examine, _import_pages))


def _import_pages() -> None:
    """Import what shows a grade, while torch is imported over there."""
    from grader.report import documents, terminal  # noqa: F401


def _formatted(form: str, grade: Grade, exercise: Exercise, file: Path) -> str | Callable[[TextIO], None]:
    """The grade as text, or what writes it to a stream."""
    from grader.report import classroom50, documents, github, gradescope, markdown, terminal

    if form == "terminal":
        return lambda stream: terminal.write(grade, exercise.spec.title, stream)
    if form == "json":
        return documents.as_json(grade)
    if form == "junit":
        return documents.as_junit(grade)
    if form == "gradescope":
        return gradescope.as_results(grade)
    if form == "classroom50":
        return classroom50.as_result(grade, classroom50.origin_of(os.environ), datetime.now(UTC))
    _summarise(markdown.feedback(grade, exercise.spec.title))
    return github.annotations(grade, str(file / grade.submission if file.is_dir() else file))


def _refusal(form: str, exercise: Exercise, file: Path, message: str) -> str | None:
    """What a system is told of a submission that cannot be read; None where it is an error like any other."""
    from grader.report import classroom50, github, gradescope, markdown

    if form == "gradescope":
        return gradescope.refusal(exercise, message)
    if form == "classroom50":
        origin = classroom50.origin_of(os.environ)
        return classroom50.refusal(origin, gradescope.max_points(exercise), datetime.now(UTC))
    if form == "github":
        _summarise(f"# {exercise.id}\n\n{markdown.fenced(message)}\n")
        return github.refusal(message, str(file))
    return None


def _summarise(page: str) -> None:
    """Add ``page`` to the summary of a step of GitHub Actions, where this runs in one."""
    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        try:
            with open(path, "a", encoding="utf-8") as file:
                file.write(page + "\n")
        except OSError as error:
            raise ExaminerError(
                f"{path}: cannot be written ({error.strerror}); mend that, or unset GITHUB_STEP_SUMMARY"
            ) from None


def _write(what: str | Callable[[TextIO], None], output: Path | None) -> None:
    with contextlib.ExitStack() as stack:
        stream = sys.stdout if output is None else stack.enter_context(_writable(output))
        if isinstance(what, str):
            stream.write(what)
        else:
            what(stream)
        stream.flush()  # here, where a full disk can still be told


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
            if line.visible:
                click.echo(f"  {line.points} {'point ' if line.points == 1 else 'points'}  {line.title}")
        if hidden := [line.points for line in spec.rubric if not line.visible]:
            click.echo(f"  {sum(hidden)} {'point ' if sum(hidden) == 1 else 'points'}  {_hidden(len(hidden))}")
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
    path = workspace.start(exercise, _here(), learner or _login())
    click.echo(f"Wrote {path.name}. Edit it, then type `grade {exercise.id}`.")


@cli.command("schema")
def schema_command() -> None:
    """Print the JSON Schema of exercise.yaml, for editors."""
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(course.schema()), indent=2).decode())


@cli.command("batch")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Where gradebook, grades and feedback go.")
@click.option("--jobs", type=click.IntRange(1, 1024), help="Submissions graded at a time; by default the cores.")
@click.option("--pattern", help="How files lie in DIR: {learner}_{exercise}.py; * stands for any part of a name.")
@click.option("--force", is_flag=True, help="Grade unchanged submissions again too.")
@click.option(
    "--only",
    multiple=True,
    metavar="WHAT=NAME",
    help="Grade these again, and no others: learner=NAME, exercise=NAME, outcome=NAME; * is a wildcard.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    help="Ask everyone this; by default the gradebook's own secret decides.",
)
@isolation_option
@course_option
def batch_command(folder: Path, out: Path, root: Path | None, **options: Any) -> None:
    """Grade a class: the submissions in DIR.

    What was graded before and is unchanged is not graded again, so the same
    command goes on after an interruption.
    """
    from grader import batch
    from grader.report import progress

    started = time.monotonic()
    page = BatchPage()
    try:
        results = batch.grade_class(folder, out, root=_root(root), watch=page.watch, **options)
    except KeyboardInterrupt:
        page.close()
        kept = f"{batch.graded_since(page.plan, out)} graded now are kept in {out}"
        click.echo(f"grade: interrupted; {kept}. Type the same command again to go on.", err=True)
        sys.exit(130)
    finally:
        page.close()
    for line in progress.summary_lines(results, page.totals, time.monotonic() - started):
        click.echo(line)
    click.echo(f"Wrote gradebook.db, grades.csv, report.html and feedback/ in {out}")
    sys.exit(0 if batch.is_complete(results) else 3)


class BatchPage:
    """What ``grade batch`` says while it works: results to standard output, progress and warnings beside it."""

    def __init__(self) -> None:
        from grader.report import progress

        self._progress = progress
        self._shown = progress.ShownProgress(0, sys.stderr)
        self.plan: Any = None

    @property
    def totals(self) -> Any:
        """How what was graded in this run ended."""
        return self._shown.totals

    def watch(self, event: Any) -> None:
        """Tell of one event of ``batch.grade_class``."""
        from grader import batch, pool

        if isinstance(event, batch.Plan):
            self.plan = event
            self._tell(event)
            self._shown = self._progress.ShownProgress(len(event.tasks), sys.stderr)
        elif isinstance(event, pool.Holds):
            for line in self._progress.wall_lines(event.isolation):
                click.secho(line, fg="red", bold=True, err=True)
        else:
            self._shown.add(event.grade)

    def close(self) -> None:
        """Take the progress off the terminal."""
        self._shown.close()

    def _tell(self, plan: Any) -> None:
        for line in self._progress.roster_lines(plan.roster):
            click.echo(line)
        if not plan.roster.found:
            raise UsageError("no submission found there; say how files lie in it with --pattern")
        for line in self._progress.unreadable_lines(plan.unreadable):
            click.echo(line)
        for line in self._progress.kept_lines(plan.kept):
            click.echo(line)
        click.echo(self._progress.plan_line(len(plan.tasks), plan.unchanged, len(plan.restored), plan.left))
        sys.stdout.flush()


@cli.command("demo")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--learners", type=click.IntRange(1, 10_000), default=30, show_default=True, help="How many.")
@course_option
def demo_command(folder: Path, learners: int, root: Path | None) -> None:
    """Write a class that never was into DIR: right, wrong, broken and hostile submissions."""
    from grader import demo

    expected = demo.write_class(folder, course.load_course(_root(root)), learners)
    click.echo(f"Wrote {len(expected)} submissions of {learners} learners into {folder}.")
    click.echo(f"Next: `grade batch {folder} --out {folder}-graded`.")


@cli.command("report")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Where `grade batch` put the gradebook.")
@click.option("--changes", is_flag=True, help="Show before and after of all that was graded more than once.")
@course_option
def report_command(out: Path, root: Path | None, *, changes: bool) -> None:
    """Write the grades and feedback of a class again, from its gradebook."""
    from grader import batch
    from grader.gradebook import NAME, Gradebook
    from grader.report import outputs, progress
    from grader.report.changes import change_lines

    with Gradebook(out / NAME) as gradebook:
        if changes:
            for line in change_lines(gradebook.history(*each) for each in gradebook.regraded()):
                click.echo(line)
            return
        results = batch.class_results(gradebook, course.load_course(_root(root)))
    outputs.write(out, results)
    for line in progress.summary_lines(results, progress.Totals(), 0):
        click.echo(line)
    click.echo(f"Wrote grades.csv, report.html and feedback/ in {out}")


@cli.group("export")
def export_group() -> None:
    """Write a graded class, or one exercise's autograder, for another system."""


def out_option(command: F) -> F:
    """Give ``command`` the option that says where the gradebook is."""
    return click.option(
        "--out",
        type=click.Path(path_type=Path),
        required=True,
        help="Where `grade batch` put the gradebook.",
    )(command)


def output_option(default: str) -> Callable[[F], F]:
    """Give a command the option that says which file it writes."""
    return click.option("--output", type=click.Path(path_type=Path), help=f"What to write; by default {default}.")


def column_option(command: F) -> F:
    """Give ``command`` the option that says which column takes which exercise."""
    return click.option(
        "--column",
        "columns",
        multiple=True,
        metavar="EXERCISE=TITLE",
        help="The column that takes an exercise's points, where its title has neither the exercise's id nor its title.",
    )(command)


@export_group.command("canvas")
@click.argument("file", type=click.Path(path_type=Path))
@out_option
@column_option
@output_option("canvas.csv beside the gradebook")
@course_option
def export_canvas(file: Path, out: Path, columns: tuple[str, ...], output: Path | None, root: Path | None) -> None:
    """Fill in FILE, a gradebook exported from Canvas."""
    from grader.report import canvas

    filled = canvas.fill(_bytes_of(file), _results(out, root), _pairs(columns), file.name)
    _write_filled(filled, output or out / "canvas.csv", "Canvas: Grades, Import")


@export_group.command("moodle")
@click.argument("file", type=click.Path(path_type=Path))
@out_option
@column_option
@output_option("moodle.csv beside the gradebook")
@course_option
def export_moodle(file: Path, out: Path, columns: tuple[str, ...], output: Path | None, root: Path | None) -> None:
    """Fill in FILE, a grading worksheet or a grade export downloaded from Moodle."""
    from grader.report import moodle

    filled = moodle.fill(_bytes_of(file), _results(out, root), _pairs(columns), file.name)
    _write_filled(filled, output or out / "moodle.csv", "Moodle, where it came from")


@export_group.command("junit")
@out_option
@output_option("junit.xml beside the gradebook")
@course_option
def export_junit(out: Path, output: Path | None, root: Path | None) -> None:
    """Write JUnit XML, a suite for each grade."""
    from grader.report import documents

    _write_told(documents.class_as_junit(_results(out, root)), output or out / "junit.xml")


@export_group.command("jsonl")
@out_option
@output_option("grades.jsonl beside the gradebook")
@course_option
def export_jsonl(out: Path, output: Path | None, root: Path | None) -> None:
    """Write JSON lines, one grade a line."""
    from grader.report import documents

    _write_told(documents.class_as_json_lines(_results(out, root)), output or out / "grades.jsonl")


@export_group.command("classroom50")
@out_option
@click.option("--classroom", required=True, help="The classroom's short name.")
@output_option("the folder classroom50 beside the gradebook")
@course_option
def export_classroom50(out: Path, classroom: str, output: Path | None, root: Path | None) -> None:
    """Write Classroom 50's result.json for each submission."""
    from grader.report import outputs

    results = _results(out, root)
    _write_each(outputs.classroom50_files(results, classroom), output or out / "classroom50", results)


@export_group.command("gradescope")
@click.argument("exercise_id", metavar="[EXERCISE]", required=False)
@click.option("--out", type=click.Path(path_type=Path), help="Where `grade batch` put the gradebook.")
@click.option(
    "--wheels",
    type=click.Path(path_type=Path),
    help="A folder of wheels to take along, with which the autograder needs no network.",
)
@output_option("autograder.zip, or the folder gradescope beside the gradebook")
@course_option
def export_gradescope(
    exercise_id: str | None, out: Path | None, wheels: Path | None, output: Path | None, root: Path | None
) -> None:
    """Build the autograder zip of EXERCISE, or with --out write results.json for each submission of a class."""
    from grader.report import bundle, gradescope, outputs

    if (exercise_id is None) == (out is None):
        raise UsageError("name an exercise to build its autograder, or a gradebook with --out to export a class")
    if out is not None:
        results = _results(out, root)
        _write_each(outputs.gradescope_files(results), output or out / "gradescope", results)
        return
    assert exercise_id is not None
    exercise = _exercise(root, exercise_id)
    taken = {} if wheels is None else bundle.read_wheels(wheels)
    name, own = bundle.own_wheel()
    content = gradescope.autograder_zip(exercise.id, {**taken, name: own}, bundle.course_files(exercise))
    path = output or Path("autograder.zip")
    _write_bytes(path, content)
    click.echo(f"Wrote {path} ({len(content) / 2**20:.1f} MiB). Upload it at Gradescope: Configure Autograder.")
    click.echo(
        "It needs no network."
        if taken
        else "Its setup.sh needs Python 3.11 or later and the network, to fetch PyTorch; --wheels takes wheels along."
    )


@export_group.command("github")
@click.argument("exercise_id", metavar="EXERCISE")
@click.option(
    "--install", metavar="REQUIREMENT", help="What pip installs to grade; by default what the secret GRADER says."
)
@output_option(".github/workflows/grade-EXERCISE.yml")
@course_option
def export_github(exercise_id: str, install: str | None, output: Path | None, root: Path | None) -> None:
    """Write a GitHub Actions workflow that grades EXERCISE on push."""
    from grader.report import github

    exercise = _exercise(root, exercise_id)
    path = output or Path(".github", "workflows", f"grade-{exercise.id}.yml")
    _write_told(github.workflow(exercise.id, install), path)
    if install is None:
        click.echo("It installs what the repository's secret GRADER names: a wheel's address, or git+https://…")


def _results(out: Path, root: Path | None) -> Any:
    from grader import batch
    from grader.gradebook import NAME, Gradebook

    with Gradebook(out / NAME) as gradebook:
        return batch.class_results(gradebook, course.load_course(_root(root)))


def _pairs(words: tuple[str, ...]) -> Mapping[str, str]:
    for word in words:
        if "=" not in word:
            raise UsageError(f"--column {word}: write it EXERCISE=TITLE")
    return dict(word.split("=", 1) for word in words)


def _write_filled(filled: Any, path: Path, where_to: str) -> None:
    _write_bytes(path, filled.content)
    click.echo(
        f"Wrote {path}: {filled.count} {'cell' if filled.count == 1 else 'cells'} filled in. Upload it to {where_to}."
    )
    for notice in filled.notices:
        click.echo(f"  {notice}")


def _write_each(files: Mapping[str, str], folder: Path, results: Any) -> None:
    for name, content in files.items():
        _write_bytes(folder / name, content.encode())
    click.echo(f"Wrote {len(files)} files in {folder}")
    ungraded = sum(grade.status == "ungraded" for grades in results.grades.values() for grade in grades.values())
    if ungraded:
        click.echo(f"  {ungraded} not graded have none: `grade batch` tries them again")


def _write_told(content: str, path: Path) -> None:
    _write_bytes(path, content.encode())
    click.echo(f"Wrote {path}")


def _write_bytes(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}); name another file with --output") from None


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); name the file that was exported") from None


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
@course_option
def verify_command(
    exercise_ids: tuple[str, ...], form: str, output: Path | None, jobs: int | None, seed: int, root: Path | None
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
    if output is not None:
        _write("", output)  # before the long work: a slip in its name costs nothing then
    with _progress(len(planned.tasks)) as bar:
        verification = work.carry_out(planned, jobs or _cores(), lambda: bar and bar.update(1))
    from grader.report import verification as report

    shown = report.as_json(verification) if form == "json" else lambda stream: report.write(verification, stream)
    _write(shown, output)
    sys.exit(verification.exit_code)


@cli.command("doctor")
def doctor_command() -> None:
    """Show what holds submissions on this machine, and what to do where something does not."""
    from grader.examiner.client import Examiner
    from grader.report import doctor

    with Examiner() as examiner:
        holds = examiner.inspect()
    for line in doctor.lines(holds):
        click.echo(line)
    sys.exit(0 if all(holds.values()) else 1)


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show a tick shows a question mark
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


def _here() -> Path:
    try:
        return Path.cwd()
    except OSError as error:
        raise UsageError(f"this folder is gone ({error.strerror}); go to another, then type that again") from None


def _of_the_system(error: OSError) -> ExaminerError:
    """What the system refused and no one place of ours foresaw: a full disk, a broken one."""
    where = f"{error.filename}: " if error.filename else ""
    why = error.strerror or str(error) or type(error).__name__
    return ExaminerError(f"{where}the system could not do what was asked ({why}); mend that, then type the same again")


def _discard_output() -> None:
    """Send what is still to be written nowhere: where that fails as Python ends, the exit status is lost."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _root(root: Path | None) -> Path:
    return root if root is not None else course.default_root()


def _exercise(root: Path | None, exercise_id: str, *, or_command: bool = False) -> Exercise:
    also = sorted(cli.commands) if or_command else []
    return course.load_exercise(_root(root), exercise_id, also_known=also)


def _points(exercise: Exercise) -> int:
    spec = exercise.spec
    return sum(line.points for line in (spec.rubric if isinstance(spec, CodeExercise) else spec.questions))


@contextlib.contextmanager
def _writable(path: Path) -> Iterator[TextIO]:
    try:
        with path.open("w", encoding="utf-8") as stream:
            yield stream
            stream.flush()
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}); name another file with --output") from None


def _hidden(count: int) -> str:
    return f"{count} more {'check' if count == 1 else 'checks'} that you are not shown"


def _progress(steps: int) -> contextlib.AbstractContextManager[Any]:
    """A bar on the terminal's error stream; nothing where that is no terminal."""
    if not sys.stderr.isatty():
        return contextlib.nullcontext()
    return click.progressbar(length=steps, label="Verifying", file=sys.stderr)


def _cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _login() -> str:
    """Who is at work, as far as the machine knows; a sheet of a quiz may know better."""
    if name := os.environ.get("GRADE_LEARNER"):
        return name
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "learner"  # a user id without a name, as in many containers


def _new_seed() -> int:
    return random.SystemRandom().getrandbits(32)
