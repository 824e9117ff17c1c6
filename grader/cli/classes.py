"""``grade batch``, ``grade report`` and ``grade demo``: the commands for a whole class."""

import shlex
import sys
import time
from pathlib import Path
from typing import Any

import click

from grader.cli.common import (
    allow_option,
    course_option,
    device_option,
    isolation_option,
    read_seed,
    say,
    say_device,
    settings_options,
    waiting,
)
from grader.cli.notes import add_notes, audience_option, note_option
from grader.course import loading
from grader.errors import UsageError
from grader.examiner.settings import Settings


@click.command("batch")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The folder for gradebook, grades and feedback; required.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 1024),
    help="Submissions to grade at a time; by default the number of cores.",
)
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Grade on a Dask cluster; tcp://HOST:PORT is the address of its scheduler.",
)
@click.option(
    "--pattern",
    help="The layout of DIR, as in {learner}_{exercise}.py; * is any part of a name.",
)
@click.option("--force", is_flag=True, help="Also grade unchanged submissions again.")
@click.option(
    "--only",
    multiple=True,
    metavar="WHAT=NAME",
    help="Grade only the submissions with learner=NAME, exercise=NAME or outcome=NAME, even if "
    "they have not changed; * is a wildcard.",
)
@click.option(
    "--seed",
    metavar="NUMBER",
    callback=read_seed,
    help="The seed for everyone; by default the gradebook chooses it.",
)
@click.option(
    "--roster",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The people of the class as CSV: an export of Canvas, Moodle or Gradescope, or "
    "learner,name,email,section. Everybody in it gets a result.",
)
@click.option(
    "--assignment",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="An assignment as YAML: its exercises, weights, due times and exceptions. Grade only its "
    "exercises, and add lateness and the points that count. `grade new assignment NAME` writes "
    "an example.",
)
@click.option(
    "--exercise",
    multiple=True,
    metavar="EXERCISE",
    help="Grade only this exercise; can be repeated. With a single one, the files in DIR "
    "can be named after the learners: ada.py, ben.py.",
)
@click.option(
    "--forget-missing",
    is_flag=True,
    help="Ignore earlier grades whose submission is no longer in DIR. Their history stays.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 if anybody handed in nothing.")
@settings_options(device_option(), isolation_option, course_option)
@allow_option
def batch_command(
    folder: Path, out: Path | None, settings: Settings, *, strict: bool, **options: Any
) -> None:
    """Grade a class: the submissions in DIR.

    Skip submissions that were graded before and have not changed. So after an interruption,
    the same command continues.
    """
    # Imported here: reading a class needs modules that other commands do not.
    from grader.classroom import batch
    from grader.classroom.results import is_complete
    from grader.report.export import outputs
    from grader.report.terminal import batch_progress
    from grader.submission import finder

    if out is None:
        # A wrong folder is the first thing to correct.
        if not folder.exists():
            raise finder.no_such_folder(folder)

        example = "graded"
        if folder.name not in ("", ".."):
            example = f"{folder}-graded"

        raise UsageError(f"write where the grades go, as in --out {shlex.quote(example)}")

    started = time.monotonic()
    # Only a folder that this command made may be removed again.
    is_new = not out.exists()
    page = BatchPage(settings.device, forgets=options["forget_missing"])
    try:
        results = batch.grade_class(
            folder,
            out,
            root=settings.root,
            device=settings.device,
            isolation=settings.isolation,
            watch=page.watch,
            **options,
        )
    except UsageError:
        # A batch without any submission leaves no folder behind.
        if is_new and page.plan is not None and not page.plan.folder.found:
            batch.discard(out)
        raise
    except KeyboardInterrupt:
        page.close()
        number = batch.graded_since(page.plan, out)
        click.echo(
            f"grade: interrupted; {number} new grades are stored in {out}. "
            "Run the same command again to continue.",
            err=True,
        )
        # Shells report a signal as 128 and its number.
        sys.exit(130)
    finally:
        page.close()

    seconds = time.monotonic() - started
    # The page lists what the instructor knows about earlier weeks.
    shown = results.about({found.exercise for found in page.plan.folder.found})
    say(batch_progress.summary_lines(shown, page.totals, seconds))
    click.echo(f"Wrote gradebook.db, {outputs.listed(results)} in {out}")
    if not is_complete(results):
        say(batch_progress.incomplete_lines(results))
        # Somebody has no grade, so a script must not take this for success.
        sys.exit(3)

    if strict and page.plan.missing:
        say(batch_progress.missing_lines(page.plan.missing))
        sys.exit(1)


