"""``grade report --note``: comments of the instructor, which the gradebook keeps."""

import contextlib
from pathlib import Path
from typing import Any, Final

import click

from grader.cli.common import say
from grader.errors import UsageError
from grader.examiner.settings import Settings

LEARNER: Final = "learner"
MISCONCEPTION: Final = "misconception"
BEHAVIOR: Final = "behavior"


note_option: Final = click.option(
    "--note",
    "notes",
    nargs=3,
    multiple=True,
    metavar="WHO EXERCISE TEXT",
    help="Add a comment to pages and exports; it survives regrading. An empty TEXT removes "
    "the comments of WHO.",
)
audience_option: Final = click.option(
    "--for",
    "audience",
    type=click.Choice((LEARNER, MISCONCEPTION, BEHAVIOR)),
    default=LEARNER,
    show_default=True,
    help="Whom a note reaches: the learner WHO; everybody with the misconception WHO, or "
    "with that of the learner WHO; or everybody whose submission behaves like that of the "
    "learner WHO. For behavior, WHO can also be the id of a group of equally wrong "
    "submissions, as `grade report` lists them.",
)


def add_notes(
    out: Path, settings: Settings, notes: tuple[tuple[str, str, str], ...], audience: str
) -> None:
    """Store the notes in the gradebook of ``out``, and say whom each one reaches."""
    from grader.classroom import term
    from grader.classroom.results import results_of
    from grader.grades.comments import reaches
    from grader.grades.gradebook import NAME, Gradebook

    with Gradebook(out / NAME) as gradebook:
        results = results_of(gradebook, settings.root)
        comments = term.comments_of(gradebook)
        for who, exercise, text in notes:
            comment = _comment(results, audience, who, exercise, text)
            # An empty text removes the comment.
            if not text.strip():
                kept = [each for each in comments if not _is_same(each, comment)]
                removed = len(comments) - len(kept)
                comments = kept
                click.echo(f"Removed {removed} of the comments on {exercise} for {who}.")
                continue

            comments.append(comment)
            reached = []
            for learner in results.learners:
                grade = results.grade(learner.name, exercise)
                if reaches(comment, learner.name, grade):
                    reached.append(learner.name)

            say([f"The comment on {exercise} reaches {', '.join(reached)}."])

        term.set_comments(gradebook, comments)


def _comment(results: Any, audience: str, who: str, exercise: str, text: str) -> Any:
    """The comment for ``who``; raises ``UsageError`` if it reaches nobody."""
    from grader.classroom import term
    from grader.grades.counted import Comment

    known = {each.id for each in results.exercises}
    for assignment in results.assignments:
        known.update(assignment.exercises)

    if exercise not in known:
        raise UsageError(
            f"the class has no exercise `{exercise}`",
            place="--note",
            advice=f"choose from {', '.join(sorted(known))}",
        )

    if audience == MISCONCEPTION:
        found = {
            grade.misconception
            for by_exercise in results.grades.values()
            for name, grade in by_exercise.items()
            if name == exercise and grade.misconception
        }
        if who not in found:
            # A learner stands for everybody with the same misconception.
            with contextlib.suppress(UsageError):
                learner = term.learner_called(who, results.learners)
                grade = results.grade(learner, exercise)
                who = getattr(grade, "misconception", None) or who

        if who not in found:
            names = ", ".join(sorted(found)) or "nobody shows one"
            raise UsageError(
                f"nobody shows the misconception `{who}` in {exercise}",
                place="--note",
                advice=f"those of the class: {names}",
            )

        return Comment(exercise=exercise, text=text, misconception=who)

    if audience == BEHAVIOR:
        return _about_behavior(results, who, exercise, text)

    learner = term.learner_called(who, results.learners)
    return Comment(exercise=exercise, text=text, learner=learner)


def _about_behavior(results: Any, who: str, exercise: str, text: str) -> Any:
    """The comment for a group of the report, or for everybody who behaves like a learner."""
    from grader.classroom import term
    from grader.grades import comments
    from grader.grades.behavior import behaviors
    from grader.grades.counted import Comment

    for group in behaviors(results):
        if group.id == who and group.exercise.id == exercise:
            first = results.grade(group.learners[0], exercise)
            digest = ""
            # Equal answers to a quiz have other numbers, so no digest finds them.
            if first.asked is None:
                digest = comments.behavior(first)

            return Comment(exercise=exercise, text=text, behavior=digest, group=group.learners)

    learner = term.learner_called(who, results.learners)
    grade = results.grade(learner, exercise)
    if grade is None or grade.is_absent:
        raise UsageError(
            f"{learner} handed in nothing for {exercise}",
            place="--note",
            advice="name a learner whose submission behaves as you mean",
        )

    digest = comments.behavior(grade)
    alike = []
    for name, other in results.submitted(exercise):
        if comments.behavior(other) == digest:
            alike.append(name)

    return Comment(exercise=exercise, text=text, behavior=digest, group=alike)


def _is_same(one: Any, other: Any) -> bool:
    """Whether two comments are for the same people."""
    if one.exercise != other.exercise:
        return False
    # The group can have grown since, but it behaves the same.
    if one.behavior and one.behavior == other.behavior:
        return True

    for key in ("learner", "misconception", "group"):
        if getattr(one, key) != getattr(other, key):
            return False

    return True
