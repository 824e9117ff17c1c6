"""Documents: a grade as JSON and as JUnit XML."""

import csv
import io
import json
from xml.etree import ElementTree

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.examiner.feedback import clean
from grader.grades.document import from_json
from grader.grades.grade import Case, Outcome, grade_from_checks
from grader.grades.isolation import SEPARATING
from grader.grades.learner import Learner
from grader.report.export.canvas import CanvasGradebook
from grader.report.export.documents import (
    all_as_json,
    as_json,
    as_junit,
    class_as_json_lines,
    class_as_junit,
)
from grader.report.export.grades_csv import as_csv
from grader.report.export.moodle import open_sheet
from tests.grades.test_statistics import RESULTS
from tests.grading import check_result
from tests.report.classes import make_class
from tests.report.export import records

# The keys of docs/results-format.md.
GRADE_KEYS = {
    *(
        "format",
        "exercise",
        "submission",
        "learner",
        "device",
        "status",
        "points",
        "max_points",
        "passed",
        "seconds",
    ),
    *("stdout", "misconception", "file_note", "isolation", "checks"),
    *("seed", "explanation", "asked"),
}
CHECK_KEYS = {
    "name",
    "title",
    "outcome",
    "points",
    "max_points",
    "message",
    "seconds",
    "case",
    "visible",
}
CASE = Case(call="double(x)", given={"x": "tensor([1])"}, returned="1", expected="2")
CHECKS = [
    check_result("value", "It doubles", Outcome.PASSED, 2, 2, seconds=0.25),
    check_result(
        "dtype", "The dtype <is> kept & so on", Outcome.FAILED, 0, 1, 'It is "a" < b.', 0.5, CASE
    ),
    *(
        check_result(outcome.value, "Title", outcome, 0, 1, f"Because {outcome.value}.")
        for outcome in list(Outcome)[2:]
    ),
]


def grade(checks=CHECKS, **fields):
    return grade_from_checks(
        list(checks),
        **{
            "exercise": "double",
            "submission": "mine.py",
            "learner": "ada",
            "seed": 7,
            "seconds": 1.5,
        }
        | fields,
    )


def junit(graded):
    return ElementTree.XML(as_junit(graded).encode())


def test_json_has_the_keys_of_the_contract():
    """Every document has exactly the promised keys."""
    for graded in (
        grade(),
        grade(
            [CHECKS[0]], stdout="x", misconception="a", explanation="b", isolation={"seccomp": None}
        ),
    ):
        found = json.loads(as_json(graded))
        # This key is only there if layers of the sandbox were missing.
        rare = {"weak_isolation"} if graded.weak_isolation else set()
        assert set(found) == GRADE_KEYS | rare
        assert found["format"] == 1
        assert all(set(check) == CHECK_KEYS for check in found["checks"])


def test_json_values():
    """Every value is that of the grade, in plain JSON types."""
    found = json.loads(
        as_json(
            grade(stdout="out\n", misconception="a", explanation="b", isolation={"seccomp": None})
        )
    )
    assert {
        name: found[name] for name in ("exercise", "submission", "learner", "device", "seed")
    } == {
        "exercise": "double",
        "submission": "mine.py",
        "learner": "ada",
        "device": "cpu",
        "seed": 7,
    }
    assert (found["status"], found["passed"], found["points"], found["max_points"]) == (
        "ungraded",
        False,
        2,
        10,
    )
    assert (found["stdout"], found["misconception"], found["isolation"]) == (
        "out\n",
        "a",
        {"seccomp": None},
    )
    assert [check["outcome"] for check in found["checks"]] == [outcome.value for outcome in Outcome]
    assert found["checks"][1]["case"] == {
        "call": "double(x)",
        "given": {"x": "tensor([1])"},
        "returned": "1",
        "expected": "2",
    }


def test_json_without_a_misconception():
    """An unknown value is null, and its key stays."""
    found = json.loads(as_json(grade([CHECKS[0]])))
    assert (found["misconception"], found["explanation"], found["checks"][0]["case"]) == (
        None,
        None,
        None,
    )


