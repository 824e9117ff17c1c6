"""Self-study: progress in a folder, the next exercise, hints, reset, solutions, completion."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import termios
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import msgspec
import pytest
from click.shell_completion import get_completion_class

from grader.course.loading import load_course, load_exercise
from grader.course.location import default_root
from grader.errors import GradebookError, UsageError
from grader.grades.grade import Outcome, grade_from_checks
from grader.study import advice, progress, workspace
from grader.submission import answer_sheet
from grader.submission.files import Submission, read_answers, read_submission
from tests.grading import SMALL_COURSE, check_result, invoke_grade

GOOD = "def double(x):\n    if isinstance(x, str): raise TypeError\n    return x * 2\n"
BAD = "def double(x):\n    return x * x\n"
CLIPPED = [
    "setpriv",
    "--bounding-set=-dac_override,-dac_read_search",
    "--inh-caps=-dac_override,-dac_read_search",
]
"""Root without the right to write where it is not allowed to."""


@pytest.fixture
def grade(run_here, tmp_path):
    """Run ``grade …`` in an empty folder, with the small course."""
    settings = {"GRADE_COURSE": str(SMALL_COURSE), "GRADE_LEARNER": "ada"}
    return partial(run_here, folder=tmp_path, **settings)


def graded(
    points: int,
    *,
    misconception: str | None = None,
    ungraded: bool = False,
    exercise: str = "double",
):
    """A grade of one check of five points."""
    outcome = Outcome.UNGRADED if ungraded else Outcome.PASSED if points == 5 else Outcome.FAILED
    return grade_from_checks(
        [check_result("value", "It holds", outcome, points, 5)],
        exercise=exercise,
        submission="double.py",
        learner="ada",
        seed=1,
        misconception=misconception,
        explanation=misconception and "You squared it.",
    )


def test_alone(grade, tmp_path, tmp_path_factory, monkeypatch):
    """`grade` says how to start; in a workspace it shows the progress and what to type next."""
    # The page names an examiner that a terminal of another test has left running.
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    welcome = grade().stdout
    assert "`grade` checks your solutions to 4 PyTorch exercises." in welcome
    assert "  grade start" in welcome
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "double.py").write_text(GOOD)
    not_kept = "This grade is not kept. `grade start` makes this folder a workspace"
    assert not_kept in grade("double").stdout
    # Whoever names a file may not be a learner.
    assert "not kept" not in grade("double", "double.py").stdout
    assert grade("start").stdout.startswith("This folder is now your workspace")
    assert grade("start").stdout.startswith("This folder is already the workspace of ada.\n")
    (tmp_path / "double.py").write_text(BAD)
    grade("double")
    (tmp_path / "double.py").write_text(GOOD)
    assert "Next: `grade show sizes`, Sizes" in grade("double").stdout
    grade("double")
    assert grade().stdout.splitlines() == [
        "  double   passed  5/5  2 attempts  Twice as much",
        "→ sizes    new     -/4              Sizes",
        "  target   new     -/5              What hostile submissions aim at",
        "  workers  new     -/1              Many hands",
        "",
        "1 of 4 passed, 2 attempts",
        "",
        "Next: sizes, Sizes",
        "  grade show sizes   show the statement and the checks",
        "  grade start sizes  create sizes.yaml",
        "  grade sizes        answer the questions here, or grade sizes.yaml",
        "  grade hint sizes   give a hint (1 left)",
        "  grade watch        grade on every save",
    ]
    assert grade("status").stdout == grade().stdout
    inner = tmp_path / "inner"
    inner.mkdir()
    told = grade(folder=inner).stdout
    assert f"cd {shlex.quote(str(tmp_path))}" in told.replace("\n", " ")
    assert "It also keeps the grades of this folder." in told
    assert "grade start" not in told
    # Progress in a folder of the workspace stays together.
    assert "your workspace" in grade("target", folder=inner).stderr.replace("\n", " ")
    assert [path.name for path in inner.iterdir()] == ["target.py"]
    assert "→ sizes" in grade("list", folder=inner).stdout
    # What was given up comes last, and a pass stays.
    grade("solution", "target", "--give-up")
    (tmp_path / "double.py").write_text(BAD)
    assert "Kept: double stays passed, with 5 points." in grade("double").stdout
    assert "→ sizes" in grade("list").stdout


def test_lines_are_as_wide_as_the_page(monkeypatch):
    """Sentences wrap where the page of a grade does: at the terminal's width, at most 120."""
    ours, theirs = os.openpty()
    with os.fdopen(ours), os.fdopen(theirs, "w") as terminal:
        monkeypatch.setattr(sys, "stdout", terminal)
        for width, used in ((60, 60), (110, 110), (200, 120)):
            termios.tcsetwinsize(terminal, (24, width))
            assert max(map(len, advice.wrapped("x " * 500))) == used - 1


