"""The extension of a notebook's kernel: ``%%grade exercise3`` runs a cell here and grades it.

The kernel and the grade share nothing. IPython takes the marker of a code cell for a comment, so
the cell runs as it would without the marker. An examiner process, which stays warm from cell to
cell and ends with the kernel, grades the cell's text as it will stand in the saved notebook.
"""

import atexit
import contextlib
import io
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from IPython.core.error import UsageError as MagicError
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand

from grader.course import loading, trust
from grader.course.records import Exercise
from grader.errors import GraderError
from grader.examiner.pool import ExaminerPool
from grader.examiner.protocol import Examine, new_seed
from grader.grades.grade import Grade, for_learner
from grader.grades.isolation import own_code_line
from grader.report import exercise_page, failure_summary
from grader.report.terminal import grade_page
from grader.report.terminal.first_failure import problem_of
from grader.study import advice, cell_page, progress, workspace
from grader.study.progress import Workspace
from grader.submission import answer_sheet
from grader.submission.files import Submission, cell_submission
from grader.submission.name_advice import IMPORTS
from grader.submission.notebook import Cell, read_cell

_UNDEFINED: Final = re.compile(r"\bname '(\w+)' is not defined")
_INTERRUPTED: Final = "interrupted; nothing was graded"
_NOT_KEPT: Final = (
    "Your progress is not kept here. `%grade start` makes this folder a workspace, which keeps it."
)


def load_ipython_extension(shell: InteractiveShell) -> None:
    """``%load_ext grader``: add the marker and the magic to ``shell``, and start an examiner."""
    magics = GradeMagics(shell)
    shell.register_magics(magics)
    # Before IPython's own, the last of which takes the marker for an ordinary cell magic.
    shell.input_transformers_cleanup.insert(0, without_marker)
    shell.events.register("post_run_cell", magics.after_run)
    atexit.register(magics.close)
    magics.warm_up()


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """``%unload_ext grader``: undo all of that, and end the examiner."""
    magics = shell.magics_manager.registry["GradeMagics"]
    magics.close()
    # The kernel would otherwise keep the extension in memory.
    atexit.unregister(magics.close)
    shell.events.unregister("post_run_cell", magics.after_run)
    shell.input_transformers_cleanup.remove(without_marker)
    for kind in ("line", "cell"):
        del shell.magics_manager.magics[kind]["grade"]


def without_marker(lines: list[str]) -> list[str]:
    """The lines of a cell as IPython runs them: the marker of a code cell becomes a comment.

    Other marked cells stay for the magic. IPython calls it only for a cell with some line.
    """
    source = "".join(lines)
    cell = read_cell(0, source)
    if cell.exercise and not cell.text.strip():
        return [*lines, "\n"]
    if _code_exercise(cell) is None:
        if not cell.exercise:
            return lines

        # IPython finds a magic only below blank lines, and only in lower case.
        marker = cell.first - 2
        name, words = lines[marker].split(maxsplit=1)
        if name == "%%grade" and not "".join(lines[:marker]).strip():
            return lines

        return [f"%%grade {words}", *lines[marker + 1 :]]

    code = cell.text.splitlines(keepends=True)
    # A cell magic such as %%time has to be the first line.
    if cell.text.lstrip().startswith("%%"):
        return code

    # Blank lines keep the line numbers of a traceback.
    return ["\n"] * (cell.first - 2) + ["# %%grade\n"] + code


# In a console IPython asks whether the input is complete. With this flag it does not call the
# function for that, so the lines after the marker can still be typed.
without_marker.has_side_effects = True  # type: ignore[attr-defined]


