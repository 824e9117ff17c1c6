"""Gradescope: ``results.json`` follows its specification, and the autograder runs in its layout."""

import io
import json
import os
import shutil
import stat
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Literal

import msgspec
import pytest
from packaging.requirements import Requirement

from grader.course.loading import load_exercise
from grader.errors import UsageError
from grader.grades.grade import Case, Outcome, grade_from_checks
from grader.report.export import autograder as autograder_module
from grader.report.export import gradescope
from tests.grading import SMALL_COURSE, check_result, grade_source, run_grade

Visibility = Literal["hidden", "after_due_date", "after_published", "visible"]
Form = Literal["text", "html", "simple_format", "md", "ansi"]


class Test(msgspec.Struct, forbid_unknown_fields=True):
    """A test with the keys of gradescope/autograder_samples, docs/specs.md, and no others."""

    score: float | None = None
    max_score: float | None = None
    status: Literal["passed", "failed"] | None = None
    name: str | None = None
    name_format: Form | None = None
    number: str | None = None
    output: str | None = None
    output_format: Form | None = None
    tags: list[str] | None = None
    visibility: Visibility | None = None
    extra_data: dict[str, object] | None = None
    __test__ = False


class Results(msgspec.Struct, forbid_unknown_fields=True):
    """The whole document."""

    tests: list[Test]
    score: float | None = None
    execution_time: float | None = None
    output: str | None = None
    output_format: Form | None = None
    test_output_format: Form | None = None
    test_name_format: Form | None = None
    visibility: Visibility | None = None
    stdout_visibility: Visibility | None = None
    extra_data: dict[str, object] | None = None
    leaderboard: list[dict[str, object]] | None = None


def checked(text):
    """Parse ``text`` as Gradescope does: known keys, and a score in total or for each test."""
    results = msgspec.json.decode(text, type=Results)
    assert results.score is not None or (
        results.tests and all(test.score is not None for test in results.tests)
    )
    assert all(0 <= test.score <= test.max_score for test in results.tests)
    assert results.visibility == "visible"
    assert {test.visibility for test in results.tests} == {
        "visible"
    }  # another would hide the total
    return results


def total(results):
    return sum(test.score for test in results.tests)


CASE = Case(
    call="double(x)",
    given={"x": "tensor([1])\nint64"},
    returned="1",
    expected="2",
    traceback=["x.py line 3: a"],
)


def grade(*checks, **fields):
    return grade_from_checks(
        list(checks),
        **{"exercise": "double", "submission": "x.py", "learner": "ada", "seed": 7} | fields,
    )


def test_results_of_a_grade():
    """Each check is a test with its points, message and case; the total is the grade's."""
    graded = grade(
        check_result("a", "It doubles", Outcome.PASSED, 2, 2),
        check_result("b", "Gradients flow", Outcome.FAILED, 0, 1, "It is 1.", 0.1, CASE),
        check_result("c", "On a GPU", Outcome.SKIPPED, 0, 1, "No device."),
        stdout="hello",
        misconception="squared",
        explanation="You squared.",
    )
    results = checked(gradescope.as_results(graded))
    assert total(results) == graded.points
    assert [test.status for test in results.tests] == ["passed", "failed", None]
    assert results.tests[1].output == (
        "It is 1.\n\nin your code x.py line 3: a\ncalled double(x)\n"
        "x =\ntensor([1])\nint64\nyou returned 1\nexpected 2"
    )
    assert "Why: You squared." in results.output and "hello" in results.output


def test_hidden_checks_are_one_test():
    """Hidden checks are one visible test with number and points, so Gradescope shows the total."""
    graded = grade(
        check_result("a", "A", Outcome.PASSED, 2, 2),
        check_result("b", "SECRET", Outcome.FAILED, 0, 1, "SECRET", 0.1, CASE, visible=False),
        check_result("c", "SECRET", Outcome.PASSED, 3, 3, visible=False),
        misconception="SECRET",
        explanation="SECRET",
    )
    text = gradescope.as_results(graded)
    results = checked(text)
    assert "SECRET" not in text
    assert total(results) == 5
    assert results.tests[1].name == "2 hidden checks"
    assert results.tests[1].output == "1 of 2 hidden checks passed"