def test_starter_makes_a_workspace(grade, tmp_path):
    """Starting an exercise makes a workspace; the untouched starter is not an attempt."""
    grade("double")
    (standing, *_) = progress.standings(progress.find(tmp_path), load_course(SMALL_COURSE).values())
    assert (standing.points, standing.attempts, standing.passed) == (0, 0, False)


def test_no_workspace_no_trace(grade, tmp_path):
    """Grading a file outside a workspace leaves nothing behind."""
    (tmp_path / "double.py").write_text(GOOD)
    assert grade("double").returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["double.py"]


def test_whose_progress(grade, tmp_path):
    """A workspace belongs to one learner; a grade for another --learner is not kept."""
    grade("start", "sizes", "--learner", "bob")
    assert 'learner: "bob"' in (tmp_path / "sizes.yaml").read_text()
    (tmp_path / "double.py").write_text(GOOD)
    grade("double", "--learner", "eve")
    assert (
        progress.standings(progress.find(tmp_path), [load_exercise(SMALL_COURSE, "double")])[
            0
        ].points
        is None
    )
    grade("double")
    assert progress.standings(progress.find(tmp_path), [load_exercise(SMALL_COURSE, "double")])[
        0
    ].passed


def test_a_sheet_without_a_judged_answer_is_no_attempt(tmp_path):
    """A quiz counts as an attempt once an answer of it can be understood."""
    found = progress.begin(tmp_path, "ada")
    quiz = load_exercise(SMALL_COURSE, "sizes")
    counted = []
    for states in (["open", "open"], ["open", "unclear"], ["unclear", ""]):
        checks = []
        for name, state in zip("ab", states, strict=True):
            check = check_result(name, name, Outcome.FAILED, 0, 1)
            checks.append(msgspec.structs.replace(check, answer=state))
        grade = msgspec.structs.replace(graded(0, exercise="sizes"), checks=checks)
        progress.record(found, quiz, Submission("sizes.yaml", str(states).encode()), grade)
        counted.append(progress.standings(found, [quiz])[0].attempts)
    assert counted == [0, 0, 1]


def test_best_counts(code, tmp_path):
    """The best grade is shown, a pass first; a failure of the grader is not an attempt."""
    found = progress.begin(tmp_path, "ada")
    for number, grade in enumerate([graded(2), graded(5), graded(0), graded(0, ungraded=True)]):
        progress.record(found, code, Submission("double.py", b"%d" % number), grade)
    standing = progress.standings(found, [code])[0]
    assert (standing.points, standing.max_points, standing.attempts, standing.passed) == (
        5,
        5,
        3,
        True,
    )


def test_next_turns_round(course):
    """The next exercise is the first later one that is not passed, or else the first of all."""
    exercises = [course.add_code(name).load(name) for name in ("first", "second", "third")]
    standings = [
        progress.Standing(exercise, passed=number == 1) for number, exercise in enumerate(exercises)
    ]
    assert progress.next_standing(standings).exercise.id == "first"
    assert progress.next_standing(standings, "first").exercise.id == "third"
    assert progress.next_standing(standings, "third").exercise.id == "first"
    assert progress.next_standing([progress.Standing(exercises[0], passed=True)]) is None


def test_hints_one_at_a_time(course, tmp_path):
    """Hints come one by one, then the last again; a misconception comes with them."""
    exercise = course.add_code(
        change=lambda spec: spec.update(hints=["One.", "Two.", "Three."])
    ).load("double")
    found = progress.begin(tmp_path, "ada")
    with pytest.raises(UsageError, match="hint 1 of double comes first"):
        progress.hint(found, exercise, 2)
    assert [progress.hint(found, exercise).text for _ in range(4)] == [
        "One.",
        "Two.",
        "Three.",
        "Three.",
    ]
    assert progress.hint(found, exercise, 1) == progress.Hint(1, "One.", 0)
    assert progress.standings(found, [exercise])[0].hints == 3
    with pytest.raises(
        UsageError,
        match="double has 3 hints, numbered from 1; `grade hint double` gives the next one",
    ):
        progress.hint(found, exercise, 4)
    progress.record(
        found, exercise, Submission("double.py", b""), graded(2, misconception="squared")
    )
    assert progress.hint(found, exercise).misconception == ("squared", "You squared it.")
    progress.record(found, exercise, Submission("double.py", b""), graded(5))
    assert progress.hint(found, exercise).misconception is None


