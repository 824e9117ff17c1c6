"""Which known misunderstanding behaves exactly like a submission: told from what both did on the same inputs."""

import ast
from collections.abc import Callable, Iterable

import msgspec

from grader import wire
from grader.course import Exercise, wrong_solutions
from grader.examiner.compare import difference
from grader.examiner.feedback import clean
from grader.examiner.proxy import Exchange
from grader.results import Outcome
from grader.submission import Submission


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

    A wrong solution is run when a submission has missed a check, on that check
    alone at first, and what it did is kept: a class that shares a seed pays once.
    """

    def __init__(self, examine: Examine) -> None:
        self._examine = examine
        self._recorded: dict[Exercise, tuple[int, dict[str, Verdicts]]] = {}

    def misconception(self, exercise: Exercise, seed: int, verdicts: Verdicts) -> str | None:
        """The wrong solution that did the same as this submission in the check that it missed first.

        Of several, the one that agrees with it on the most checks.
        """
        missed = [name for name, verdict in verdicts.items() if verdict.outcome.missed]
        if not missed or not verdicts[missed[0]].exchanges:
            return None
        first = missed[0]
        names = list(wrong_solutions(exercise))
        alike = [
            name
            for name in names
            if behave_alike(verdicts[first], self._verdicts(exercise, seed, name, [first])[first])
            and self._misses_no_more(exercise, seed, name, verdicts)
        ]
        if len(alike) < 2:
            return alike[0] if alike else None
        return max(alike, key=lambda name: self._agreement(exercise, seed, name, verdicts))

    def _misses_no_more(self, exercise: Exercise, seed: int, name: str, verdicts: Verdicts) -> bool:
        """Whether the wrong solution passes all that the submission passes: else it is another mistake."""
        passed = [check for check, verdict in verdicts.items() if verdict.outcome is Outcome.PASSED]
        theirs = self._verdicts(exercise, seed, name, passed)
        return all(theirs[check].outcome is Outcome.PASSED for check in passed)

    def _agreement(self, exercise: Exercise, seed: int, name: str, verdicts: Verdicts) -> int:
        theirs = self._verdicts(exercise, seed, name, verdicts)
        return sum(behave_alike(verdict, theirs[check]) for check, verdict in verdicts.items())

    def _verdicts(self, exercise: Exercise, seed: int, name: str, checks: Iterable[str]) -> Verdicts:
        """What the wrong solution ``name`` did in ``checks``, run now where it is not recorded."""
        recorded_seed, recorded = self._recorded.get(exercise, (seed, {}))
        if recorded_seed != seed:
            recorded = {}
        self._recorded[exercise] = (seed, recorded)
        known = recorded.setdefault(name, {})
        if missing := [check for check in checks if check not in known]:
            path = wrong_solutions(exercise)[name]
            known.update(self._examine(exercise, Submission(path.name, path.read_bytes()), seed, missing))
        return known


def explanation(exercise: Exercise, misconception: str) -> str:
    """What a wrong solution tells the learner who made it: its docstring."""
    path = wrong_solutions(exercise)[misconception]
    return ast.get_docstring(ast.parse(path.read_bytes())) or ""


def behave_alike(mine: Verdict, theirs: Verdict) -> bool:
    """Whether two submissions did the same in a check: same outcome, and reply for reply alike."""
    if mine.outcome is not theirs.outcome or not mine.exchanges or len(mine.exchanges) != len(theirs.exchanges):
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
