"""A notebook's kernel: ``%%grade exercise3`` on a cell runs it here, and grades its own source elsewhere.

The kernel and the grade share nothing. To IPython the marker of a code cell is a comment, so
the cell runs as it would without it; what is graded is its text, read as it will be from the
saved notebook, by an examiner process that stays warm from cell to cell and ends with the kernel.
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
from grader.report import exercise_page, failure_summary
from grader.report.terminal import grade_page
from grader.study import advice, cell_page, progress, workspace
from grader.study.progress import Workspace
from grader.submission import answer_sheet
from grader.submission.files import Submission, cell_submission
from grader.submission.notebook import Cell, read_cell

_UNDEFINED: Final = re.compile(r"\bname '(\w+)' is not defined")
_INTERRUPTED: Final = "interrupted; nothing was graded"
_NOT_KEPT: Final = (
    "Your progress is not kept here; `%grade start` makes this folder a workspace, which keeps it."
)


def load_ipython_extension(shell: InteractiveShell) -> None:
    """``%load_ext grader``: teach ``shell`` the marker and the magic, and start what grades."""
    magics = GradeMagics(shell)
    shell.register_magics(magics)
    # Before IPython's own, the last of which would take the marker for a cell magic like any other.
    shell.input_transformers_cleanup.insert(0, without_marker)
    shell.events.register("post_run_cell", magics.ran)
    atexit.register(magics.close)
    magics.warm_up()


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """``%unload_ext grader``: undo all that, and end what grades."""
    magics = shell.magics_manager.registry["GradeMagics"]
    magics.close()
    atexit.unregister(magics.close)
    shell.events.unregister("post_run_cell", magics.ran)
    shell.input_transformers_cleanup.remove(without_marker)
    for kind in ("line", "cell"):
        del shell.magics_manager.magics[kind]["grade"]


def without_marker(lines: list[str]) -> list[str]:
    """The lines of a cell as IPython is to run it: the marker of code is a comment.

    A cell of anything else is left to the magic, which IPython refuses to call without any line.
    """
    cell = read_cell(0, "".join(lines))
    if cell.exercise and not cell.text.strip():
        return [*lines, "\n"]
    if _code_exercise(cell) is None:
        return lines
    # A magic of Python's, such as %%time, has to come first in its cell. All other lines keep their numbers.
    marker = (
        [] if cell.text.lstrip().startswith("%%") else ["\n"] * (cell.first - 2) + ["# %%grade\n"]
    )
    return marker + cell.text.splitlines(keepends=True)


# Not to be asked whether what was typed in a console is complete: there the marker comes first, and the cell after it.
without_marker.has_side_effects = True  # type: ignore[attr-defined]


@magics_class
class GradeMagics(Magics):
    """The magic ``grade`` of one kernel, with its examiner."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self._kernel = shell
        self._pool = ExaminerPool()
        self._told_not_kept = False

    def warm_up(self) -> None:
        """Start the examiner, so that the first grade need not wait for it; where that fails, the grade tells."""
        with contextlib.suppress(OSError):
            self._pool.warm_up()

    def close(self) -> None:
        """End the examiner; the next grade starts another."""
        self._pool.rest()

    def ran(self, result: ExecutionResult) -> None:
        """Grade a cell that has just been run, where it is marked and holds code; whatever it raised was shown."""
        cell = read_cell(result.execution_count or 0, getattr(result.info, "raw_cell", ""))
        exercise = _code_exercise(cell)
        if exercise is None:
            return
        try:
            if isinstance(result.error_in_exec, KeyboardInterrupt):
                raise MagicError(_INTERRUPTED)
            self._grade(exercise, cell)
        except (GraderError, OSError, MagicError) as error:
            # What comes after it in "Run all" is not to be run, as after any other error.
            refusal = _told(error)
            self._kernel.show_usage_error(refusal)  # type: ignore[no-untyped-call]
            result.error_in_exec = result.error_in_exec or refusal

    @no_var_expand
    @line_cell_magic
    def grade(self, line: str, cell: str | None = None) -> None:
        """Run a cell and grade it, or ask about the course.

        ``%%grade exercise3`` on a cell with code runs and grades it; on a cell with a quiz's
        answers it grades them; on an empty cell it fills in the starter or the questions.
        ``%grade list``, ``%grade show exercise3``, ``%grade start exercise3``, ``%grade status``,
        ``%grade hint exercise3``; ``%grade start`` alone makes this folder a workspace.
        """
        try:
            if cell is not None and cell.strip():
                self._answers(
                    read_cell(self._kernel.displayhook.prompt_count, f"%%grade {line}\n{cell}")
                )
            else:
                self._carry_out(line.split(), here=cell is not None)
        except (GraderError, OSError) as error:
            raise _told(error) from None

    def _answers(self, cell: Cell) -> None:
        if not cell.exercise:
            raise MagicError("name one exercise and nothing else, as in `%%grade EXERCISE`")
        exercise = _exercise(cell.exercise)
        if exercise.spec.runs_code:
            raise MagicError(f"`%%grade {exercise.id}` has to be the first line of its cell")
        self._grade(exercise, cell)

    def _carry_out(self, words: list[str], *, here: bool) -> None:
        match words:
            case [] | ["status"]:
                self._status()
            case ["list"]:
                self._list()
            case ["start"]:
                self._begin()
            case ["hint", *about] if len(about) < 3:
                self._hint(*about)
            case ["show", name]:
                self._show(_exercise(name))
            case ["start", name]:
                self._start(_exercise(name))
            case [name] if name not in advice.MAGICS:
                self._start(_exercise(name), here=here)
            case _:
                known = ", ".join(advice.MAGICS)
                raise MagicError(
                    f"`%grade` takes an exercise, or one of {known}; `%grade list` shows the exercises"
                )

    def _grade(self, exercise: Exercise, cell: Cell) -> None:
        """Show the grade of a cell, and keep it."""
        submission = cell_submission(exercise, f"In [{cell.number}]", cell)
        grade = self._examine(exercise, submission, cell)
        notices, notes = self._notices(grade), self._keep(exercise, submission, grade)
        text = io.StringIO()
        grade_page.write(grade, exercise.spec.title, text)
        plain = _with(text.getvalue().splitlines(), [*notices, *notes])
        self._display(
            plain, "text/html", cell_page.cell_page(grade, exercise.spec.title, notices, notes)
        )

    def _keep(self, exercise: Exercise, submission: Submission, grade: Grade) -> list[str]:
        """Keep a grade as progress; what to say of it, and of what comes next."""
        found = _workspace()
        if grade.status == "ungraded":
            return []
        if found is None:
            told, self._told_not_kept = self._told_not_kept, True
            return [] if told else [_NOT_KEPT]
        try:
            progress.record(found, exercise, submission, grade)
        except (GraderError, OSError) as error:
            return [advice.in_notebook(f"Graded, but not kept as progress: {error}")]
        with contextlib.suppress(
            GraderError
        ):  # another exercise that cannot be read is not what was asked about
            after = advice.after_grade(found, exercise, grade, _root())
            return [advice.in_notebook(after)] if after else []
        return []

    def _examine(self, exercise: Exercise, submission: Submission, cell: Cell) -> Grade:
        seed = new_seed() if cell.seed is None else cell.seed
        examine = Examine(exercise, submission, _learner(), seed)
        try:
            with self._pool.borrow() as examiner:
                return for_learner(examiner.grade(examine))
        except KeyboardInterrupt:
            # The pool has ended the examiner that was at work; the next cell should not wait for one.
            self.warm_up()
            raise MagicError(_INTERRUPTED) from None

    def _notices(self, grade: Grade) -> list[str]:
        """What the kernel knows about a failure: a name that another cell defined."""
        said = " ".join(check.message for check in failure_summary.summarize(grade).failures)
        names = [
            name for name in dict.fromkeys(_UNDEFINED.findall(said)) if name in self._kernel.user_ns
        ]
        return [
            f"`{name}` is defined in this kernel, but not in this cell. The cell is graded alone, as it will be when "
            "the notebook is handed in: write into it all that it needs, imports too."
            for name in names
        ]

    def _start(self, exercise: Exercise, *, here: bool = False) -> None:
        """Fill in this cell, if it was empty, or else a new one."""
        if not exercise.spec.runs_code:
            content = answer_sheet.sheet(exercise, _learner(), then="run this cell.")
            what, then = "questions", "Write each answer after its colon"
        else:
            content = loading.starter(exercise)
            what, then = "starter", f"`%grade show {exercise.id}` says what to do"
        content = f"%%grade {exercise.id}\n{content}"
        self._kernel.set_next_input(content, replace=here)
        sentence = f"The {what} of {exercise.id}: in {'this cell' if here else 'a new cell'} now. {then}, then run it."
        self._display(f"{sentence}\n", "text/html", cell_page.sheet_page(sentence, content))

    def _begin(self) -> None:
        """Make this folder a workspace, if it is in none."""
        notes = []
        if _workspace() is None:
            named = os.environ.get("GRADE_COURSE")
            progress.begin(Path.cwd(), workspace.login(), Path(named) if named else None)
            notes = ["This folder is your workspace now: progress is kept in its folder .grade."]
        self._status(notes)

    def _status(self, notes: Sequence[str] = ()) -> None:
        found = _workspace()
        standings = progress.standings(found, loading.listed(_root()))
        notes = [*notes, *([] if found else [_NOT_KEPT])]
        lines = list(
            advice.status(standings, advice.cell_steps, advice.in_notebook(advice.ALL_PASSED))
        )
        self._display(_with(lines, notes), "text/html", cell_page.status_page(standings, notes))

    def _hint(self, exercise_id: str = "", number: str = "") -> None:
        """The next hint for an exercise, or for the one that is next; or the one of this number."""
        found = _workspace()
        if number and not number.isdecimal():
            raise MagicError("name a hint by its number, as in `%grade hint EXERCISE 1`")
        if exercise_id:
            exercise = _exercise(exercise_id)
        else:
            following = progress.next_standing(progress.standings(found, loading.listed(_root())))
            if following is None:
                self._status()
                return
            exercise = following.exercise
        can_remember = found is not None and os.access(found.gradebook, os.W_OK)
        given = progress.hint(
            found if can_remember else None, exercise, int(number) if number else None
        )
        after = advice.in_notebook(advice.after_hint(exercise, given, can_remember=can_remember))
        plain = "\n".join(advice.hint(exercise, given, after))
        self._display(plain, "text/html", cell_page.hint_page(exercise, given, after))

    def _list(self) -> None:
        exercises = loading.listed(_root())
        markdown = exercise_page.listing_markdown(exercises)
        self._display(exercise_page.listing(exercises), "text/markdown", markdown)

    def _show(self, exercise: Exercise) -> None:
        then = f"Next: `%grade start {exercise.id}`."
        page = exercise_page.exercise_page(exercise, _learner(), then)
        shown = exercise_page.as_markdown(page)
        self._display(shown, "text/markdown", shown)

    def _display(self, plain: str, kind: str, rich: str) -> None:
        """Show ``rich`` where that can be shown, ``plain`` in a console."""
        self._kernel.display_pub.publish({"text/plain": plain.rstrip("\n"), kind: rich})


