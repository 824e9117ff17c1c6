"""The people of a class as a list names them, and whose submission is whose.

``roster_file`` reads the list from a file. This module compares it with the learners of a folder
or of a gradebook.
"""

import re
import unicodedata
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from grader.grades.learner import Learner
from grader.grades.notice import Notice, NoticeKind
from grader.text import printable, single_spaced

ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+")
"""What an e-mail address looks like."""
_SHORTEST_ID: Final = 4
Keys = set[str]


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
    settled: list[tuple[str, str]] = []
    """Learner and exercise of each grade that waited for a decision, which the roster has now."""

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
    rest = _Rest(people, learners)
    rest.decide(_BY_OWN_COLUMN)
    # The instructor's own column is always right; a number can be somebody else's.
    rest.set_aside(_contradictions(people, rest.learners))
    for level in _LEVELS:
        rest.decide(level)

    unknown = [learner.name for learner in rest.learners]
    return Matches(people=rest.found, unclear=rest.unclear, unknown=unknown, missing=rest.people)


def without_number(learner: Learner) -> Learner:
    """The learner without the numbers of downloads; Moodle has others in each assignment."""
    numbers = _download_number(learner)
    kept = [key for key in learner.keys if key not in numbers]
    return msgspec.structs.replace(learner, keys=kept)


def form(text: str) -> str:
    """``text`` for comparison: case, Unicode form and extra spaces don't count."""
    # NFKC unites full-width and composed characters, which look the same to a person.
    normal = unicodedata.normalize("NFKC", text)
    # Folding can leave a letter that another folding changes again.
    folded = unicodedata.normalize("NFKC", normal.casefold())
    return single_spaced(folded)


Fitting = Mapping[str, Sequence[Person]]
"""The name of a learner to everybody who fits."""


class _Level(msgspec.Struct, frozen=True):
    """One way to compare people with learners: they fit if they have a key in common."""

    of_person: Callable[[Person], Keys]
    of_learner: Callable[[Learner], Keys]


class _Rest:
    """The people and learners that are not matched yet, and the matches so far."""

    def __init__(self, people: Iterable[Person], learners: Iterable[Learner]) -> None:
        self.people = list(people)
        self.learners = list(learners)
        self.found: dict[str, Person] = {}
        self.unclear: list[Unclear] = []

    def decide(self, level: _Level) -> None:
        """Pair each learner who fits one person alone; set aside those who fit several."""
        fitting = _fitting(self.people, self.learners, level)
        # All learners choose at the same time, so that their order does not matter.
        claims: dict[str, list[str]] = defaultdict(list)
        for name, fits in fitting.items():
            for person in fits:
                claims[person.id].append(name)

        unclear: list[Unclear] = []
        seen: set[str] = set()
        for name, fits in fitting.items():
            first = fits[0]
            if len(fits) == 1 and len(claims[first.id]) == 1:
                self.found[name] = first
            elif name not in seen:
                group = _connected(name, fitting, claims)
                seen.update(group.learners)
                unclear.append(group)

        self.set_aside(unclear)

    def set_aside(self, unclear: Iterable[Unclear]) -> None:
        """Keep only those who are neither in ``found`` nor in one of the groups ``unclear``."""
        self.unclear += unclear
        taken = {person.id for person in self.found.values()}
        named = set(self.found)
        for group in unclear:
            taken.update(person.id for person in group.people)
            named.update(group.learners)

        self.people = [person for person in self.people if person.id not in taken]
        self.learners = [learner for learner in self.learners if learner.name not in named]


def _fitting(people: Iterable[Person], learners: Iterable[Learner], level: _Level) -> Fitting:
    by_key: dict[str, list[Person]] = defaultdict(list)
    for person in people:
        for key in level.of_person(person):
            if key:
                by_key[key].append(person)

    fitting = {}
    for learner in learners:
        # Several keys can lead to one person.
        fits = {}
        for key in level.of_learner(learner):
            for person in by_key.get(key, []):
                fits[person.id] = person

        if fits:
            fitting[learner.name] = list(fits.values())

    return fitting


def _connected(name: str, fitting: Fitting, claims: Mapping[str, list[str]]) -> Unclear:
    """Everybody whom the decision about ``name`` concerns."""
    learners = []
    waiting = deque([name])
    seen = {name}
    people: dict[str, Person] = {}
    while waiting:
        learner = waiting.popleft()
        learners.append(learner)
        for person in fitting[learner]:
            if person.id in people:
                continue

            people[person.id] = person
            for other in claims[person.id]:
                if other not in seen:
                    seen.add(other)
                    waiting.append(other)

    in_order = sorted(people.values(), key=lambda person: person.line)
    return Unclear(learners, in_order)