def test_json_is_one_object_on_lines():
    """The document is one object, indented, and ends in a newline."""
    text = as_json(grade())
    assert text.startswith("{\n") and text.endswith("}\n")


def test_junit_counts():
    """Checks are counted as pytest counts them: ungraded is an error, not a failure."""
    suite = junit(grade()).find("testsuite")
    counts = {name: int(suite.get(name)) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": 9, "failures": 6, "errors": 1, "skipped": 1}
    assert len(suite.findall("testcase")) == 9
    assert len(suite.findall("testcase/failure")) == 6
    assert (suite.get("name"), suite.get("time")) == ("double", "1.500")


def test_junit_of_all_passed():
    """If all checks passed, there are only test cases."""
    suite = junit(grade([CHECKS[0]])).find("testsuite")
    assert [suite.get(name) for name in ("tests", "failures", "errors", "skipped")] == [
        "1",
        "0",
        "0",
        "0",
    ]
    assert [child.tag for child in suite.find("testcase")] == ["properties"]


@pytest.mark.parametrize("outcome", Outcome)
def test_junit_case(outcome):
    """Each outcome except a pass has an element with its type and its message."""
    case = junit(grade()).find(f"testsuite/testcase[{list(Outcome).index(outcome) + 1}]")
    tag = {Outcome.PASSED: None, Outcome.SKIPPED: "skipped", Outcome.UNGRADED: "error"}.get(
        outcome, "failure"
    )
    found = [child for child in case if child.tag != "properties"]
    assert [child.tag for child in found] == ([tag] if tag else [])
    if tag in ("failure", "error"):
        assert found[0].get("type") == outcome.value
        assert (
            found[0].text == found[0].get("message") == CHECKS[list(Outcome).index(outcome)].message
        )


def test_junit_points():
    """Points are properties of the suite and of each check."""
    suite = junit(grade()).find("testsuite")
    whole = {item.get("name"): item.get("value") for item in suite.find("properties")}
    assert whole == {
        "points": "2",
        "max_points": "10",
        "learner": "ada",
        "submission": "mine.py",
        "device": "cpu",
        "seed": "7",
    }
    first = {item.get("name"): item.get("value") for item in suite.find("testcase/properties")}
    assert first == {"title": "It doubles", "points": "2", "max_points": "2"}


def test_junit_has_what_was_printed():
    """The printed text is the output of the suite; without printed text there is none."""
    assert junit(grade(stdout="<a>&\n]]>")).find("testsuite/system-out").text == "<a>&\n]]>"
    assert junit(grade()).find("testsuite/system-out") is None


ODD = [
    "\x1b[31m",
    "\0",
    "\x0b",
    "\x85",
    "\ufffe\uffff",
    "\ud800",
    "<![CDATA[",
    "]]>",
    "\u202e",
    "学生 🙂",
    "&amp;",
]


@pytest.mark.parametrize("text", ODD, ids=ascii)
def test_odd_file_and_learner_names(text):
    """The documents can contain names of files and learners with any characters."""
    graded = grade(submission=f"{text}.py", learner=text)
    assert len(junit(graded).findall("testsuite/testcase")) == len(CHECKS)
    assert json.loads(as_json(graded).encode())["points"] == 2


@given(text=st.text(st.characters(), max_size=20))
def test_junit_of_any_learner_text(text):
    """Any text of a learner, once cleaned, can be written and parsed."""
    shown = clean(text)
    checks = [check_result("value", "Title", Outcome.RAISED, 0, 1, shown)]
    found = junit(grade(checks, stdout=shown)).find("testsuite/testcase/failure")
    assert (found.text or "") == shown


def test_all_devices_are_one_object():
    """The grades of several devices are one object: the first grade, which contains the others."""
    grades = [grade([CHECKS[0]]), grade(device="cuda"), grade([CHECKS[0]], device="mps")]
    found = json.loads(all_as_json(grades))
    assert set(found) == GRADE_KEYS | {"others"}
    assert (found["device"], found["passed"]) == ("cpu", True)
    assert found["others"] == [json.loads(as_json(grades[1])), json.loads(as_json(grades[2]))]
    assert json.loads(all_as_json(grades[:1])) == json.loads(as_json(grades[0])) | {"others": []}


def test_junit_of_all_devices():
    """JUnit XML has a suite for each device, with the device as a property."""
    suites = ElementTree.XML(as_junit(grade(), grade(device="cuda")).encode())
    named = [suite.find("properties/property[@name='device']").get("value") for suite in suites]
    assert (suites.tag, named) == ("testsuites", ["cpu", "cuda"])


def test_junit_of_a_class():
    """Each grade is a suite with learner and exercise as its name, time and counts."""
    results = make_class()
    suites = ElementTree.XML(class_as_junit(results).encode()).findall("testsuite")
    grades = {
        f"{name}/{exercise}": graded
        for name, by_exercise in results.grades.items()
        for exercise, graded in by_exercise.items()
    }
    assert sorted(suite.get("name") for suite in suites) == sorted(grades)
    for suite in suites:
        graded = grades[suite.get("name")]
        assert suite.get("timestamp") == "2026-11-24T09:30:00+00:00"
        assert int(suite.get("tests")) == len(suite.findall("testcase")) == len(graded.checks)
        points = suite.find("properties/property[@name='points']").get("value")
        assert int(points) == graded.points


def test_json_lines_of_a_class():
    """Each line is a grade under the name of the class; a missing submission has no line."""
    lines = class_as_json_lines(RESULTS).splitlines()
    grades = [from_json(line) for line in lines]
    assert [(graded.learner, graded.exercise) for graded in grades] == [
        *[("ada", "one"), ("ada", "two"), ("bob", "one"), ("cy", "one"), ("cy", "two")],
    ]
    assert set(json.loads(lines[0])) == GRADE_KEYS


@pytest.mark.parametrize("text", ODD, ids=ascii)
def test_odd_names_in_a_class(text):
    """The documents of a class can contain names with any characters."""
    graded = grade(submission=text, learner=text)
    odd = msgspec.structs.replace(RESULTS, learners=[Learner(text)], grades={text: {"one": graded}})
    assert len(ElementTree.XML(class_as_junit(odd).encode()).findall("testsuite")) == 1
    assert len(class_as_json_lines(odd).encode().splitlines()) == 1


def test_weak_isolation_is_marked():
    """A grade without a layer that separates is marked in the sheet, in exports, and in JUnit."""
    layers = dict.fromkeys(SEPARATING, "kernel") | {"files": None, "network": None}
    strong, weak = records.graded("Bob Kahn", 20), records.graded("Lovelace, Ada", 10)
    weak = msgspec.structs.replace(weak, isolation=layers)
    results = records.class_of(strong, weak)
    [titles, _, *rows] = csv.reader(io.StringIO(as_csv(results)))
    assert [row[titles.index("weak isolation")] for row in rows] == ["", "exercise1: files network"]
    assert "weak isolation" not in as_csv(records.class_of(strong))

    notice = "sandbox that separate submissions: `Lovelace, Ada, exercise1: without files, network`"
    canvas = b'Student,ID,Section,exercise1 (1)\n    Points Possible,,,20\n"Lovelace, Ada",1,S,\n'
    moodle = b'Identifier,Full name,Grade,Maximum Grade\nParticipant 1,"Lovelace, Ada",,20.00\n'
    for sheet in (CanvasGradebook(canvas, "c.csv"), open_sheet(moodle, "m.csv")):
        assert any(each.endswith(notice) for each in sheet.fill(results, {}).notices)
        without = sheet.fill(records.class_of(strong), {})
        assert not any("sandbox" in each for each in without.notices)

    suites = ElementTree.fromstring(class_as_junit(results))
    properties = [
        {each.get("name"): each.get("value") for each in suite.find("properties")}
        for suite in suites
    ]
    assert [each.get("weak_isolation") for each in properties] == [None, "files network"]
