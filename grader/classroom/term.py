"""The assignments of a class: whom they mean, what is stored about them, and what counts.

The gradebook stores assignments, submission times and comments as facts, so a later batch and
``grade report`` have them.
"""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from grader.classroom.plan import Plan
from grader.course.assignment import Assignment
from grader.course.records import Exercise
from grader.course.yaml_reader import Document
from grader.errors import GradebookError, UsageError
from grader.grades import rules
from grader.grades.class_results import ClassResults, Learner
from grader.grades.counted import Comment, Handed
from grader.grades.gradebook import Gradebook
from grader.grades.rules import Work
from grader.submission import times
from grader.submission.finder import Found
from grader.submission.roster import form, name_forms
from grader.text import printable

ASSIGNMENTS: Final = "assignments"
TIMES: Final = "handed_in"
COMMENTS: Final = "comments"
"""The facts of a gradebook."""
T = TypeVar("T")
Times = dict[str, dict[str, Handed]]
"""Learner and exercise to the time of the submission."""


# What an assignment means


def with_names(
    assignment: Assignment, document: Document, learners: Sequence[Learner]
) -> Assignment:
    """The assignment, with each learner named as in the gradebook.

    Raises ``CourseError`` with the line if a name fits nobody or several people.
    """
    directory = _directory(learners)
    changed: dict[str, Any] = {key: list(getattr(assignment, key)) for key in _DECISIONS}
    for key, number, record in assignment.decisions():
        names = directory.get(form(record.learner), set())
        if len(names) != 1:
            raise document.error(
                f"{_how_many(names)} is called `{printable(record.learner)}`",
                key,
                number,
                "learner",
                advice=_who_is_meant(record.learner, names, learners),
            )
        [name] = names
        changed[key][number] = msgspec.structs.replace(record, learner=name)
    tuples = {key: tuple(records) for key, records in changed.items()}
    return msgspec.structs.replace(assignment, **tuples)


_DECISIONS: Final = ("extensions", "excuses", "overrides")


def _directory(learners: Iterable[Learner]) -> dict[str, set[str]]:
    """Every form of a name, id or address to the learners whom it can mean."""
    directory: dict[str, set[str]] = {}
    for learner in learners:
        known = {learner.email, learner.person, *learner.keys}
        forms = {form(text) for text in known}.union(*map(name_forms, known))
        for each in forms - {""}:
            directory.setdefault(each, set()).add(learner.name)
    # The name in the gradebook is unique, whatever else it could mean.
    for learner in learners:
        directory[form(learner.name)] = {learner.name}
    return directory


def _how_many(names: set[str]) -> str:
    return "more than one person" if names else "nobody in the class"


def _who_is_meant(written: str, names: set[str], learners: Sequence[Learner]) -> str:
    if names:
        return f"write the name in grades.csv: {', '.join(sorted(names))}"
    known = [learner.name for learner in learners]
    near = difflib.get_close_matches(written, known, n=1)
    if near:
        return f"did you mean `{near[0]}`?"
    return "write the name in grades.csv, or name the --roster"


def learner_called(name: str, learners: Sequence[Learner]) -> str:
    """The name in the gradebook of the learner with this name, id or address.

    Raises ``UsageError`` if nobody or more than one is called so.
    """
    names = _directory(learners).get(form(name), set())
    if len(names) != 1:
        raise UsageError(
            f"{_how_many(names)} is called `{printable(name)}`",
            advice=_who_is_meant(name, names, learners),
        )
    return next(iter(names))


# What the gradebook stores


def assignments_of(gradebook: Gradebook) -> list[Assignment]:
    """The assignments that the class was graded with, in the order of their due times."""
    return _fact(gradebook, ASSIGNMENTS, list[Assignment], [])