def _contradictions(people: Sequence[Person], learners: Sequence[Learner]) -> list[Unclear]:
    """The learners whose number belongs to one person and whose name belongs to another.

    A number of another assignment, or of another system, can be somebody else's number here.
    """
    by_number = _fitting(people, learners, _BY_NUMBER)
    by_name = _fitting(people, learners, _BY_NAME)
    unclear = []
    for name, fits in by_number.items():
        ids = {person.id for person in fits}
        named = by_name.get(name, [])
        if named and not any(person.id in ids for person in named):
            unclear.append(Unclear([name], [*fits, *named]))

    return unclear


# Keys of a learner. Canvas, Moodle and Brightspace put a number behind the name.


def _download_number(learner: Learner) -> Keys:
    names = [learner.name, *learner.keys]
    numbers = set()
    for key in learner.keys:
        ending = f"_{key}"
        if any(name.endswith(ending) for name in names):
            numbers.add(key)

    return numbers


def _name_in_folder(learner: Learner) -> Keys:
    return {_composed(learner.name)}


def _written(learner: Learner) -> Keys:
    """The names of a learner, without a number that only the system of the download knows."""
    names = {learner.name, *learner.keys}
    names -= _download_number(learner)
    return {_composed(name) for name in names}


def _written_forms(learner: Learner) -> Keys:
    return {form(name) for name in _written(learner)}


def learner_name_forms(learner: Learner) -> Keys:
    """The forms of a learner's names, each as in ``name_forms``."""
    forms = set()
    for name in _written(learner):
        forms |= name_forms(name)

    return forms


def _user_names(learner: Learner) -> Keys:
    return {name for name in _written_forms(learner) if "@" not in name}


def _numbers_in_name(learner: Learner) -> Keys:
    """The words of a name with digits; a shorter one can be a count."""
    name = form(learner.name)
    words = re.split(r"[\s_,.()+-]+", name)
    ids = {word for word in words if len(word) >= _SHORTEST_ID and _has_digit(word)}
    return ids - _download_number(learner)


def _name_without_numbers(learner: Learner) -> Keys:
    name = form(learner.name)
    words = re.split(r"[\s_,]+", name)
    letters = [word for word in words if not _has_digit(word)]
    return name_forms(" ".join(letters))


def _has_digit(word: str) -> bool:
    return any(letter.isdigit() for letter in word)


# Keys of a person


def _own_column(person: Person) -> Keys:
    return {_composed(person.learner)}


def _numbers(person: Person) -> Keys:
    return {person.number, person.learner}


def _ids(person: Person) -> Keys:
    ids = [person.learner, person.number, *person.ids]
    return {_composed(each) for each in ids}


def _id_forms(person: Person) -> Keys:
    return {form(each) for each in _ids(person)}


def _email(person: Person) -> Keys:
    return {form(person.email)}


def _name(person: Person) -> Keys:
    return {_composed(person.name)}


def _name_form(person: Person) -> Keys:
    return {form(person.name)}


def _name_forms(person: Person) -> Keys:
    return name_forms(person.name)


def _user_name(person: Person) -> Keys:
    user, _, _ = form(person.email).partition("@")
    return {user}


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip())


def name_forms(name: str) -> Keys:
    """The forms of a person's name.

    ``Doe, Jane`` is also ``Jane Doe``. In the names of downloaded files it is ``doejane`` or
    ``jane.doe``.
    """
    last, _, first = name.partition(",")
    words = form(f"{first} {last}").split()
    spaced = {form(name)}
    # The last name has one or several of the words.
    for start in range(len(words)):
        order = words[start:] + words[:start]
        spaced.add(" ".join(order))

    joined = {re.sub(r"[\W_]+", "", each) for each in spaced}
    forms = spaced | joined
    return forms - {""}


_BY_OWN_COLUMN: Final = _Level(_own_column, _name_in_folder)
_BY_NUMBER: Final = _Level(_numbers, _download_number)
_BY_NAME: Final = _Level(_name_forms, learner_name_forms)
_LEVELS: Final = (
    _BY_NUMBER,
    _Level(_ids, _written),
    _Level(_id_forms, _written_forms),
    _Level(_email, _written_forms),
    _Level(_name, _written),
    _Level(_name_form, _written_forms),
    _BY_NAME,
    _Level(_user_name, _user_names),
    # ILIAS and people put several of them into one name: Poe_Ann_1234.
    _Level(_id_forms, _numbers_in_name),
    _Level(_name_forms, _name_without_numbers),
)
"""The comparisons below the instructor's own column, the strongest first."""
