"""``grade batch``, ``grade demo`` and ``grade report``: grade a class and report on it."""

import shlex
import sys
import time
from pathlib import Path
from typing import Any

import click

from grader.cli.common import (
    course_option,
    device_option,
    isolation_option,
    say_device,
    settings_options,
)
from grader.course import loading
from grader.errors import UsageError
from grader.examiner.settings import Settings


@click.command("batch")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder for the gradebook, grades and feedback (required).",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 1024),
    help="Number of submissions to grade at once; by default the number of cores.",
)
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Grade on the Dask cluster whose scheduler is at tcp://HOST:PORT.",
)
@click.option(
    "--pattern",
    help="Layout of the files in DIR, such as {learner}_{exercise}.py; * matches any part of a "
    "name.",
)
@click.option("--force", is_flag=True, help="Also grade unchanged submissions again.")
@click.option(
    "--only",
    multiple=True,
    metavar="WHAT=NAME",
    help="Regrade only what matches learner=NAME, exercise=NAME or outcome=NAME; * is a wildcard.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    help="Use this seed for every submission; by default derive seeds from the gradebook's secret.",
)
@settings_options(device_option(), isolation_option, course_option)
def batch_command(folder: Path, out: Path | None, settings: Settings, **options: Any) -> None:
    """Grade a class: the submissions in DIR.

    Submissions that were graded before and have not changed are skipped. To
    continue after an interruption, run the same command again.
    """
    from grader.classroom import batch
    from grader.report.terminal import batch_progress

    if out is None:
        example = f"{folder}-graded" if folder.name not in ("", "..") else "graded"
        raise UsageError(f"say where the grades go with --out, as in --out {shlex.quote(example)}")
    started = time.monotonic()
    page = BatchPage(settings.device)
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
    except KeyboardInterrupt:
        page.close()
        kept = f"{batch.graded_since(page.plan, out)} graded now are kept in {out}"
        click.echo(f"grade: interrupted; {kept}. Type the same command again to go on.", err=True)
        sys.exit(130)
    finally:
        page.close()
    for line in batch_progress.summary_lines(results, page.totals, time.monotonic() - started):
        click.echo(line)
    click.echo(f"Wrote gradebook.db, grades.csv, report.html and feedback/ in {out}")
    sys.exit(0 if batch.is_complete(results) else 3)


class BatchPage:
    """Shows a running ``grade batch``: results on stdout, progress and warnings on stderr."""

    def __init__(self, asked: str) -> None:
        from grader.report.terminal import batch_progress

        self._progress = batch_progress
        self._asked = asked
        self._shown = batch_progress.ShownProgress(0, sys.stderr)
        self.plan: Any = None

    @property
    def totals(self) -> Any:
        """The totals of the submissions that this run graded."""
        return self._shown.totals

    def watch(self, event: Any) -> None:
        """Report one event of ``batch.grade_class``."""
        from grader.classroom import batch
        from grader.examiner import tasks

        if isinstance(event, batch.Plan):
            self.plan = event
            say_device(self._asked, event.device)
            self._tell(event)
            self._shown = self._progress.ShownProgress(len(event.tasks), sys.stderr)
        elif isinstance(event, tasks.SandboxReport):
            for line in self._progress.sandbox_warning(event.isolation):
                click.secho(line, fg="red", bold=True, err=True)
        elif isinstance(event, tasks.WorkerRefused):
            click.secho(f"Not used: worker {event.worker}: {event.why}", fg="yellow", err=True)
        else:
            self._shown.add(event.grade)

    def close(self) -> None:
        """Remove the progress display from the terminal."""
        self._shown.close()

    def _tell(self, plan: Any) -> None:
        for line in self._progress.roster_lines(plan.roster):
            click.echo(line)
        if not plan.roster.found:
            raise UsageError(
                "no submission found in that folder; describe the file names with --pattern"
            )
        for line in self._progress.unreadable_lines(plan.unreadable):
            click.echo(line)
        for line in self._progress.kept_lines(plan.kept):
            click.echo(line)
        click.echo(
            self._progress.plan_line(len(plan.tasks), plan.unchanged, len(plan.restored), plan.left)
        )
        sys.stdout.flush()


@click.command("demo", short_help="Write a sample class to try `grade batch` with.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--learners",
    type=click.IntRange(1, 10_000),
    default=30,
    show_default=True,
    help="Number of learners.",
)
@settings_options(course_option)
def demo_command(folder: Path, learners: int, settings: Settings) -> None:
    """Write a sample class into DIR: correct, wrong, broken and hostile submissions."""
    from grader.classroom import demo

    exercises = loading.load_course(settings.course)
    expected = demo.write_class(folder, exercises, learners)
    click.echo(f"Wrote {len(expected)} submissions of {learners} learners into {folder},")
    click.echo(f"and the empty folder of one more: a batch finds {learners + 1} learners.")
    click.echo(f"Next: `grade batch {folder} --out {folder}-graded`.")


@click.command("report", short_help="Rewrite the grades and feedback of a class.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder with the gradebook that `grade batch` wrote.",
)
@click.option(
    "--changes",
    is_flag=True,
    help="Only compare the attempts of everything that was graded more than once.",
)
@settings_options(course_option)
def report_command(out: Path, settings: Settings, *, changes: bool) -> None:
    """Rewrite the grades and feedback of a class from its gradebook."""
    from grader.classroom import batch
    from grader.grades.gradebook import NAME, Gradebook
    from grader.report.export import outputs
    from grader.report.terminal import batch_progress
    from grader.report.terminal.changes import change_lines

    with Gradebook(out / NAME) as gradebook:
        if changes:
            lines = list(change_lines(gradebook.history(*each) for each in gradebook.regraded()))
            for line in lines or [
                f"Nothing in {out} was graded more than once, so nothing has changed."
            ]:
                click.echo(line)
            return
        results = batch.class_results(gradebook, loading.load_course(settings.course))
    outputs.write(out, results)
    for line in batch_progress.summary_lines(results, batch_progress.Totals(), 0):
        click.echo(line)
    click.echo(f"Wrote grades.csv, report.html and feedback/ in {out}")
