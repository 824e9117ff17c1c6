"""Grading in a notebook with a real kernel, and the grade of the same notebook when submitted."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import nbclient
import nbformat
import pytest
from jupyter_client.manager import start_new_kernel

from grader.course.loading import load_course, load_exercise
from grader.grades.grade import Outcome, grade_from_checks
from grader.study import advice, progress
from grader.submission.answer_sheet import questions
from grader.submission.files import Submission
from tests.grading import (
    SMALL_COURSE,
    check_result,
    descendants,
    is_dead,
    until,
)

SETTINGS = {"GRADE_COURSE": str(SMALL_COURSE), "GRADE_LEARNER": "ada"}
UNKNOWN = (
    f"`%grade` takes an exercise, or one of {', '.join(advice.MAGICS)}; "
    "`%grade list` lists the exercises"
)
ROOT = Path(__file__).parents[2]
RIGHT = "def double(x):\n    if isinstance(x, str):\n        raise TypeError\n    return x * 2\n"
HANGS = "def double(x):\n    while True: pass\n"
SLOW = """
from pathlib import Path

def test_value(learner):
    Path({begun!r}).touch()
    learner.double(1)

def test_gradient(learner): ...
"""

# IPython calls `extra_flags` before it compiles a statement.
INTERRUPTED_COMPILER = """
compiler = get_ipython().compile

def interrupted(flags):
    del compiler.extra_flags
    raise KeyboardInterrupt
"""


class Kernel:
    """A Python kernel as in a notebook, with the extension loaded."""

    def __init__(self, folder, **environment):
        folder.mkdir(exist_ok=True)
        self.folder = folder
        names = ("IPYTHONDIR", "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR")
        home = dict.fromkeys(names, str(folder / ".home"))
        environment = os.environ | home | SETTINGS | environment
        self.manager, self.client = start_new_kernel(
            kernel_name="python3", env=environment, cwd=str(folder)
        )
        assert self.run("%load_ext grader").status == "ok"

    def move(self, folder, **environment):
        """Continue in another folder, with other settings."""
        self.folder = folder
        settings = SETTINGS | environment
        self.run(f"import os; os.chdir({str(folder)!r}); os.environ.update({settings!r})")

    def run(self, source, **meanwhile):
        """Run a cell; return its status, its outputs by kind, and its effect on the notebook.

        ``meanwhile`` maps a kind of message to what to do when the first of that kind arrives.
        """
        outputs = []

        def came(message):
            outputs.append(message)
            meanwhile.pop(message["msg_type"], lambda: None)()

        reply = self.client.execute_interactive(
            source, output_hook=came, timeout=120, allow_stdin=False
        )["content"]
        shown = [
            message["content"]["data"]
            for message in outputs
            if message["msg_type"] == "display_data"
        ]
        streams = [message["content"] for message in outputs if message["msg_type"] == "stream"]
        return SimpleNamespace(
            status=reply["status"],
            payload=reply.get("payload", []),
            shown=shown,
            plain="\n".join(data["text/plain"] for data in shown),
            html="\n".join(data.get("text/html", "") for data in shown),
            said="".join(stream["text"] for stream in streams if stream["name"] == "stderr"),
            printed="".join(stream["text"] for stream in streams if stream["name"] == "stdout"),
            result=[
                message["content"] for message in outputs if message["msg_type"] == "execute_result"
            ],
            errors=[message["content"] for message in outputs if message["msg_type"] == "error"],
        )

    def value(self, expression):
        """The printed value of an expression in the kernel."""
        return self.run(f"print({expression}, end='')").printed

    @property
    def pid(self):
        return self.manager.provisioner.pid

    @property
    def examiner(self):
        """The id of the examiner's process."""
        return next(pid for pid in descendants(self.pid) if b"grader.examiner" in command(pid))

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=not self.manager.is_alive())
        self.manager.cleanup_resources()


def command(pid):
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    """One kernel for every test that leaves it running."""
    running = Kernel(tmp_path_factory.mktemp("notebook"))
    yield running
    running.close()


@pytest.fixture
def elsewhere(kernel, tmp_path):
    """The same kernel in a new folder, with other settings, for one test."""
    home = kernel.folder

    def move(**environment):
        folder = tmp_path / "notebook"
        folder.mkdir()
        kernel.move(folder, **environment)
        return kernel

    yield move
    kernel.move(home)


