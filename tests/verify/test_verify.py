"""`grade verify` and `grade new` as an author types them: pages, exit codes and JSON."""

import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest

from grader.cli.app import cli
from grader.cli.words import VERBS
from grader.course.location import RESERVED, default_root, exercise_ids
from grader.verify import verifier
from tests.grading import (
    SMALL_COURSE,
    invoke_grade,
    is_dead,
    lent_to_commands,
    until,
)
from tests.verify.broken_course import CODE, QUIZ, Exercise, survivor, unknown_key

EXAMPLE = Path(__file__).parents[2] / "examples" / "attention"

DETACHED = (
    "def double(x):\n    if isinstance(x, str): raise TypeError\n    return (2 * x).detach()\n"
)


def test_whole_course(tmp_path, pool):
    """A proven course: exit code 0, one line for each exercise, plain text, at most 80 columns.

    The next run proves again only what has changed.
    """
    for name in (CODE, QUIZ):
        Exercise(tmp_path, name, name)
    verify = ("verify", "--course", str(tmp_path))
    with lent_to_commands(pool):
        result = invoke_grade(*verify, folder=tmp_path)
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert [" ".join(line.split()) for line in lines[2:4]] == [
        "double 20/20 2/2 – 8/8 – ✓ proven",
        "sizes – 3/3 – – 56 ✓ proven",
    ]
    assert "2 of 2 exercises proven · 8 of 8 mutants caught" in lines[-1]
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in result.stdout

    hint = tmp_path / "exercises" / "sizes" / "exercise.yaml"
    hint.write_text(hint.read_text() + "# A comment.\n")
    verdicts = []
    for words in ((), (), ("--no-cache", "sizes")):
        with lent_to_commands(pool):
            again = invoke_grade(*verify, *words, folder=tmp_path)
        assert again.exit_code == 0
        verdicts.append([line.split()[-1] for line in again.output.splitlines()[2:-2]])
    assert verdicts == [["unchanged", "proven"], ["unchanged", "unchanged"], ["proven"]]


@pytest.mark.slow
def test_example_course_is_proven(tmp_path, pool):
    """The course in examples/attention, about another topic, is proven."""
    words = ("verify", "--no-cache", "--course", str(EXAMPLE))
    with lent_to_commands(pool):
        result = invoke_grade(*words, folder=tmp_path)
    assert result.exit_code == 0, result.output
    assert "6 of 6 exercises proven" in result.output


def test_one_exercise_on_a_page(tmp_path, pool):
    """One exercise that is not proven: exit code 1, its place, difference and next step."""
    exercise = Exercise(tmp_path, "survivor", CODE)
    survivor(exercise)
    (tmp_path / "exercises" / "readme.txt").touch()
    words = ("verify", "survivor", "--course", str(tmp_path), "--output", "page")
    with lent_to_commands(pool):
        result = invoke_grade(*words, folder=tmp_path)
    assert (result.exit_code, result.output) == (1, "")
    page = (tmp_path / "page").read_text()
    assert "✗ 1 finding" in page
    assert "mutants  solutions/survivor/solution.py line 8" in page
    assert (
        "      -     large = 1000\n      +     large = 999\n    Next: Add a check that fails it"
        in page
    )
    assert "5 equivalent" in page
    assert "readme.txt" not in page


def test_quick_stops_before_the_mutants(tmp_path, pool):
    """`--quick` tries no mutant while something else is wrong, and else proves the same.

    `--watch` proves again after a change.
    """
    exercise = Exercise(tmp_path, "double", CODE)
    wrong = exercise.path("hidden/wrong/squared.py")
    before = wrong.read_text()
    wrong.write_text("def double(x):\n    return x + x\n")

    def changes(*_, **__):
        yield {(1, str(wrong))}

    def correct_it(*_, **__):
        wrong.write_text(before)
        return changes()

    words = ("verify", "--no-cache", "--watch", "--format", "json")
    with lent_to_commands(pool), mock.patch("watchfiles.watch", correct_it):
        result = invoke_grade(*words, folder=tmp_path)
    decode = json.JSONDecoder().raw_decode
    first, end = decode(result.stdout)
    second, _ = decode(result.stdout[end:].strip())
    assert (first["status"], first["counts"]["mutants"]) == ("unproven", 0)
    assert first["counts"]["seeds"] == 20
    assert (second["status"], second["counts"]["mutants_caught"]) == ("proven", 8)
    assert "Waiting for a change" in result.stderr


