"""The submissions that ``grade batch --only`` names."""

import fnmatch
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from grader.errors import UsageError
from grader.grades.grade import Outcome
from grader.grades.gradebook import Gradebook
from grader.submission.class_folder import Found
from grader.text import printable

_SHOWN: Final = 5
"""Names of learners in an error."""


class Selection:
    """The submissions that match ``only``; all submissions if ``only`` is empty.

    Each word of ``only`` has the form ``learner=a*``, ``exercise=exercise1`` or
    ``outcome=timeout``. A submission has to match one word of each name that occurs. Raises
    ``UsageError`` if a word has another form, or names an unknown exercise or outcome.
    """

    def __init__(
        self,
        only: Sequence[str],
        exercises: Iterable[str],
        gradebook: Gradebook,
        found: Sequence[Found],
    ) -> None:
        self._patterns = _patterns(only)
        # A typing error would otherwise select nothing, without a word.
        learners = sorted({each.learner for each in found})
        some = [printable(name) for name in learners[:_SHOWN]]
        outcomes = [outcome.value for outcome in Outcome]
        self._require_known("learner", learners, f"some in this folder: {', '.join(some)}")
        self._require_known("exercise", exercises, "`grade list` shows all exercises")
        self._require_known("outcome", outcomes, f"outcomes are {', '.join(outcomes)}")

        self._outcomes: dict[tuple[str, str], set[str]] = defaultdict(set)
        # Reading every grade takes long in a large class, and only outcomes need it.
        if "outcome" not in self._patterns:
            return

        for entry in gradebook.latest():
            pair = (entry.key.learner, entry.key.exercise)
            for check in entry.grade.checks:
                self._outcomes[pair].add(check.outcome.value)

    def includes(self, found: Found) -> bool:
        """Whether ``only`` names this submission."""
        pair = (found.learner, found.exercise)
        values = {
            "learner": {found.learner},
            "exercise": {found.exercise},
            "outcome": self._outcomes[pair],
        }

        for name, patterns in self._patterns.items():
            # Several words with one name are alternatives, as the documentation says.
            # A submission can have several outcomes, one per check; any of them counts.
            matches = [fnmatch.filter(values[name], pattern) for pattern in patterns]
            if not any(matches):
                return False

        return True

    def _require_known(self, name: str, known: Iterable[str], advice: str) -> None:
        for pattern in self._patterns.get(name, []):
            if not fnmatch.filter(known, pattern):
                raise UsageError(
                    f"there is no such {name}",
                    place=f"--only {name}={pattern}",
                    advice=advice,
                )


def _patterns(only: Sequence[str]) -> Mapping[str, list[str]]:
    """``learner``, ``exercise`` or ``outcome``, to the patterns that ``only`` has for it."""
    patterns: dict[str, list[str]] = defaultdict(list)
    for word in only:
        name, _, pattern = word.partition("=")
        if name not in ("learner", "exercise", "outcome") or not pattern:
            raise UsageError(
                "not a selection",
                place=f"--only {word}",
                advice="write learner=NAME, exercise=NAME or outcome=NAME; * is a wildcard",
            )

        # Several patterns with one name are alternatives.
        patterns[name].append(pattern)

    return patterns
