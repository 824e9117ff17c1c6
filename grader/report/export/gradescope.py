"""Gradescope: ``results.json``, and the zip of an autograder that writes it.

The format is gradescope/autograder_samples, ``docs/specs.md``; ``docs/exports.md`` has it.
"""

import io
import stat
import zipfile
from collections.abc import Mapping
from importlib import resources
from typing import Any, Final

import msgspec

from grader import text
from grader.course.records import Exercise
from grader.grades.grade import Case, CheckResult, Grade, Outcome, for_learner
from grader.report.failure_summary import asked_sentence, facts, hidden_sentence

_SCRIPTS: Final = ("setup.sh", "run_autograder")


def as_results(grade: Grade) -> str:
    """``results.json`` for one submission; hidden checks are one test that says how many passed.

    A check of status ``ungraded`` makes the whole a matter for the instructor: this
    must not be called then, a zero would be a lie.
    """
    grade = for_learner(grade)
    visible = [check for check in grade.checks if check.visible]
    tests = [_test(str(number), check) for number, check in enumerate(visible, 1)]
    if grade.hidden:
        tests.append(_hidden_test(str(len(tests) + 1), grade))
    return _document(
        tests,
        output=_told(grade),
        execution_time=round(grade.seconds, 3),
        extra_data={
            "exercise": grade.exercise,
            "submission": grade.submission,
            "seed": grade.seed,
            "misconception": grade.misconception,
            "isolation": grade.isolation,
        },
    )


def refusal(exercise: Exercise, message: str) -> str:
    """``results.json`` for a submission that could not be read at all: no points, and why."""
    test = {
        "name": f"A submission for {exercise.id} that can be graded",
        "name_format": "text",
        "number": "1",
        "score": 0,
        "max_score": max_points(exercise),
        "status": "failed",
        "output": text.lines(message),
        "output_format": "text",
        "visibility": "visible",
    }
    return _document([test], output="", execution_time=0, extra_data={"exercise": exercise.id})


def max_points(exercise: Exercise) -> int:
    """Points of all checks of ``exercise``."""
    spec = exercise.spec
    return sum(check.points for check in spec.checks)


def autograder_zip(
    exercise_id: str, wheels: Mapping[str, bytes], course: Mapping[str, bytes]
) -> bytes:
    """The zip to upload: ``setup.sh`` and ``run_autograder`` at its root, wheels and the course in folders.

    ``wheels`` maps file names to wheels, the grader's own among them; ``course`` maps paths
    in the course to contents. The same parts give the same bytes.
    """
    files = {name: _script(name, exercise_id) for name in _SCRIPTS}
    files |= {f"wheels/{name}": content for name, content in sorted(wheels.items())}
    files |= {f"course/{path}": content for path, content in sorted(course.items())}
    return zipped(files, executable=_SCRIPTS)


def zipped(files: Mapping[str, bytes], executable: tuple[str, ...] = ()) -> bytes:
    """A zip of ``files``, path to content, without times and owners."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as into:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path)
            entry.compress_type = (
                zipfile.ZIP_STORED if path.endswith(".whl") else zipfile.ZIP_DEFLATED
            )
            entry.create_system = 3  # Unix, whose permissions follow
            entry.external_attr = (stat.S_IFREG | (0o755 if path in executable else 0o644)) << 16
            into.writestr(entry, content)
    return archive.getvalue()


def _script(name: str, exercise_id: str) -> bytes:
    source = (resources.files("grader.report") / "templates" / "gradescope" / name).read_text(
        "utf-8"
    )
    return source.replace("@EXERCISE@", exercise_id).encode()


def _test(number: str, check: CheckResult) -> dict[str, Any]:
    test = {
        "name": text.one_line(check.title),
        "name_format": "text",
        "number": number,
        "score": check.points,
        "max_score": check.max_points,
        "output": _output(check),
        "output_format": "text",
        "visibility": "visible",
        "extra_data": {"check": check.name, "outcome": check.outcome.value},
    }
    if check.outcome is not Outcome.SKIPPED:
        test["status"] = "passed" if check.outcome is Outcome.PASSED else "failed"
    return test


def _hidden_test(number: str, grade: Grade) -> dict[str, Any]:
    """One test for all hidden checks: were they tests of their own, Gradescope would hide the total too."""
    points, most = (
        sum(getattr(check, name) for check in grade.hidden) for name in ("points", "max_points")
    )
    sentence = hidden_sentence(grade)
    return {
        "name": text.count(len(grade.hidden), "hidden check"),
        "name_format": "text",
        "number": number,
        "score": points,
        "max_score": most,
        "output": sentence,
        "output_format": "text",
        "visibility": "visible",
        "status": "passed" if points == most else "failed",
    }


def _output(check: CheckResult) -> str:
    parts = [check.message, _case(check.case) if check.case is not None else ""]
    return "\n\n".join(text.lines(part, 8000, 120) for part in parts if part)


def _case(case: Case) -> str:
    rows = facts(case)
    return "\n".join(
        f"{label}\n{value}" if "\n" in value else f"{label} {value}" for label, value in rows
    )


def _told(grade: Grade) -> str:
    parts = [sentence] if (sentence := asked_sentence(grade)) else []
    if grade.misconception and grade.explanation:
        parts.append(
            f"This behaves exactly like a known mistake, {grade.misconception}:\n\n{grade.explanation}"
        )
    if grade.stdout.strip():
        parts.append(f"Your code printed:\n\n{grade.stdout}")
    return "\n\n".join(text.lines(part, 8000, 60) for part in parts)


def _document(tests: list[dict[str, Any]], **fields: Any) -> str:
    whole = {
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        **fields,
        "tests": tests,
    }
    return msgspec.json.format(msgspec.json.encode(whole), indent=2).decode() + "\n"
