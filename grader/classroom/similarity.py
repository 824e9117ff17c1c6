"""Who handed in the same code, or much of it: a fact, not a verdict.

The code of a submission is a set of parts (``submission.fingerprint``), without what the starter
gives to everybody.
"""

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from grader.grades.class_results import Identical
from grader.grades.learner import Learner
from grader.submission.fingerprint import parts_of

_COMMON: Final = 5
"""A part that a fifth of the class has is common only if at least so many people have it."""
_COMMON_SHORT: Final = 3
"""The same number for a short part, which several people often write alike."""
_SHORT: Final = 30
"""Syntax nodes of a short part: a function with one line has about 12."""
_MOST_OWNERS: Final = 50
"""A part that more different submissions have starts no comparison of two of them."""
_MOST_GROUPS: Final = 500
"""Nobody reads a longer list."""
_LEAST_SHARE: Final = 0.5
"""The part of the smaller submission that two must share to be reported."""
_MOST_DOWNLOADS: Final = 3
"""So many folders of one person are expected at most."""
_DOWNLOADED_AGAIN: Final = re.compile(r" ?\(\d{1,2}\)$| - copy$| copy$|^copy of ", re.IGNORECASE)

Circles = Mapping[str, frozenset[str]]
"""Each learner to those whose work may be equal: partners, and the same person."""
_Parts = dict[str, int]


class _Work(NamedTuple):
    """The learners whose submissions for an exercise have the same parts."""

    parts: _Parts
    learners: frozenset[str]
    files: frozenset[str]
    """Partners who handed in together share one file."""

    @property
    def size(self) -> int:
        return sum(self.parts.values())