def add_assignment(gradebook: Gradebook, assignment: Assignment) -> None:
    """Store an assignment; it replaces that with the same title.

    Raises ``UsageError`` if one of its exercises belongs to another assignment.
    """
    others = [each for each in assignments_of(gradebook) if each.title != assignment.title]
    for other in others:
        for exercise in assignment.exercises:
            if exercise in other.exercises:
                raise UsageError(
                    f"{exercise} belongs to `{printable(other.title)}` in this gradebook already",
                    place=printable(assignment.title),
                    advice="keep the title if it is the same assignment, or use another --out",
                )
    _note(gradebook, ASSIGNMENTS, sorted([*others, assignment], key=rules.due))


def add_times(gradebook: Gradebook, plan: Plan, folder: Path) -> None:
    """Store when each submission in ``folder`` was handed in."""
    stored = _fact(gradebook, TIMES, Times, {})
    roster = {}
    if plan.attendance is not None:
        roster = plan.attendance.submitted
    for found in plan.folder.found:
        if not found.is_absent:
            handed = _handed(found, folder, roster.get(found.learner, ""))
            stored.setdefault(found.learner, {})[found.exercise] = handed
    _note(gradebook, TIMES, stored)


def _handed(found: Found, folder: Path, in_roster: str) -> Handed:
    """The first source that has a time: the roster, the system, Git; else that of the file."""
    if in_roster:
        return times.parsed(in_roster, "the roster")
    if found.handed.at is not None:
        return found.handed
    # A file that came out of an archive has the time at which it was unpacked.
    if folder not in found.path.parents:
        return found.handed
    committed = times.of_commit(found.path, folder)
    if committed is not None:
        return committed
    return msgspec.structs.replace(found.handed, file_time=times.of_file(found.path))


def comments_of(gradebook: Gradebook) -> list[Comment]:
    """The comments of the instructor, oldest first."""
    return _fact(gradebook, COMMENTS, list[Comment], [])


def set_comments(gradebook: Gradebook, comments: Sequence[Comment]) -> None:
    """Store the comments; they replace all earlier ones."""
    _note(gradebook, COMMENTS, comments)


def _fact(gradebook: Gradebook, name: str, kind: type[T], default: T) -> T:
    text = gradebook.fact(name)
    if text is None:
        return default
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.MsgspecError as error:
        raise GradebookError(
            f"its {name} cannot be read ({error})",
            place=str(gradebook.path),
            advice="keep a copy of it, and name another folder with --out",
        ) from None


def _note(gradebook: Gradebook, name: str, value: object) -> None:
    gradebook.note({name: msgspec.json.encode(value).decode()})


# What counts


def with_term(
    results: ClassResults, gradebook: Gradebook, exercises: Mapping[str, Exercise]
) -> ClassResults:
    """``results`` with the assignments of the gradebook, what counts, and the comments."""
    assignments = assignments_of(gradebook)
    handed = _fact(gradebook, TIMES, Times, {})
    counted = {}
    if assignments:
        for learner in results.learners:
            works = _works(results, learner.name, assignments, handed, exercises)
            counted[learner.name] = rules.count(assignments, learner.name, works)
    return msgspec.structs.replace(
        results, assignments=assignments, counted=counted, comments=comments_of(gradebook)
    )


def _works(
    results: ClassResults,
    learner: str,
    assignments: Iterable[Assignment],
    handed: Times,
    exercises: Mapping[str, Exercise],
) -> dict[str, Work]:
    """What a learner has for each exercise of the assignments."""
    works = {}
    for assignment in assignments:
        for exercise in assignment.exercises:
            grade = results.grade(learner, exercise)
            if grade is None or grade.is_absent:
                maximum = 0
                if exercise in exercises:
                    maximum = exercises[exercise].spec.max_points
                works[exercise] = Work(0, maximum, None)
                continue
            time = handed.get(learner, {}).get(exercise, _NEVER_READ)
            raw = None if grade.status == "ungraded" else grade.points
            works[exercise] = Work(raw, grade.max_points, time)
    return works


_NEVER_READ: Final = Handed(problem="it was graded before the assignment was named")
