"""The command ``grade``: files, pages, documents, exit codes."""

import json
import re
import shutil
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from shutil import make_archive
from xml.etree import ElementTree

import pytest

from grader.cli import cli
from grader.course.location import default_root
from grader.examiner.client import Examiner
from grader.examiner.pool import ExaminerPool
from grader.examiner.settings import Settings
from grader.study.advice import BEGUN
from tests.command import RunHere
from tests.grading import (
    HAS_GPU,
    SMALL_COURSE,
    descendants,
    is_dead,
    learner_process,
    load_json,
    run_grade,
    until,
)

GOOD = "def double(x):\n    if isinstance(x, str): raise TypeError\n    return x * 2\n"
BAD = "def double(x):\n    return x * x\n"


@pytest.fixture
def grade(run_here, tmp_path):
    """Run ``grade …`` in an empty folder, with the small course."""
    return partial(run_here, folder=tmp_path, GRADE_COURSE=str(SMALL_COURSE))


def test_first_minute_of_a_newcomer(run_here, tmp_path):
    """Without a file, `grade exercise1` creates the starter and grades it: exit code 1."""
    result = run_grade("exercise1", folder=tmp_path)
    assert result.returncode == 1
    assert result.stderr.splitlines() == [
        "Created exercise1.py. `grade show exercise1` shows the statement.",
        BEGUN,
        "If you meant another folder, remove .grade and exercise1.py here.",
    ]
    assert result.stdout.splitlines() == [
        "0 of 20 points. Not counted as an attempt: exercise1.py is still the starter.",
        "Write `lookup`, then type `grade exercise1` again.",
        "Stuck? `grade hint exercise1` (3 left).",
    ]
    assert run_here("exercise1", folder=tmp_path) == (1, result.stdout, "")
    document = json.loads(run_here("exercise1", "--format", "json", folder=tmp_path).stdout)
    # Programs get the whole grade.
    assert {check["outcome"] for check in document["checks"]} == {"raised"}
    assert (tmp_path / "exercise1.py").read_text() == (
        default_root() / "exercises/exercise1/starter.py"
    ).read_text()


def test_file_of_another_exercise(run_here, tmp_path):
    """If a file defines what another exercise requires, and nothing of this one, grade asks."""
    linear, both = (
        "def linear(x, weight, bias=None):\n    return x\n",
        "def linear_to_embedding(weight): ...\n",
    )
    (tmp_path / "exercise4.py").write_text(linear)
    (tmp_path / "both.py").write_text(linear + both)
    (tmp_path / "neither.py").write_text("def nonlinear(x):\n    return x\n")
    # The parameters are those of this exercise.
    renamed = "def linear(weight, bias=None):\n    return weight\n"
    (tmp_path / "renamed.py").write_text(renamed)
    (tmp_path / "quoted.py").write_text(f'"""\n{linear}"""\ndef nonlinear(x):\n    return x\n')
    question = (
        "exercise4.py defines what exercise4 requires. Did you mean\n"
        "`grade exercise4 exercise4.py`?\n"
    )
    assert run_here("exercise3", "exercise4.py", folder=tmp_path).stdout.endswith(question)
    for file in ("both.py", "neither.py", "quoted.py", "renamed.py"):
        assert "Did you mean" not in run_here("exercise3", file, folder=tmp_path).stdout


def test_help_of_an_exercise_begins_with_learners(grade):
    """The options that a learner needs come first."""
    said = grade("double", "--help").stdout
    options = re.findall(r"^  (--[a-z-]+)", said, re.MULTILINE)
    assert options[:3] == ["--all", "--ask", "--seed"]


def test_help_is_by_purpose(grade):
    """`grade --help` lists the commands of learners, of a class, of authors; each command once."""
    said = grade("--help").stdout
    titles = ["Learn:", "Grade a class:", "Write exercises:"]
    parts = [said.index(title) for title in titles]
    assert parts == sorted(parts)
    places = {name: said.index(f"\n  {name} ") for name in cli.commands}
    assert places["hint"] < parts[1] < places["batch"] < parts[2] < places["verify"]
    assert all(said.count(f"\n  {name} ") == 1 for name in cli.commands)


def test_help_of_exports(grade):
    """`grade export --help` says in one whole line what each subcommand does."""
    _, _, listed = grade("export", "--help").stdout.partition("Commands:\n")
    assert len(listed.splitlines()) == len(cli.commands["export"].commands)
    assert "..." not in listed


