"""Which exercise a file's name means, and what marks it as a copy or a later version."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from typing import Final, NamedTuple

from grader.course.records import CodeExercise, QuizExercise
from grader.text import closest

SUFFIXES: Final = (*CodeExercise.suffixes, *QuizExercise.suffixes)
"""The endings of files that can be a submission for some exercise."""
PLAIN: Final = 0
"""The exercise's name, perhaps with the number of a resubmission or of a download."""
COPY: Final = 1
"""A name that a program gives to a copy, or a name with a date."""
WORDS: Final = 2
"""A name with other words in it, which can also be that of a module."""
CHECKPOINT: Final = 3
"""A name that Jupyter gives to an older state."""

# A date and perhaps a time: 20260102T101500, 2026-01-02-10-15-00. Otter writes its zips as
# name_2026_01_02T10_15_00_123456, and Google Drive as name-20260102T101500Z-001.
_DATE: Final = re.compile(
    r"[ _.-]+"
    r"(\d{4}([-_])\d\d\2\d\d(?:[Tt _-]+\d\d(?:[-:._]?\d\d){0,2}(?:[_.]\d{6})?)?"
    r"|\d{8}(?:[Tt_-]?\d{4,6}(?:z-\d{3})?)?)$"
)
# As German speakers write it: 02.01.2026. Slashes cannot be in a name.
_GERMAN_DATE: Final = re.compile(r"[ _-]+(\d\d?)\.(\d\d?)\.(20\d\d)$")
# A date in front: 2026-01-02_name, 20260102101500_name. A number that is no date is a student's.
_DATE_FIRST: Final = re.compile(
    r"(20\d\d([-_]?)(?:0[1-9]|1[0-2])\2(?:0[1-9]|[12]\d|3[01])"
    r"(?:[t _-]*\d\d(?:[-:._]?\d\d){1,2})?)[ _.-]+(?=[^\W\d_])"
)
_CHECKPOINT: Final = re.compile(r"[ _-]+checkpoint()$")
_COPY_WORDS: Final = "copy|kopie|kopia|kopi|copie|copia|cópia|копия|コピー|副本|복사본"
_COPIED: Final = re.compile(rf"[ _–-]+(?:{_COPY_WORDS})[ _-]?(\d{{0,3}})$")
# GNOME writes name (copy), name (another copy), name (3rd copy).
_COPIED_AGAIN: Final = re.compile(r" \((?:another |(\d{1,3})(?:st|nd|rd|th) )?copy\)$")
_COPY_OF: Final = re.compile(
    rf"(?:{_COPY_WORDS})(?: \((\d{{1,3}})\))? (?:of|von|van|de|di|da|af|av) "
)
# Canvas numbers resubmissions (name-1), browsers number downloads (name (1), name[1]).
_NUMBERED: Final = re.compile(r"(?:-| ?\(| ?\[)(\d{1,3})[)\]]?$")
_COUNTED: Final = re.compile(r"[ _]+v?(\d{1,3})$|(?:[ _-]|(?<=\d))v(\d{1,3})$")
_MARKS: Final = (
    (_DATE, COPY),
    (_CHECKPOINT, CHECKPOINT),
    (_COPIED, COPY),
    (_COPIED_AGAIN, COPY),
    (_NUMBERED, PLAIN),
    (_COUNTED, COPY),
)
# Some programs put the number of a download behind the ending: name.py (1), name.py.1.
_NUMBER_LAST: Final = re.compile(
    r"(.+)(\.(?:py|ipynb|ya?ml))(?: ?\((\d{1,3})\)|\.(\d{1,2}))", re.IGNORECASE
)
# A separator between two digits separates numbers: exercise1-1 is not exercise11.
_SEPARATORS: Final = re.compile(r"(?<!\d)[\s_.-]+|[\s_.-]+(?!\d)")
_ZEROS: Final = re.compile(r"(?<!\d)0+(?=\d)")
_NUMBERED_WORD: Final = re.compile(r"([a-z]{2,}?)(\d+)")
_WORD: Final = re.compile(r"[^\W_]+")
_DIGITS: Final = re.compile(r"\d+")
_MAX_NAME: Final = 300
# Numbers at the end of an exercise's name, at most; each takes time to look at.
_MOST_NUMBERS: Final = 3