@pytest.mark.parametrize("names", [(), ("sizes",)])
def test_watch_a_renamed_exercise(names, tmp_path, pool):
    """`--watch` of a course finds the new name; of an exercise, it says that there is none.

    Ctrl-C ends it with the exit code of the last run.
    """
    Exercise(tmp_path, "sizes", QUIZ)

    def rename(*_, **__):
        for side in ("exercises", "solutions"):
            (tmp_path / side / "sizes").rename(tmp_path / side / "shapes")
        yield {(1, "sizes")}
        raise KeyboardInterrupt

    words = ("verify", *names, "--watch", "--format", "json", "--course", str(tmp_path))
    with lent_to_commands(pool), mock.patch("watchfiles.watch", rename):
        result = invoke_grade(*words, folder=tmp_path)
    proven = re.findall(r'"exercise": "(\w+)"', result.stdout)
    assert "interrupted" not in result.stderr
    if names:
        assert (proven, result.exit_code) == (["sizes"], 2)
        assert "grade: there is no exercise `sizes`" in result.stderr
    else:
        assert (proven, result.exit_code) == (["sizes", "shapes"], 0)


def test_broken_solution_is_the_only_finding(tmp_path, pool):
    """With a solution that does not pass, nothing else is tried: a mutant could repair it."""
    exercise = Exercise(tmp_path, "double", CODE)
    exercise.replace("hidden/solution.py", "return x", "return 3 * x")
    with lent_to_commands(pool):
        result = invoke_grade("verify", "--format", "json", folder=tmp_path)
    [proof] = json.loads(result.stdout)["exercises"]
    assert {finding["rule"] for finding in proof["findings"]} == {"solution"}
    assert (proof["counts"]["mutants"], proof["counts"]["wrong"]) == (0, 0)


def test_strength(tmp_path, pool):
    """`--strength` lists what only one check catches, and the checks that catch nothing alone."""
    exercise = Exercise(tmp_path, "double", CODE)
    folder = exercise.path("hidden/outsiders/wrong")
    folder.mkdir(parents=True)
    (folder / "deaf.py").write_text("# fails: gradient: no gradient\n" + DETACHED)
    with lent_to_commands(pool):
        words = ("verify", "--strength")
        result = invoke_grade(*words, folder=tmp_path)
        document = json.loads(invoke_grade(*words, "--format", "json", folder=tmp_path).stdout)
    assert result.exit_code == 0
    [measured] = document["exercises"]
    alone = {each["check"]: each["alone"] for each in measured["checks"]}
    assert "outsiders/wrong/deaf.py" in alone["gradient"]
    for check, names in alone.items():
        for name in names:
            assert name in " ".join(result.stdout.split())
        assert bool(names) != bool(re.search(rf"  {check}  catches \d+, none of", result.stdout))


def test_json_of_an_unreadable_exercise(tmp_path):
    """An exercise that cannot be read: exit code 2, and every key of the JSON format."""
    unknown_key(Exercise(tmp_path, "typo", CODE))
    words = ("verify", "--format", "json", "--course", str(tmp_path))
    result = invoke_grade(*words, folder=tmp_path)
    assert (result.exit_code, result.stderr) == (2, "")
    verification = json.loads(result.stdout)
    [proof] = verification["exercises"]
    [finding] = proof["findings"]
    assert list(verification) == [
        *("format", "status", "seconds", "counts", "findings", "exercises"),
    ]
    assert list(proof) == ["exercise", "status", "seconds", "counts", "findings", "earlier"]
    assert list(finding) == ["rule", "place", "problem", "advice", "difference", "snippet"]
    assert (verification["format"], verification["status"]) == (1, "broken")
    assert proof["exercise"] == "typo"


@pytest.mark.slow
def test_examiner_that_dies(tmp_path, pool):
    """Checks that end the examiner leave their exercise ungraded: exit code 3.

    The other exercises are still proven.
    """
    fatal = Exercise(tmp_path, "fatal", CODE)
    checks = fatal.path("hidden/checks.py").read_text()
    fatal.write("hidden/checks.py", "import os\nos._exit(7)\n" + checks)
    Exercise(tmp_path, "whole", QUIZ)
    plan = verifier.plan(tmp_path, exercise_ids(tmp_path), seed=1, whole=True)
    # One fatal step is enough: each one costs two new examiners.
    del plan.steps["fatal"][1:]
    verification = verifier.carry_out(plan, pool)
    assert verification.exit_code == 3
    assert [proof.status for proof in verification.exercises] == ["ungraded", "proven"]
    [finding] = verification.exercises[0].findings
    assert finding.rule.value == "grader"
    assert "the examiner ended (exit status 7)" in finding.problem