def test_passing(grade, tmp_path):
    """A correct submission passes with exit code 0; its file need not be named."""
    (tmp_path / "double.py").write_text(GOOD)
    result = grade("double")
    assert result.returncode == 0
    assert "All checks passed: 5 of 5 points" in result.stdout
    assert result.stderr == ""


def test_failing_page(grade, tmp_path):
    """A wrong submission gets an explanation, a case and a score in 80 columns of plain text."""
    (tmp_path / "double.py").write_text(BAD)
    result = grade("double")
    assert result.returncode == 1
    for text in (
        "Why: You multiply the input by itself",
        "you returned",
        "expected",
        "of 5 points",
    ):
        assert text in result.stdout
    assert "\x1b" not in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80
    for internal in ("checks.py", "grader", "squared"):
        assert internal not in result.stdout


def test_same_seed_same_json(grade, tmp_path):
    """Two runs with one seed give the same JSON except for times, with all documented keys."""
    (tmp_path / "double.py").write_text(BAD)
    first, second = (
        grade("double", "double.py", "--format", "json", "--seed", "42") for _ in range(2)
    )
    assert load_json(first.stdout) == load_json(second.stdout)
    result = json.loads(first.stdout)
    assert {
        "format",
        "exercise",
        "submission",
        "learner",
        "device",
        "status",
        "points",
        "max_points",
        "passed",
    } <= set(result)
    assert {"seconds", "stdout", "misconception", "isolation", "checks"} <= set(result)
    assert (result["format"], result["seed"], result["misconception"]) == (1, 42, "squared")
    assert {"name", "title", "outcome", "points", "max_points", "message", "seconds"} <= set(
        result["checks"][0]
    )


def test_junit_to_a_file(grade, tmp_path):
    """`--format junit --output FILE` writes XML that a CI system reads, and keeps the exit code."""
    (tmp_path / "double.py").write_text(BAD)
    result = grade("double", "--format", "junit", "--output", "report.xml")
    assert (result.returncode, result.stdout) == (1, "")
    suite = ElementTree.parse(tmp_path / "report.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures")) == ("4", "2")


def test_quiz_from_start_to_grade(grade, tmp_path):
    """`grade start` writes the questions with the learner's numbers; a missing answer fails."""
    assert "Wrote sizes.yaml" in grade("start", "sizes", "--learner", "ada").stdout
    sheet = tmp_path / "sizes.yaml"
    assert 'learner: "ada"' in sheet.read_text()
    sheet.write_text(sheet.read_text().replace("floats:", "floats: yes"))
    result = grade("sizes")
    assert result.returncode == 1
    assert "Not answered yet." in result.stdout
    assert "1 of 4 points" in result.stdout


def test_learner_against_the_sheet(grade, tmp_path):
    """The folder's learner or --learner decides the numbers; another name on a sheet is told.

    Before, the name on the sheet decided, so a copied sheet earned the points of its owner.
    """
    grade("start", "sizes", "--learner", "ada")
    sheet = tmp_path / "sizes.yaml"
    rows, columns = re.search(r"zeros\((\d), (\d)\)", sheet.read_text()).groups()
    sheet.write_text(sheet.read_text().replace("numbers:", f"numbers: {int(rows) * int(columns)}"))
    for words, points in ([], 2), (["--learner", "ada"], 2), (["--learner", "bob"], 0):
        page = " ".join(grade("sizes", "sizes.yaml", *words).stdout.split())
        assert f"{points} of 4 points" in page
        assert ("written for ada, but it is graded with the numbers of bob" in page) == (not points)
    sheet.write_text(sheet.read_text().replace('"ada"', '"bob"'))
    page = " ".join(grade("sizes").stdout.split())
    assert "2 of 4 points" in page and "written for bob, but it is graded" in page


def test_start_never_overwrites(grade, tmp_path):
    """`grade start` does not change the learner's file."""
    (tmp_path / "double.py").write_text(BAD)
    result = grade("start", "double")
    assert result.returncode == 2
    assert "exists already and was not changed" in result.stderr
    assert (tmp_path / "double.py").read_text() == BAD