@pytest.fixture
def another(tmp_path):
    """A kernel for a test that ends it."""
    running = Kernel(tmp_path / "notebook")
    yield running
    running.close()


def hand_in(folder, *cells):
    """Save a notebook with these cells, and return its path."""
    saved = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    path = folder / "handed_in.ipynb"
    nbformat.write(saved, path)
    return path


def page(text):
    """A page without the name of the submission."""
    head, *lines = text.rstrip().splitlines()
    return [head.rsplit("  ", 1)[0].rstrip(), *lines]


# The cell in its kernel


def test_cell_runs_and_is_graded(kernel):
    """A marked cell defines its names and shows its value; below is its grade, as HTML and text."""
    ran = kernel.run(f"%%grade double\n{RIGHT}print('here')\ndouble(21)")
    assert (ran.status, ran.printed, ran.said) == ("ok", "here\n", "")
    assert [result["data"]["text/plain"] for result in ran.result] == ["42"]
    assert (
        "All checks passed: 5 of 5 points" in ran.plain
        and "All checks passed: 5 of 5 points" in ran.html
    )
    assert kernel.value("double(4)") == "8"


def test_error_is_shown_as_always(kernel):
    """An error in the cell is shown as usual and stops "Run all"; the cell is still graded."""
    ran = kernel.run("%%grade double\n\nx = 1\n1/0")
    assert ran.status == "error"
    (error,) = ran.errors
    assert error["ename"] == "ZeroDivisionError"
    # Older versions of IPython name the cell in another way.
    plain = re.sub(r"\x1b\[[\d;]*m", "", "\n".join(error["traceback"]))
    assert re.search(r"^-+> 4 1/0$", plain, re.MULTILINE)
    assert "line 4: 1/0" in ran.plain and "0 of 5 points" in ran.plain


def test_kernel_stays_as_it_was(kernel):
    """A grade changes only the names that the cell defines, and does not import torch here."""
    state = (
        "(hash(tuple(torch.get_rng_state().tolist())), hash(random.getstate()), "
        "torch.is_grad_enabled(), torch.get_default_dtype(), torch.get_num_threads(), "
        "os.getcwd(), sys.path, dict(os.environ), signal.getsignal(signal.SIGINT), sys.stdout, "
        "sorted(name for name in globals() if name[0] != '_'))"
    )
    kernel.run(f"%%grade double\n{RIGHT}")
    assert kernel.value("'torch' in __import__('sys').modules") == "False"
    kernel.run(
        "import torch, random, os, sys, signal\ntorch.set_grad_enabled(False); torch.manual_seed(3)"
    )
    before = kernel.value(state)
    wild = "torch.manual_seed(1); random.seed(1); torch.set_grad_enabled(True); os.chdir('/')"
    ran = kernel.run(
        f"%%grade double\nimport torch, random, os\ndef double(x):\n    {wild}\n    return x"
    )
    assert ran.status == "ok" and "of 5 points" in ran.plain
    kernel.run("%%grade sizes\nvector: 3")
    assert kernel.value(state) == before


def test_grade_needs_nothing_of_the_kernel(kernel):
    """A name from another cell is not part of the submission, and the page says so."""
    kernel.run("factor = 2")
    ran = kernel.run("%%grade double\ndef double(x):\n    return x * factor")
    assert kernel.value("double(3)") == "6"
    assert "name 'factor' is not defined" in ran.plain
    for told in (ran.plain, ran.html):
        assert "is defined in this kernel, but not in this cell" in " ".join(told.split())
    assert (
        "in this kernel"
        not in kernel.run("%%grade double\ndef double(x):\n    return x * nowhere").plain
    )
    # A missing import has its sentence already.
    kernel.run("import math")
    ran = kernel.run("%%grade double\ndef double(x):\n    return x * math.e")
    assert "in this kernel" not in ran.plain and ran.plain.count("import math") == 1
    # The cell has one name, in the head of the page and at each line.
    assert "In [" not in ran.plain
    assert re.search(r"(cell \d+)\n.*\1, line 3", ran.plain, re.DOTALL)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("%%grade double\n%%time\nmarker = 1", "1"),
        ("\n\n%%grade double\nmarker = 2", "2"),
        ("  %%grade double\n  marker = 3", "3"),
        ("%%grade double --seed 4\nmarker = 4", "4"),
        ("%%grade double\n!true\nmarker = 5", "5"),
        ("%%grade double\nfrom __future__ import annotations\nmarker = 6", "6"),
        ("%%grade double\nimport asyncio\nmarker = await asyncio.sleep(0, 7)", "7"),
    ],
)
def test_cell_of_any_form_runs(kernel, cell, value):
    """IPython runs a cell with the marker exactly as without it."""
    ran = kernel.run(cell)
    assert (ran.status, kernel.value("marker")) == ("ok", value)
    assert "of 5 points" in ran.plain