def test_hint_as_typed(grade, tmp_path):
    """`grade hint` shows the misconception of the last attempt, then the hint, in 80 columns."""
    grade("start", "double")
    (tmp_path / "double.py").write_text(BAD)
    grade("double")
    page = grade("hint", "double").stdout
    first, mistake, hint = (
        page.index(text)
        for text in ("Before the hint", "twice", "Hint 1 of 1 for double\n\n  Multiply.\n")
    )
    assert first < mistake < hint
    assert max(map(len, page.splitlines())) <= 80
    assert "`grade solution double --give-up`" in page.replace("\n", " ")
    # The misconception is told once.
    assert grade("hint", "double").stdout.startswith("Hint 1 of 1 for double")


def test_what_need_not_be_typed(grade, tmp_path):
    """Without an exercise, `show` and `hint` take the next one; `help` equals --help."""
    grade("start")
    (tmp_path / "double.py").write_text(GOOD)
    grade("double")
    assert grade("hint").stdout.startswith("Hint 1 of 1 for sizes")
    assert grade("show").stdout.startswith("sizes  Sizes")
    assert grade("help").stdout == grade("--help").stdout
    suggested = grade("3", GRADE_COURSE=str(default_root())).stderr
    assert "Created exercise3.py" in suggested


def test_hint_with_everything_passed(grade, tmp_path):
    """With everything passed, `grade hint` gives no hint unless an exercise is named."""
    found = progress.begin(tmp_path, "ada")
    for exercise in load_course(SMALL_COURSE).values():
        progress.record(
            found, exercise, Submission("any", b"done"), graded(5, exercise=exercise.id)
        )
    assert grade("hint").stdout.splitlines() == [
        "You passed every exercise. `grade solution EXERCISE` shows a solution next to",
        "yours. `grade hint EXERCISE` still gives the hints of an exercise.",
    ]
    assert [
        standing.hints for standing in progress.standings(found, load_course(SMALL_COURSE).values())
    ] == [0, 0, 0, 0]
    assert grade("hint", "double").stdout.startswith("Hint 1 of 1 for double")


def test_hint_outside_a_workspace(grade, tmp_path):
    """Outside a workspace, hints are given by number, and the page says why."""
    own_course = {"GRADE_COURSE": str(default_root())}
    page = grade("hint", "exercise1", **own_course).stdout
    assert "Hint 1 of 3" in page
    assert "2 hints left: `grade hint exercise1 2` gives the next one." in page
    assert "Only a workspace\nremembers the hints that you took" in page
    assert "Hint 3 of 3" in grade("hint", "exercise1", "3", **own_course).stdout
    assert list(tmp_path.iterdir()) == []


def test_reset_keeps_everything(grade, tmp_path):
    """Each reset makes a backup with the next number, but none of the untouched starter."""
    starter = load_exercise(SMALL_COURSE, "double").public / "starter.py"
    for number, text in enumerate([GOOD, BAD, GOOD], 1):
        (tmp_path / "double.py").write_text(text)
        assert f"Your work is in double.py.backup{number}." in grade("reset", "double").stdout
        assert (tmp_path / "double.py").read_text() == starter.read_text()
    assert [(tmp_path / f"double.py.backup{number}").read_text() for number in (1, 2, 3)] == [
        GOOD,
        BAD,
        GOOD,
    ]
    assert "double.py is still as `grade start` writes it" in grade("reset", "double").stdout
    assert len(list(tmp_path.glob("*.backup*"))) == 3


def test_reset_at_the_same_time(code, tmp_path):
    """Resets at the same time never share a backup."""
    path = tmp_path / "double.py"
    path.write_text(GOOD)
    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(lambda number: workspace._back_up(path, b"%d" % number), range(40)))
    assert len(set(kept)) == 40
    assert {backup.read_bytes() for backup in kept} == {b"%d" % number for number in range(40)}


def test_reset_of_a_notebook_is_refused(code, tmp_path):
    """A notebook is not reset: it may contain other exercises."""
    (tmp_path / "double.ipynb").write_text("{}")
    with pytest.raises(UsageError, match="a notebook can contain other exercises too"):
        workspace.reset(code, tmp_path, "ada")


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_reset_of_no_file_is_refused(code, tmp_path, kind):
    """A reset neither follows a link nor reads a pipe."""
    profile = tmp_path / "profile"
    profile.write_text(GOOD)
    path = tmp_path / "double.py"
    if kind == "link":
        path.symlink_to(profile)
    elif hasattr(os, "mkfifo"):
        os.mkfifo(path)
    else:
        pytest.skip("this system has no named pipes")
    with pytest.raises(UsageError, match="not a regular file"):
        workspace.reset(code, tmp_path, "ada")
    assert profile.read_text() == GOOD


