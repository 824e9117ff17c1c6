"""A grade, or all of a class, as a document for programs: JSON, and JUnit XML as pytest writes it."""

from collections.abc import Iterator
from datetime import datetime
from xml.etree import ElementTree

import msgspec

from grader.grades.class_results import ClassResults
from grader.grades.document import to_document, to_json
from grader.grades.grade import CheckResult, Grade, Outcome
from grader.text import printable


def as_json(grade: Grade) -> str:
    """One JSON object, indented; ``docs/results-format.md`` is its contract."""
    return msgspec.json.format(to_json(grade), indent=2).decode() + "\n"


def all_as_json(grades: list[Grade]) -> str:
    """The grades of one submission on several devices, as one object: the first, with the ``others`` in it."""
    first, *others = grades
    both = to_document(first) | {"others": [to_document(other) for other in others]}
    return msgspec.json.format(msgspec.json.encode(both), indent=2).decode() + "\n"


def class_as_json_lines(results: ClassResults) -> str:
    """One grade a line, as ``as_json`` has it; nothing for what was not handed in."""
    return "".join(to_json(grade).decode() + "\n" for _, grade in _handed_in(results))


def as_junit(*grades: Grade) -> str:
    """JUnit XML of pytest's family xunit2, a suite for each grade; points are properties, the format has none."""
    return _written([_suite(grade, grade.exercise) for grade in grades])


def class_as_junit(results: ClassResults) -> str:
    """JUnit XML of a class: a suite for each grade, named ``learner/exercise``, hidden checks included."""
    graded = _handed_in(results)
    return _written(
        [_suite(grade, f"{name}/{grade.exercise}", results.graded_at) for name, grade in graded]
    )


def _handed_in(results: ClassResults) -> Iterator[tuple[str, Grade]]:
    """Every grade under the class's own name for its learner, who may have signed a quiz otherwise."""
    for learner in results.learners:
        for exercise in results.exercises:
            grade = results.grade(learner.name, exercise.id)
            if grade is not None:
                name = printable(learner.name)
                yield name, msgspec.structs.replace(grade, learner=name)


def _written(found: list[ElementTree.Element]) -> str:
    suites = ElementTree.Element("testsuites")
    suites.extend(found)
    ElementTree.indent(suites)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        + ElementTree.tostring(suites, encoding="unicode")
        + "\n"
    )


def _suite(grade: Grade, name: str, when: datetime | None = None) -> ElementTree.Element:
    outcomes = [check.outcome for check in grade.checks]
    errors = sum(outcome is Outcome.UNGRADED for outcome in outcomes)
    skipped = sum(outcome is Outcome.SKIPPED for outcome in outcomes)
    failures = sum(_is_failure(outcome) for outcome in outcomes)
    suite = ElementTree.Element(
        "testsuite",
        name=name,
        errors=str(errors),
        failures=str(failures),
        skipped=str(skipped),
        tests=str(len(outcomes)),
        time=f"{grade.seconds:.3f}",
    )
    if when is not None:
        suite.set("timestamp", when.isoformat())
    about = {
        "learner": grade.learner,
        "submission": grade.submission,
        "device": grade.device,
        "seed": grade.seed,
    }
    _properties(suite, points=grade.points, max_points=grade.max_points, **about)
    for check in grade.checks:
        suite.append(_test_case(grade.exercise, check))
    if grade.stdout:
        ElementTree.SubElement(suite, "system-out").text = grade.stdout
    return suite


def _test_case(exercise: str, check: CheckResult) -> ElementTree.Element:
    case = ElementTree.Element(
        "testcase", classname=exercise, name=check.name, time=f"{check.seconds:.3f}"
    )
    _properties(case, title=check.title, points=check.points, max_points=check.max_points)
    if _is_failure(check.outcome):
        ElementTree.SubElement(
            case, "failure", type=check.outcome.value, message=check.message
        ).text = check.message
    elif check.outcome is Outcome.UNGRADED:
        ElementTree.SubElement(
            case, "error", type=check.outcome.value, message=check.message
        ).text = check.message
    elif check.outcome is Outcome.SKIPPED:
        ElementTree.SubElement(case, "skipped", message=check.message)
    return case


def _is_failure(outcome: Outcome) -> bool:
    return outcome not in (Outcome.PASSED, Outcome.SKIPPED, Outcome.UNGRADED)


def _properties(parent: ElementTree.Element, **properties: object) -> None:
    element = ElementTree.SubElement(parent, "properties")
    for name, value in properties.items():
        ElementTree.SubElement(element, "property", name=name, value=str(value))
