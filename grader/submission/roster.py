"""The people of a class as a list names them, and whose submission is whose.

``roster_file`` reads the list from a file. This module compares it with the learners of a folder
or of a gradebook.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from grader.grades.class_results import Learner, Notice, NoticeKind
from grader.text import printable

_SHORTEST_ID: Final = 4
Keys = frozenset[str]


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """One person of a roster."""

    id: str
    """Unique in the roster: the column ``learner``, else the name, the e-mail or another id."""
    name: str = ""
    email: str = ""
    section: str = ""
    learner: str = ""
    """The column ``learner``, which only our own format has."""
    number: str = ""
    """The number in the names of downloaded files: Canvas's ``ID``, Moodle's participant."""
    ids: list[str] = []
    """Other ids: a login, a user name, a number of the university."""
    partners: list[str] = []
    """The ids of the people who hand in together with this one."""
    submitted: str = ""
    """When this person handed in, as the file writes it."""
    line: int = 0
    """The line in the file, from 1."""

    def keys(self) -> list[str]:
        """Everything that other systems may know this person by."""
        known = [self.number, self.learner, *self.ids, self.email, self.name]
        return list(dict.fromkeys(key for key in known if key))


class Roster(msgspec.Struct, frozen=True, kw_only=True):
    """The people of a class, in the order of the file."""

    file: str
    people: list[Person]
    columns: dict[str, list[str]] = {}
    """What was read from which columns: ``name`` to ``["Vorname", "Nachname"]``."""
    notices: list[str] = []
    """Lines that were left out, each with the reason."""


class Unclear(msgspec.Struct, frozen=True):
    """Learners and people who fit each other in more than one way."""

    learners: list[str]
    people: list[Person]


class Attendance(msgspec.Struct, frozen=True, kw_only=True):
    """What a roster says about a folder; names are those of the learners in the gradebook."""

    roster: Roster
    absent: list[str]
    """Who handed in nothing."""
    unknown: list[str]
    """Whose submissions nobody in the roster has handed in."""
    unclear: list[Unclear]
    shared: list[str]
    """Who gets the submission of a partner."""
    submitted: dict[str, str] = {}
    """When somebody handed in, as the roster writes it."""

    def notices(self) -> Iterator[Notice]:
        """What the instructor should look into."""
        kind = NoticeKind.NOT_IN_ROSTER
        advice = "add the person, or the name of this folder in a column `learner`"
        for name in self.unknown:
            yield Notice(name, kind, "nobody in the roster; graded all the same", advice)
        for group in self.unclear:
            people = " or ".join(map(described, group.people))
            for name in group.learners:
                yield Notice(name, kind, f"could be {people}", advice)


def described(person: Person) -> str:
    """``Jane Doe (line 5 of the roster)``."""
    return f"{printable(person.name or person.id)} (line {person.line} of the roster)"


class Matches(msgspec.Struct, frozen=True, kw_only=True):
    """Who is who."""

    people: dict[str, Person]
    """The name of a learner to the person."""
    unclear: list[Unclear]
    unknown: list[str]
    """The names of learners whom nobody in the roster fits."""
    missing: list[Person]
    """The people whom no learner fits."""


def match(people: Sequence[Person], learners: Iterable[Learner]) -> Matches:
    """Find the person for each learner: by id, then by e-mail address, then by name.

    Case and Unicode form count only between people who differ in nothing else. If several
    people fit one learner, or several learners fit one person, nobody is chosen.
    """
    free = list(people)
    left = list(learners)
    found: dict[str, Person] = {}
    unclear: list[Unclear] = []
    for level, (of_person, of_learner) in enumerate(_LEVELS):
        decided, undecided = _decide(_fitting(free, left, of_person, of_learner))
        # The instructor's own column is always right; a number can be somebody else's.
        if level == 0:
            undecided += _contradictions(free, [each for each in left if each.name not in decided])
        free, left = _without(undecided, decided, free, left)
        found |= decided
        unclear += undecided
    unknown = [learner.name for learner in left]
    return Matches(people=found, unclear=unclear, unknown=unknown, missing=free)


def without_number(learner: Learner) -> Learner:
    """The learner without the numbers of downloads; Moodle has others in each assignment."""
    kept = [key for key in learner.keys if key not in _download_number(learner)]
    return msgspec.structs.replace(learner, keys=kept)


def form(text: str) -> str:
    """``text`` for comparison: case, Unicode form and extra spaces don't count."""
    normal = unicodedata.normalize("NFKC", text)
    # Folding can leave a letter that another folding changes again.
    folded = unicodedata.normalize("NFKC", normal.casefold())
    return " ".join(folded.split())


Fitting = Mapping[str, Sequence[Person]]
"""The name of a learner to everybody who fits."""


def _fitting(
    people: Iterable[Person],
    learners: Iterable[Learner],
    of_person: Callable[[Person], Keys],
    of_learner: Callable[[Learner], Keys],
) -> Fitting:
    by_key: dict[str, list[Person]] = defaultdict(list)
    for person in people:
        for key in of_person(person) - {""}:
            by_key[key].append(person)
    fitting = {}
    for learner in learners:
        # Several keys can lead to one person.
        fits = {person.id: person for key in of_learner(learner) for person in by_key.get(key, [])}
        if fits:
            fitting[learner.name] = list(fits.values())
    return fitting


