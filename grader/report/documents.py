"""A grade as a document for programs: JSON, and JUnit XML as pytest writes it."""

from xml.etree import ElementTree

import msgspec

from grader.results import Check, Grade, Outcome, first_missed


def as_json(grade: Grade) -> str:
    """One JSON object, indented; ``docs/results-format.md`` is its contract."""
    return msgspec.json.format(msgspec.json.encode(grade), indent=2).decode() + "\n"


def all_as_json(grades: list[Grade]) -> str:
    """The grades of one submission on several devices, as one object: the worst, with the ``others`` in it."""
    worst = first_missed(grades)
    others = [grade for grade in grades if grade is not worst]
    return (
        msgspec.json.format(msgspec.json.encode(msgspec.structs.asdict(worst) | {"others": others}), indent=2).decode()
        + "\n"
    )


def as_junit(*grades: Grade) -> str:
    """JUnit XML of pytest's family xunit2, a suite for each grade; points are properties, the format has none."""
    suites = ElementTree.Element("testsuites")
    for grade in grades:
        suites.append(_suite(grade))
    ElementTree.indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(suites, encoding="unicode") + "\n"


def _suite(grade: Grade) -> ElementTree.Element:
    outcomes = [check.outcome for check in grade.checks]
    errors = sum(outcome is Outcome.UNGRADED for outcome in outcomes)
    skipped = sum(outcome is Outcome.SKIPPED for outcome in outcomes)
    failures = sum(_is_failure(outcome) for outcome in outcomes)
    suite = ElementTree.Element(
        "testsuite",
        name=grade.exercise,
        errors=str(errors),
        failures=str(failures),
        skipped=str(skipped),
        tests=str(len(outcomes)),
        time=f"{grade.seconds:.3f}",
    )
    about = {"learner": grade.learner, "submission": grade.submission, "device": grade.device, "seed": grade.seed}
    _properties(suite, points=grade.points, max_points=grade.max_points, **about)
    for check in grade.checks:
        suite.append(_test_case(grade.exercise, check))
    if grade.stdout:
        ElementTree.SubElement(suite, "system-out").text = grade.stdout
    return suite


def _test_case(exercise: str, check: Check) -> ElementTree.Element:
    case = ElementTree.Element("testcase", classname=exercise, name=check.name, time=f"{check.seconds:.3f}")
    _properties(case, title=check.title, points=check.points, max_points=check.max_points)
    if _is_failure(check.outcome):
        ElementTree.SubElement(case, "failure", type=check.outcome.value, message=check.message).text = check.message
    elif check.outcome is Outcome.UNGRADED:
        ElementTree.SubElement(case, "error", type=check.outcome.value, message=check.message).text = check.message
    elif check.outcome is Outcome.SKIPPED:
        ElementTree.SubElement(case, "skipped", message=check.message)
    return case


def _is_failure(outcome: Outcome) -> bool:
    return outcome not in (Outcome.PASSED, Outcome.SKIPPED, Outcome.UNGRADED)


def _properties(parent: ElementTree.Element, **properties: object) -> None:
    element = ElementTree.SubElement(parent, "properties")
    for name, value in properties.items():
        ElementTree.SubElement(element, "property", name=name, value=str(value))
