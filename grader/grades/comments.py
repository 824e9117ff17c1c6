"""Whom a comment of the instructor reaches."""

from hashlib import blake2b

import msgspec

from grader.grades.counted import Comment
from grader.grades.grade import CheckResult, Grade


def reaches(comment: Comment, learner: str, grade: Grade | None) -> bool:
    """Whether a comment about the exercise of ``grade`` is for ``learner``."""
    if learner == comment.learner or learner in comment.group:
        return True
    if grade is None:
        return False
    # A comment on a misconception is for everybody who has it.
    if comment.misconception:
        return grade.misconception == comment.misconception
    if comment.behavior:
        return behavior(grade) == comment.behavior

    return False


def without_file(grade: Grade, result: CheckResult) -> str:
    """The message of a check without the name of the file, which each learner chooses."""
    if not grade.submission:
        return result.message

    return result.message.replace(grade.submission, "the file")


def behavior(grade: Grade) -> str:
    """A digest of how a submission behaves: the outcome and the failing case of each check.

    Two submissions that were graded with one seed and behave the same have the same digest.
    The traceback of an exception does not count: it has names of the learner's own.
    """
    observed = []
    for result in grade.checks:
        returned = ""
        if result.case is not None:
            returned = result.case.returned

        said = without_file(grade, result)
        # Two submissions that do the same in each check have one behavior.
        observed += [result.name, result.outcome.value, said, returned]

    encoded = msgspec.json.encode(observed)
    hashed = blake2b(encoded, digest_size=16)
    return hashed.hexdigest()