@magics_class
class GradeMagics(Magics):
    """The magic ``grade`` of one kernel, with its examiner."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self._kernel = shell
        self._pool = ExaminerPool()
        self._said_not_kept = False

    def warm_up(self) -> None:
        """Start the examiner, so that the first grade is fast."""
        # If that fails, the first grade reports why.
        with contextlib.suppress(OSError):
            self._pool.warm_up()

    def close(self) -> None:
        """End the examiner; the next grade starts another."""
        self._pool.rest()

    def after_run(self, result: ExecutionResult) -> None:
        """Grade a cell that ran, if it is marked and contains code."""
        source = getattr(result.info, "raw_cell", "")
        # The number that IPython shows next to the cell, as in "In [3]".
        cell = read_cell(result.execution_count or 0, source)
        exercise = _code_exercise(cell)
        if exercise is None:
            return

        try:
            # IPython records an interrupt between two statements as an error before execution.
            errors = (result.error_before_exec, result.error_in_exec)
            if any(isinstance(error, KeyboardInterrupt) for error in errors):
                raise MagicError(_INTERRUPTED)
            self._grade(exercise, cell)
        except (GraderError, OSError, MagicError) as error:
            shown = _as_magic_error(error)
            self._kernel.show_usage_error(shown)  # type: ignore[no-untyped-call]
            # "Run all" stops here, as after any other error.
            result.error_in_exec = result.error_in_exec or shown

    @no_var_expand
    @line_cell_magic
    def grade(self, line: str, cell: str | None = None) -> None:
        """Run and grade a cell, or show something about the course.

        ``%%grade exercise3`` above code runs and grades it; above the answers of a quiz it grades
        them; in an empty cell it inserts the starter or the questions.
        ``%grade help`` lists the rest: ``list``, ``show``, ``start``, ``status``, ``hint`` and
        ``solution``.
        """
        try:
            # A cell without text asks for the starter or the questions.
            if cell is not None and cell.strip():
                number = self._kernel.displayhook.prompt_count
                self._grade_answers(read_cell(number, f"%%grade {line}\n{cell}"))
            else:
                self._carry_out(line.split(), here=cell is not None)
        except (GraderError, OSError) as error:
            raise _as_magic_error(error) from None

    def _grade_answers(self, cell: Cell) -> None:
        if not cell.exercise:
            raise MagicError("name one exercise and nothing else, as in `%%grade EXERCISE`")

        exercise = _exercise(cell.exercise)
        if exercise.spec.runs_code:
            raise MagicError(f"`%%grade {exercise.id}` must be the first line of its cell")

        self._grade(exercise, cell)

    def _carry_out(self, words: list[str], *, here: bool) -> None:
        """Carry out the magic with these words; ``here`` lets it fill in its own cell."""
        match words:
            case [] | ["status"]:
                self._show_status()
            case ["help"]:
                self._help()
            case [word, *_] if word in advice.OF_FILES:
                raise MagicError(advice.OF_FILES[word])
            case ["solution", name]:
                self._solution(_exercise(name), give_up=False)
            case ["solution", name, "--give-up"] | ["solution", "--give-up", name]:
                self._solution(_exercise(name), give_up=True)
            case ["show" | "solution" as word]:
                raise MagicError(f"name an exercise, as in `%grade {word} {_next().id}`")
            case ["list"]:
                exercises = loading.listed(_root())
                markdown = exercise_page.listing_markdown(exercises)
                self._display(
                    exercise_page.listing({each.id: each for each in exercises}),
                    "text/markdown",
                    markdown,
                )
            case ["start"]:
                self._begin_workspace()
            case ["hint", *about] if len(about) < 3:
                self._hint(*about)
            case ["show", name]:
                then = f"Next: `%grade start {name}`."
                exercise = _exercise(name)
                attempts = progress.attempts_here(exercise, Path.cwd())
                page = exercise_page.exercise_page(exercise, _learner(), then, attempts)
                markdown = exercise_page.as_markdown(page)
                self._display(markdown, "text/markdown", markdown)
            case ["start", name]:
                self._start(_exercise(name))
            case [name] if name not in advice.MAGICS:
                self._start(_exercise(name), here=here)
            case _:
                raise MagicError(
                    f"`%grade` takes an exercise, or one of {', '.join(advice.MAGICS)}; "
                    "`%grade list` lists the exercises"
                )

    def _grade(self, exercise: Exercise, cell: Cell) -> None:
        """Show the grade of a cell, and keep it."""
        # Places in it begin in the same way: "cell 3, line 2".
        name = f"cell {cell.number}"
        submission = cell_submission(exercise, name, cell)
        grade = self._examine(exercise, submission, cell)
        # What the kernel knows comes first: it is about this cell.
        notices = self._notices(grade)
        kept = self._keep(exercise, submission, grade)
        # These sentences are written for a terminal.
        notes = [advice.in_notebook(note) for note in kept]
        title = exercise.spec.title
        page = io.StringIO()
        grade_page.write(grade, title, page)
        # A console shows only the plain text, so it has the sentences too.
        lines = page.getvalue().splitlines()
        plain = _with_sentences(lines, [*notices, *notes])
        failures = failure_summary.summarize(grade).failures
        place = None
        if failures:
            entries = exercise.spec.entries
            place = problem_of(grade, failures[0], submission, entries).place

        hints = exercise.spec.hints
        html = cell_page.cell_page(
            grade, title, notices, notes, place=place, hints=hints, plot=exercise.spec.plot
        )
        self._display(plain, "text/html", html)

    def _examine(self, exercise: Exercise, submission: Submission, cell: Cell) -> Grade:
        seed = cell.seed
        if seed is None:
            seed = new_seed()

        attempts = progress.attempts_after(_workspace(), exercise, submission)
        examine = Examine(
            exercise,
            submission,
            _learner(),
            seed,
            attempts=attempts,
            small_example=True,
            own=True,
        )
        try:
            with self._pool.borrow() as examiner:
                grade = examiner.grade(examine)
        except KeyboardInterrupt:
            # The pool ended the busy examiner; the next cell should not wait for another.
            self.warm_up()
            raise MagicError(_INTERRUPTED) from None

        return for_learner(grade)

    def _notices(self, grade: Grade) -> list[str]:
        """What the kernel knows: names that another cell defined, and layers that are missing."""
        failures = failure_summary.summarize(grade).failures
        messages = " ".join(check.message for check in failures)
        # A dictionary keeps the order and drops repetitions.
        missing = dict.fromkeys(_UNDEFINED.findall(messages))
        # For a missing import, the grade has a sentence already.
        notices = [
            f"`{name}` is defined in this kernel, but not in this cell. The grade uses only this "
            "cell, in a submitted notebook too: put everything that it needs into it, also imports."
            for name in missing
            if name in self._kernel.user_ns and name not in IMPORTS
        ]
        if grade.weak_isolation:
            notices.append(own_code_line(grade.weak_isolation))

        return notices

    def _keep(self, exercise: Exercise, submission: Submission, grade: Grade) -> list[str]:
        """Keep a grade as progress; return sentences about that and about what is next."""
        found = _workspace()
        if grade.status == "ungraded":
            return []
        if found is None:
            is_first = not self._said_not_kept
            self._said_not_kept = True
            return [_NOT_KEPT] if is_first else []

        try:
            progress.record(found, exercise, submission, grade)
        except (GraderError, OSError) as error:
            return [f"Graded, but not kept as progress: {error}"]

        # The learner did not ask about an unreadable exercise elsewhere in the course.
        with contextlib.suppress(GraderError):
            return [" ".join(advice.after_grade(found, exercise, grade, _root()))]

        return []

    def _start(self, exercise: Exercise, *, here: bool = False) -> None:
        """Insert the starter or the questions: ``here`` in this empty cell, or in a new one."""
        if exercise.spec.runs_code:
            what = "starter"
            content = loading.starter(exercise)
            then = f"Complete it and run the cell. `%grade show {exercise.id}` shows the statement."
        else:
            what = "questions"
            content = answer_sheet.sheet(exercise, _learner(), then="run this cell.")
            then = "Write each answer after its colon, then run the cell."

        content = f"%%grade {exercise.id}\n{content}"
        self._kernel.set_next_input(content, replace=here)
        place = "this cell" if here else "a new cell"
        verb = "is" if exercise.spec.runs_code else "are"
        sentence = f"The {what} of {exercise.id} {verb} now in {place}. {then}"
        if not here:
            # The learner may have meant `%%grade`: with one percent sign, the magic sees no code.
            sentence += f" To grade a cell that you have, write `%%grade {exercise.id}` above it."

        # Some front ends ignore the new input, so the page contains it too.
        html = cell_page.sheet_page(sentence, content)
        self._display(sentence, "text/html", html)

    def _begin_workspace(self) -> None:
        """Make this folder a workspace, unless it is or lies in one."""
        found = _workspace()
        if found is not None:
            self._show_status(f"Your workspace is already {found.folder}.")
            return

        root = None
        if named := os.environ.get("GRADE_COURSE"):
            root = Path(named)

        progress.begin(Path.cwd(), workspace.login(), root)
        self._show_status(advice.BEGUN)

    def _show_status(self, *notes: str) -> None:
        found = _workspace()
        if found is None:
            notes = (*notes, _NOT_KEPT)

        exercises = loading.listed(_root())
        standings = progress.standings(found, exercises)
        finished = advice.in_notebook(advice.ALL_PASSED)
        lines = list(advice.status(standings, advice.cell_steps, finished))
        plain = _with_sentences(lines, notes)
        html = cell_page.status_page(standings, notes)
        self._display(plain, "text/html", html)

    def _hint(self, exercise_id: str = "", number: str = "") -> None:
        """Show the next hint, or the one of this number, for an exercise or for the next one."""
        if number and not number.isdecimal():
            raise MagicError("give the number of a hint, as in `%grade hint EXERCISE 1`")

        found = _workspace()
        if exercise_id:
            exercise = _exercise(exercise_id)
        else:
            standings = progress.standings(found, loading.listed(_root()))
            following = progress.next_standing(standings)
            # Everything is passed: the status says so.
            if following is None:
                self._show_status()
                return

            exercise = following.exercise

        chosen = int(number) if number else None
        given = progress.hint(found, exercise, chosen)
        plain = "\n".join(advice.hint(exercise, given))
        html = cell_page.hint_page(exercise, given)
        self._display(advice.in_notebook(plain), "text/html", html)

    def _help(self) -> None:
        """Show what the magic can do."""
        rows = advice.MAGIC_HELP
        lines = ["| in a cell | action |", "| :--- | :--- |"]
        lines += [f"| `{magic}` | {action} |" for magic, action in rows]
        plain = "\n".join(advice.commands(rows))
        self._display(plain, "text/markdown", "\n".join(lines))

    def _solution(self, exercise: Exercise, *, give_up: bool) -> None:
        """Show the solution of an exercise that is passed or given up."""
        if not exercise.spec.runs_code:
            raise MagicError(
                f"`grade solution {exercise.id}` in a terminal shows the answers to a quiz"
            )

        found = _workspace()
        (standing,) = progress.standings(found, [exercise])
        if not standing.passed and not give_up:
            raise MagicError(
                f"you have not passed {exercise.id} here; `%grade hint {exercise.id}` helps, and "
                f"`%grade solution {exercise.id} --give-up` shows the solution anyway"
            )

        source = loading.solution(exercise)
        self._display(source, "text/markdown", f"```python\n{source}\n```")
        # Last: a solution that could not be shown does not count as given up.
        if give_up and found is not None and not standing.passed:
            progress.give_up(found, exercise)

    def _display(self, plain: str, kind: str, rich: str) -> None:
        """Show ``rich``, or ``plain`` in a console."""
        # IPython adds the last line break itself.
        content = {"text/plain": plain.rstrip("\n"), kind: rich}
        self._kernel.display_pub.publish(content)


def _with_sentences(lines: Sequence[str], sentences: Sequence[str]) -> str:
    """Lines, and sentences below them, for a console."""
    page = list(lines)
    for sentence in sentences:
        page += ["", *advice.wrapped(sentence)]

    return "\n".join(page)


def _code_exercise(cell: Cell) -> Exercise | None:
    """The code exercise that a cell is marked for; None for any other cell."""
    if not cell.exercise or not cell.text.strip():
        return None

    try:
        exercise = _exercise(cell.exercise)
    except GraderError:
        # The magic reports what is wrong with the marker.
        return None

    return exercise if exercise.spec.runs_code else None


def _exercise(exercise_id: str) -> Exercise:
    return loading.load_exercise(_root(), exercise_id)


def _next() -> Exercise:
    """The first exercise that is not passed; the last one if all are."""
    standings = progress.standings(_workspace(), loading.listed(_root()))
    following = progress.next_standing(standings) or standings[-1]
    return following.exercise


def _root() -> Path:
    """The course in use, as for the command ``grade``."""
    found = _workspace()
    folder = found.folder if found else Path()
    return trust.root(folder)


def _workspace() -> Workspace | None:
    """The workspace that the kernel's folder is or lies in."""
    # The folder may have been removed.
    with contextlib.suppress(OSError):
        return progress.around(Path.cwd())

    return None


def _learner() -> str:
    return progress.learner_at_work(_workspace())


def _as_magic_error(error: Exception) -> MagicError:
    """``error`` as one sentence that IPython shows, with commands as magics."""
    if isinstance(error, OSError):
        return MagicError(
            f"the system refused an operation ({error.strerror}); fix the cause and try again"
        )

    return MagicError(advice.in_notebook(str(error)))
