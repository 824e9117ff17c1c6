"""The order of several files for one exercise, the one to grade first.

``docs/batch.md`` describes it.
"""

from hashlib import blake2b
from typing import NamedTuple

import msgspec

from grader.course.records import Exercise
from grader.submission import work
from grader.submission.candidates import Basis, Candidate
from grader.submission.filenames import PLAIN
from grader.submission.learner_file import File, code_for


class Ranking(msgspec.Struct, frozen=True):
    """Several files for one exercise, in order."""

    best: Candidate
    others: list[File]
    """The other files, the best first."""
    different: list[File]
    """The ``others`` with other work, unless they are from an earlier attempt."""
    equal: list[File]
    """The ``others`` with other code that could count as well as the best one."""


class _Rank(NamedTuple):
    """What decides between two files, in this order; the smaller one counts."""

    lacks_work: bool
    """Whether there is only a starter in it."""
    attempt: tuple[int, ...]
    """The negative numbers of the attempt, because the latest one counts."""
    basis: Basis
    archives: int
    depth: int
    """How many folders are around it."""
    download: int
    """The negative number of a download or a resubmission."""
    suffix: int
    """Which of the endings that the exercise takes it has."""
    mark: int
    number: int
    """The negative number or date of any other version."""
    is_inexact: bool


class _Ranked(msgspec.Struct, frozen=True):
    """A file with its rank."""

    candidate: Candidate
    rank: _Rank
    digest: bytes
    """The digest of its code, because the code of very many files would not fit into memory."""

    @property
    def order(self) -> tuple[_Rank, str]:
        """With equal ranks the first file by name comes first, on every machine the same."""
        return self.rank, self.candidate.file.shown


def rank(exercise: Exercise, candidates: list[Candidate]) -> Ranking:
    """Read ``candidates`` and put them in order."""
    ranked = [_ranked(exercise, candidate) for candidate in candidates]
    ranked.sort(key=lambda each: each.order)
    best, *others = ranked
    different = []
    equal = []
    for other in others:
        file = other.candidate.file
        # Copies of one file need no decision.
        if other.digest == best.digest:
            continue
        if not other.rank.lacks_work and other.rank.attempt == best.rank.attempt:
            different.append(file)
        if not best.rank.lacks_work and _is_equal(best, other):
            equal.append(file)

    files = [other.candidate.file for other in others]
    return Ranking(best.candidate, files, different, equal)


def _ranked(exercise: Exercise, candidate: Candidate) -> _Ranked:
    file = candidate.file
    code = code_for(exercise, file)
    download = 0
    suffix = 0
    if candidate.basis is Basis.NAMED:
        suffix = exercise.spec.suffixes.index(file.suffix)
        if candidate.mark == PLAIN:
            download = -candidate.number

    rank = _Rank(
        lacks_work=not work.has_work(exercise, code),
        attempt=tuple(-number for number in file.attempt),
        basis=candidate.basis,
        archives=file.archives,
        depth=len(file.folders),
        download=download,
        suffix=suffix,
        mark=candidate.mark,
        number=-candidate.number,
        is_inexact=not candidate.is_exact,
    )
    # A notebook and a file can have the same code.
    digest = blake2b(code.strip()).digest()
    return _Ranked(candidate, rank, digest)


def _is_equal(best: _Ranked, other: _Ranked) -> bool:
    """Whether nothing says that ``best`` counts and ``other`` does not."""
    if best.rank == other.rank:
        return True

    # Numbers order the versions of one file, and say nothing about files with other names.
    is_same_kind = _kind(best.rank) == _kind(other.rank)
    return is_same_kind and not _are_versions(best.candidate, other.candidate)


def _kind(rank: _Rank) -> _Rank:
    """A rank without the numbers of versions."""
    kind = rank._replace(download=0, number=0, is_inexact=False)
    # Without the name of the exercise, the mark of a copy says no more than a number.
    if rank.basis is not Basis.NAMED:
        kind = kind._replace(mark=PLAIN)

    return kind


def _are_versions(one: Candidate, other: Candidate) -> bool:
    """Whether two files are versions of one, or lie in versions of one archive."""
    if one.archive.base != other.archive.base:
        return False
    if one.archive.number != other.archive.number:
        return True

    return one.base == other.base