class Version(NamedTuple):
    """A file's name, taken apart."""

    base: str
    """The name without the marks."""
    mark: int
    """``PLAIN``, ``COPY`` or ``CHECKPOINT``: the one of the marks that says most."""
    number: int
    """The number or date in the marks; 0 without one."""


class Named(NamedTuple):
    """The exercise that a file's name means, and how directly."""

    exercise: str
    mark: int
    """``PLAIN``, ``COPY``, ``WORDS`` or ``CHECKPOINT``."""
    number: int
    words: str = ""
    """For ``WORDS``: the name without the marks, which all of its versions share."""


def split(name: str) -> tuple[str, str]:
    """A file's name without its ending, and the ending in lower case.

    Mail programs, browsers and learning platforms add ``.txt`` or ``.json`` to code:
    ``a.py.txt`` ends in ``.py``.
    """
    numbered = _NUMBER_LAST.fullmatch(name[-_MAX_NAME:])
    if numbered:
        stem, suffix, in_brackets, behind_dot = numbered.groups()
        return f"{stem} ({in_brackets or behind_dot})", suffix.lower()

    stem, suffix = _split(name)
    if suffix in (".txt", ".json"):
        inner, code_suffix = _split(stem)
        if code_suffix in SUFFIXES:
            return inner, code_suffix

    return stem, suffix


def suffix_of(name: str) -> str:
    """The ending of a file's name, as ``split`` reads it."""
    return split(name)[1]


def _split(name: str) -> tuple[str, str]:
    stem, dot, suffix = name.rpartition(".")
    # A name that begins with its only dot has no ending.
    if not stem:
        return name, ""

    return stem, f"{dot}{suffix.lower().rstrip()}"


def version(stem: str) -> Version:
    """Take the marks of copies and versions off a name without its ending."""
    text = _normal(stem)
    *_, last = _readings(text)
    return last


def copies(names: Iterable[str]) -> dict[str, str]:
    """Each name that is that of a copy or a download of another one, to that one."""
    by_text = {_normal(name): name for name in names}
    found = {}
    for text, name in by_text.items():
        for taken in _readings(text):
            if taken.base != text and taken.base in by_text:
                found[name] = by_text[taken.base]
                break

    return found


def _normal(stem: str) -> str:
    text = unicodedata.normalize("NFKC", stem[:_MAX_NAME])
    return text.casefold().strip(" .")


def _readings(text: str) -> Iterator[Version]:
    """The name with all marks at its end, then without the last one, and so on."""
    taken = Version(text, PLAIN, 0)
    match = _COPY_OF.match(text)
    if match is not None:
        number = int(match[1] or 0)
        taken = Version(text[match.end() :], COPY, number)

    date = 0
    dated = _DATE_FIRST.match(taken.base)
    if dated is not None:
        digits = re.sub(r"\D", "", dated[1])
        date = int(digits)
        taken = Version(taken.base[dated.end() :], COPY, date)

    yield taken
    last = _without_mark(taken.base)
    while last is not None:
        mark = max(taken.mark, last.mark)
        # In name-1 (2), the inner number is that of the resubmission.
        number = max(date, last.number or taken.number)
        taken = Version(last.base, mark, number)
        yield taken
        last = _without_mark(taken.base)