class BatchPage:
    """What ``grade batch`` prints while it grades.

    Results go to standard output; progress and warnings go to standard error.
    """

    def __init__(self, asked: str, *, forgets: bool = False) -> None:
        from grader.report.terminal import batch_progress

        self._lines = batch_progress
        self._asked = asked
        self._forgets = forgets
        self._progress = batch_progress.ShownProgress(0, sys.stderr)
        self.plan: Any = None

    @property
    def totals(self) -> Any:
        """The ``Totals`` of this run."""
        return self._progress.totals

    def watch(self, event: Any) -> None:
        """Print the plan, or an event of ``batch.grade_class``."""
        from grader.classroom.plan import Plan
        from grader.examiner import tasks

        if isinstance(event, Plan):
            self.plan = event
            say_device(self._asked, event.device)
            self._show(event)
            self._progress = self._lines.ShownProgress(len(event.tasks), sys.stderr)
        elif isinstance(event, tasks.SandboxReport):
            for line in self._lines.sandbox_warning(event.isolation):
                click.secho(line, fg="red", bold=True, err=True)
        elif isinstance(event, tasks.WorkerRefused):
            click.secho(f"Worker not used: {event.worker}: {event.why}", fg="yellow", err=True)
        else:
            self._progress.add(event.grade)

    def close(self) -> None:
        """Remove the progress from the terminal."""
        self._progress.close()

    def _show(self, plan: Any) -> None:
        say(self._lines.folder_lines(plan.folder, is_known=plan.is_known, kept=plan.kept))
        if plan.attendance is not None:
            say(self._lines.attendance_lines(plan.attendance))
        if not plan.folder.found:
            raise UsageError("no submission found", advice=plan.folder.advice)

        say(self._lines.unreadable_lines(plan.unreadable, is_known=plan.is_known))
        say(self._lines.system_lines(plan.system_uses, is_known=plan.is_known))
        if plan.is_known and plan.notices:
            click.echo("These are the same files as in the last batch; report.html lists them.")

        say(self._lines.undone_lines(plan.undone))
        say(self._lines.kept_lines(plan.kept, forget=self._forgets))
        line = self._lines.plan_line(
            len(plan.tasks),
            plan.unchanged,
            len(plan.restored),
            plan.not_selected,
            len(plan.absent),
        )
        click.echo(line)
        # A pipe would otherwise show all this only after the last grade.
        sys.stdout.flush()


@click.command("demo", short_help="Write a made-up class, to try `grade batch`.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--learners",
    type=click.IntRange(1, 10_000),
    default=30,
    show_default=True,
    help="The number of learners.",
)
@settings_options(course_option)
def demo_command(folder: Path, learners: int, settings: Settings) -> None:
    """Write a made-up class into DIR: correct, wrong, broken and hostile submissions."""
    from grader.classroom import demo

    exercises = loading.load_course(settings.course)
    with waiting("Computing the answers of the quizzes"):
        expected = demo.write_class(folder, exercises, learners)

    click.echo(f"Wrote {len(expected)} submissions of {learners} learners into {folder},")
    click.echo(f"and an empty folder of one more: a batch finds {learners + 1} learners.")
    words = shlex.join(["grade", "batch", str(folder), "--out", f"{folder}-graded"])
    click.echo(f"Next: `{words}`.")


@click.command("report", short_help="Show how a class did; write its grades and feedback again.")
@click.argument("folder", metavar="[OUT]", required=False, type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The folder with the gradebook of `grade batch`; the same as OUT.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "csv", "json"]),
    default="text",
    show_default=True,
    help="csv and json print the figures for programs, and write no other file.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="Write what csv or json print into this file.",
)
@click.option("--changes", is_flag=True, help="Show what changed when submissions were regraded.")
@click.option(
    "--compare",
    "old",
    metavar="OLD",
    type=click.Path(path_type=Path),
    help="Show what differs from OLD, the output folder of another batch.",
)
@note_option
@audience_option
@settings_options(course_option)
def report_command(
    folder: Path | None,
    out: Path | None,
    form: str,
    output: Path | None,
    old: Path | None,
    notes: tuple[tuple[str, str, str], ...],
    audience: str,
    settings: Settings,
    *,
    changes: bool,
) -> None:
    """Show how a class did, and write its grades and feedback again, from its gradebook.

    OUT is the folder that `grade batch --out OUT` wrote. For the instructor, the report
    has figures about each check, groups of equally wrong answers, and what looks suspicious.
    """
    from grader.cli import reporting

    chosen = folder or out
    if chosen is None:
        raise UsageError("name the folder of the class, as in `grade report graded`")
    if folder is not None and out is not None and folder != out:
        raise UsageError(f"two folders, {folder} and --out {out}; name one")
    if changes and old is not None:
        raise UsageError("--changes and --compare show different things; name one of them")
    if output is not None and form == "text":
        raise UsageError("--output is for --format csv and json", place=str(output))

    if notes:
        add_notes(chosen, settings, notes, audience)
    if changes:
        reporting.show_changes(chosen, form, output)
    elif old is not None:
        reporting.show_comparison(old, chosen, settings, form, output)
    elif form == "text" and notes:
        reporting.write_pages(chosen, settings)
    elif form == "text":
        reporting.show_class(chosen, settings)
    else:
        reporting.write_figures(chosen, settings, form, output)