class _Group(NamedTuple):
    """Learners who share code for one exercise."""

    found: Identical
    size: int
    """The syntax nodes that they share, without those that are common in the class."""

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Each two of the learners."""
        return list(itertools.combinations(self.found.learners, 2))


def circles(learners: Sequence[Learner]) -> dict[str, frozenset[str]]:
    """The partners of each learner, and the names of other downloads of the same person."""
    named: dict[str, set[str]] = defaultdict(set)
    for learner in learners:
        for name in _person_names(learner):
            named[name].add(learner.name)

    together = {}
    for learner in learners:
        circle = {learner.name, *learner.partners}
        for name in _person_names(learner):
            # Downloads without names call everybody `Participant`.
            if len(named[name]) <= _MOST_DOWNLOADS:
                circle |= named[name]

        together[learner.name] = frozenset(circle)

    return together


def _person_names(learner: Learner) -> set[str]:
    """What names the person: ``Jane Doe_101`` and ``Jane Doe (1)`` are both Jane Doe."""
    names = set()
    for name in (learner.person, learner.name, learner.email, *learner.keys):
        written = name
        # Canvas and Moodle put a number behind the name, another one in each assignment.
        for key in learner.keys:
            written = written.removesuffix(f"_{key}")

        written = _DOWNLOADED_AGAIN.sub("", written).casefold()
        if any(map(str.isalpha, written)):
            names.add(written)

    return names


def similar(
    submissions: Mapping[str, Mapping[str, tuple[str, str]]],
    order: Sequence[str],
    together: Circles,
) -> list[Identical]:
    """The groups of learners who share code, those who share most first.

    ``submissions`` maps exercise and learner to file and fingerprint, and ``order`` is that of
    the exercises in the course.
    """
    # Exercises that left the course come first.
    former = sorted(submissions.keys() - set(order))
    groups = []
    for exercise_id in (*former, *order):
        if exercise_id in submissions:
            groups += _of_exercise(exercise_id, submissions[exercise_id], together)

    return _ranked(groups)


def _of_exercise(
    exercise_id: str, submissions: Mapping[str, tuple[str, str]], together: Circles
) -> list[_Group]:
    works = _works(submissions)
    common = _common_parts(works)
    groups = []
    for some in (*_equal(works), *_overlapping(works, common)):
        names: set[str] = set()
        for work in some:
            names |= work.learners

        learners = sorted(names)
        if are_together(learners, together):
            continue

        smallest = min(work.size for work in some)
        own_size = _shared_size(some, common)
        # Code that a fifth of the class has is the task, and a little beside it is no copy.
        if own_size < _LEAST_SHARE * smallest:
            continue

        shared_size = _shared_size(some, frozenset())
        found = Identical(
            exercise=exercise_id,
            learners=learners,
            percent=100 * shared_size // smallest,
        )
        groups.append(_Group(found, own_size))

    groups.sort(key=lambda group: group.found.learners)
    return groups


def _works(submissions: Mapping[str, tuple[str, str]]) -> list[_Work]:
    learners: dict[str, set[str]] = defaultdict(set)
    files: dict[str, set[str]] = defaultdict(set)
    for learner, (file, fingerprint) in submissions.items():
        learners[fingerprint].add(learner)
        files[fingerprint].add(file)

    works = []
    for fingerprint, names in learners.items():
        parts = parts_of(fingerprint)
        # An unchanged starter has no parts of its own.
        if parts:
            work = _Work(
                parts=parts,
                learners=frozenset(names),
                files=frozenset(files[fingerprint]),
            )
            works.append(work)

    return works


def _common_parts(works: Sequence[_Work]) -> frozenset[str]:
    """What at least a fifth of the class wrote: that follows from the task."""
    submitted = 0
    owners: Counter[str] = Counter()
    sizes: _Parts = {}
    for work in works:
        submitted += len(work.files)
        sizes |= work.parts
        for part in work.parts:
            owners[part] += len(work.files)

    common = set()
    for part, number in owners.items():
        least = _COMMON
        if sizes[part] <= _SHORT:
            least = _COMMON_SHORT
        if number >= least and number * 5 >= submitted:
            common.add(part)

    return frozenset(common)


def _equal(works: Sequence[_Work]) -> Iterator[tuple[_Work]]:
    for work in works:
        if len(work.files) > 1:
            yield (work,)


def _overlapping(works: Sequence[_Work], common: frozenset[str]) -> Iterator[tuple[_Work, _Work]]:
    """Each two different works that share a part which is not common."""
    # Part to the places of its works, which themselves cannot be members of a set.
    owners: dict[str, list[int]] = defaultdict(list)
    for place, work in enumerate(works):
        for part in work.parts:
            if part not in common:
                owners[part].append(place)

    # A dictionary, which keeps the order and each pair once.
    pairs: dict[tuple[int, int], None] = {}
    for places in owners.values():
        if len(places) <= _MOST_OWNERS:
            new = itertools.combinations(places, 2)
            pairs.update(dict.fromkeys(new))

    for first, second in pairs:
        yield works[first], works[second]


def _shared_size(group: Sequence[_Work], without: frozenset[str]) -> int:
    """The size of the parts that all works of a group have, apart from those in ``without``."""
    first, *others = group
    size = 0
    for part, nodes in first.parts.items():
        if part not in without and all(part in other.parts for other in others):
            size += nodes

    return size


def _ranked(groups: Sequence[_Group]) -> list[Identical]:
    """The groups in which two learners share code for the most exercises come first, then most.

    One short answer can be equal by chance; several answers, or a long one, hardly can.
    """
    exercises: dict[tuple[str, str], set[str]] = defaultdict(set)
    sizes: Counter[tuple[str, str]] = Counter()
    for group in groups:
        for pair in group.pairs:
            exercises[pair].add(group.found.exercise)
            sizes[pair] += group.size

    ranked = []
    for group in groups:
        together = max(len(exercises[pair]) for pair in group.pairs)
        size = max(sizes[pair] for pair in group.pairs)
        found = msgspec.structs.replace(group.found, together=together)
        ranked.append(_Group(found, size))

    # The sort is stable: otherwise, the order stays.
    ranked.sort(key=lambda group: (group.found.together, group.size), reverse=True)
    return [group.found for group in ranked[:_MOST_GROUPS]]


def are_together(names: Iterable[str], together: Circles) -> bool:
    """Whether all of these learners are partners, or one person."""
    first, *others = names
    return all(other in together.get(first, ()) for other in others)
