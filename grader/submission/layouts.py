"""How systems arrange the submissions of a class, as patterns for their paths."""

import re
import unicodedata
from collections.abc import Collection
from hashlib import blake2b
from typing import Final

import msgspec

from grader.errors import UsageError
from grader.grades.learner import Learner
from grader.submission import archives
from grader.text import printable, single_spaced

MAX_NAME: Final = 120


class Layout(msgspec.Struct, frozen=True):
    """How a system arranges submissions, as a pattern for their paths.

    Groups of the pattern: ``learner``, ``id``, ``file`` (the path in the learner's own
    folder), ``exercise``, ``feedback`` (what the system returned to the learner), and any group
    whose name begins with ``attempt``.
    """

    name: str
    paths: "re.Pattern[str]"
    key: str = ""
    """The group of ``paths`` that distinguishes learners with the same name."""
    typical: "re.Pattern[str] | None" = None
    """The paths by which the layout is recognized, if ``paths`` allows more."""
    folder: str = ""
    """A folder at the start of all paths, which instructors can also name itself."""
    pattern: str = ""
    """The ``--pattern`` that describes the layout, if no system does."""
    prefix: str = ""
    """The folders around the class, with a ``/`` at the end. No other field includes them."""

    @property
    def system(self) -> str:
        """The system that arranges submissions so, such as ``Canvas``."""
        return self.name.partition(" ")[0]

    @property
    def title(self) -> str:
        """The name for people, with the folders around the class."""
        if not self.prefix:
            return self.name

        return f"{self.name}, in {printable(self.prefix)}"

    def match(self, path: str) -> "re.Match[str] | None":
        """The match for the part of ``path`` below ``prefix``; None if the path does not fit."""
        if not path.startswith(self.prefix):
            return None

        inner = path.removeprefix(self.prefix)
        return self.paths.fullmatch(inner)

    def fits(self, path: str) -> bool:
        """Whether ``path`` speaks for this layout."""
        pattern = self.typical or self.paths
        return pattern.fullmatch(path) is not None

    def inside(self) -> "Layout":
        """The layout for somebody who named ``folder`` itself."""
        paths = self._inside(self.paths)
        typical = self.typical and self._inside(self.typical)
        return msgspec.structs.replace(self, paths=paths, typical=typical, folder="")

    def _inside(self, pattern: "re.Pattern[str]") -> "re.Pattern[str]":
        return re.compile(pattern.pattern.removeprefix(f"{self.folder}/"), pattern.flags)

    def with_logins(self, logins: Collection[str]) -> "Layout":
        """The layout, in which these learners count as a whole: ``_`` also separates fields."""
        known = "".join(f"{re.escape(login)}|" for login in sorted(logins))
        pattern = self.paths.pattern.replace("(?P<learner>", f"(?P<learner>{known}", 1)
        return msgspec.structs.replace(self, paths=re.compile(pattern, self.paths.flags))

    def learner(self, match: "re.Match[str]", taken: Collection[str]) -> Learner:
        """The learner in a matching path.

        ``taken`` are the names as they are written in the folder: two that differ only in how
        Unicode composes a letter are two learners, but one of them alone has one name on every
        system.
        """
        groups = match.groupdict()
        # The default layout has no key, and "" is not a group.
        key = groups.get(self.key)
        written = groups.get("learner")
        if written is None:
            # Gradescope's folders have numbers only; its list can add the names.
            return Learner(f"submission_{key}", [str(key)])

        written = archives.stem(written)
        name = unicodedata.normalize("NFC", written)
        is_other = name != written and name in taken
        if is_other:
            name = written
        if key is not None:
            # The system identifies a learner by the number, and two learners can share a name.
            return Learner(learner_name(f"{name}_{key}"), [key, printable(name)])

        shown = learner_name(name)
        keys = _other_names(name, shown)
        if is_other:
            shown = f"{shown}~{short_digest(name)}"

        return Learner(shown, keys)

    def has_own_folder(self, match: "re.Match[str]") -> bool:
        """Whether the learner's name, or else the key, is the name of a folder."""
        group = self.key
        if "learner" in match.groupdict():
            group = "learner"

        end = match.end(group)
        return "/" in match.string[end:]

    def owner(self, folder: str, taken: Collection[str]) -> Learner | None:
        """The learner that ``folder`` is named after, even if it is empty; None if nobody."""
        if not folder.startswith(self.prefix):
            return None

        folder = folder.removeprefix(self.prefix)
        owner = None
        # A path below the folder shows how the layout reads it.
        for path in (f"{folder}/-", f"{folder}/-/-", f"{folder}/1/-"):
            match = self.paths.fullmatch(path)
            if match is None or "learner" not in match.groupdict():
                continue

            start, end = match.span("learner")
            # The name of a folder around or inside this one does not say who owns it.
            if end <= len(folder) and "/" not in folder[start:]:
                owner = self.learner(match, taken)

        return owner

    def folders_of_learner(self, path: str) -> str:
        """The folders up to the learner's name, if a pattern can find several of one name."""
        if not self.pattern:
            return ""

        match = self.match(path)
        if match is None:
            return ""

        end = match.end("learner")
        outer, slash, _ = match.string[: match.start("learner")].rpartition("/")
        if not slash:
            return ""
        # The learner's name can be in that of the file.
        if match.string[end : end + 1] != "/":
            return outer

        return match.string[:end]


