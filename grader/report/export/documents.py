"""Grades as documents for programs: JSON, and JUnit XML as pytest writes it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final
from xml.etree import ElementTree

import msgspec

from grader.grades.class_results import ClassResults
from grader.grades.counted import Counted
from grader.grades.document import to_document
from grader.grades.grade import CheckResult, Grade, Outcome
from grader.text import indented_json, printable

_ELEMENTS: Final = {
    **dict.fromkeys(Outcome, "failure"),
    Outcome.PASSED: None,
    Outcome.SKIPPED: "skipped",
    Outcome.UNGRADED: "error",
}
"""The element in a ``testcase`` that says how the check ended. Our own failure is an error."""


def as_json(grade: Grade) -> str:
    """One indented JSON object, as ``docs/results-format.md`` describes it."""
    return indented_json(to_document(grade))


def all_as_json(grades: Sequence[Grade]) -> str:
    """The grades of one submission on several devices: the first, with the rest as ``others``."""
    first, *others = map(to_document, grades)
    # A program that knows only one device finds the grade where it expects it.
    first["others"] = others
    return indented_json(first)


def class_as_json_lines(results: ClassResults) -> str:
    """One grade per line, as ``as_json`` writes it; no line for a missing submission."""
    lines = [_line(results, learner, grade) for learner, grade in _all_grades(results)]
    return "".join(f"{line}\n" for line in lines)


def _line(results: ClassResults, learner: str, grade: Grade) -> str:
    """A grade, with what counts and the comments of the instructor if there are any."""
    document = to_document(grade)
    counted = results.counted_for(learner, grade.exercise)
    comments = results.comments_for(learner, grade.exercise)
    if counted is not None:
        document["counted"] = msgspec.to_builtins(counted)
    if comments:
        document["comments"] = comments

    return msgspec.json.encode(document).decode()


def as_junit(*grades: Grade) -> str:
    """JUnit XML of pytest's family xunit2, a suite for each grade.

    The format has no points, so they are properties.
    """
    return _written([_suite(grade, grade.exercise) for grade in grades])


def class_as_junit(results: ClassResults) -> str:
    """JUnit XML of a class for instructors: a suite ``learner/exercise`` for each grade."""
    suites = []
    for learner, grade in _all_grades(results):
        name = f"{grade.learner}/{grade.exercise}"
        suite = _suite(grade, name, results.graded_at)
        counted = results.counted_for(learner, grade.exercise)
        if counted is not None:
            _add_properties(suite, **_counted_properties(counted))

        suites.append(suite)

    return _written(suites)


def _counted_properties(counted: Counted) -> dict[str, object]:
    """What counts in an assignment, beside the points that were graded."""
    properties: dict[str, object] = {"assignment": counted.assignment}
    if counted.points is not None:
        properties["counted_points"] = counted.points

    return {**properties, "counted_possible": counted.possible, "counted_reason": counted.reason}


def _all_grades(results: ClassResults) -> Iterator[tuple[str, Grade]]:
    """Each learner's name in the class, and a grade with that name in printable form."""
    for learner in results.learners:
        for exercise in results.exercises:
            grade = results.grade(learner.name, exercise.id)
            if grade is not None:
                # The grade of a quiz may contain the name on its answer sheet instead.
                shown = msgspec.structs.replace(grade, learner=printable(learner.name))
                yield learner.name, shown


def _written(suites: list[ElementTree.Element]) -> str:
    root = ElementTree.Element("testsuites")
    root.extend(suites)
    ElementTree.indent(root)
    # ElementTree writes a declaration with single quotes, or none.
    declaration = '<?xml version="1.0" encoding="utf-8"?>'
    return f"{declaration}\n{ElementTree.tostring(root, encoding='unicode')}\n"


def _suite(grade: Grade, name: str, when: datetime | None = None) -> ElementTree.Element:
    elements = [_ELEMENTS[check.outcome] for check in grade.checks]
    suite = ElementTree.Element(
        "testsuite",
        name=name,
        errors=str(elements.count("error")),
        failures=str(elements.count("failure")),
        skipped=str(elements.count("skipped")),
        tests=str(len(elements)),
        time=f"{grade.seconds:.3f}",
    )
    # Only the results of a class have a time; a single grade has none.
    if when is not None:
        suite.set("timestamp", when.isoformat())

    # With the seed and the device, a grading can be repeated exactly.
    properties = {
        "points": grade.points,
        "max_points": grade.max_points,
        "learner": grade.learner,
        "submission": grade.submission,
        "device": grade.device,
        "seed": grade.seed,
    }
    if grade.weak_isolation:
        properties["weak_isolation"] = " ".join(grade.weak_isolation)

    _add_properties(suite, **properties)

    for check in grade.checks:
        # The document of a class is for its instructor, who may read titles of hidden checks.
        title = check.title
        if when is not None:
            title = check.check.title

        suite.append(_test_case(grade.exercise, check, title))

    if grade.stdout:
        output = ElementTree.SubElement(suite, "system-out")
        output.text = grade.stdout

    return suite


def _test_case(exercise: str, check: CheckResult, title: str) -> ElementTree.Element:
    case = ElementTree.Element(
        "testcase",
        classname=exercise,
        name=check.name,
        time=f"{check.seconds:.3f}",
    )
    _add_properties(case, title=title, points=check.points, max_points=check.max_points)

    tag = _ELEMENTS[check.outcome]
    if tag is not None:
        element = ElementTree.SubElement(case, tag, message=check.message)
        # A skipped check has a reason, but no kind of failure.
        if tag != "skipped":
            element.set("type", check.outcome.value)
            element.text = check.message

    return case


def _add_properties(parent: ElementTree.Element, **properties: object) -> None:
    element = parent.find("properties")
    if element is None:
        element = ElementTree.SubElement(parent, "properties")

    for name, value in properties.items():
        ElementTree.SubElement(element, "property", name=name, value=str(value))