def test_cell_without_marker_is_not_graded(kernel):
    """A cell without the marker is not graded."""
    ran = kernel.run("y = 1\n# %%grade double\ny")
    assert (ran.shown, [one["data"]["text/plain"] for one in ran.result]) == ([], ["1"])


# What is handed in

CELLS = {
    "right": RIGHT,
    "wrong": "def double(x):\n    print('printed')\n    return x",
    "raises": "def double(x):\n\n    raise ValueError('no')",
    "a magic and a shell line": f"!true\n%time\n{RIGHT}",
    "timed": f"%%time\n{RIGHT}",
    "cut short": "def double(x)\n    return x",
    "a module beside it": "from helper import double",
    "another cell's name": "def double(x):\n    return x * factor",
}


@pytest.mark.parametrize(
    ("case", "before"), [*((case, "") for case in CELLS), ("raises", "\n \n"), ("timed", "\n \n")]
)
def test_handed_in_it_gets_the_same_grade(kernel, run_here, case, before):
    """The page below a cell equals the page of the submitted notebook."""
    (kernel.folder / "helper.py").write_text(RIGHT)
    cell = f"{before}%%grade double --seed 5\n{CELLS[case]}"
    ran = kernel.run(cell)
    number = int(re.match(r".*cell (\d+)$", ran.plain.splitlines()[0])[1])
    path = hand_in(kernel.folder, *["pass"] * (number - 1), cell)
    handed = run_here(
        "double", path.name, "--seed", "5", folder=kernel.folder, GRADE_COURSE=str(SMALL_COURSE)
    )
    # Only the kernel says these.
    live = re.split(r"\n(?:`factor` is defined|Your progress is not kept)", ran.plain)[0]
    assert page(live) == page(handed.stdout)


def test_answers_handed_in_get_the_same_grade(kernel, run_here):
    """This holds for a quiz, too; the name in the cell does not decide its numbers."""
    cell = "%%grade sizes --seed 5\nlearner: grace\nvector: (4,)\nnumbers: 12\nfloats: yes"
    path = hand_in(kernel.folder, "x = 1", cell)
    # The kernel grades for ada.
    words = ("sizes", path.name, "--seed", "5", "--learner", "ada")
    handed = run_here(*words, folder=kernel.folder, GRADE_COURSE=str(SMALL_COURSE))
    assert page(kernel.run(cell).plain) == page(handed.stdout)


def test_empty_cell_hands_in_nothing(run_here, tmp_path):
    """An empty marked cell does not count; the one before it is the submission."""
    path = hand_in(tmp_path, f"%%grade double\n{RIGHT}", "%%grade double")
    handed = run_here("double", path.name, folder=tmp_path, GRADE_COURSE=str(SMALL_COURSE))
    assert "All checks passed" in handed.stdout


# Quizzes, starters, and what else can be asked


@pytest.mark.parametrize(
    "cell", ["%%grade sizes", "%%grade sizes\n", "\n%%grade sizes  \n\n", "%%grade sizes\n  \n"]
)
def test_empty_cell_becomes_the_sheet(kernel, cell):
    """An empty cell gets the questions of a quiz for this learner; with answers it is graded."""
    ran = kernel.run(cell)
    (payload,) = ran.payload
    assert (payload["source"], payload["replace"]) == ("set_next_input", True)
    sheet = payload["text"]
    assert sheet.startswith("%%grade sizes\n") and "then run this cell." in sheet
    asked = questions(load_exercise(SMALL_COURSE, "sizes"), "ada")
    assert all(f"# {text}" in sheet and text in ran.html for _, text in asked)
    size = re.search(r"zeros\((\d+)\)", asked[0][1])[1]
    graded = kernel.run(
        sheet.replace("\nvector:", f"\nvector: ({size},)").replace("\nfloats:", "\nfloats: yes")
    )
    assert "2 of 4 points" in graded.plain and "Not answered yet" in graded.html
    # The sheet was written for this learner, so there is nothing to say about names.
    assert "numbers of" not in graded.plain


