"""Which misconception a submission has: the one whose wrong solution behaves the same.

A misconception is shown by a wrong solution of the exercise. Both get the same inputs,
and their outcomes, values and exceptions are compared.
"""

import ast
import functools
import math
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from grader.course.loading import wrong_solutions
from grader.course.records import Exercise
from grader.examiner.compare import difference
from grader.examiner.failures import LearnerFailure, is_out_of_memory
from grader.examiner.feedback import clean
from grader.examiner.submission_run import Exchange
from grader.examiner.verdict import Verdict, Verdicts
from grader.grades.grade import Outcome
from grader.sandbox import wire
from grader.submission.files import Submission

RunChecks = Callable[[Exercise, Submission, int, Iterable[str]], Verdicts]
"""Run these checks of an exercise for a submission, with the inputs of a seed."""

_OTHER_SEED: Final = 20260713
"""Inputs on which a submission has to behave like a misconception, too.

It is the same for all submissions, so a wrong solution runs once with it.
"""
_MOST_UNLIKE: Final = 0.5
"""In how many checks a submission may fail in another way, for each check in which both agree."""
_Agreement = tuple[bool, int]
"""Whether both agree in all failed checks, and in how many. The larger one is better."""
_NUMBER: Final = re.compile(r"\d+")
_MEMORY_TOLERANCE: Final = 0.45
"""The largest difference between two sizes that count as the same, as a part of the larger.

Below a half, because a mistake with numbers of 8 bytes is not one with numbers of 4 bytes.
"""


class Diagnosis:
    """Compares submissions with the wrong solutions of their exercise.

    A wrong solution runs when a submission fails a check, and its verdicts are kept for the
    other submissions with the same seed. For the first submission, it runs only on the checks
    that are needed: a single learner waits less. From the second on, and for code of the course,
    it runs on all checks at once: a class needs fewer processes, and so does the proof of a course.
    """

    def __init__(self, run_checks: RunChecks) -> None:
        self._run_checks = run_checks
        self._records: dict[Exercise, _Record] = {}

    def misconception(
        self,
        exercise: Exercise,
        submission: Submission,
        seed: int,
        verdicts: Verdicts,
        *,
        is_course: bool = False,
    ) -> str | None:
        """Return the misconception that explains the first failed check, or None.

        Its wrong solution passes every check that the submission passes, and behaves the same
        in the checks that it fails, also with the inputs of another seed. Up to a third of them
        can fail in another way, because the submission can have a second mistake. If several fit,
        it is one without such a check, and of those the one that explains the most failed checks.
        If two explain equally many, it is none.
        """
        record = self._record(exercise, seed, is_course=is_course)
        failed = [name for name, verdict in verdicts.items() if verdict.outcome.missed]
        # Without a call there is nothing to compare.
        if not failed or not verdicts[failed[0]].exchanges:
            return None

        explained: dict[str, _Agreement] = {}
        for wrong in _wrong_solutions(exercise):
            if fit := self._fit(exercise, record, wrong, verdicts, failed):
                explained[wrong] = fit
        if not explained:
            return None
        if len(explained) == 1:
            [only] = explained
            # The same code does the same with another seed.
            if submission == _submission(exercise, only):
                return only

        first = failed[0]
        # With one seed, a result can agree by chance.
        again = self._run_checks(exercise, submission, _OTHER_SEED, [first])[first]
        for wrong in list(explained):
            known = record.others.setdefault(wrong, {})
            if first not in known:
                other = _submission(exercise, wrong)
                known |= self._run_checks(exercise, other, _OTHER_SEED, [first])
            if not behave_alike(again, known[first]):
                del explained[wrong]

        most = max(explained.values(), default=None)
        best = [wrong for wrong, fit in explained.items() if fit == most]
        if len(best) != 1:
            return None
        return best[0]

    def _record(self, exercise: Exercise, seed: int, *, is_course: bool) -> "_Record":
        """What is known about the exercise, for one more submission with these inputs."""
        record = self._records.get(exercise)
        # The verdicts of another seed have other inputs, and would only take memory.
        if record is None or record.seed != seed:
            others = record.others if record else {}
            record = self._records[exercise] = _Record(seed, is_course, others=others)
        else:
            record.is_for_many = True
        return record

    def _fit(
        self,
        exercise: Exercise,
        record: "_Record",
        wrong: str,
        verdicts: Verdicts,
        failed: Sequence[str],
    ) -> _Agreement | None:
        """How well ``wrong`` explains the ``failed`` checks of a submission; None if it does not.

        The first of them is one that it explains.
        """

        def theirs(check: str) -> Verdict:
            return self._verdict(exercise, record, wrong, check, verdicts)

        if not behave_alike(verdicts[failed[0]], theirs(failed[0])):
            return None

        return _agreement(verdicts, {check: theirs(check) for check in verdicts})

    def _verdict(
        self, exercise: Exercise, record: "_Record", wrong: str, check: str, checks: Iterable[str]
    ) -> Verdict:
        """The verdict of a wrong solution in ``check``, one of ``checks``; it runs if needed."""
        known = record.verdicts.setdefault(wrong, {})
        if check not in known:
            missing = [each for each in checks if each not in known]
            if not record.is_for_many and not known:
                missing = [check]
            # A wrong solution runs exactly as a submission does, so that both are comparable.
            submission = _submission(exercise, wrong)
            known.update(self._run_checks(exercise, submission, record.seed, missing))

        return known[check]


