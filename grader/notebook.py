"""IPython's magics: ``%%grade exercise3`` runs a cell in its kernel, and grades the cell's own source elsewhere.

The kernel and the grade share nothing. The cell runs here like any other; what is graded
is its text, read as it will be from the saved notebook, by an examiner process that stays
warm from cell to cell and ends with the kernel.
"""

import atexit
import contextlib
import io
import os
import re
import textwrap
import threading
from pathlib import Path
from typing import Final

from IPython.core.error import UsageError as MagicError
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand

from grader import course, workspace
from grader.course import CodeExercise, Exercise, QuizExercise
from grader.errors import GraderError
from grader.examiner.client import Examiner
from grader.examiner.protocol import Examine, new_seed
from grader.report import cell_page, exercise_page, telling, terminal
from grader.results import Grade, for_learner
from grader.submission import cell_submission

_LINE: Final = re.compile(r"(\S+)(?:\s+--seed\s+(\d{1,19}))?")
_COMMANDS: Final = "list, show, start"
_MENTIONED: Final = re.compile(r"`grade (list|show|start)\b")
_UNDEFINED: Final = re.compile(r"\bname '(\w+)' is not defined")
_COLUMNS: Final = 80


def load_ipython_extension(shell: InteractiveShell) -> None:
    """``%load_ext grader``: give ``shell`` the magic, and start what it grades with."""
    magics = GradeMagics(shell)
    shell.register_magics(magics)
    # Before the others, the first of which would call a marker alone an error.
    shell.input_transformers_cleanup.insert(0, _with_body)
    atexit.register(magics.close)
    magics.warm_up()


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """``%unload_ext grader``: end what it grades with."""
    magics = shell.magics_manager.registry["GradeMagics"]
    magics.close()
    atexit.unregister(magics.close)
    shell.input_transformers_cleanup.remove(_with_body)
    for kind in ("line", "cell"):
        del shell.magics_manager.magics[kind]["grade"]


def _with_body(lines: list[str]) -> list[str]:
    """A marker that stands alone gets an empty line after it: a cell magic without any is an error to IPython."""
    said = [line for line in lines if line.strip()]
    return [*lines, "\n"] if len(said) == 1 and said[0].lstrip().startswith("%%grade ") else lines