def test_empty_cell_becomes_the_starter(kernel):
    """An empty cell gets the marker and the starter of a code exercise."""
    (payload,) = kernel.run("%%grade double").payload
    assert (
        payload["text"]
        == f"%%grade double\n{(SMALL_COURSE / 'exercises/double/starter.py').read_text()}"
    )


@pytest.mark.parametrize("line", ["%grade double", "%grade start double"])
def test_starter_in_a_new_cell(kernel, line):
    """Between other lines, the magic puts the starter into a new cell."""
    ran = kernel.run(f"z = 1\n{line}")
    (payload,) = ran.payload
    assert (payload["replace"], payload["text"].splitlines()[0]) == (False, "%%grade double")
    assert ran.plain == (
        "The starter of double is now in a new cell. Complete it and run the cell. `%grade show "
        "double` shows the statement. To grade a cell that you have, write `%%grade double` above "
        "it."
    )


def test_list_and_show(kernel):
    """The list and a statement are shown as Markdown, and as text in a console."""
    listed = kernel.run("%grade list").shown[0]
    assert "| `double` | 5 | Twice as much |" in listed["text/markdown"]
    assert re.search(r"^double +5 points  Twice as much$", listed["text/plain"], re.MULTILINE)
    shown = kernel.run("%grade show double").shown[0]
    for part in (
        "Write `double(x)`",
        "- `torch.nn.Linear`",
        "- The result is twice the input (2 points)",
    ):
        assert part in shown["text/markdown"]
    assert "- `vector`: What is the shape of" in kernel.run("%grade show sizes").plain
    assert "%grade hint EXERCISE" in kernel.run("%grade help").plain
    assert "def double" in kernel.run("%grade solution double --give-up").plain


REFUSED = {
    "%%grade doble\nx = 1": "there is no exercise `doble`; did you mean `%%grade double`?",
    "%%grade\nx = 1": "name one exercise and nothing else, as in `%%grade EXERCISE`",
    "%%grade double sizes\nx = 1": "name one exercise and nothing else, as in `%%grade EXERCISE`",
    "%%grade nothing": "there is no exercise `nothing`; `%grade list` shows them all",
    "%grade show": "name an exercise, as in `%grade show double`",
    "%grade watch": "every run of a marked cell grades it",
    "%grade reset double": "`%grade start EXERCISE` writes the starter into a new cell",
    "%grade solution double": "you have not passed double here; `%grade hint double` helps",
    "%grade solution sizes": "`grade solution sizes` in a terminal shows the answers to a quiz",
    "%grade show me the": UNKNOWN,
    "%grade hint double 1 2": UNKNOWN,
    "%grade hint nothing": "there is no exercise `nothing`; `%grade list` shows them all",
    "%grade hint double one": "give the number of a hint, as in `%grade hint EXERCISE 1`",
    "%grade hint double 2": "double has 1 hint, numbered from 1; `%grade hint double` gives",
    "%%grade sizes\nvektor: 3": "sizes has no question `vektor`; did you mean `vector`?",
    "%%grade sizes\na: [": "fix the YAML there",
    "%%grade sizes\n- 3": "not a list of `name: answer` lines; write one line per question",
    "%%grade double\n#" + "x" * 1024 * 1024: "more than 1024 KiB of code or answers",
}


@pytest.mark.parametrize("cell", REFUSED, ids=lambda cell: repr(cell[:24]))
def test_what_cannot_be_graded_is_told(kernel, cell):
    """The problem is shown once, in a sentence without a traceback, and stops "Run all"."""
    ran = kernel.run(cell)
    assert ran.status == "error" and not ran.shown
    assert ran.said.startswith("UsageError: ") and ran.said.count("UsageError") == 1
    assert REFUSED[cell] in ran.said and "Traceback" not in ran.said