def _decide(fitting: Fitting) -> tuple[dict[str, Person], list[Unclear]]:
    """The learners with one person, and the groups that allow several answers."""
    # All learners choose at the same time, so that their order does not matter.
    claims: dict[str, list[str]] = defaultdict(list)
    for name, fits in fitting.items():
        for person in fits:
            claims[person.id].append(name)

    decided = {}
    unclear = []
    seen: set[str] = set()
    for name, fits in fitting.items():
        if len(fits) == 1 and len(claims[fits[0].id]) == 1:
            decided[name] = fits[0]
        elif name not in seen:
            group = _connected(name, fitting, claims)
            seen.update(group.learners)
            unclear.append(group)
    return decided, unclear


def _connected(name: str, fitting: Fitting, claims: Mapping[str, list[str]]) -> Unclear:
    """Everybody whom the decision about ``name`` concerns."""
    learners: dict[str, None] = {name: None}
    to_do = [name]
    people: dict[str, Person] = {}
    while to_do:
        for person in fitting[to_do.pop()]:
            if person.id not in people:
                people[person.id] = person
                new = [other for other in claims[person.id] if other not in learners]
                learners.update(dict.fromkeys(new))
                to_do += new
    return Unclear(list(learners), sorted(people.values(), key=lambda person: person.line))


def _contradictions(people: Sequence[Person], learners: Sequence[Learner]) -> list[Unclear]:
    """The learners whose number belongs to one person and whose name belongs to another.

    A number of another assignment, or of another system, can be somebody else's number here.
    """
    by_number = _fitting(people, learners, _numbers, _download_number)
    by_name = _fitting(people, learners, _name_forms, _learner_name_forms)
    unclear = []
    for name, fits in by_number.items():
        ids = {person.id for person in fits}
        named = by_name.get(name, [])
        if named and not any(person.id in ids for person in named):
            unclear.append(Unclear([name], [*fits, *named]))
    return unclear


def _without(
    unclear: Iterable[Unclear],
    decided: Mapping[str, Person],
    people: Iterable[Person],
    learners: Iterable[Learner],
) -> tuple[list[Person], list[Learner]]:
    """The people and learners about whom nothing is said yet."""
    taken = {person.id for person in decided.values()}
    named = set(decided)
    for group in unclear:
        taken.update(person.id for person in group.people)
        named.update(group.learners)
    free = [person for person in people if person.id not in taken]
    left = [learner for learner in learners if learner.name not in named]
    return free, left


# Keys of a learner. Canvas, Moodle and Brightspace put a number behind the name.


def _download_number(learner: Learner) -> Keys:
    names = [learner.name, *learner.keys]
    numbers = [key for key in learner.keys if any(name.endswith(f"_{key}") for name in names)]
    return frozenset(numbers)


def _name_in_folder(learner: Learner) -> Keys:
    return frozenset({_composed(learner.name)})


def _written(learner: Learner) -> Keys:
    """The names of a learner, without a number that only the system of the download knows."""
    names = {learner.name, *learner.keys} - _download_number(learner)
    return frozenset(map(_composed, names))


def _written_forms(learner: Learner) -> Keys:
    return frozenset(map(form, _written(learner)))


def _learner_name_forms(learner: Learner) -> Keys:
    return frozenset().union(*map(name_forms, _written(learner)))


def _user_names(learner: Learner) -> Keys:
    return frozenset(name for name in _written_forms(learner) if "@" not in name)


def _numbers_in_name(learner: Learner) -> Keys:
    """The words of a name with digits; a shorter one can be a count."""
    words = re.split(r"[\s_,.()+-]+", form(learner.name))
    ids = [word for word in words if len(word) >= _SHORTEST_ID and any(map(str.isdigit, word))]
    return frozenset(ids) - _download_number(learner)


def _name_without_numbers(learner: Learner) -> Keys:
    words = re.split(r"[\s_,]+", form(learner.name))
    letters = [word for word in words if not any(map(str.isdigit, word))]
    return name_forms(" ".join(letters))


# Keys of a person


def _own_column(person: Person) -> Keys:
    return frozenset({_composed(person.learner)})


def _numbers(person: Person) -> Keys:
    return frozenset({person.number, person.learner})


def _ids(person: Person) -> Keys:
    return frozenset(map(_composed, [person.learner, person.number, *person.ids]))


def _id_forms(person: Person) -> Keys:
    return frozenset(map(form, _ids(person)))


def _email(person: Person) -> Keys:
    return frozenset({form(person.email)})


def _name(person: Person) -> Keys:
    return frozenset({_composed(person.name)})


def _name_form(person: Person) -> Keys:
    return frozenset({form(person.name)})


def _name_forms(person: Person) -> Keys:
    return name_forms(person.name)


def _user_name(person: Person) -> Keys:
    return frozenset({form(person.email).partition("@")[0]})


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip())


def name_forms(name: str) -> Keys:
    """The forms of a person's name.

    ``Doe, Jane`` is also ``Jane Doe``. In the names of downloaded files it is ``doejane`` or
    ``jane.doe``.
    """
    last, _, first = name.partition(",")
    words = form(f"{first} {last}").split()
    # The last name has one or several of the words.
    orders = [words[start:] + words[:start] for start in range(len(words))]
    spaced = {form(name), *(" ".join(order) for order in orders)}
    joined = {re.sub(r"[\W_]+", "", each) for each in spaced}
    return frozenset(spaced | joined) - {""}


_LEVELS: Final = (
    (_own_column, _name_in_folder),
    (_numbers, _download_number),
    (_ids, _written),
    (_id_forms, _written_forms),
    (_email, _written_forms),
    (_name, _written),
    (_name_form, _written_forms),
    (_name_forms, _learner_name_forms),
    (_user_name, _user_names),
    # ILIAS and people put several of them into one name: Poe_Ann_1234.
    (_id_forms, _numbers_in_name),
    (_name_forms, _name_without_numbers),
)
"""The keys of people and of learners, the strongest first."""