def test_other_name(grade, tmp_path):
    """A folder, an archive and one's own folder give the same file, and the page names it."""
    (tmp_path / "Double.py").write_text(GOOD)
    archive = make_archive(str(tmp_path / "hand-in"), "zip", tmp_path, "Double.py")
    for words, name in ((), "Double.py"), ((archive,), "Double.py"), ((".",), "Double.py"):
        result = grade("double", *words)
        assert result.returncode == 0, result.stderr
        assert f"Graded `{name}`" in result.stdout
    results = json.loads(grade("double", archive, "--format", "gradescope").stdout)
    assert results["output"] == "Graded `Double.py`."
    assert not (tmp_path / "double.py").exists()


def test_several_names(grade, tmp_path):
    """Between two names in one's own folder nobody guesses, and nothing is created."""
    for name in ("Double.py", "double copy.py"):
        (tmp_path / name).write_text(GOOD)
    result = grade("double")
    assert result.returncode == 2
    assert "Double.py, double copy.py; name one, as in `grade double FILE`" in result.stderr
    assert not (tmp_path / "double.py").exists()


@pytest.mark.parametrize("name", ["double.txt", "double"])
def test_only_another_ending(name, grade, tmp_path):
    """Next to a file that has to be renamed, no starter is written; notes are not in the way."""
    (tmp_path / name).write_text(GOOD)
    result = grade("double")
    assert (result.returncode, result.stdout) == (2, "")
    assert f"{name}: double takes a file ending in .py or .ipynb; rename it to" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == [name]
    (tmp_path / name).write_text("To do: double every number.\n")
    assert "Created double.py" in grade("double").stderr


@pytest.mark.parametrize("words", [["double"], ["start", "double"]], ids=" ".join)
def test_link_to_nothing(words, grade, tmp_path):
    """A link to a missing file is not overwritten, and the error does not suggest grading it."""
    (tmp_path / "double.py").symlink_to("gone.py")
    result = grade(*words)
    assert (result.returncode, result.stdout) == (2, "")
    assert "double.py: a link" in result.stderr
    assert "grade double" not in result.stderr


@pytest.mark.parametrize("named", [["mine.py"], ["folder"], ["mine.zip"], []])
def test_link_of_somebody_else(named, grade, tmp_path):
    """Of other people's code, no link is followed: it would show the user's own files."""
    secret = tmp_path / "secret"
    secret.mkdir()
    for name in ("double.py", "mine.py", "mine.zip"):
        (secret / name).write_text("key = a1b2c3d4 +\n")
    for name in ("double.py", "mine.py", "mine.zip"):
        (tmp_path / name).symlink_to(secret / name)
    (tmp_path / "folder").symlink_to(secret)
    done = grade("double", *named, "--not-mine")
    said = done.stdout + done.stderr
    assert done.returncode in (1, 2) and "a link, which is never followed" in said
    assert "put the file itself there" in said and "a1b2c3d4" not in said
    if named == ["mine.py"]:
        assert "a1b2c3d4" in grade("double", *named).stdout