def test_missing_course(elsewhere):
    """A missing course is reported, and the cell does not run."""
    kernel = elsewhere(GRADE_COURSE="/nowhere")
    ran = kernel.run("%%grade double\nran = 1")
    assert "/nowhere: not a course" in ran.said and ran.status == "error"
    assert kernel.value("'ran' in globals()") == "False"


def test_a_failure_of_the_grader_is_no_zero(elsewhere):
    """An examiner that cannot start is reported as an operation that the system refused."""
    kernel = elsewhere()
    os.kill(kernel.examiner, signal.SIGKILL)
    kernel.run("def refuse(*a, **k): raise OSError(12, 'Cannot allocate memory')")
    kernel.run("import subprocess\nkept, subprocess.Popen = subprocess.Popen, refuse")
    ran = kernel.run(f"%%grade double\n{RIGHT}")
    assert ran.status == "error" and "points" not in ran.plain
    assert "the system refused an operation (Cannot allocate memory)" in ran.said
    kernel.run("subprocess.Popen = kept")
    assert "5 of 5 points" in kernel.run(f"%%grade double\n{RIGHT}").plain


# Progress

WRONG = "def double(x):\n    return x * x\n"


def standing(folder, exercise_id):
    """Points, attempts, pass and hints of an exercise in the workspace ``folder``."""
    (found,) = progress.standings(progress.find(folder), [load_exercise(SMALL_COURSE, exercise_id)])
    return found.points, found.attempts, found.passed, found.hints


def test_grades_are_kept_as_progress(elsewhere, run_here):
    """Grades and hints from a notebook and from a terminal are one progress."""
    kernel = elsewhere()
    command = partial(run_here, folder=kernel.folder, GRADE_COURSE=str(SMALL_COURSE))
    assert command("start", GRADE_LEARNER="bob").returncode == 0
    ran = kernel.run(f"%%grade double\n{WRONG}")
    assert "Stuck? `%grade hint double` (1 left)." in ran.plain
    assert "Stuck? <code>%grade hint double</code> (1 left)." in ran.html
    assert standing(kernel.folder, "double") == (2, 1, False, 0)
    hint = kernel.run("%grade hint double")
    for text in (hint.plain, hint.html.partition("</style>")[2]):
        places = [
            text.index(part)
            for part in (
                "Before the hint",
                "twice the input",
                "Hint 1 of 1",
                "Multiply.",
            )
        ]
        assert places == sorted(places)
    assert "`%grade solution double --give-up` shows" in hint.plain.replace("\n", " ")
    assert standing(kernel.folder, "double") == (2, 1, False, 1)
    assert "Next: `%grade show sizes`, Sizes" in kernel.run(f"%%grade double\n{RIGHT}").plain
    kernel.run(f"%%grade double\n{RIGHT}")
    assert standing(kernel.folder, "double") == (5, 2, True, 1)
    # The numbers of a quiz are drawn for the learner of the workspace.
    (payload,) = kernel.run("%%grade sizes").payload
    assert 'learner: "bob"' in payload["text"]
    kernel.run("%%grade sizes\nfloats: yes")
    assert standing(kernel.folder, "sizes") == (1, 1, False, 0)
    here = command().stdout.splitlines()
    status = kernel.run("%grade status")
    assert status.plain.splitlines()[:8] == here[:8]
    assert status.plain.splitlines()[8:] == [
        "  %grade show sizes   show the statement and the checks",
        "  %grade start sizes  insert the questions in a new cell",
        "  %%grade sizes       grade the answers below this line in the same cell",
        "  %grade hint sizes   give a hint (1 left)",
    ]
    for part in (
        "passed",
        "<b>double</b> Twice as much",
        "5/5",
        "1 of 4 passed, 3 attempts",
        "<code>%%grade sizes</code>",
    ):
        assert part in status.html
    assert kernel.run("%grade").plain == status.plain
    assert "Hint 1 of 1 for sizes" in kernel.run("%grade hint").plain
    for exercise in load_course(SMALL_COURSE).values():
        done = [check_result("value", "It holds", Outcome.PASSED, 5, 5)]
        grade = grade_from_checks(
            done, exercise=exercise.id, submission="any", learner="bob", seed=1
        )
        progress.record(progress.find(kernel.folder), exercise, Submission("any", b"done"), grade)
    assert "\nYou passed every exercise. " in kernel.run("%grade hint").plain


