"""What ``grade report`` shows: the figures about a class, and what differs between two."""

import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path

import click

from grader.classroom.results import changes_of, results_in, results_of
from grader.cli.common import say, write
from grader.errors import UsageError
from grader.examiner.settings import Settings
from grader.grades.changes import GradeChange, changes
from grader.grades.class_results import ClassResults
from grader.grades.figures import ClassFigures, figures_of
from grader.grades.gradebook import NAME, Entry, Gradebook
from grader.grades.items import Item
from grader.report.export import figures as documents
from grader.report.export import outputs
from grader.report.terminal import batch_progress
from grader.report.terminal.changes import change_lines, check_lines, item_lines
from grader.report.terminal.class_figures import figure_lines


def show_class(out: Path, settings: Settings) -> None:
    """Print the figures about a class, and write its files again."""
    results = results_in(out, settings.root)
    width = shutil.get_terminal_size().columns
    say(figure_lines(figures_of(results), width))
    click.echo()
    say(batch_progress.remark_lines(results))
    _write_pages(out, results)


def write_pages(out: Path, settings: Settings) -> None:
    """Write the files of a class again."""
    _write_pages(out, results_in(out, settings.root))


def _write_pages(out: Path, results: ClassResults) -> None:
    outputs.write(out, results)
    click.echo(f"Wrote {outputs.listed(results)} in {out}")
    click.echo(
        "Only you can read them. To publish feedback, copy it: "
        f"cp -r {shlex.quote(str(out / outputs.FEEDBACK))} PLACE && chmod -R go+rX PLACE"
    )


def write_figures(out: Path, settings: Settings, form: str, output: Path | None) -> None:
    """Write the figures about a class for programs."""
    results = results_in(out, settings.root)
    figures = figures_of(results)
    if form == "csv":
        text = documents.items_as_csv(figures.items)
    else:
        text = documents.figures_as_json(figures, results)

    write(text, output)


def show_changes(out: Path, form: str, output: Path | None) -> None:
    """Show what changed when submissions were graded again, and who is new."""
    with Gradebook(out / NAME) as gradebook:
        found = changes_of(gradebook)

    if form == "text":
        nothing = f"No changes: nothing in {out} was graded more than once."
        say(list(change_lines(found, "graded again with the same result")) or [nothing])
    else:
        _write_changes(found, [], [], form, output)


def show_comparison(
    old: Path, new: Path, settings: Settings, form: str, output: Path | None
) -> None:
    """Show whose grades differ between two gradebooks, by which checks, and the items."""
    before, old_figures = _read(old, settings)
    after, new_figures = _read(new, settings)
    found = changes(before, after)
    if form != "text":
        _write_changes(found, old_figures.items, new_figures.items, form, output)
        return

    if not before.keys() & after.keys():
        click.echo(f"No learner has a grade for the same exercise in {old} and {new}.")
    else:
        say(change_lines(found, "with the same result in both"))
        by_check = list(check_lines(found))
        if by_check:
            click.echo("Changes by check:")

        say(by_check)

    by_item = list(item_lines(old_figures.items, new_figures.items))
    if by_item:
        click.echo("Mean share of points, where it differs:")

    say(by_item)
    for folder, figures in ((old, old_figures), (new, new_figures)):
        if figures.caution:
            click.echo(f"{folder}: {figures.caution}")


def _read(out: Path, settings: Settings) -> tuple[dict[tuple[str, str], Entry], ClassFigures]:
    """The grades that count in a gradebook, and the figures about its class."""
    folder = out
    # The gradebook itself is as good a name as its folder.
    if out.name == NAME:
        folder = out.parent
    if not (folder / NAME).is_file():
        raise UsageError(
            "no gradebook there",
            place=str(out),
            advice="name the folder that `grade batch --out` wrote",
        )

    with Gradebook(folder / NAME) as gradebook:
        entries = {}
        for entry in gradebook.latest():
            entries[entry.key.learner, entry.key.exercise] = entry

        return entries, figures_of(results_of(gradebook, settings.root))


def _write_changes(
    found: Sequence[GradeChange],
    before: Sequence[Item],
    after: Sequence[Item],
    form: str,
    output: Path | None,
) -> None:
    if form == "csv":
        text = documents.changes_as_csv(found)
    else:
        text = documents.changes_as_json(found, before, after)

    write(text, output)
