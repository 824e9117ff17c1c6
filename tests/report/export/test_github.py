"""GitHub Actions: the commands on standard output, the summary, and the workflow."""

import re

import pytest
import yaml

from grader.grades.grade import Frame, Outcome, grade_from_checks
from grader.report.export import github
from tests.grading import SMALL_COURSE, check_result

COMMAND = re.compile(r"::(notice|warning|error) ((?:\w+=[^,:\n]*)(?:,\w+=[^,:\n]*)*)::(.*)")


def read_as_github_does(output):
    """Kind, properties and message of each command, as in actions/runner, ActionCommand.cs."""
    commands = []
    for line in output.splitlines():
        kind, properties, message = COMMAND.fullmatch(line).groups()
        pairs = dict(pair.split("=", 1) for pair in properties.split(","))
        for sign, code in ((":", "%3A"), (",", "%2C"), ("\r", "%0D"), ("\n", "%0A"), ("%", "%25")):
            pairs = {name: value.replace(code, sign) for name, value in pairs.items()}
            message = message.replace(code, sign) if sign not in ":," else message
        commands.append((kind, pairs, message))
    return commands


def grade(*checks, **fields):
    return grade_from_checks(
        list(checks),
        **{"exercise": "double", "submission": "double.py", "learner": "ada", "seed": 7} | fields,
    )


def test_a_failure_stands_at_its_line():
    """An error has the path in the repository and the innermost line of the submission."""
    frames = [
        Frame("double.py", 9, text="f()"),
        Frame("double.py", 3, function="f", text="1 / 0"),
        Frame("helper.py", 7, text="g()"),
    ]
    graded = grade(
        check_result(
            "a",
            "It doubles",
            Outcome.RAISED,
            0,
            2,
            "ZeroDivisionError: division\nby zero",
            frames=frames,
        ),
        check_result("b", "B", Outcome.PASSED, 1, 1),
        misconception="divides",
        explanation="You divide.",
    )
    error, points = read_as_github_does(github.annotations(graded, "week 1/double.py"))
    assert error[:2] == ("error", {"file": "week 1/double.py", "line": "3", "title": "It doubles"})
    assert error[2] == "ZeroDivisionError: division\nby zero\n\nWhy: You divide."
    assert points == ("notice", {"title": "double"}, "1 of 3 points")


def test_every_outcome_has_its_kind():
    """A missed check is an error, a skipped one a notice, a failure of the grader a warning."""
    checks = [
        check_result(outcome.value, "T", outcome, 0, 1, "Because.")
        for outcome in Outcome
        if outcome is not Outcome.PASSED
    ]
    kinds = [
        command[0]
        for command in read_as_github_does(github.annotations(grade(*checks), "double.py"))
    ]
    assert kinds == ["error"] * 6 + ["notice", "warning"] + ["warning"]


def test_a_pass_and_hidden_checks():
    """The result says that all checks passed; hidden checks appear as a number."""
    graded = grade(check_result("a", "A", Outcome.PASSED, 2, 2))
    assert (
        read_as_github_does(github.annotations(graded, "d.py"))[0][2]
        == "All checks passed: 2 of 2 points"
    )
    hidden = grade(
        check_result("a", "A", Outcome.PASSED, 2, 2),
        check_result("b", "SECRET", Outcome.FAILED, 0, 1, "S", visible=False),
    )
    output = github.annotations(hidden, "d.py")
    assert "SECRET" not in output
    assert "0 of 1 hidden check passed" in output


def test_no_more_than_github_shows():
    """GitHub shows ten annotations of a kind, so the eleventh says how many more there are."""
    checks = [check_result(f"c{n}", f"T{n}", Outcome.FAILED, 0, 1, f"M{n}") for n in range(14)]
    commands = read_as_github_does(github.annotations(grade(*checks), "d.py"))
    assert len([command for command in commands if command[0] == "error"]) == 11
    assert commands[10][2] == "4 more did not pass; the summary shows all of them"


@pytest.mark.parametrize(
    "odd",
    ["a\n::error::forged", "::set-output name=x::1", "%0A::error::x", "a,b:c", "\x1b[31m", "\r::x"],
    ids=ascii,
)
def test_no_text_is_a_command(odd):
    """No message, title or path can begin another command."""
    frames = [Frame(odd, 3, text="x")]
    output = github.annotations(
        grade(check_result("a", odd, Outcome.FAILED, 0, 1, odd, frames=frames), submission=odd),
        f"{odd}/double.py",
    )
    assert len(output.splitlines()) == 2
    assert len(read_as_github_does(output)) == 2
    assert len(read_as_github_does(github.refusal(odd, odd))) == 1


def test_workflow_is_yaml_that_grades_on_push():
    """The workflow is valid, may only read, and does not import the learner's modules."""
    workflow = yaml.safe_load(github.workflow("exercise3", None))
    assert "push" in workflow[True]  # as YAML 1.1 reads `on`
    assert workflow["permissions"] == {"contents": "read"}
    steps = workflow["jobs"]["grade"]["steps"]
    assert steps[2]["env"] == {"GRADER": "${{ secrets.GRADER }}"}
    assert "-P -m grader exercise3 . --not-mine --format github" in steps[3]["run"]
    # A name of a branch or a learner put into a script by an expression would be run.
    assert not [step for step in steps if "${{" in step.get("run", "")]


def test_workflow_with_a_requirement():
    """Any requirement becomes one YAML string."""
    odd = "git+https://example.org/x.git@v1 # it's: {odd}"
    workflow = yaml.safe_load(github.workflow("exercise3", odd))
    assert workflow["jobs"]["grade"]["steps"][2]["env"]["GRADER"] == odd


def test_command_in_a_step(tmp_path, run_here):
    """In a step, the command prints only commands, and adds the feedback to the summary."""
    (tmp_path / "double.py").write_text(
        "def double(x):\n    print('::error::forged')\n    return 1 / 0\n"
    )
    words = ("double", ".", "--format", "github", "--course", str(SMALL_COURSE), "--seed", "1")
    done = run_here(*words, folder=tmp_path, GITHUB_STEP_SUMMARY=str(tmp_path / "summary.md"))
    assert done.returncode == 1, done.stderr
    commands = read_as_github_does(done.stdout)
    assert commands[0][0] == "error"
    assert commands[0][1]["file"] == "double.py" and commands[0][1]["line"] == "3"
    assert "forged" not in done.stdout
    summary = (tmp_path / "summary.md").read_text()
    assert "ZeroDivisionError" in summary and "::error::forged" in summary


def test_command_without_a_submission(tmp_path, run_here):
    """Without a submission, the annotation and the summary say so."""
    words = ("double", ".", "--format", "github", "--course", str(SMALL_COURSE))
    done = run_here(*words, folder=tmp_path, GITHUB_STEP_SUMMARY=str(tmp_path / "summary.md"))
    assert done.returncode == 1
    ((kind, _, message),) = read_as_github_does(done.stdout)
    assert kind == "error"
    assert message.startswith("no double.py was handed in")
    assert message in (tmp_path / "summary.md").read_text()


def test_export_writes_the_workflow(tmp_path, run_here):
    """The command writes the workflow where GitHub reads it, and names the secret."""
    done = run_here("export", "github", "exercise3", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    written = tmp_path / ".github" / "workflows" / "grade-exercise3.yml"
    assert written.read_text() == github.workflow("exercise3", None)
    assert "the repository's secret GRADER" in done.stdout