def test_notebook(grade, tmp_path):
    """The marked cell of a notebook is graded, and lines are named by cell."""
    cells = [
        {"cell_type": "markdown", "source": "# Twice"},
        {"cell_type": "code", "source": "1 / 0"},
        {
            "cell_type": "code",
            "source": ["%%grade double\n", "def double(x):\n", "    return x.twice()"],
        },
    ]
    (tmp_path / "double.ipynb").write_text(
        json.dumps({"cells": cells, "nbformat": 4, "metadata": {}})
    )
    result = grade("double")
    assert result.returncode == 1
    assert "cell 3, line 3, in double: return x.twice()" in result.stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["dubble"], "there is no exercise `dubble`; did you mean `grade double`?"),
        (["lst"], "there is no exercise `lst`; did you mean `grade list`?"),
        (["show", "nothing"], "there is no exercise `nothing`"),
        (["double", "bell\a.py"], "bell\ufffd.py: no such file"),
        (["double", "none.py"], "none.py: no such file; `grade start double` writes double.py"),
        (["double", "good.py", "--output", "no/where"], "cannot be written"),
        (["double", "good.py", "--course", "/nowhere"], "not a course"),
        (["double", "good.py", "--seed", "-1"], "'--seed': '-1' is not a seed; take the number"),
        (["double", "good.py", "--seed", "9" * 19], "is not a seed"),
    ],
    ids=lambda value: "-".join(value).replace("/", "") if isinstance(value, list) else "",
)
def test_bad_input_gets_a_sentence(words, sentence, grade, tmp_path):
    """A usage error is one sentence, with exit code 2 and no traceback."""
    (tmp_path / "good.py").write_text(GOOD)
    result = grade(*words)
    assert result.returncode == 2
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.py", b"", "empty.py: empty"),
        ("binary.py", b"\x7fELF\0\0", "binary.py: a binary file"),
        ("text.txt", GOOD.encode(), "takes a file ending in .py or .ipynb"),
        ("broken.ipynb", b'{"cells": [', "not a notebook"),
        ("broken.zip", b"PK\x03\x04", "an archive that cannot be unpacked"),
    ],
)
@pytest.mark.parametrize("form", ["terminal", "json", "junit", "gradescope"])
def test_what_cannot_be_read_is_a_zero(form, name, content, reason, grade, tmp_path):
    """A file that cannot be graded gets no points and the reason, in every format.

    At a terminal, a file that only has to be renamed gets no grade.
    """
    (tmp_path / name).write_bytes(content)
    result = grade("double", name, "--format", form)
    if name == "text.txt" and form == "terminal":
        assert (result.returncode, result.stdout) == (2, "")
        assert "rename it to double.py, then type `grade double`" in result.stderr
        return

    assert (result.returncode, result.stderr) == (1, "")
    assert reason in " ".join(result.stdout.split())
    if form == "json":
        document = json.loads(result.stdout)
        assert (document["status"], document["points"]) == ("graded", 0)


def test_exercise_of_the_course_in_this_folder(grade, tmp_path):
    """In a folder with a course that is not in use, the error about its exercise says --course."""
    folder = tmp_path / "exercises" / "mine"
    folder.mkdir(parents=True)
    (folder / "exercise.yaml").touch()
    result = grade("mine", "mine.py")
    assert result.returncode == 2
    assert "sample_course has no exercise `mine`, but this folder has one; add --course ." in (
        result.stderr
    )


def test_broken_checks_are_the_course_authors(grade, tmp_path):
    """A checks.py that cannot be imported is a broken course: exit code 2, with its path."""
    course = tmp_path / "course"
    shutil.copytree(SMALL_COURSE, course)
    checks = course / "solutions/double/checks.py"
    checks.write_text("import nothing_like_it\n" + checks.read_text())
    (tmp_path / "double.py").write_text(GOOD)
    result = grade("double", "--course", str(course))
    assert result.returncode == 2
    assert "solutions/double/checks.py" in result.stderr
    assert "line 1: ModuleNotFoundError: No module named 'nothing_like_it'; fix it" in result.stderr


def test_list_of_a_course_with_a_broken_exercise(grade, tmp_path):
    """`grade list` lists the other exercises, then says what is broken: exit code 2."""
    course = tmp_path / "course"
    shutil.copytree(SMALL_COURSE, course)
    (course / "exercises/double/exercise.yaml").write_text("format: 1\nkind: code\ntitel: x\n")
    result = grade("list", "--course", str(course))
    assert result.returncode == 2
    assert "double   cannot be read\nsizes " in result.stdout
    assert "line 3: unknown key `titel`; did you mean `title`?" in result.stderr
    assert "exercises/double/exercise.yaml: line 1: key `rubric` is missing" in result.stderr


@pytest.mark.parametrize("name", ["torch.sofmax", "aten::sofmaxx"])
def test_forbidden_name_that_does_not_exist(name, grade, tmp_path):
    """A misspelled forbidden name is a broken course: exit code 2."""
    course = tmp_path / "course"
    shutil.copytree(SMALL_COURSE, course)
    definition = course / "exercises/double/exercise.yaml"
    definition.write_text(definition.read_text().replace("torch.add,", f'"{name}",'))
    (tmp_path / "double.py").write_text(GOOD)
    result = grade("double", "--course", str(course))
    assert result.returncode == 2
    assert f"`{name}` at `forbidden` does not exist" in result.stderr


def test_list_and_show(grade):
    """`grade list` has a line per exercise; `grade show` has statement, checks and next step."""
    assert grade("list").stdout.splitlines() == [
        "double     5 points  Twice as much",
        "sizes      4 points  Sizes",
        "target     5 points  What hostile submissions aim at",
        "workers    1 points  Many hands",
    ]
    shown = grade("show", "double").stdout
    for text in (
        "Write `double(x)`",
        "2 points  The result is twice the input",
        "torch.nn.Linear",
        "grade start double",
    ):
        assert text in shown