def test_solution_once_passed(grade, tmp_path):
    """A solution is shown next to the submission after a pass, or after giving up."""
    grade("start", "double")
    (tmp_path / "double.py").write_text(BAD)
    refused = grade("solution", "double")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "you have not passed double in this folder; `grade hint double` helps" in refused.stderr
    shown = grade("solution", "double", "--give-up", COLUMNS="40").stdout
    assert shown.index("Yours, double.py") < shown.index("return x * x") < shown.index("A solution")
    assert "given up" in grade().stdout
    long = f"{GOOD}# {'a long remark, ' * 8}end\n"
    (tmp_path / "double.py").write_text(long)
    assert (
        long in grade("solution", "double", "--give-up").stdout
    )  # not broken at 80 columns, which would be no Python
    (tmp_path / "double.py").write_text(GOOD)
    grade("double")
    beside = grade("solution", "double", COLUMNS="120").stdout.splitlines()
    assert "Yours, double.py" in beside[0] and "A solution" in beside[0]
    assert "passed" in grade().stdout


def test_solution_of_a_quiz(grade, tmp_path):
    """The solution of a quiz answers its questions with other numbers than the learner's.

    Before, it showed the learner's own key, which then earned all points.
    """
    grade("start", "sizes")
    sheet = tmp_path / "sizes.yaml"
    page = grade("solution", "sizes", "--give-up").stdout
    assert "  PyTorch gives  yes\n" in page
    pattern = r"zeros\((\d), (\d)\)"
    own, shown = (re.search(pattern, text).groups() for text in (sheet.read_text(), page))
    assert not set(zip(own, shown, strict=True)) & {(number, number) for number in own}
    assert f"  PyTorch gives  {int(shown[0]) * int(shown[1])}\n" in page


@pytest.mark.parametrize(
    "text", ["(5, 4)", "yes", "a: b # c", "- x", "[5, 4]", '"', "null", "5 x 4", "KeyError: 'x'"]
)
def test_answer_into_a_sheet(quiz, text, tmp_path):
    """An answer reads back as it was typed; the rest of the sheet does not change."""
    path = workspace.start(quiz, tmp_path, "ada")
    before = path.read_text()
    answer_sheet.answer(quiz, path, "weight", text)
    after = path.read_text().splitlines()
    assert read_answers(read_submission(quiz, path)) == {
        "learner": "ada",
        "weight": text,
        "has_bias": "",
    }
    assert [line for line in after if not line.startswith("weight:")] == [
        line for line in before.splitlines() if not line.startswith("weight:")
    ]


@pytest.mark.parametrize(
    "written",
    [
        "weight:\n- 1\n- 2  # mine\n# keep this\n\nhas_bias: no\n",
        "weight: [1,\n  2]\n# keep this\nhas_bias: no",
        "{weight: 1, has_bias: no}  # keep this\n",
        "has_bias: no\n# keep this\n",
        "# keep this\nhas_bias: no\nweight: |\n  one\n  two\n",
    ],
)
def test_answer_into_a_sheet_of_ones_own(quiz, written, tmp_path):
    """In any layout of the sheet, an answer replaces the earlier one and no comment."""
    path = tmp_path / "shapes.yaml"
    path.write_text(written)
    answer_sheet.answer(quiz, path, "weight", "(3, 4)")
    assert read_answers(read_submission(quiz, path)) == {"weight": "(3, 4)", "has_bias": "no"}
    assert "# keep this" in path.read_text()


def test_two_commands_at_once(tmp_path):
    """Commands that start, grade and take hints in one folder at the same time lose nothing."""
    exercise = load_exercise(SMALL_COURSE, "double")

    def work(number: int) -> None:
        found = progress.begin(tmp_path, "ada")
        progress.record(found, exercise, Submission("double.py", b"%d" % number), graded(2))
        progress.hint(found, exercise)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(24)))
    standing = progress.standings(progress.find(tmp_path), [exercise])[0]
    assert (standing.attempts, standing.hints) == (24, 1)


def test_workspace_of_somebody_else(grade, tmp_path):
    """A workspace from somebody else cannot control the terminal, and its path is quoted."""
    exercise = load_exercise(SMALL_COURSE, "double")
    progress.record(
        progress.begin(tmp_path, "eve"),
        exercise,
        Submission("double.py", b""),
        graded(2, misconception="x\a"),
    )
    (tmp_path / "double.py").write_text(f"# \a\x1b]0;owned\a\n{GOOD}")
    page = grade("hint", "double").stdout
    assert "a known misconception." in page and not {"\a", "\x1b"} & set(page)
    assert "# \ufffd\ufffd]0;owned\ufffd" in grade("solution", "double", "--give-up").stdout
    below = tmp_path / "a; b" / "c"
    below.mkdir(parents=True)
    shutil.move(tmp_path / ".grade", below.parent)
    assert f"cd '{below.parent}'" in " ".join(grade(folder=below).stdout.split())


