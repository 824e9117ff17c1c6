"""``grade export``: a graded class, or an exercise's autograder, for another system."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import click

from grader import text
from grader.cli.common import (
    F,
    author_course,
    borrow_examiner,
    course_option,
    exercise_of,
    settings_options,
    waiting,
    write_bytes,
)
from grader.errors import UsageError, os_errors_as
from grader.examiner.settings import Settings

_RETURNED: Final = {
    "moodle": "moodle-feedback.zip",
    "canvas": "canvas-feedback.zip",
    "folder": "returned",
    "zip": "feedback.zip",
    "mail": "mail/mail.csv",
}
"""Where the feedback in each form is written, next to the gradebook."""
_NEXT: Final = {
    "moodle": "Upload it in Moodle: the assignment, Upload multiple feedback files in a zip.",
    "canvas": "Upload it in Canvas: the assignment, Re-Upload Submissions.",
    "folder": "Each folder is that of a learner.",
    "zip": "Each folder is that of a learner.",
    "mail": "The column `page` has paths beside the table.",
}


@click.group(
    "export", short_help="Write the grades of a class, or an autograder, for another system."
)
def export_group() -> None:
    """Write the grades of a class, or the autograder of one exercise, for another system."""


out_option: Final = click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder with the gradebook that `grade batch` wrote.",
)
column_option: Final = click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="EXERCISE=TITLE",
    help="Column for the points of an exercise; needed if its title contains neither the id "
    "nor the title of the exercise.",
)
scale_option: Final = click.option(
    "--scale",
    "scales",
    multiple=True,
    metavar="[EXERCISE=]MAXIMUM",
    help="Maximum of the column, if the file does not name it.",
)
overwrite_option: Final = click.option(
    "--overwrite",
    is_flag=True,
    help="Replace locked cells, and grades that may be newer than these.",
)
strict_option: Final = click.option(
    "--strict", is_flag=True, help="End with exit code 1 if anybody is missing."
)


def output_option(default: str) -> Callable[[F], F]:
    """Add the option that says which file the command writes."""
    return click.option(
        "--output",
        type=click.Path(path_type=Path),
        help=f"Where to write; by default {default}.",
    )


@export_group.command("canvas")
@click.argument("file", type=click.Path(path_type=Path))
@out_option
@column_option
@scale_option
@overwrite_option
@strict_option
@output_option("canvas.csv next to the gradebook")
@settings_options(course_option)
def export_canvas(
    file: Path,
    out: Path,
    columns: tuple[str, ...],
    scales: tuple[str, ...],
    output: Path | None,
    settings: Settings,
    *,
    overwrite: bool,
    strict: bool,
) -> None:
    """Fill the points into FILE, a gradebook exported from Canvas."""
    # Each system has its own modules, and a command needs those of one.
    from grader.report.export.canvas import CanvasGradebook
    from grader.report.export.exported_sheet import Options

    sheet = CanvasGradebook(_bytes_of(file), file.name)
    options = Options(scales=_scales(scales), overwrite=overwrite)
    filled = sheet.fill(_columns(out, settings), _pairs(columns), options)
    _write_filled(
        filled, output or out / "canvas.csv", out, "Canvas: Grades, Import", strict=strict
    )


@export_group.command("moodle")
@click.argument("file", type=click.Path(path_type=Path))
@out_option
@column_option
@scale_option
@overwrite_option
@strict_option
@click.option("--comments", is_flag=True, help="Fill in the feedback comments too.")
@output_option("moodle.csv next to the gradebook")
@settings_options(course_option)
def export_moodle(
    file: Path,
    out: Path,
    columns: tuple[str, ...],
    scales: tuple[str, ...],
    output: Path | None,
    settings: Settings,
    *,
    overwrite: bool,
    strict: bool,
    comments: bool,
) -> None:
    """Fill the points into FILE, exported from Moodle.

    FILE is a grading worksheet or a grade export.
    """
    from grader.report.export import moodle, returned
    from grader.report.export.exported_sheet import Options

    sheet = moodle.open_sheet(_bytes_of(file), file.name)
    comment = returned.as_html if comments else None
    options = Options(scales=_scales(scales), overwrite=overwrite, comment=comment)
    filled = sheet.fill(_columns(out, settings), _pairs(columns), options)
    where_to = "the page of Moodle that it came from"
    _write_filled(filled, output or out / "moodle.csv", out, where_to, strict=strict)


@export_group.command("feedback")
@click.option(
    "--format",
    "form",
    type=click.Choice(list(_RETURNED)),
    required=True,
    help="moodle: a zip of feedback files. canvas: a zip to upload again. folder, zip: the pages "
    "by learner. mail: a table for mail merge.",
)
@out_option
@click.option(
    "--exercise",
    "exercises",
    multiple=True,
    metavar="EXERCISE",
    help="Return only the pages of this exercise; can be repeated.",
)
@click.option(
    "--sheet",
    type=click.Path(path_type=Path),
    help="Grading worksheet of Moodle, for a class that was not downloaded from Moodle.",
)
@click.option(
    "--roster",
    type=click.Path(path_type=Path),
    help="List of the class with e-mail addresses, for a class graded without --roster.",
)
@strict_option
@output_option("NAME next to the gradebook")
@settings_options(course_option)
def export_feedback(
    form: str,
    out: Path,
    exercises: tuple[str, ...],
    sheet: Path | None,
    roster: Path | None,
    output: Path | None,
    settings: Settings,
    *,
    strict: bool,
) -> None:
    """Write feedback pages for a system that returns them."""
    from grader.report.export import returned
    from grader.report.export.autograder import zipped

    results = _results(out, settings)
    if form in ("moodle", "canvas"):
        returned.one_assignment(results, exercises, form.title())

    path = output or out / _RETURNED[form]
    made = returned.files_for(
        form,
        results,
        exercises,
        table=path.name,
        sheet=_worksheet(sheet),
        addresses=_addresses(roster, results),
    )
    if form == "mail":
        _write_all(made.files, path.parent, out)
    elif form == "folder":
        _write_all(made.files, path, out)
    else:
        write_bytes(path, zipped(made.files), out=out)

    click.echo(f"Wrote {path}: {text.count(made.pages, 'page')}. {_NEXT[form]}")
    for notice in made.notices:
        click.echo(f"  {notice}")

    _end(made.missing, strict=strict)


@export_group.command("junit")
@out_option
@output_option("junit.xml next to the gradebook")
@settings_options(course_option)
def export_junit(out: Path, output: Path | None, settings: Settings) -> None:
    """Write JUnit XML with one test suite per grade."""
    from grader.report.export import documents

    content = documents.class_as_junit(_results(out, settings))
    _write_text(content, output or out / "junit.xml", out)


@export_group.command("jsonl")
@out_option
@output_option("grades.jsonl next to the gradebook")
@settings_options(course_option)
def export_jsonl(out: Path, output: Path | None, settings: Settings) -> None:
    """Write JSON Lines, with one grade per line."""
    from grader.report.export import documents

    content = documents.class_as_json_lines(_results(out, settings))
    _write_text(content, output or out / "grades.jsonl", out)


@export_group.command("classroom50")
@out_option
@click.option("--classroom", required=True, help="The short name of the classroom.")
@output_option("the folder classroom50 next to the gradebook")
@settings_options(course_option)
def export_classroom50(out: Path, classroom: str, output: Path | None, settings: Settings) -> None:
    """Write result.json of Classroom 50 for each submission."""
    from grader.report.export import outputs

    results = _results(out, settings)
    files = outputs.classroom50_files(results, classroom)
    _write_each(files, output or out / "classroom50", out, results)
    if results.assignments:
        click.echo("  Points as graded; assignments.csv has the points that count.")


@export_group.command("gradescope")
@click.argument("exercise_id", metavar="[EXERCISE]", required=False)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder with the gradebook that `grade batch` wrote.",
)
@click.option(
    "--wheels",
    type=click.Path(path_type=Path),
    help="A folder of wheels to include, so that the autograder needs no network.",
)
@output_option("autograder.zip, or the folder gradescope next to the gradebook")
@settings_options(course_option)
def export_gradescope(
    exercise_id: str | None,
    out: Path | None,
    wheels: Path | None,
    output: Path | None,
    settings: Settings,
) -> None:
    """Build an autograder zip, or the results of a class.

    The zip grades EXERCISE. With --out, the results are one results.json for each submission in
    the gradebook.
    """
    from grader.report.export import autograder, outputs

    # An autograder belongs to an exercise, results to a class; the command writes one of them.
    if (exercise_id is None) == (out is None):
        raise UsageError(
            "name an exercise to build its autograder, or a gradebook with --out to export a class"
        )

    if out is not None:
        results = _results(out, settings)
        files = outputs.gradescope_files(results)
        _write_each(files, output or out / "gradescope", out, results)
        return

    assert exercise_id is not None
    exercise = exercise_of(settings.course, exercise_id)
    included = {} if wheels is None else autograder.read_wheels(wheels, exercise)
    content = autograder.autograder_zip(exercise, included)
    path = output or Path("autograder.zip")
    write_bytes(path, content)
    size = f"{len(content) / 2**20:.1f} MiB"
    click.echo(f"Wrote {path} ({size}). Upload it to Gradescope under Configure Autograder.")
    if included:
        click.echo("It works without a network.")
    else:
        click.echo(
            "Its setup.sh needs Python 3.11 or later, and the network to download PyTorch; "
            "--wheels includes wheels instead."
        )


@export_group.command("harbor")
@click.argument("exercise_id", metavar="EXERCISE")
@output_option("the folder harbor/EXERCISE")
@settings_options(course_option)
def export_harbor(exercise_id: str, output: Path | None, settings: Settings) -> None:
    """Write a Harbor task in which an agent solves EXERCISE.

    The folders tests and solution contain the hidden checks and the solution. Harbor
    keeps them from the agent.
    """
    from grader.report.exercise_page import as_prompt, exercise_page
    from grader.report.export import harbor
    from grader.study.workspace import beginning

    exercise = exercise_of(settings.course, exercise_id)
    folder = output or Path("harbor", exercise.id)
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder}: not empty; name another folder with --output")

    # The test grades as this learner, whose numbers a quiz must ask for.
    starter = beginning(exercise, "learner")
    prompt = as_prompt(exercise_page(exercise, "learner", ""), starter)
    for name, content in harbor.task_files(exercise, prompt, starter).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, content)
        if name in harbor.EXECUTABLE:
            path.chmod(0o755)

    click.echo(f"Wrote {folder}. Try it with `harbor run -p {folder} -a oracle`.")


@export_group.command("handout")
@click.argument("exercise_ids", metavar="EXERCISE...", nargs=-1, required=True)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="Where to write: a new folder, or a file that ends with .zip.",
)
@click.option(
    "--badges",
    default="",
    metavar="ADDRESS",
    help="Address of the folder on GitHub that will have the handout, for links to Colab and "
    "Binder in the notebooks.",
)
@settings_options(course_option)
def export_handout(
    exercise_ids: tuple[str, ...], out: Path, badges: str, settings: Settings
) -> None:
    """Write what learners get: the exercises without answers.

    These are statements, starters, notebooks and checks. The checks repeat recorded calls, so the
    handout contains nothing from solutions/.
    """
    from grader.report.export.autograder import zipped
    from grader.report.export.handout import make_handout

    course = author_course(settings) or settings.course
    # The order of the command line, without repeats.
    exercises = [exercise_of(course, each) for each in dict.fromkeys(exercise_ids)]
    quizzes = [exercise.id for exercise in exercises if not exercise.spec.runs_code]
    if quizzes:
        raise UsageError(
            f"the definition of a quiz contains its answers: {', '.join(quizzes)}",
            advice="leave it out, and hand it out with `grade export quiz`",
        )

    if out.exists() and (out.suffix == ".zip" or not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out}: exists already; name another with --out")

    # Not the resident: it would stay with the checks of a folder that is gone.
    with borrow_examiner(settings, may_stay=False) as examiner, waiting("Recording the checks"):
        handout = make_handout(exercises, examiner, badges)

    if out.suffix == ".zip":
        write_bytes(out, zipped(handout.files))
    else:
        _write_all(handout.files, out)

    click.echo(f"Wrote {out}: {text.count(len(exercises), 'exercise')}. Try README.md in it.")
    for exercise_id, titles in handout.left_out.items():
        for title in titles:
            click.echo(f"  {exercise_id}: only you can check: {title}")


@export_group.command("quiz")
@click.argument("exercise_id", metavar="EXERCISE")
@click.option(
    "--format",
    "form",
    type=click.Choice(("moodle-xml", "gift", "qti12", "jupyterquiz")),
    required=True,
    help="moodle-xml, gift: a question bank for Moodle. qti12: a package for Canvas. "
    "jupyterquiz: questions for notebooks.",
)
@click.option(
    "--variants",
    type=click.IntRange(1, 1000),
    default=20,
    show_default=True,
    help="How many variants of each question to write; each has different numbers.",
)
@output_option("EXERCISE with the ending of the format, in this folder")
@settings_options(course_option)
def export_quiz(
    exercise_id: str, form: str, variants: int, output: Path | None, settings: Settings
) -> None:
    """Write the quiz EXERCISE for a learning platform.

    The file has the answers, which PyTorch evaluates. The explanations of wrong answers become
    feedback.
    """
    from grader.report.export.quiz import make_quiz
    from grader.report.export.quiz_formats import FORMATS

    course = author_course(settings) or settings.course
    exercise = exercise_of(course, exercise_id)
    if exercise.spec.runs_code:
        raise UsageError(
            f"{exercise.id} is not a quiz", advice="name a quiz; `grade list` shows the exercises"
        )

    with borrow_examiner(settings) as examiner, waiting("Evaluating the answers"):
        quiz = make_quiz(exercise, variants, examiner.survey)

    chosen = FORMATS[form]
    path = output or Path(f"{exercise.id}{chosen.suffix}")
    write_bytes(path, chosen.write(quiz))
    click.echo(f"Wrote {path}: {_counted(quiz)}. {chosen.then}")
    few = {name: len(each) for name, each in quiz.questions.items() if len(each) < variants}
    if few:
        listed = ", ".join(f"{name} {number}" for name, number in few.items())
        click.echo(f"  Fewer variants, because fewer can be drawn: {listed}")


def _counted(quiz: Any) -> str:
    questions = text.count(len(quiz.questions), "question")
    return f"{questions} with {text.count(len(quiz.variants), 'variant')}"


@export_group.command("github")
@click.argument("exercise_id", metavar="EXERCISE")
@click.option(
    "--install",
    metavar="REQUIREMENT",
    help="The pip requirement that installs the grader; by default the value of the secret GRADER.",
)
@output_option(".github/workflows/grade-EXERCISE.yml")
@settings_options(course_option)
def export_github(
    exercise_id: str, install: str | None, output: Path | None, settings: Settings
) -> None:
    """Write a GitHub Actions workflow that grades EXERCISE.

    It runs on each push.
    """
    from grader.report.export import github

    exercise = exercise_of(settings.course, exercise_id)
    path = output or Path(".github", "workflows", f"grade-{exercise.id}.yml")
    _write_text(github.workflow(exercise.id, install), path)
    if install is None:
        click.echo(
            "It installs what the repository's secret GRADER names: the URL of a wheel, or "
            "git+https://…"
        )


def _results(out: Path, settings: Settings) -> Any:
    from grader.classroom.results import results_in

    return results_in(out, settings.root)


def _columns(out: Path, settings: Settings) -> Any:
    """The results, with the assignments among the exercises, because they can have a column."""
    from grader.report.export.scores import with_assignments

    return with_assignments(_results(out, settings))


def _pairs(words: tuple[str, ...]) -> Mapping[str, str]:
    for word in words:
        if "=" not in word:
            raise UsageError(f"--column {word}: use the form EXERCISE=TITLE")

    return dict(word.split("=", 1) for word in words)


def _scales(words: tuple[str, ...]) -> dict[str, float]:
    """``100`` for every exercise, or ``exercise1=100``; the former has the empty id."""
    scales = {}
    for word in words:
        exercise_id, _, written = word.rpartition("=")
        try:
            # float() also takes nan and inf, which the next test refuses.
            scale = float(written)
        except ValueError:
            scale = 0

        if not 0 < scale < 1e9:
            raise UsageError(f"--scale {word}: write a number, or EXERCISE=NUMBER")

        scales[exercise_id] = scale

    return scales


def _write_filled(filled: Any, path: Path, out: Path, where_to: str, *, strict: bool) -> None:
    write_bytes(path, filled.content, out=out)
    cells = text.count(filled.count, "cell")
    click.echo(f"Wrote {path}: {cells} filled in. Upload it to {where_to}.")
    for notice in filled.notices:
        click.echo(f"  {notice}")

    _end(filled.missing, strict=strict)


def _end(missing: int, *, strict: bool) -> None:
    """End with exit code 1 if anybody is missing and ``--strict`` was given."""
    # A script that uploads the file must notice.
    if strict and missing:
        click.echo(f"  --strict: {text.count(missing, 'person', 'people')} missing")
        click.get_current_context().exit(1)


def _write_each(files: Mapping[str, str], folder: Path, out: Path, results: Any) -> None:
    for name, content in files.items():
        write_bytes(folder / name, content.encode(), out=out)

    click.echo(f"Wrote {len(files)} files in {folder}")
    grades = [grade for each in results.grades.values() for grade in each.values()]
    ungraded = sum(grade.status == "ungraded" for grade in grades)
    if ungraded:
        submissions = text.count(ungraded, "ungraded submission")
        click.echo(f"  {submissions} without a file: `grade batch` grades them again")

    uncounted = len(grades) - ungraded - len(files)
    if uncounted:
        submissions = text.count(uncounted, "submission")
        click.echo(f"  {submissions} without a file: excused")


def _write_all(files: Mapping[str, bytes], folder: Path, out: Path | None = None) -> None:
    for name, content in files.items():
        write_bytes(folder / name, content, out=out)


def _worksheet(path: Path | None) -> Any:
    from grader.report.export import moodle

    if path is None:
        return None

    sheet = moodle.open_sheet(_bytes_of(path), path.name)
    if not isinstance(sheet, moodle.GradingWorksheet):
        raise UsageError(
            f"{path}: not a grading worksheet; download it in Moodle from the assignment"
        )

    return sheet


def _addresses(roster: Path | None, results: Any) -> dict[str, str]:
    """Learner to e-mail address, as the list of the class says."""
    from grader.submission.roster import match
    from grader.submission.roster_file import read_roster

    if roster is None:
        return {}

    people = match(read_roster(roster).people, results.learners).people
    return {learner: person.email for learner, person in people.items()}


def _write_text(content: str, path: Path, out: Path | None = None) -> None:
    write_bytes(path, content.encode(), out=out)
    click.echo(f"Wrote {path}")


def _bytes_of(path: Path) -> bytes:
    with os_errors_as(UsageError, "cannot be read", path, "name the file that you exported"):
        return path.read_bytes()