def _submission(exercise: Exercise, wrong: str) -> Submission:
    path = _wrong_solutions(exercise)[wrong]
    return Submission(path.name, path.read_bytes())


class _Record(msgspec.Struct):
    """The verdicts of the wrong solutions of an exercise, with the inputs of one seed."""

    seed: int
    is_for_many: bool
    """Whether more than one submission is compared."""
    verdicts: dict[str, Verdicts] = {}
    others: dict[str, Verdicts] = {}
    """The verdicts with ``_OTHER_SEED``, as far as they were needed."""


# An examiner ends when a file of its course changes, so the next two look only once.


@functools.cache
def _wrong_solutions(exercise: Exercise) -> dict[str, Path]:
    return wrong_solutions(exercise)


@functools.cache
def explanation(exercise: Exercise, misconception: str) -> str:
    """Return the docstring of a wrong solution, written for learners with this misconception."""
    path = _wrong_solutions(exercise)[misconception]
    return ast.get_docstring(ast.parse(path.read_bytes())) or ""


def behave_alike(mine: Verdict, theirs: Verdict) -> bool:
    """Whether two submissions did the same in a check: same outcome, and equal replies."""
    if mine.outcome is not theirs.outcome or not mine.exchanges:
        return False
    if len(mine.exchanges) != len(theirs.exchanges):
        return False
    # Code can change its arguments and still return the right values.
    if _failure(mine) != _failure(theirs):
        return False
    # Calls are the same, because both got the same checks and seed.
    return all(map(_is_same_reply, mine.exchanges, theirs.exchanges))


def _agreement(mine: Verdicts, theirs: Verdicts) -> _Agreement | None:
    """How well a wrong solution with the verdicts ``theirs`` explains those of a submission."""
    alike = raised = unlike = 0
    # Whether the submission raises in a check that the wrong solution passes: a second mistake.
    raises_elsewhere = False
    for name, verdict in mine.items():
        if not theirs[name].outcome.missed:
            if verdict.outcome is Outcome.RAISED:
                raises_elsewhere = True
        elif not verdict.outcome.missed:
            # One that fails more checks is another mistake.
            return None
        elif behave_alike(verdict, theirs[name]):
            alike += 1
        elif verdict.outcome is Outcome.RAISED:
            raised += 1
        else:
            unlike += 1

    is_complete = raised + unlike == 0
    # An exception hides what the first mistake would show, so it speaks against nothing.
    against = unlike if raises_elsewhere else unlike + raised
    if against > _MOST_UNLIKE * alike:
        return None
    return is_complete, alike


def _failure(verdict: Verdict) -> str:
    """What the submission did instead of returning a value; empty for a wrong value."""
    if isinstance(verdict.error, LearnerFailure):
        return clean(str(verdict.error))
    return ""


def _is_same_reply(one: Exchange, other: Exchange) -> bool:
    mine, theirs = one.reply, other.reply
    if isinstance(mine, wire.Returned) and isinstance(theirs, wire.Returned):
        try:
            return difference(one.value, other.value, exact=False, equal_nan=True) is None
        except Exception:
            # Some values cannot be compared. That must not cost the submission its grade.
            return False

    if isinstance(mine, wire.Raised) and isinstance(theirs, wire.Raised):
        return mine.exception == theirs.exception and _is_same_message(mine, theirs)

    return False


def _is_same_message(one: wire.Raised, other: wire.Raised) -> bool:
    """Whether two exceptions of the same type say the same."""
    # Messages can contain memory addresses.
    mine, theirs = clean(one.message), clean(other.message)
    if mine == theirs or not is_out_of_memory(one.exception, mine):
        return mine == theirs

    # How much memory is left, and so how much is too much, depends on the allocator.
    sizes = zip(_NUMBER.findall(mine), _NUMBER.findall(theirs), strict=False)
    return _NUMBER.sub("", mine) == _NUMBER.sub("", theirs) and all(
        math.isclose(int(size), int(size_of_other), rel_tol=_MEMORY_TOLERANCE)
        for size, size_of_other in sizes
    )