def _without_mark(text: str) -> Version | None:
    """The text before its last mark, with the kind and number of that mark alone."""
    german = _GERMAN_DATE.search(text)
    if german is not None and german.start() > 0:
        day, month, year = map(int, german.groups())
        base = text[: german.start()].strip(" .")
        return Version(base, COPY, year * 10_000 + month * 100 + day)

    for pattern, mark in _MARKS:
        match = pattern.search(text)
        if match is None or match.start() == 0:
            continue

        base = text[: match.start()].strip(" .")
        digits = re.sub(r"\D", "", match[0])
        return Version(base, mark, int(digits or 0))

    return None


class Names:
    """The names of a course's exercises, to look up what a file's name means."""

    def __init__(self, exercises: Iterable[str]) -> None:
        self._ids = set(exercises)
        self._loose: dict[str, str | None] = {}
        for exercise_id in self._ids:
            key = _loose(exercise_id)
            # Two exercises that differ in a separator only need the exact name.
            is_clear = key not in self._loose
            self._loose[key] = exercise_id if is_clear else None

        self._known: dict[str, Named | None] = {}

    def find(self, stem: str) -> Named | None:
        """The exercise that a name without its ending means; None if it means none."""
        if stem not in self._known:
            self._known[stem] = self._find(stem)

        return self._known[stem]

    def of_file(self, name: str) -> Named | None:
        """The exercise that the name of a file means, with its ending; None if it means none."""
        stem, _ = split(name)
        return self.find(stem)

    def near(self, written: str) -> str:
        """The exercise whose name may have been misspelled so; empty if there is none."""
        key = _loose(written[:_MAX_NAME])
        number = _DIGITS.findall(key)
        # A wrong number is another exercise, and no slip.
        keys = [known for known in self._loose if _DIGITS.findall(known) == number]
        known = closest(key, keys, cutoff=0.75)
        return self._loose.get(known) or ""

    def _find(self, stem: str) -> Named | None:
        if stem in self._ids:
            return Named(stem, PLAIN, 0)

        text = _normal(stem)
        # A file can have its ending twice.
        while text.endswith(SUFFIXES):
            text = text.rpartition(".")[0].strip(" .")

        readings = list(_readings(text))
        # The name can end in a number itself, so the reading with most marks comes first.
        for taken in readings:
            exercise_id = self._spelled(taken.base)
            if exercise_id is not None:
                return Named(exercise_id, taken.mark, taken.number)

        exercise_id = self._among_words(readings[0].base)
        if exercise_id is None:
            return None

        # The reading with the most marks, unless some of them are the number of the exercise.
        for taken in reversed(readings[-_MOST_NUMBERS:]):
            if self._among_words(taken.base) == exercise_id:
                return Named(exercise_id, WORDS, taken.number, taken.base)

        return Named(exercise_id, WORDS, 0, readings[0].base)

    def _spelled(self, text: str) -> str | None:
        """The exercise whose name this is, in any spelling: ``Exercise_01``, ``ex1``."""
        key = _loose(text)
        if key in self._loose:
            return self._loose[key]

        short = _NUMBERED_WORD.fullmatch(key)
        if short is None:
            return None

        found = []
        for exercise_id in self._ids:
            whole = _NUMBERED_WORD.fullmatch(_loose(exercise_id))
            if whole and whole[2] == short[2] and whole[1].startswith(short[1]):
                found.append(exercise_id)

        return _only(found)

    def _among_words(self, text: str) -> str | None:
        """The only exercise that some words of the name mean."""
        words = _WORD.findall(text)
        found = set()
        for number in range(len(words)):
            for length in (1, 2):
                some = " ".join(words[number : number + length])
                exercise_id = self._spelled(some)
                if exercise_id is not None:
                    found.add(exercise_id)

        return _only(found)


def _only(found: Collection[str]) -> str | None:
    if len(found) != 1:
        return None

    (only,) = found
    return only


def _loose(text: str) -> str:
    """``text`` without case, separators and zeros before a number."""
    text = _SEPARATORS.sub("", text.casefold())
    return _ZEROS.sub("", text)
