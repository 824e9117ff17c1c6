"""Which misconception a submission has: the one whose wrong solution behaves the same.

A misconception is shown by a wrong solution of the exercise. Both get the same inputs,
and their outcomes, values and exceptions are compared.
"""

import ast
from collections.abc import Callable, Iterable

import msgspec

from grader.course.loading import wrong_solutions
from grader.course.records import Exercise
from grader.examiner.compare import difference
from grader.examiner.feedback import clean
from grader.examiner.submission_run import Exchange
from grader.examiner.verdict import Verdict, Verdicts
from grader.grades.grade import Outcome
from grader.sandbox import wire
from grader.submission.files import Submission

RunChecks = Callable[[Exercise, Submission, int, Iterable[str]], Verdicts]
"""Run these checks of an exercise for a submission, with the inputs of a seed."""


class Diagnosis:
    """Compares submissions with the wrong solutions of their exercise.

    A wrong solution runs when a submission fails a check, and its verdicts are kept for the
    other submissions with the same seed. For the first submission, it runs only on the checks
    that are needed: a single learner waits less. From the second on, it runs on all checks at
    once: a class needs fewer processes.
    """

    def __init__(self, run_checks: RunChecks) -> None:
        self._run_checks = run_checks
        self._records: dict[Exercise, _Record] = {}

    def misconception(self, exercise: Exercise, seed: int, verdicts: Verdicts) -> str | None:
        """Return the misconception that explains the first failed check, or None.

        Its wrong solution behaves the same in that check, and passes every check that the
        submission passes. Of several, the one that behaves the same in most checks.
        """
        record = self._records.get(exercise)
        # The verdicts of another seed have other inputs, and would only take memory.
        if record is None or record.seed != seed:
            record = self._records[exercise] = _Record(seed)

        record.submissions += 1
        failed = [name for name, verdict in verdicts.items() if verdict.outcome.missed]
        if not failed:
            return None

        passed = [name for name, mine in verdicts.items() if mine.outcome is Outcome.PASSED]

        def theirs(wrong: str, check: str) -> Verdict:
            return self._verdict(exercise, record, wrong, check, verdicts)

        def agreement(wrong: str) -> int:
            """The number of checks in which a wrong solution behaves the same."""
            same = [behave_alike(mine, theirs(wrong, name)) for name, mine in verdicts.items()]
            return sum(same)

        first = failed[0]
        candidates = []
        # Without a call there is nothing to compare.
        wrongs = wrong_solutions(exercise) if verdicts[first].exchanges else {}
        for wrong in wrongs:
            if not behave_alike(verdicts[first], theirs(wrong, first)):
                continue
            # One that fails more checks is another mistake.
            if all(theirs(wrong, name).outcome is Outcome.PASSED for name in passed):
                candidates.append(wrong)

        if len(candidates) > 1:
            # Compare other checks only if necessary, because they may have to run first.
            return max(candidates, key=agreement)

        return candidates[0] if candidates else None

    def _verdict(
        self, exercise: Exercise, record: "_Record", wrong: str, check: str, checks: Iterable[str]
    ) -> Verdict:
        """The verdict of a wrong solution in ``check``, one of ``checks``; it runs if needed."""
        known = record.verdicts.setdefault(wrong, {})
        if check not in known:
            missing = [each for each in checks if each not in known]
            is_single = record.submissions == 1 and not known
            if is_single:
                missing = [check]
            path = wrong_solutions(exercise)[wrong]
            # A wrong solution runs exactly as a submission does, so that both are comparable.
            submission = Submission(path.name, path.read_bytes())
            known.update(self._run_checks(exercise, submission, record.seed, missing))

        return known[check]


class _Record(msgspec.Struct):
    """The verdicts of the wrong solutions of an exercise, with the inputs of one seed."""

    seed: int
    submissions: int = 0
    """How many submissions were compared."""
    verdicts: dict[str, Verdicts] = {}


def explanation(exercise: Exercise, misconception: str) -> str:
    """Return the docstring of a wrong solution, written for learners with this misconception."""
    path = wrong_solutions(exercise)[misconception]
    return ast.get_docstring(ast.parse(path.read_bytes())) or ""


def behave_alike(mine: Verdict, theirs: Verdict) -> bool:
    """Whether two submissions did the same in a check: same outcome, and equal replies."""
    if mine.outcome is not theirs.outcome or not mine.exchanges:
        return False
    if len(mine.exchanges) != len(theirs.exchanges):
        return False
    # Calls are the same, because both got the same checks and seed.
    return all(map(_is_same_reply, mine.exchanges, theirs.exchanges))


def _is_same_reply(one: Exchange, other: Exchange) -> bool:
    mine, theirs = one.reply, other.reply
    if isinstance(mine, wire.Returned) and isinstance(theirs, wire.Returned):
        try:
            return difference(one.value, other.value, exact=False, equal_nan=True) is None
        except Exception:
            # Some values cannot be compared. That must not cost the submission its grade.
            return False

    if isinstance(mine, wire.Raised) and isinstance(theirs, wire.Raised):
        # Cleaned, because messages can contain memory addresses.
        is_same_message = clean(mine.message) == clean(theirs.message)
        return is_same_message and mine.exception == theirs.exception

    return False