def _with(lines: Sequence[str], sentences: Sequence[str]) -> str:
    """Lines, and below them sentences, for a console."""
    return "\n".join(
        [*lines, *(line for sentence in sentences for line in ("", *advice.wrapped(sentence)))]
    )


def _code_exercise(cell: Cell) -> Exercise | None:
    """The exercise that a cell of code is marked for; of what is wrong with the marker, the magic tells."""
    if cell.exercise and cell.text.strip():
        with contextlib.suppress(GraderError):
            exercise = _exercise(cell.exercise)
            return exercise if exercise.spec.runs_code else None
    return None


def _exercise(exercise_id: str) -> Exercise:
    return loading.load_exercise(_root(), exercise_id)


def _root() -> Path:
    """The course in use here, as for the command."""
    found = _workspace()
    return trust.root(found.folder if found else Path())


def _workspace() -> Workspace | None:
    """The workspace that the kernel's folder is or lies in."""
    with contextlib.suppress(OSError):  # the folder is gone
        return progress.around(Path.cwd())
    return None


def _learner() -> str:
    return progress.at_work(_workspace())


def _told(error: Exception) -> MagicError:
    """``error`` as IPython shows it, in one sentence, with commands as they are typed in a notebook."""
    if isinstance(error, OSError):
        return MagicError(
            f"the system could not do what was asked ({error.strerror}); mend that, then try again"
        )
    return MagicError(advice.in_notebook(str(error)))
