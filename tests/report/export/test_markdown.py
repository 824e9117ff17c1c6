"""Feedback as Markdown: its content, and that text of learners stays in its block."""

import re

from hypothesis import given
from hypothesis import strategies as st

from grader.grades.grade import Case, Outcome, grade_from_checks
from grader.report.export.markdown import feedback
from grader.report.text_templates import escaped, fenced
from tests.grading import check_result

CASE = Case(call="double(x)", given={"x": "tensor([1])"}, returned="1", expected="2")


def page(*checks, **fields):
    about = {"exercise": "double", "submission": "mine.py", "learner": "ada", "seed": 7}
    return feedback(grade_from_checks(list(checks), **about | fields), "Twice as much")


def failed(name="value", **fields):
    return check_result(
        name,
        f"{name} holds",
        Outcome.FAILED,
        0,
        2,
        **{"message": f"{name} is off.", "case": CASE} | fields,
    )


def test_all_passed():
    """If all checks passed, the page says so first and explains nothing."""
    text = page(check_result("value", "It doubles", Outcome.PASSED, 2, 2))
    assert "**All checks passed: 2 of 2 points**" in text
    assert "| ✓ passed | It doubles | 2/2 |" in text
    assert "##" not in text


def test_first_failures_in_full():
    """The first two failures appear in full, the explanation under the first; the rest are counted."""  # noqa: E501
    text = page(*map(failed, "abcd"), misconception="squared", explanation="You squared.\n\nDon't.")
    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        "## a holds",
        "## b holds",
    ]
    assert text.count("**Why:**\n\n> You squared.\n>\n> Don't.") == 1 and "squared*" not in text
    assert "you returned 1\nexpected 2" in text
    assert "2 more checks did not pass. Fix the first one first; the others often follow." in text


def test_ungraded():
    """A failure of the grader is not the learner's fault, and the page says so."""
    assert "**Not graded: the grader failed, which is not your fault. Try again.**" in page(
        check_result("value", "It", Outcome.UNGRADED, 0, 1, "The grader failed here.")
    )


def test_skipped_checks_take_no_points():
    """A check that could not run is left out of the possible points, as on the terminal."""
    text = page(
        check_result("value", "It doubles", Outcome.PASSED, 2, 2),
        check_result("gpu", "It runs on a GPU", Outcome.SKIPPED, 0, 1, "no GPU"),
        failed("a"),
    )
    assert "**2 of 4 points, 1 skipped**" in text


def test_hidden_checks_in_number_only():
    """Of hidden checks, the page has only number and points."""
    text = page(
        check_result("value", "It doubles", Outcome.PASSED, 2, 2), failed("secret", visible=False)
    )
    assert "| · hidden | 0 of 1 hidden check passed | 0/2 |" in text
    assert "secret" not in text


@given(text=st.text(st.sampled_from("`~ \n|<&x"), max_size=60))
def test_no_text_ends_its_fence(text):
    """A fence is longer than any run of backticks in the text, and alone on its line."""
    first, *inside, last = fenced(text).split("\n")
    assert first == f"{last}text" and set(last) == {"`"}
    assert all(len(run) < len(last) for line in inside for run in re.findall(r"`+", line))


@given(text=st.text(max_size=60))
def test_escaped_names_are_one_line_of_plain_text(text):
    """A name is one line without tags, and each special character has a backslash."""
    shown = escaped(text)
    assert len(shown.splitlines()) <= 1
    assert "<" not in shown
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*\[\]|]", shown)