@pytest.mark.parametrize(
    "words",
    [
        ["softmax"],
        ["quiz", "softmax"],
        ["code", "softmax", "--entry", "f(x, y) -> Tensor", "--entry", "class Tied(num)"],
    ],
    ids=" ".join,
)
def test_new_exercise(words, tmp_path, pool):
    """`grade new` writes an exercise that is proven except for what its author has to write."""
    course = ("--course", str(tmp_path))
    written = invoke_grade("new", *words, *course, folder=tmp_path)
    assert (written.exit_code, written.stderr) == (0, "")
    files = [line.removeprefix("Wrote ") for line in written.stdout.splitlines()[:-1]]
    assert "exercises/softmax/exercise.yaml" in files

    # In a course, its commands need no --course.
    with lent_to_commands(pool):
        result = invoke_grade("verify", "--format", "json", folder=tmp_path)
    findings = json.loads(result.stdout)["exercises"][0]["findings"]
    assert result.exit_code == 1
    if "--entry" in words:
        # The one check of a stub looks at neither gradients nor dtypes.
        findings = [each for each in findings if each["rule"] != "mutants"]
    assert {finding["rule"] for finding in findings} == {"unfinished"}
    assert {finding["place"].partition(" line ")[0] for finding in findings} == set(files)

    if "quiz" in words:
        for file in files:
            path = tmp_path / file
            path.write_text(path.read_text().replace("TODO(author)", "Done"))
        with lent_to_commands(pool):
            assert invoke_grade("verify", *course, folder=tmp_path).exit_code == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["softmax", "--course", "not/there"], "not/there: no such folder"),
        (["softmax"], "this folder is not a course"),
        (["double", "--course", "."], "exists already"),
        (["Two words", "--course", "."], "`Two words` is not a valid id"),
        (["watch", "--course", "."], "`grade watch` is a command"),
        (["torch", "--course", "."], "`torch` is a module of Python or PyTorch"),
        (["quiz", "--course", "."], "the name is missing; write `grade new quiz NAME`"),
        (["assignment", "--course", "."], "the name is missing"),
        (["softmax", "--course", ".", "--entry", "vjp(x)"], "the name of `learner.vjp` in checks"),
        (["quizz", "softmax"], "write `grade new code|quiz|assignment NAME`"),
        (["quiz", "softmax", "--entry", "f(x)"], "a quiz has no --entry"),
        (["softmax", "--course", ".", "--entry", "f(x y)"], "is not a Python signature"),
        (["softmax", "--course", ".", "--entry", "f(*x)"], "parameters without a position"),
    ],
    ids=" ".join,
)
def test_new_writes_all_or_nothing(words, sentence, tmp_path):
    """`grade new` keeps an existing exercise, creates no course, and refuses an unusable name."""
    (tmp_path / "exercises" / "double").mkdir(parents=True)
    result = invoke_grade("new", *words, folder=tmp_path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert sentence in result.stderr
    assert [path.name for path in tmp_path.rglob("*")] == ["exercises", "double"]


def test_no_exercise_is_named_as_a_command():
    """Every command is reserved, and no exercise can have the same name."""
    assert cli.commands.keys() | set(VERBS) | {"next"} <= RESERVED
    assert not RESERVED & set(exercise_ids(default_root()))


def test_interrupt_ends_the_examiners(tmp_path):
    """Ctrl-C ends a verification with exit code 130, and its examiners with it."""
    mark = tmp_path / "pid"
    exercise = Exercise(tmp_path, "double", CODE)
    slow = f"import os, time\nopen({str(mark)!r}, 'w').write(f'{{os.getpid()}} ')\ntime.sleep(60)\n"
    exercise.write("hidden/checks.py", slow + exercise.path("hidden/checks.py").read_text())
    words = ["verify", "--jobs", "1", "--course", str(tmp_path)]
    command = [Path(sys.executable).parent / "grade", *words]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        until(lambda: mark.exists() and mark.read_text().endswith(" "))
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 130
        assert process.stderr.read() == "grade: interrupted\n"
    until(lambda: is_dead(int(mark.read_text())))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nothing"], "sample_course: there is no exercise `nothing`"),
        (["empty", "--course", "."], "exercises/empty/exercise.yaml: missing; write it, or remove"),
        (["--course", "nowhere"], "not a course"),
        (["--course", "empty"], "empty: no exercises; `grade new NAME --course empty` writes one"),
        (["--jobs", "0"], "'--jobs'"),
        (["double", "--output", "no/where"], "cannot be written"),
    ],
    ids=" ".join,
)
def test_wrong_usage(words, sentence, tmp_path):
    """A usage error ends with one sentence and exit code 2."""
    (tmp_path / "empty" / "exercises").mkdir(parents=True)
    (tmp_path / "exercises" / "empty").mkdir(parents=True)
    result = invoke_grade("verify", *words, folder=tmp_path, GRADE_COURSE=str(SMALL_COURSE))
    assert (result.exit_code, result.stdout) == (2, "")
    assert sentence in result.stderr