@pytest.mark.parametrize("odd", ["\0\x1b[31m", "\ud800", "</pre><script>", "x" * 10**6], ids=ascii)
def test_hostile_text(odd):
    """With hostile text, the document stays valid, plain and of bounded size."""
    case = Case(call=odd, given={odd: odd}, returned=odd, traceback=[odd])
    text = gradescope.as_results(
        grade(check_result("a", "A", Outcome.RAISED, 0, 1, odd, 0.1, case), stdout=odd)
    )
    results = checked(text.encode())
    assert {test.output_format for test in results.tests} | {results.output_format} == {"text"}
    assert len(text) < 100_000


def autograder(folder, exercise_id="double"):
    """Build the zip with the command, and unpack it as Gradescope does."""
    done = run_grade(
        "export", "gradescope", exercise_id, "--course", str(SMALL_COURSE), folder=folder
    )
    assert done.returncode == 0, done.stderr
    assert (
        "Wrote autograder.zip" in done.stdout
        and "needs Python 3.11 or later, and the network" in done.stdout
    )
    with zipfile.ZipFile(folder / "autograder.zip") as archive:
        archive.extractall(folder / "autograder" / "source")
        modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}
    assert all(modes[name] & stat.S_IXUSR for name in ("setup.sh", "run_autograder"))
    for name, mode in modes.items():
        (folder / "autograder" / "source" / name).chmod(mode)  # as unzip does, and Python does not
    return folder / "autograder"


@pytest.fixture(scope="module")
def layout(tmp_path_factory):
    """Gradescope's folders, with the grader from the zip instead of this checkout."""
    root = autograder(tmp_path_factory.mktemp("gradescope"))
    shutil.copytree(root / "source" / "grader", root / "site-packages" / "grader")
    return root


def run_autograder(root, files=(), metadata=None):
    """Run the script on ``files``; return the process and ``results.json`` if there is one."""
    submission = root / "submission"
    if submission.exists():
        subprocess.run(["rm", "-rf", submission], check=True)
    submission.mkdir()
    for name, content in dict(files).items():
        (submission / name).parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Path):
            (submission / name).symlink_to(content)
        else:
            (submission / name).write_bytes(content)
    (root / "submission_metadata.json").write_text(
        json.dumps(metadata if metadata is not None else METADATA)
    )
    done = subprocess.run(
        [root / "source" / "run_autograder"],
        cwd=root,
        env={
            "PATH": os.environ["PATH"],
            "AUTOGRADER_ROOT": str(root),
            "AUTOGRADER_PYTHON": sys.executable,
            "PYTHONPATH": str(root / "site-packages"),
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    path = root / "results" / "results.json"
    return done, checked(path.read_bytes()) if path.exists() else None


METADATA = {
    "id": 1,
    "users": [{"email": "ada@example.org", "id": 2, "name": "Ada"}],
    "assignment": {"title": "Double"},
}
SOLUTION = (SMALL_COURSE / "solutions" / "double" / "solution.py").read_bytes()


@pytest.mark.parametrize(
    "name", ["double.py", pytest.param("my solution.py", marks=pytest.mark.slow)]
)
def test_autograder_grades_a_solution(layout, name):
    """A solution gets all points, under the right name or as the only file."""
    done, results = run_autograder(layout, {name: SOLUTION, "notes.txt": b"hello"})
    assert done.returncode == 0, done.stderr
    assert total(results) == sum(test.max_score for test in results.tests) == 5
    assert all(test.status == "passed" for test in results.tests)


MISTAKES = {
    "missing": ({}, "no double.py was handed in: there is no file at all"),
    "several": ({"a.py": b"1", "b.py": b"2"}, "no double.py was handed in: there is a.py, b.py"),
    "empty": ({"double.py": b""}, "double.py: empty"),
    "binary": ({"double.py": b"\0\1\2"}, "double.py: a binary file"),
    "loops": ({"double.py": b"while True: pass\n"}, "took longer than 1 s to load"),
    "forges": (
        {
            "double.py": b"import json\nopen('/autograder/results/results.json', 'w').write('{\"score\": 99}')\n"  # noqa: E501
        },
        "Error",
    ),
    "shadows": (
        {"double.py": b"def double(x): return x * 3\n", "torch.py": b"1/0", "grader.py": b"1/0"},
        "expected",
    ),
}


# Each of these starts an examiner; the one that forges a result stays.
SLOW_MISTAKES = ("loops", "shadows")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name in SLOW_MISTAKES else [])
        for name in MISTAKES
    ],
)
def test_autograder_takes_whatever_is_handed_in(layout, name):
    """A missing, broken or hostile submission gets valid results with the reason."""
    files, said = MISTAKES[name]
    done, results = run_autograder(layout, files)
    assert done.returncode <= 1, done.stderr
    assert total(results) < sum(test.max_score for test in results.tests) == 5
    assert any(said in (test.output or "") for test in results.tests), [
        test.output for test in results.tests
    ]
    assert str(layout) not in json.dumps(msgspec.to_builtins(results))