def _other_names(name: str, shown: str) -> list[str]:
    """What a roster can have for the name of a folder, besides the name that is ``shown``."""
    others = []
    # A roster has the name as a person writes it.
    if shown != name:
        words = single_spaced(name)
        others.append(printable(words))

    # Sakai adds the login: Poe, Ann(apoe).
    with_login = _WITH_LOGIN.fullmatch(name)
    if with_login is not None:
        others += [printable(part.strip()) for part in with_login.groups()]

    return others


def _layout(name: str, paths: str, key: str = "", folder: str = "", typical: str = "") -> Layout:
    # A file's name can contain the end of a line.
    pattern = re.compile(paths, re.IGNORECASE | re.DOTALL)
    by = None
    if typical:
        by = re.compile(typical, re.IGNORECASE | re.DOTALL)

    return Layout(name, pattern, key, by, folder)


# A file in a flat download, or in an archive there.
_ARCHIVE_ENDS: Final = "|".join(map(re.escape, archives.SUFFIXES))
_FLAT: Final = rf"(?P<file>[^/]+|[^/]+(?:{_ARCHIVE_ENDS})/.+)"
LAYOUTS: Final = (
    _layout(
        "nbgrader (submitted/LEARNER/ASSIGNMENT/FILE)",
        r"submitted/(?P<learner>[^/]+)/(?P<exercise>[^/]+)/(?P<file>.+)",
        folder="submitted",
    ),
    _layout(
        "Submitty (submissions/ASSIGNMENT/LEARNER/VERSION/FILE)",
        r"submissions/(?P<assignment>[^/]+)/(?P<learner>[^/]+)/(?:(?P<attempt>\d+)/(?P<file>.+)|[^/]+\.json)",
        folder="submissions",
        # A longer number is no version, but somebody's student number.
        typical=r"submissions/[^/]+/[^/]+/\d{1,3}/.+",
    ),
    _layout("Gradescope export (submission_ID/FILE)", r"submission_(?P<id>\d+)/(?P<file>.+)", "id"),
    _layout(
        # Text that learners type into Moodle is in another folder than their files. The first
        # number counts, because learners choose the rest of the path. Moodle writes no underscore
        # into a name (moodle/moodle, mod/assign/locallib.php).
        "Moodle download (NAME_ID_assignsubmission_file/FILE)",
        r"(?>(?P<learner>[^/]+?)_(?P<id>\d+)_assign(?:submission|(?P<feedback>feedback))_)"
        r"[a-z][a-z0-9]*(?:_?/|_)(?P<file>.+)",
        "id",
    ),
    _layout(
        "Blackboard download (ASSIGNMENT_USER_attempt_DATE_FILE)",
        r"[^/]+?_(?P<learner>[^/_]+)_attempt_(?P<attempt>[\d-]+)(?:\.txt|_" + _FLAT + ")",
    ),
    _layout(
        "Brightspace download (ID-ID - NAME - DATE/FILE)",
        r"(?P<id>\d+)-\d+ ?- ?(?P<learner>[^/]+?) ?- ?"
        # In any language, a date has a year.
        r"(?P<attempt_date>(?:[^/-]*?(?<!\d)20\d\d(?!\d)|20\d\d-\d\d-\d\d(?!\d))[^/-]*?)"
        r"(?:/| ?- ?)(?P<file>.+)",
        "id",
    ),
    _layout(
        # Text and links that learners type in have no second number: NAME_ID_text.html.
        "Canvas download (NAME_ID_ID_FILE)",
        r"(?:late_(?=anon_))?(?P<learner>[^/]+?)(?:_late)?"
        r"_(?P<id>\d+|(?<=anon_)[0-9A-Za-z]+)_(?:\d+_|(?=(?:text|link)\.html\Z))" + _FLAT,
        "id",
    ),
    _layout(
        "a folder per learner (LEARNER/FILE)",
        r"(?P<learner>[^/]+)/(?P<file>.+)",
        typical="[^/]+/[^/]+",
    ),
)
DEFAULT_LAYOUT: Final = LAYOUTS[-1]
BY_ASSIGNMENT: Final = _layout(
    "nbgrader, by assignment (submitted/ASSIGNMENT/LEARNER/FILE)",
    r"submitted/(?P<exercise>[^/]+)/(?P<learner>[^/]+)/(?P<file>.+)",
    folder="submitted",
)
"""What instructors make when they sort downloads into the folders of nbgrader by hand."""
TEAMS_SUBMITTED: Final = "Submitted files"
"""The folder of Microsoft Teams for what was handed in."""
TEAMS_DRAFTS: Final = "Working files"
"""The folder of Microsoft Teams for what learners still work on."""
# Only a word with letters is a login: Ann (2) is a copy of Ann.
_WITH_LOGIN: Final = re.compile(r"([^()]+)\((?=[^()]*[^\W\d_])([^()\s]+)\)")
_MONTHS: Final = "janfebmaraprmayjunjulaugsepoctnovdec"
_PLACEHOLDERS: Final = {
    "{learner}": "(?P<learner>[^/]+?)",
    "{exercise}": "(?P<exercise>[^/]+?)",
}