def test_schema_is_json(grade):
    """`grade schema` prints a JSON Schema."""
    schema = json.loads(grade("schema").stdout)
    assert {schema["then"]["$ref"], schema["else"]["$ref"]} == {
        "#/$defs/QuizExercise",
        "#/$defs/CodeExercise",
    }


@pytest.mark.slow
def test_no_color_in_a_terminal(tmp_path):
    """In a terminal the page has colors, but not with NO_COLOR."""
    (tmp_path / "double.py").write_text(BAD)
    command = f"{sys.executable} -m grader double --course {SMALL_COURSE}"
    pages = [
        subprocess.run(
            ["script", "-qec", f"env {setting} {command}", "/dev/null"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        ).stdout
        for setting in ("TERM=xterm", "NO_COLOR=1 TERM=xterm")
    ]
    # The line that says how long it takes is erased in both.
    colors = re.compile(r"\x1b\[[\d;]+m")
    assert [bool(colors.search(page)) for page in pages] == [True, False]
    assert all("of 5 points" in page for page in pages)


@pytest.mark.slow
def test_terminal_without_unicode(tmp_path):
    """A terminal that supports only ASCII gets the page, with question marks for other signs."""
    (tmp_path / "double.py").write_text(BAD)
    settings = {"GRADE_COURSE": str(SMALL_COURSE), "PYTHONIOENCODING": "ascii"}
    result = run_grade("double", folder=tmp_path, **settings)
    assert (result.returncode, result.stderr) == (1, "")
    assert "of 5 points" in result.stdout


def test_narrow_terminal(grade, tmp_path):
    """No line is wider than the terminal."""
    (tmp_path / "double.py").write_text(BAD)
    assert max(map(len, grade("double", "double.py", COLUMNS="50").stdout.splitlines())) <= 50


def test_interrupt_leaves_nothing(tmp_path):
    """Ctrl-C ends the command with exit code 130, the examiner, and the learner's process."""
    (tmp_path / "double.py").write_text("import time\ntime.sleep(60)\n")
    command = [Path(sys.executable).parent / "grade", "double", "--course", str(SMALL_COURSE)]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        until(lambda: descendants(process.pid))
        examiner = descendants(process.pid)[0]
        until(lambda: learner_process(examiner))
        started = descendants(process.pid)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 130
        assert process.stderr.read() == "grade: interrupted; nothing was graded\n"
    assert len(started) >= 3
    until(lambda: all(map(is_dead, started)))


def test_learner_modules_do_not_reach_the_examiner(tmp_path):
    """The grader never imports files next to the submission that are named like its libraries."""
    for name in (
        "torch",
        "pytest",
        "msgspec",
        "yaml",
        "json",
        "grader",
        "conftest",
        "sitecustomize",
    ):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported ' + __name__)\n")
    (tmp_path / "double.py").write_text(GOOD)
    result = run_grade("double", folder=tmp_path, GRADE_COURSE=str(SMALL_COURSE))
    assert (result.returncode, result.stderr) == (0, "")


ELSEWHERE = "def double(x):\n    assert x.device.type == 'cpu'\n    return x * 2\n"


@pytest.fixture(scope="module")
def without_device():
    """A pool whose examiners compute on a device that is absent."""
    with ExaminerPool(Settings(device="cuda")) as pool:
        yield RunHere(pool)


@pytest.mark.skipif(HAS_GPU, reason="there is a GPU")
def test_absent_device_is_nobodys_fault(without_device, tmp_path):
    """Without the device every check is skipped with a reason: exit code 3, and no zero."""
    (tmp_path / "double.py").write_text(GOOD)
    grade = partial(without_device, folder=tmp_path, GRADE_COURSE=str(SMALL_COURSE))
    result = grade("double", "--device", "cuda")
    assert (result.returncode, result.stderr) == (3, "")
    assert "This machine has no device `cuda`" in result.stdout
    assert "Not graded: no check could run here." in result.stdout
    assert "points" not in result.stdout
    found = json.loads(grade("double", "--device", "cuda", "--format", "json").stdout)
    assert (found["device"], found["status"]) == ("cuda", "ungraded")
    assert {check["outcome"] for check in found["checks"]} == {"skipped"}
    assert all("no device `cuda`" in check["message"] for check in found["checks"])


@pytest.mark.skipif(HAS_GPU, reason="there is a GPU")
@pytest.mark.parametrize("device", ["cpu", "auto", "all"])
def test_machine_without_a_gpu(device, grade, tmp_path):
    """Without a GPU, `cpu`, `auto` and `all` grade on the CPU."""
    (tmp_path / "double.py").write_text(ELSEWHERE)
    found = json.loads(
        grade("double", "--device", device, "--format", "json", "--seed", "1").stdout
    )
    assert (found["device"], found["checks"][0]["outcome"]) == ("cpu", "passed")
    assert ("others" in found) == (device == "all")
    shown = grade("double", "--device", device)
    assert ("Side by side" in shown.stdout) == (device == "all")
    assert shown.stderr == ("--device auto is cpu here.\n" if device == "auto" else "")


@pytest.mark.slow
@pytest.mark.skipif(HAS_GPU, reason="there is a GPU")
def test_each_device_of_the_machine(without_device, tmp_path, monkeypatch):
    """`all` grades on each device with one seed, side by side; `auto` takes the GPU.

    PyTorch reports a GPU here that does not exist, so its grade is no zero.
    """
    monkeypatch.setattr(Examiner, "devices", lambda _: ["cpu", "cuda"])
    (tmp_path / "double.py").write_text(GOOD)
    typed = partial(without_device, "double", folder=tmp_path, GRADE_COURSE=str(SMALL_COURSE))

    found = typed("--device", "all", "--format", "json")
    first = json.loads(found.stdout)
    [other] = first.pop("others")
    assert (found.returncode, first["device"], first["passed"]) == (3, "cpu", True)
    assert (other["device"], other["status"], other["seed"]) == ("cuda", "ungraded", first["seed"])
    page = typed("--device", "all").stdout
    assert re.search(r"^Side by side +cpu +cuda$", page, re.MULTILINE)
    assert re.search(r"^points +5/5 +not graded$", page, re.MULTILINE)
    suites = ElementTree.XML(typed("--device", "all", "--format", "junit").stdout.encode())
    assert [(suite.get("failures"), suite.get("skipped") != "0") for suite in suites] == [
        ("0", False),
        ("0", True),
    ]
    best = typed("--device", "auto", "--format", "json")
    assert (best.stderr, json.loads(best.stdout)["device"]) == (
        "--device auto is cuda here.\n",
        "cuda",
    )


@pytest.mark.parametrize("form", ["github", "gradescope", "classroom50"])
def test_formats_that_hold_one_grade(form, grade, tmp_path):
    """A format for one grade refuses several devices before anything is graded."""
    (tmp_path / "double.py").write_text(GOOD)
    result = grade("double", "--device", "all", "--format", form)
    assert (result.returncode, result.stdout) == (2, "")
    assert f"--format {form} can contain only one grade" in result.stderr


@pytest.mark.skipif(HAS_GPU, reason="there is a GPU")
def test_absent_device_makes_no_zero_elsewhere(without_device, tmp_path):
    """A system that has no ungraded state gets no file; the error says why."""
    (tmp_path / "double.py").write_text(GOOD)
    words = ["double", "--device", "cuda", "--format", "gradescope", "--output", "results.json"]
    result = without_device(*words, folder=tmp_path, GRADE_COURSE=str(SMALL_COURSE))
    assert result.returncode == 3
    assert "no device `cuda`" in result.stderr
    assert not (tmp_path / "results.json").exists()


@pytest.mark.parametrize("device", ["cuda", "all"])
def test_quiz_needs_no_device(device, grade, tmp_path):
    """A quiz is graded with any --device, on any machine."""
    (tmp_path / "sizes.yaml").write_text("learner: ada\n")
    found = json.loads(grade("sizes", "--device", device, "--format", "json").stdout)
    assert (found["device"], found["status"]) == ("cpu", "graded")


@pytest.mark.skipif(HAS_GPU, reason="there is a GPU")
@pytest.mark.slow
def test_verify_on_an_absent_device(grade):
    """Verification on an absent device ends with exit code 3 and names the devices present."""
    result = grade("verify", "double", "--device", "cuda")
    assert (result.returncode, result.stdout) == (3, "")
    assert "this machine has no device `cuda` for PyTorch, only cpu" in result.stderr
