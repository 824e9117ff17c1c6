"""Which known misunderstanding behaves exactly like a submission: told from what both did on the same inputs."""

import ast
from collections.abc import Callable, Iterable

import msgspec

from grader.course.loading import wrong_solutions
from grader.course.records import Exercise
from grader.examiner.compare import difference
from grader.examiner.feedback import clean
from grader.examiner.proxy import Exchange
from grader.grades.grade import Outcome
from grader.sandbox import wire
from grader.submission.files import Submission


class Verdict(msgspec.Struct):
    """How one check ended for one submission, with what was asked and answered."""

    outcome: Outcome = Outcome.PASSED
    error: BaseException | None = None
    exchanges: list[Exchange] = []
    seconds: float = 0.0


Verdicts = dict[str, Verdict]
"""Check name to verdict, in the order in which the checks ran."""

Examine = Callable[[Exercise, Submission, int, Iterable[str]], Verdicts]
"""Run these checks of an exercise for a submission, with the inputs of a seed."""


class Diagnosis:
    """Compares submissions with the wrong solutions of their exercise.

    A wrong solution is run when a submission has missed a check, and what it did is kept:
    a class that shares a seed pays once. A learner who waits for one grade is answered
    sooner when it runs on that check alone at first; for a class a process for each
    check that somebody missed would be most of the work, so from the second submission
    on it runs through all that is not recorded.
    """

    def __init__(self, examine: Examine) -> None:
        self._examine = examine
        self._recorded: dict[Exercise, _Record] = {}

    def misconception(self, exercise: Exercise, seed: int, verdicts: Verdicts) -> str | None:
        """The wrong solution that did the same as this submission in the check that it missed first.

        Of several, the one that agrees with it on the most checks.
        """
        record = self._recorded.get(exercise)
        if record is None or record.seed != seed:
            record = self._recorded[exercise] = _Record(seed)
        record.submissions += 1
        missed = [name for name, verdict in verdicts.items() if verdict.outcome.missed]
        if not missed or not verdicts[missed[0]].exchanges:
            return None
        first = missed[0]
        names = list(wrong_solutions(exercise))
        alike = [
            name
            for name in names
            if behave_alike(verdicts[first], self._verdict(exercise, record, name, first, verdicts))
            and self._misses_no_more(exercise, record, name, verdicts)
        ]
        if len(alike) < 2:
            return alike[0] if alike else None
        return max(alike, key=lambda name: self._agreement(exercise, record, name, verdicts))

    def _misses_no_more(
        self, exercise: Exercise, record: "_Record", name: str, verdicts: Verdicts
    ) -> bool:
        """Whether the wrong solution passes all that the submission passes: else it is another mistake."""
        passed = [check for check, verdict in verdicts.items() if verdict.outcome is Outcome.PASSED]
        return all(
            self._verdict(exercise, record, name, check, verdicts).outcome is Outcome.PASSED
            for check in passed
        )

    def _agreement(
        self, exercise: Exercise, record: "_Record", name: str, verdicts: Verdicts
    ) -> int:
        return sum(
            behave_alike(verdict, self._verdict(exercise, record, name, check, verdicts))
            for check, verdict in verdicts.items()
        )

    def _verdict(
        self, exercise: Exercise, record: "_Record", name: str, check: str, checks: Iterable[str]
    ) -> Verdict:
        """What the wrong solution ``name`` did in ``check``, one of ``checks``: run now where it is not recorded."""
        known = record.verdicts.setdefault(name, {})
        if check not in known:
            alone = not known and record.submissions == 1
            missing = [check] if alone else [one for one in checks if one not in known]
            path = wrong_solutions(exercise)[name]
            known.update(
                self._examine(
                    exercise, Submission(path.name, path.read_bytes()), record.seed, missing
                )
            )
        return known[check]


class _Record(msgspec.Struct):
    """What the wrong solutions of an exercise did with the inputs of one seed."""

    seed: int
    submissions: int = 0
    """How many submissions came that far."""
    verdicts: dict[str, Verdicts] = {}


def explanation(exercise: Exercise, misconception: str) -> str:
    """What a wrong solution tells the learner who made it: its docstring."""
    path = wrong_solutions(exercise)[misconception]
    return ast.get_docstring(ast.parse(path.read_bytes())) or ""


def behave_alike(mine: Verdict, theirs: Verdict) -> bool:
    """Whether two submissions did the same in a check: same outcome, and reply for reply alike."""
    if (
        mine.outcome is not theirs.outcome
        or not mine.exchanges
        or len(mine.exchanges) != len(theirs.exchanges)
    ):
        return False
    pairs = zip(mine.exchanges, theirs.exchanges, strict=True)
    return all(_reply_alike(one, other) for one, other in pairs)


def _reply_alike(one: Exchange, other: Exchange) -> bool:
    mine, theirs = one.reply, other.reply
    if isinstance(mine, wire.Returned) and isinstance(theirs, wire.Returned):
        try:
            return difference(one.value, other.value, exact=False, equal_nan=True) is None
        except Exception:
            return False  # whatever it is that cannot be compared: a diagnosis never costs a grade
    if isinstance(mine, wire.Raised) and isinstance(theirs, wire.Raised):
        return mine.exception == theirs.exception and clean(mine.message) == clean(theirs.message)
    return False