def of_pattern(pattern: str) -> Layout:
    """The layout of ``--pattern``; a placeholder stands for part of one file or folder name."""
    parts = re.split(r"(\{\w*\}|\*)", pattern.strip("/"))
    for part in parts:
        if part.startswith("{") and part not in _PLACEHOLDERS:
            raise UsageError(
                f"--pattern {pattern}: `{part}` means nothing",
                advice="there are {learner}, {exercise} and *",
            )

    # A group can occur once in a regular expression.
    for name in ("{learner}", "{exercise}"):
        if parts.count(name) > 1:
            raise UsageError(
                f"--pattern {pattern}: {name} stands twice", advice="write * for one of them"
            )

    if "{learner}" not in parts:
        raise UsageError(
            f"--pattern {pattern}: needs {{learner}}, as in {{learner}}_{{exercise}}.py"
        )

    body = ""
    for number, part in enumerate(parts):
        if part == "*":
            # What differs here between a learner's files can be a version or a date.
            body += f"(?P<attempt{number}>[^/]*?)"
        else:
            body += _PLACEHOLDERS.get(part, re.escape(part))

    return Layout(f"as --pattern {pattern} says", re.compile(body), pattern=pattern)


def attempt(match: "re.Match[str]") -> tuple[int, ...]:
    """The numbers by which the system orders the attempts in a matching path."""
    numbers: list[int] = []
    for group, text in match.groupdict().items():
        if group == "attempt_date":
            return _date(text)
        if group.startswith("attempt") and text:
            # A number of thousands of digits is no version, and takes long to read.
            numbers += [int(digits) for digits in re.findall(r"\d{1,18}", text)]

    return tuple(numbers)


def _date(text: str) -> tuple[int, ...]:
    """The numbers of a date such as ``Feb 3, 2026 1011 AM``, the year first.

    Empty for a month in another language: a wrong order would grade an earlier attempt.
    """
    match = re.fullmatch(r"([a-z]+) (\d+), (\d{4}) (\d+) ?([ap]m|)", text, re.IGNORECASE)
    if match is None:
        return ()

    name, day, year, clock, half = match.groups()
    month = _MONTHS.find(name[:3].lower()) // 3 + 1
    hour, minute = divmod(int(clock), 100)
    if half:
        # 12 AM is midnight, and 12 PM is noon.
        hour %= 12

    if half.lower() == "pm":
        hour += 12

    return int(year), month, int(day), hour, minute


def learner_name(text: str) -> str:
    """``text`` as a printable name of limited length; a digest follows if something was lost."""
    words = printable(text).split()
    shown = " ".join(words) or "?"
    if shown == text and len(shown) <= MAX_NAME:
        return shown

    return f"{shown[:MAX_NAME]}~{short_digest(text)}"


def short_digest(text: str) -> str:
    """Eight hexadecimal digits."""
    encoded = text.encode("utf-8", "surrogatepass")
    return blake2b(encoded, digest_size=4).hexdigest()