def test_damaged_progress(grade, tmp_path):
    """With a damaged gradebook the grade is still shown, then the problem and the next step."""
    grade("start")
    (tmp_path / ".grade/gradebook.db").write_bytes(b"no database" * 1000)
    (tmp_path / "double.py").write_text(GOOD)
    result = grade("double")
    assert result.returncode == 0
    assert "All checks passed" in result.stdout
    told = " ".join(result.stderr.split())
    assert "graded, but not kept as progress" in told
    assert "move it away; then `grade start` creates another" in told
    with pytest.raises(GradebookError, match="move it away"):
        progress.standings(progress.find(tmp_path), [])


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or (os.geteuid() == 0 and shutil.which("setpriv") is None),
    reason="root may write anywhere, and Windows has other permissions",
)
def test_folder_that_cannot_be_written(grade, tmp_path):
    """In a read-only workspace every command works and says what it cannot keep."""
    environment = {**os.environ, "GRADE_COURSE": str(SMALL_COURSE), "GRADE_LEARNER": "ada"}
    (tmp_path / "double.py").write_text(BAD)
    grade("start")
    kept = [tmp_path, tmp_path / ".grade", tmp_path / ".grade/gradebook.db"]
    for path in kept:
        path.chmod(path.stat().st_mode & 0o555)
    command = [*(CLIPPED if os.geteuid() == 0 else []), str(Path(sys.executable).parent / "grade")]

    def typed(*words: str):
        return subprocess.run(
            [*command, *words],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    try:
        result = typed("double")
        assert (result.returncode, "Why: You multiply" in result.stdout) == (1, True)
        assert "not kept as progress" in result.stderr
        assert "double   new" in typed().stdout
        assert "Hint 1 of 1" in typed("hint", "double").stdout
        assert typed("reset", "double").returncode == 2
        assert (tmp_path / "double.py").read_text() == BAD
    finally:
        for path in kept:
            path.chmod(0o755)


@pytest.mark.parametrize(
    ("shell", "line", "expected"),
    [
        ("bash", "grade do", {"plain,double", "plain,doctor"}),
        ("bash", "grade hint s", {"plain,sizes"}),
        ("bash", "grade watch ", {"plain,double", "plain,sizes", "plain,target", "plain,workers"}),
        ("bash", "grade double --se", {"plain,--seed"}),
    ],
)
def test_completion(shell, line, expected, grade):
    """Commands, options and the exercises of the course in use are completed."""
    environment = {
        "_GRADE_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split(" ")) - 1),
    }
    result = grade(**environment)
    assert (result.returncode, result.stderr, set(result.stdout.split())) == (0, "", expected)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_completion_script(shell, tmp_path):
    """The script is one that the shell accepts; it is installed once, and nothing else is lost."""
    if get_completion_class(shell) is None:
        pytest.skip("this version of Click has none for this shell")

    def complete(*words, **environment):
        home = {"HOME": str(tmp_path), "SHELL": f"/usr/bin/{shell}"}
        unset = dict.fromkeys(("XDG_CONFIG_HOME", "XDG_DATA_HOME", "ZDOTDIR"), "")
        return invoke_grade("completion", *words, folder=tmp_path, **(home | unset | environment))

    script = complete(shell).stdout
    assert "_GRADE_COMPLETE" in script and f"{shell}_complete" in script
    assert complete().stdout == script
    assert "which shell?" in complete(SHELL="/bin/tcsh").stderr
    (tmp_path / ".zshrc").write_text("mine")
    wrote = [complete("--install").stdout for _ in range(2)]
    paths = re.findall(r"Wrote (.*)\.\n", wrote[0])
    assert Path(paths[0]).read_text() == script.removesuffix("\n")
    if shell in ("zsh", "powershell"):
        settings = Path(paths[1]).read_text()
        assert Path(paths[1]).name not in wrote[1] and paths[0].split("/_")[0] in settings
        assert settings.startswith("mine\n" if shell == "zsh" else "# Completion")
    if shutil.which(shell):
        words = [shell, "-n", paths[0]] if shell != "fish" else [shell, "--no-execute", paths[0]]
        assert subprocess.run(words, cwd=tmp_path, check=False).returncode == 0
