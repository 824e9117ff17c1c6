"""Proofs of earlier runs, which need no second run while nothing has changed."""

import contextlib
import os
import platform
import sys
from collections.abc import Iterable
from hashlib import blake2b
from importlib import metadata
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from grader.course import loading
from grader.course.records import Exercise
from grader.errors import CourseError
from grader.files import sources
from grader.verify.records import Proof

_PACKAGES: Final = ("torch", "numpy", "pytest", "msgspec", "pyyaml")
"""Packages whose version can decide a verdict."""


class _Kept(msgspec.Struct, frozen=True):
    """A proof and the digest of all that it depends on."""

    digest: str
    proof: Proof


class _Place(NamedTuple):
    """Where the proof of an exercise is kept, and the digest that it must have."""

    file: Path
    digest: str


class EarlierProofs:
    """The proofs of exercises that were proven before, in a folder of the user's cache.

    ``settings`` are the options of the verification. A proof counts only with the same
    options, exercise files, grader, Python and packages. Failures of the cache cost only time.
    """

    def __init__(self, folder: Path | None, *settings: object) -> None:
        self._folder = folder
        versions = [(name, _version(name)) for name in _PACKAGES]
        conditions = [sys.version, platform.machine(), versions, sources(), settings]
        self._conditions = msgspec.json.encode(conditions)
        # Exercise to its file in the cache and its digest, from before it is verified: a file
        # that an author changes meanwhile is not proven.
        self._places: dict[str, _Place] = {}

    def find(self, root: Path, exercise_ids: Iterable[str]) -> dict[str, Proof]:
        """Return the earlier proofs that still count."""
        found: dict[str, Proof] = {}
        if self._folder is None:
            return found

        for exercise_id in exercise_ids:
            with contextlib.suppress(CourseError, OSError, msgspec.MsgspecError):
                exercise = loading.load_exercise(root, exercise_id)
                place = _Place(self._file(exercise), self._digest(exercise))
                # Also without an earlier proof, because `keep` writes it there.
                self._places[exercise_id] = place
                content = place.file.read_bytes()
                kept = msgspec.json.decode(content, type=_Kept)
                if kept.digest == place.digest:
                    proof = msgspec.structs.replace(kept.proof, earlier=True)
                    found[exercise_id] = proof

        return found

    def keep(self, proofs: Iterable[Proof]) -> None:
        """Keep the new proofs of exercises that ``find`` looked for."""
        for proof in proofs:
            place = self._places.get(proof.exercise)
            if place is None or proof.status != "proven" or proof.earlier:
                continue

            kept = _Kept(place.digest, proof)
            folder = place.file.parent
            with contextlib.suppress(OSError):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                # Renamed at the end, because another verification may read it.
                written = place.file.with_suffix(f".{os.getpid()}")
                written.write_bytes(msgspec.json.encode(kept))
                written.replace(place.file)

    def _digest(self, exercise: Exercise) -> str:
        hashed = blake2b(self._conditions, digest_size=16)
        hashed.update(loading.digest(exercise).encode())
        return hashed.hexdigest()

    def _file(self, exercise: Exercise) -> Path:
        """One file for each exercise, so the cache does not grow with each change."""
        assert self._folder is not None
        place = Path(exercise.root).resolve() / exercise.id
        hashed = blake2b(os.fsencode(place), digest_size=16)
        return self._folder / f"{hashed.hexdigest()}.json"


def cache_folder() -> Path | None:
    """The folder of earlier proofs (specifications.freedesktop.org/basedir-spec).

    None if this user has no home.
    """
    folder = os.environ.get("XDG_CACHE_HOME", "")
    # The specification says to ignore a relative path.
    if not os.path.isabs(folder):
        folder = os.path.expanduser("~/.cache")
    if not os.path.isabs(folder):
        return None

    return Path(folder, "grade", "proofs")


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