@pytest.mark.slow
def test_where_no_progress_is_kept(elsewhere):
    """Outside a workspace nothing is kept, and the first grade says how to keep progress."""
    kernel = elsewhere()
    kernel.run("%reload_ext grader")
    told = "Your progress is not kept here. `%grade start` makes this folder a workspace"
    first, second = (kernel.run(f"%%grade double\n{WRONG}") for _ in range(2))
    assert told in first.plain and "<code>%grade start</code> makes this folder" in first.html
    assert "workspace" not in second.plain + second.html
    assert "Hint 1 of 1 for double" in kernel.run("%grade hint double").plain
    assert told in kernel.run("%grade status").plain
    assert [path.name for path in kernel.folder.iterdir() if path.name != ".home"] == []
    begun = kernel.run("%grade start").plain
    assert "double   new" in begun and "This folder is now your workspace" in begun
    assert "now your workspace" not in kernel.run("%grade start").plain
    inner = kernel.folder / "inner"
    inner.mkdir()
    kernel.run(f"%cd -q {inner}")
    kernel.run(f"%%grade double\n{RIGHT}")
    assert standing(kernel.folder, "double") == (5, 1, True, 0)


def test_progress_that_cannot_be_kept(elsewhere):
    """With a damaged gradebook the grade is still shown, and then the problem."""
    kernel = elsewhere()
    (kernel.folder / ".grade").mkdir()
    (kernel.folder / ".grade/gradebook.db").write_bytes(b"no database" * 1000)
    ran = kernel.run(f"%%grade double\n{RIGHT}")
    assert ran.status == "ok" and "5 of 5 points" in ran.plain
    for text in (ran.plain, ran.html):
        assert "Graded, but not kept as progress" in " ".join(text.split())
    assert "move it away; then `%grade start` creates another" in " ".join(ran.plain.split())
    refused = kernel.run("%grade status")
    assert refused.status == "error" and "move it away" in refused.said


def test_course_of_the_workspace(elsewhere, course, run_here):
    """The course of the workspace is used unless another is named; a missing one is reported."""
    course.add_code("other")
    kernel = elsewhere(GRADE_COURSE="")
    run_here("start", "--course", str(course.root), folder=kernel.folder)
    assert "All checks passed" in kernel.run("%%grade other\ndef double(x): return x * 2").plain
    assert "1 of 1 passed, 1 attempt" in kernel.run("%grade status").plain
    course.root.rename(course.root.with_name("gone"))
    ran = kernel.run("%%grade other\ndef double(x): return x * 2")
    assert ran.status == "error" and not ran.shown
    assert "the course of this folder is missing" in ran.said
    assert "`grade start --course FOLDER` in a terminal" in ran.said


# Interrupts, and how it ends


def test_interrupted_while_it_is_graded(elsewhere, course):
    """An interrupt ends the grading and its processes with one line, and the kernel continues."""
    course.add_code(change=lambda spec: spec.update(limits={"seconds": 100, "total_seconds": 100}))
    begun = course.root / "begun"
    course.write("solutions/double/checks.py", SLOW.format(begun=str(begun)))
    kernel = elsewhere(GRADE_COURSE=str(course.root))
    examiner = kernel.examiner

    def interrupt():
        until(begun.exists)
        kernel.manager.interrupt_kernel()

    ran = kernel.run(f"%%grade double\n{HANGS}", execute_input=interrupt)
    assert (ran.status, ran.said, ran.shown) == (
        "error",
        "UsageError: interrupted; nothing was graded\n",
        [],
    )
    until(lambda: is_dead(examiner))
    assert kernel.value("1 + 1") == "2"
    assert "points" in kernel.run(f"%%grade double\n{RIGHT}").plain


def test_interrupted_while_it_runs(kernel):
    """An interrupted cell shows that as usual and is not graded."""
    cell = "%%grade double\nimport time\nprint('running', flush=True)\ntime.sleep(60)"
    ran = kernel.run(cell, stream=kernel.manager.interrupt_kernel)
    assert [error["ename"] for error in ran.errors] == ["KeyboardInterrupt"]
    assert (ran.said, ran.shown) == ("UsageError: interrupted; nothing was graded\n", [])


