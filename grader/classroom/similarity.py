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

from grader.grades.class_results import Identical, Learner
from grader.submission.fingerprint import parts_of

_COMMON: Final = 5
"""From so many equal submissions on, a fifth of the class counts as everybody."""
_COMMON_SHORT: Final = 3
"""The same for a short part, which several people often write alike."""
_SHORT: Final = 30
"""Syntax nodes of a short part: a function with one line has about 12."""
_MOST_OWNERS: Final = 50
"""A part that more different submissions have starts no comparison of two of them."""
_LEAST_SHARE: Final = 0.5
"""The part of the smaller submission that two must share to be reported."""
_MOST_DOWNLOADS: Final = 3
"""So many folders of one person are expected at most."""
_DOWNLOADED_AGAIN: Final = re.compile(r" ?\(\d{1,2}\)$| - copy$| copy$|^copy of ", re.IGNORECASE)

Circles = Mapping[str, frozenset[str]]
"""Each learner to those with whom equal work is no news: partners, and the same person."""
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
    groups: list[tuple[Identical, int]] = []
    places = {exercise_id: number for number, exercise_id in enumerate(order)}
    # Exercises that left the course come first.
    for exercise_id in sorted(submissions, key=lambda each: (places.get(each, -1), each)):
        groups += _of_exercise(exercise_id, submissions[exercise_id], together)
    return _ranked(groups)


def _of_exercise(
    exercise_id: str, submissions: Mapping[str, tuple[str, str]], together: Circles
) -> list[tuple[Identical, int]]:
    """The groups for one exercise, each with the size of what is shared."""
    works = _works(submissions)
    common = _common_parts(works)
    found = []
    for group in (*_equal(works), *_overlapping(works, common)):
        own_size = _shared_size(group, common)
        smallest = min(work.size for work in group)
        learners = sorted(frozenset().union(*(work.learners for work in group)))
        # Code that a fifth of the class has is the task, and a little beside it is no copy.
        if own_size < _LEAST_SHARE * smallest or are_together(learners, together):
            continue
        percent = 100 * _shared_size(group, frozenset()) // smallest
        found.append((Identical(exercise_id, learners, percent=percent), own_size))
    found.sort(key=lambda each: each[0].learners)
    return found


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
            works.append(_Work(parts, frozenset(names), frozenset(files[fingerprint])))
    return works


def _common_parts(works: Sequence[_Work]) -> frozenset[str]:
    """What at least a fifth of the class wrote: that follows from the task."""
    owners: Counter[str] = Counter()
    sizes: _Parts = {}
    for work in works:
        sizes |= work.parts
        for part in work.parts:
            owners[part] += len(work.files)
    submitted = sum(len(work.files) for work in works)

    common = set()
    for part, number in owners.items():
        least = _COMMON_SHORT if sizes[part] <= _SHORT else _COMMON
        if number >= least and number * 5 >= submitted:
            common.add(part)
    return frozenset(common)


def _equal(works: Sequence[_Work]) -> Iterator[tuple[_Work]]:
    for work in works:
        if len(work.files) > 1:
            yield (work,)


def _overlapping(works: Sequence[_Work], common: frozenset[str]) -> Iterator[tuple[_Work, _Work]]:
    """Each two different works that share a part which is not common."""
    owners: dict[str, list[int]] = defaultdict(list)
    for number, work in enumerate(works):
        for part in work.parts:
            if part not in common:
                owners[part].append(number)
    pairs: dict[tuple[int, int], None] = {}
    for numbers in owners.values():
        if len(numbers) <= _MOST_OWNERS:
            pairs.update(dict.fromkeys(itertools.combinations(numbers, 2)))
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


def _ranked(groups: Sequence[tuple[Identical, int]]) -> list[Identical]:
    """The groups in which two learners share code for the most exercises come first, then most.

    One short answer can be equal by chance; several answers, or a long one, hardly can.
    """
    exercises: dict[tuple[str, str], set[str]] = defaultdict(set)
    sizes: Counter[tuple[str, str]] = Counter()
    for group, size in groups:
        for pair in itertools.combinations(group.learners, 2):
            exercises[pair].add(group.exercise)
            sizes[pair] += size
    ranked = []
    for group, _ in groups:
        pairs = list(itertools.combinations(group.learners, 2))
        together = max(len(exercises[pair]) for pair in pairs)
        size = max(sizes[pair] for pair in pairs)
        ranked.append((msgspec.structs.replace(group, together=together), size))
    # The sort is stable: otherwise, the order stays.
    ranked.sort(key=lambda each: (-each[0].together, -each[1]))
    return [group for group, _ in ranked]


def are_together(names: Iterable[str], together: Circles) -> bool:
    """Whether all of these learners are partners, or one person."""
    first, *others = names
    return all(other in together.get(first, ()) for other in others)
