"""The assignments of a class: whom they mean, what is stored about them, and what counts.

The gradebook stores assignments, submission times and comments as facts, so a later batch and
``grade report`` have them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from grader.classroom.plan import Plan
from grader.course.assignment import Assignment, check_times
from grader.course.records import Exercise
from grader.course.yaml_reader import Document
from grader.errors import GradebookError, UsageError
from grader.grades import rules
from grader.grades.class_results import ClassResults
from grader.grades.counted import Comment, Handed
from grader.grades.grade import Grade
from grader.grades.gradebook import Gradebook
from grader.grades.learner import Learner
from grader.grades.rules import Work
from grader.submission import times
from grader.submission.class_folder import Found
from grader.submission.roster import form, name_forms
from grader.text import closest, printable

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
    named: dict[str, list[Any]] = {"extensions": [], "excuses": [], "overrides": []}
    for key, number, record in assignment.decisions():
        written = record.learner
        names = directory[form(written)]
        if len(names) != 1:
            problem = f"{_how_many(names)} is called `{printable(written)}`"
            advice = _who_is_meant(written, names, learners)
            raise document.error(problem, key, number, "learner", advice=advice)

        [name] = names
        renamed = msgspec.structs.replace(record, learner=name)
        named[key].append(renamed)

    return msgspec.structs.replace(
        assignment,
        extensions=tuple(named["extensions"]),
        excuses=tuple(named["excuses"]),
        overrides=tuple(named["overrides"]),
    )


def learner_called(name: str, learners: Sequence[Learner]) -> str:
    """The name in the gradebook of the learner with this name, id or address.

    Raises ``UsageError`` if nobody or more than one is called so.
    """
    names = _directory(learners)[form(name)]
    # Two people can have one name, and a note must not reach the wrong one.
    if len(names) != 1:
        problem = f"{_how_many(names)} is called `{printable(name)}`"
        raise UsageError(problem, advice=_who_is_meant(name, names, learners))

    [called] = names
    return called


def _directory(learners: Iterable[Learner]) -> dict[str, set[str]]:
    """Every form of a name, id or address to the learners whom it can mean."""
    directory: dict[str, set[str]] = defaultdict(set)
    for learner in learners:
        known = [learner.email, learner.person, *learner.keys]
        for text in filter(None, known):
            forms = {form(text), *name_forms(text)}
            for each in forms:
                directory[each].add(learner.name)

    # The name in the gradebook is unique, whatever else it could mean.
    for learner in learners:
        own = form(learner.name)
        directory[own] = {learner.name}

    return directory


def _how_many(names: set[str]) -> str:
    if names:
        return "more than one person"
    return "nobody in the class"


def _who_is_meant(written: str, names: set[str], learners: Sequence[Learner]) -> str:
    if names:
        listed = ", ".join(sorted(names))
        return f"write the name in grades.csv: {listed}"

    known: dict[str, dict[str, Learner]] = defaultdict(dict)
    # Somebody can be in the gradebook and in the folder.
    for learner in learners:
        # People write a part of a name, so each word of it is compared too.
        texts = {learner.name, learner.person, learner.email, *learner.person.split()}
        for text in texts - {""}:
            known[text.casefold()][learner.name] = learner

    near = closest(written.casefold(), known)
    if near:
        found = " or ".join(map(_shown, known[near].values()))
        return f"did you mean {found}?"

    return "write the name in grades.csv, or name the --roster"


def _shown(learner: Learner) -> str:
    """The name in the gradebook, with that of the person if it differs."""
    name = f"`{printable(learner.name)}`"
    if learner.person in ("", learner.name):
        return name

    return f"{name} ({printable(learner.person)})"


# What the gradebook stores


def assignments_of(gradebook: Gradebook) -> list[Assignment]:
    """The assignments that the class was graded with, in the order of their due times."""
    stored = _fact(gradebook, ASSIGNMENTS, list[Assignment], [])
    try:
        for assignment in stored:
            check_times(assignment)
    except ValueError as error:
        raise _unreadable(gradebook, ASSIGNMENTS, error) from None

    return stored


def add_assignment(gradebook: Gradebook, assignment: Assignment) -> None:
    """Store an assignment; it replaces that with the same title or the same exercises.

    Raises ``UsageError`` if one of its exercises belongs to another assignment.
    """
    title = assignment.title
    stored = assignments_of(gradebook)
    others = [each for each in stored if not _is_same(each, assignment)]
    # One submission cannot count in two assignments.
    for other in others:
        for exercise in assignment.exercises:
            if exercise not in other.exercises:
                continue

            raise UsageError(
                f"{exercise} belongs to `{printable(other.title)}` in this gradebook already",
                place=printable(title),
                advice="keep the title if it is the same assignment, or use another --out",
            )

    every = [*others, assignment]
    every.sort(key=rules.order)
    _note(gradebook, ASSIGNMENTS, every)


def _is_same(one: Assignment, other: Assignment) -> bool:
    """Whether two assignments are one, of which the title or the exercises were corrected."""
    if one.title == other.title:
        return True

    return one.exercises.keys() == other.exercises.keys()


def add_times(gradebook: Gradebook, plan: Plan, folder: Path) -> None:
    """Store when each submission in ``folder`` was handed in."""
    stored = _fact(gradebook, TIMES, Times, {})
    roster = {}
    if plan.attendance is not None:
        roster = plan.attendance.submitted

    for found in plan.folder.found:
        if found.is_absent:
            continue

        learner = found.learner
        in_roster = roster.get(learner, "")
        own = stored.setdefault(learner, {})
        own[found.exercise] = _handed(found, folder, in_roster)

    _note(gradebook, TIMES, stored)


def _handed(found: Found, folder: Path, in_roster: str) -> Handed:
    """The first source that has a time: the roster, the system, Git; else that of the file."""
    # A roster gives a result to somebody who handed in something else.
    if found.problem is not None and found.handed == NOTHING:
        return NOTHING
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

    changed = times.of_file(found.path)
    return msgspec.structs.replace(found.handed, file_time=changed)


def comments_of(gradebook: Gradebook) -> list[Comment]:
    """The comments of the instructor, oldest first."""
    return _fact(gradebook, COMMENTS, list[Comment], [])


def set_comments(gradebook: Gradebook, comments: Sequence[Comment]) -> None:
    """Store the comments; they replace all earlier ones."""
    _note(gradebook, COMMENTS, comments)


def _fact(gradebook: Gradebook, name: str, kind: type[T], default: T) -> T:
    text = gradebook.fact(name)
    # A gradebook without assignments has none of these facts.
    if text is None:
        return default

    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise _unreadable(gradebook, name, error) from None


def _unreadable(gradebook: Gradebook, name: str, error: Exception) -> GradebookError:
    return GradebookError(
        f"its {name} cannot be read ({error})",
        place=str(gradebook.path),
        advice="keep a copy of it, and name another folder with --out",
    )


def _note(gradebook: Gradebook, name: str, value: object) -> None:
    encoded = msgspec.json.encode(value)
    gradebook.note({name: encoded.decode()})


# What counts


def with_term(
    results: ClassResults, gradebook: Gradebook, exercises: Mapping[str, Exercise]
) -> ClassResults:
    """``results`` with the assignments of the gradebook, what counts, and the comments."""
    assignments = assignments_of(gradebook)
    comments = comments_of(gradebook)
    handed = _fact(gradebook, TIMES, Times, {})
    # Who has no grade is measured by the rubric that the course has now.
    maxima = {}
    for assignment in assignments:
        for name in assignment.exercises:
            maxima[name] = 0
            # The exercise can have left the course.
            if name in exercises:
                maxima[name] = exercises[name].spec.max_points

    counted = {}
    for learner in results.learners:
        name = learner.name
        own_times = handed.get(name, {})
        works = {}
        for exercise, maximum in maxima.items():
            grade = results.grade(name, exercise)
            time = own_times.get(exercise, _NEVER_READ)
            works[exercise] = _work(grade, time, maximum)

        counted[name] = rules.count(assignments, name, works)

    return msgspec.structs.replace(
        results,
        title=_title(assignments) or results.title,
        assignments=assignments,
        counted=counted,
        comments=comments,
    )


def _title(assignments: Sequence[Assignment]) -> str:
    """The title of the results of several assignments, whose folders differ; else empty."""
    titles = [printable(assignment.title) for assignment in assignments]
    if len(titles) < 2:
        return ""
    if len(titles) == 2:
        return " and ".join(titles)

    return f"{titles[0]} to {titles[-1]}"


NOTHING: Final = Handed()
"""The time of an exercise for which there is a file that belongs to another one."""
_NEVER_READ: Final = Handed(problem="it was graded before the assignment was named")


def _work(grade: Grade | None, time: Handed, maximum: float) -> Work:
    """What a learner has for an exercise."""
    if grade is None or grade.is_absent:
        return Work(0, maximum, None)

    handed = None
    if time != NOTHING:
        handed = time
    # A failure of the grader is no zero: nothing counts until it is graded.
    if grade.status == "ungraded":
        return Work(None, grade.max_points, handed)

    return Work(grade.points, grade.max_points, handed)