def test_interrupted_between_two_statements(kernel):
    """An interrupt that comes while IPython compiles the next statement counts as well."""
    kernel.run(INTERRUPTED_COMPILER)
    ran = kernel.run("%%grade double\ncompiler.extra_flags = interrupted\nx = 1")
    assert [error["ename"] for error in ran.errors] == ["KeyboardInterrupt"]
    assert (ran.said, ran.shown) == ("UsageError: interrupted; nothing was graded\n", [])


def processes_that_grade(kernel):
    """The examiner that grades two cells, and the processes below it."""
    examiner = kernel.examiner
    for _ in range(2):
        kernel.run(f"%%grade double\n{RIGHT}")
    assert kernel.examiner == examiner
    return [examiner, *descendants(examiner)]


@pytest.mark.slow
@pytest.mark.parametrize("how", ["shut down", "killed"])
def test_examiner_ends_with_its_kernel(another, how):
    """One examiner grades all cells; it ends with the kernel, however that ends."""
    processes = processes_that_grade(another)
    another.manager.shutdown_kernel(now=how == "killed")
    until(lambda: all(map(is_dead, processes)))


def test_examiner_ends_with_the_extension(kernel):
    """Without the extension there is no examiner and no magic; loading it again works."""
    processes = processes_that_grade(kernel)
    assert kernel.run("%unload_ext grader").status == "ok"
    until(lambda: all(map(is_dead, processes)))
    assert "not found" in kernel.run("%%grade double\nx = 1").said
    assert kernel.run("%load_ext grader\n%reload_ext grader").status == "ok"
    assert "5 of 5" in kernel.run(f"%%grade double\n{RIGHT}").plain


@pytest.mark.slow
def test_examiner_that_died_is_started_again(kernel):
    """A cell is graded even if the examiner died since the last one."""
    os.kill(kernel.examiner, signal.SIGKILL)
    assert "5 of 5 points" in kernel.run(f"%%grade double\n{RIGHT}").plain


# Other faces


@pytest.mark.slow
def test_console(tmp_path):
    """In IPython's console the grade is plain text, 80 columns at most."""
    typed = "%load_ext grader\n%%grade double\ndef double(x):\n    return x\n\n\n%grade list\n"
    result = subprocess.run(
        [
            sys.executable,
            "-m",
            "IPython",
            "--simple-prompt",
            "--no-banner",
            "--colors=NoColor",
            "--no-confirm-exit",
        ],
        input=typed,
        cwd=tmp_path,
        env=os.environ
        | {"GRADE_COURSE": str(SMALL_COURSE), "IPYTHONDIR": str(tmp_path), "COLUMNS": "80"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "✗  failed  The result is twice the input" in result.stdout
    assert "Twice as much" in result.stdout and "<div" not in result.stdout
    assert max(len(line) for line in result.stdout.splitlines() if "...:" not in line) <= 80


def test_every_magic_is_documented():
    """docs/notebooks.md lists every magic."""
    documented = (ROOT / "docs" / "notebooks.md").read_text()
    for name in advice.MAGICS:
        assert f"`%grade {name}" in documented


@pytest.mark.slow
def test_example_notebook(tmp_path):
    """The example notebook runs from start to end, and every marked cell shows a page."""
    example = nbformat.read(ROOT / "docs" / "notebook.ipynb", 4)
    where = {
        "env": os.environ | {"IPYTHONDIR": str(tmp_path), "GRADE_LEARNER": "ada"},
        "cwd": str(tmp_path),
    }
    nbclient.NotebookClient(example, timeout=120, kernel_name="python3").execute(**where)
    marked = [cell for cell in example.cells if cell.source.startswith("%%grade ")]
    assert len(marked) > 2
    for cell in marked:
        assert any("text/html" in output.get("data", {}) for output in cell.outputs), cell.source
    pages = "\n".join(
        output["data"]["text/plain"]
        for cell in marked
        for output in cell.outputs
        if "data" in output
    )
    assert "All checks passed" in pages and "Why:" in pages and "one_based" not in pages