@magics_class
class GradeMagics(Magics):
    """The magic ``grade`` of one kernel, with its examiner."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self._kernel = shell
        self._examiner: Examiner | None = None
        self._one_at_a_time = threading.Lock()

    def warm_up(self) -> None:
        """Start the examiner, so that the first grade need not wait for it; where that fails, the grade tells."""
        with contextlib.suppress(OSError):
            self._examiner = self._examiner or Examiner()

    def close(self) -> None:
        """End the examiner; the next grade starts another."""
        examiner, self._examiner = self._examiner, None
        if examiner is not None:
            examiner.close()

    @no_var_expand
    @line_cell_magic
    def grade(self, line: str, cell: str | None = None) -> None:
        """Run a cell and grade it, or ask about the course.

        ``%%grade exercise3`` on a cell with code runs and grades it; on a cell with a quiz's
        answers it grades them; on an empty cell it fills in the starter or the questions.
        ``%grade list``, ``%grade show exercise3``, ``%grade start exercise3``.
        """
        try:
            self._carry_out(line.split(), line.strip(), cell)
        except GraderError as error:
            raise MagicError(_in_magics(str(error))) from None
        except OSError as error:
            why = error.strerror or str(error)
            raise MagicError(f"the system could not do what was asked ({why}); mend that, then try again") from None

    def _carry_out(self, words: list[str], line: str, cell: str | None) -> None:
        commands = {"show": self._show, "start": self._start}
        if cell is not None and cell.strip():
            if not (match := _LINE.fullmatch(line)):
                raise MagicError("name the exercise alone, as in `%%grade exercise3`")
            self._cell(_exercise(match[1]), cell, int(match[2]) if match[2] else new_seed())
        elif words == ["list"]:
            self._list()
        elif len(words) == 2 and words[0] in commands:
            commands[words[0]](_exercise(words[1]))
        elif len(words) == 1 and words[0] not in commands:
            self._start(_exercise(words[0]), here=cell is not None)
        else:
            raise MagicError(f"`%grade` takes an exercise, or one of {_COMMANDS}; `%grade list` shows the exercises")

    def _cell(self, exercise: Exercise, cell: str, seed: int) -> None:
        """Run the cell, if it is code, and show its grade."""
        if isinstance(exercise.spec, CodeExercise):
            self._run(exercise, cell)
        grade = self._grade(exercise, cell, seed)
        notices = self._notices(grade)
        text = io.StringIO()
        terminal.write(grade, exercise.spec.title, text)
        plain = "\n".join([text.getvalue(), *(textwrap.fill(notice, _COLUMNS) + "\n" for notice in notices)])
        self._display(plain, "text/html", cell_page.cell_page(grade, exercise.spec.title, notices))

    def _run(self, exercise: Exercise, cell: str) -> None:
        """Run the cell as it would without its marker; what it raises is shown as always, and the grade still told."""
        # The marker stays a line of it, so that a traceback counts lines as the learner sees them.
        source = cell if cell.lstrip().startswith("%%") else f"# %%grade {exercise.id}\n{cell}"
        result: ExecutionResult = self._kernel.run_cell(source)  # type: ignore[no-untyped-call]
        if isinstance(result.error_in_exec, KeyboardInterrupt):
            raise MagicError("interrupted; nothing was graded")

    def _grade(self, exercise: Exercise, cell: str, seed: int) -> Grade:
        number = self._kernel.execution_count
        submission = cell_submission(exercise, f"In [{number}]", number, cell)
        with self._one_at_a_time:
            try:
                self._examiner = self._examiner or Examiner()
                return for_learner(self._examiner.grade(Examine(exercise, submission, workspace.login(), seed)))
            except KeyboardInterrupt:
                # It is at work on what nobody waits for any more.
                self.close()
                self.warm_up()
                raise MagicError("interrupted; nothing was graded") from None

    def _notices(self, grade: Grade) -> list[str]:
        """What the kernel knows about a failure: a name that another cell defined."""
        said = " ".join(check.message for check in telling.told(grade).shown)
        names = [name for name in dict.fromkeys(_UNDEFINED.findall(said)) if name in self._kernel.user_ns]
        return [
            f"`{name}` is defined in this kernel, but not in this cell. The cell is graded alone, as it will be when "
            "the notebook is handed in: write into it all that it needs, imports too."
            for name in names
        ]

    def _start(self, exercise: Exercise, *, here: bool = False) -> None:
        """Fill in this cell, if it was empty, or else a new one."""
        if isinstance(exercise.spec, QuizExercise):
            content = workspace.sheet(exercise, workspace.login(), then="run this cell")
            what, then = "questions", "Write each answer after its colon"
        else:
            content = course.starter(exercise)
            what, then = "starter", f"`%grade show {exercise.id}` says what to do"
        content = f"%%grade {exercise.id}\n{content}"
        self._kernel.set_next_input(content, replace=here)
        sentence = f"The {what} of {exercise.id}: in {'this cell' if here else 'a new cell'} now. {then}, then run it."
        self._display(f"{sentence}\n", "text/html", cell_page.sheet_page(sentence, content))

    def _list(self) -> None:
        exercises = list(course.load_course(_root()).values())
        markdown = exercise_page.listing_markdown(exercises)
        self._display(exercise_page.listing(exercises), "text/markdown", markdown)

    def _show(self, exercise: Exercise) -> None:
        shown = exercise_page.markdown(exercise, workspace.login(), f"Next: `%grade start {exercise.id}`.")
        self._display(shown, "text/markdown", shown)

    def _display(self, plain: str, kind: str, rich: str) -> None:
        """Show ``rich`` where that can be shown, ``plain`` in a console."""
        self._kernel.display_pub.publish({"text/plain": plain, kind: rich})


def _exercise(exercise_id: str) -> Exercise:
    return course.load_exercise(_root(), exercise_id)


def _root() -> Path:
    """The course that ``GRADE_COURSE`` names, as for the command."""
    return Path(named) if (named := os.environ.get("GRADE_COURSE")) else course.default_root()


def _in_magics(message: str) -> str:
    """``message`` with the commands that it names as they are typed in a notebook."""
    return _MENTIONED.sub(r"`%grade \1", message).replace("`grade ", "`%%grade ")