BROKEN = {
    "syntax": (b"def double(x:\n", "SyntaxError"),
    "raises": (b"raise SystemExit(0)\n", "exit"),
    "dies": (b"import os\nos._exit(0)\n", "exit"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_results_of_a_broken_submission(name, examiner, tmp_path):
    """A file that cannot be loaded gets valid results with the reason."""
    source, said = BROKEN[name]
    results = checked(gradescope.as_results(grade_source(examiner, source, tmp_path)))
    assert total(results) < sum(test.max_score for test in results.tests) == 5
    assert any(said in test.output for test in results.tests)


def test_autograder_follows_no_link(layout):
    """The autograder does not follow a link to the solution."""
    solution = layout / "source" / "course" / "solutions" / "double" / "solution.py"
    assert solution.read_bytes() == SOLUTION
    _, results = run_autograder(layout, {"double.py": solution})
    assert total(results) == 0


@pytest.mark.slow
def test_autograder_keeps_no_results_of_before(layout):
    """If the grader fails, there are no results, not even older ones, and the exit code says so."""
    (layout / "results").mkdir(exist_ok=True)
    (layout / "results" / "results.json").write_text('{"score": 99}')
    checks = layout / "source" / "course" / "solutions" / "double" / "checks.py"
    content = checks.read_text()
    checks.write_text("1 / 0\n" + content)
    try:
        done, results = run_autograder(layout, {"double.py": SOLUTION})
    finally:
        checks.write_text(content)
    assert done.returncode in (2, 3)
    assert results is None
    assert "run_autograder: the grader failed" in done.stderr


@pytest.mark.parametrize("metadata", [{}, [], {"users": []}, {"users": [{"email": 1}]}])
def test_autograder_without_a_learner(layout, metadata):
    """Metadata without a usable address do not stop the autograder."""
    # Without a submission, the script does all of its work and no examiner has to start.
    done, results = run_autograder(layout, {}, metadata)
    assert done.returncode == 0, done.stderr
    assert total(results) == 0


@pytest.mark.slow
def test_autograder_with_an_address_like_an_option(layout):
    """An address cannot become an option of the command."""
    metadata = {"users": [{"email": "--help"}]}
    done, results = run_autograder(layout, {"double.py": SOLUTION}, metadata)
    assert done.returncode == 0, done.stderr
    assert total(results) == 5


@pytest.mark.slow
def test_quiz(tmp_path_factory):
    """A quiz is graded from its answer sheet, with the numbers of the named learner."""
    root = autograder(tmp_path_factory.mktemp("quiz"), "sizes")
    done, results = run_autograder(root, {"answers.yaml": b"learner: ada\n"})
    assert done.returncode <= 1, done.stderr
    assert total(results) == 0


def test_zip_holds_one_exercise_and_the_grader(tmp_path):
    """The zip has two scripts, the course with one exercise, and the grader without a course."""
    root = autograder(tmp_path) / "source"
    assert sorted(path.name for path in root.iterdir()) == [
        "course",
        "grader",
        "requirements.txt",
        "run_autograder",
        "setup.sh",
    ]
    assert [path.name for path in (root / "course" / "exercises").iterdir()] == ["double"]
    names = [path.relative_to(root).as_posix() for path in (root / "grader").rglob("*")]
    assert "grader/cli/app.py" in names and "grader/report/templates/class.html" in names
    assert not [name for name in names if "_course" in name or "__pycache__" in name]
    requirements = (root / "requirements.txt").read_text().splitlines()
    assert [line for line in requirements if line.startswith("torch>=")]
    assert not [line for line in requirements if "distributed" in line]  # an extra


def test_same_parts_same_bytes():
    """A zip built twice is the same, so that an instructor sees whether an upload is needed."""
    exercise = load_exercise(SMALL_COURSE, "double")
    once, again = (
        autograder_module.autograder_zip(exercise, {"a-1-py3-none-any.whl": b"1"}) for _ in range(2)
    )
    assert once == again
    parts = zipfile.ZipFile(io.BytesIO(once))
    assert parts.read("wheels/a-1-py3-none-any.whl") == b"1"
    assert parts.read("course/solutions/double/solution.py") == SOLUTION


def test_packages_of_the_exercise_are_installed(tmp_path):
    """setup.sh installs the exercise's packages, by the names that pip knows."""
    exercise = load_exercise(SMALL_COURSE, "double")
    spec = msgspec.structs.replace(exercise.spec, packages=("yaml", "numpy", "some_package"))
    exercise = msgspec.structs.replace(exercise, spec=spec)
    parts = zipfile.ZipFile(io.BytesIO(autograder_module.autograder_zip(exercise, {})))
    lines = parts.read("requirements.txt").decode().splitlines()
    assert lines[-1] == "some_package"
    # PyYAML and NumPy are requirements of the grader already.
    names = [Requirement(line).name.lower() for line in lines]
    assert names.count("pyyaml") == names.count("numpy") == 1 and "yaml" not in names
    with pytest.raises(UsageError, match="no wheel of .*some-package"):
        autograder_module.read_wheels(tmp_path, exercise)


def test_wheels_to_take_along(tmp_path):
    """If a required wheel is missing, the command names it and says how to get it."""
    exercise = load_exercise(SMALL_COURSE, "double")
    for name in ("torch-2.13.0-cp311-cp311-linux_x86_64.whl", "click-8.1.0-py3-none-any.whl"):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(UsageError, match=r"no wheel of jinja2, .*msgspec, .*pip download"):
        autograder_module.read_wheels(tmp_path, exercise)
    needed = {requirement.name for requirement in autograder_module.requirements()}
    for name in needed - {"torch", "click"}:
        file = f"{name.replace('-', '_').replace('pyyaml', 'PyYAML')}-1-py3-none-any.whl"
        (tmp_path / file).write_bytes(b"")
    assert len(autograder_module.read_wheels(tmp_path, exercise)) == len(needed)


def test_documented_download_is_complete():
    """The `pip download` line in docs/exports.md names every requirement of the grader."""
    root = Path(__file__).parents[3]
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    needed = {Requirement(line).name for line in project["dependencies"]}
    page = (root / "docs" / "exports.md").read_text()
    line = next(line for line in page.splitlines() if "pyyaml" in line)
    assert set(line.split()) == needed


def test_broken_wheel_name(tmp_path):
    """A file with an invalid wheel name is an error that names the file."""
    exercise = load_exercise(SMALL_COURSE, "double")
    (tmp_path / "torch.whl").write_bytes(b"")
    with pytest.raises(UsageError, match=r"torch\.whl: .*; download it again"):
        autograder_module.read_wheels(tmp_path, exercise)


@pytest.mark.parametrize("name", ["setup.sh", "run_autograder"])
def test_scripts_are_sound_bash(name, tmp_path):
    """Both scripts are valid bash and contain no placeholder."""
    script = tmp_path / name
    script.write_bytes(autograder_module.script(name, "exercise3"))
    subprocess.run(["bash", "-n", script], check=True)
    assert b"@" not in script.read_bytes().replace(b"[@]", b"")


@pytest.mark.parametrize("words", [[], ["double", "--out", "x"]])
def test_gradescope_wants_one_of_two(words, tmp_path):
    """The command needs either an exercise or a gradebook, and says so."""
    done = run_grade("export", "gradescope", *words, folder=tmp_path)
    assert done.returncode == 2
    assert "name an exercise to build its autograder, or a gradebook with --out" in done.stderr
