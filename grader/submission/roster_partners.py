"""Who hands in together, as a roster says it."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from grader.submission.roster import Person, form, name_forms
from grader.submission.roster_table import Table
from grader.text import one_line

MAX_PARTNERS: Final = 100


def with_partners(people: Sequence[Person], table: Table) -> list[Person]:
    """Replace what the column of partners says by the ids of people, in the order of the file.

    Partners of partners are partners. Raises ``UsageError`` for a name that nobody has, or
    several people, and for more than ``MAX_PARTNERS``.
    """
    groups = _groups(people, table)
    order = {person.id: number for number, person in enumerate(people)}
    with_ids = []
    for person in people:
        others = groups[person.id] - {person.id}
        partners = sorted(others, key=order.__getitem__)
        with_ids.append(msgspec.structs.replace(person, partners=partners))

    return with_ids


def _groups(people: Sequence[Person], table: Table) -> dict[str, set[str]]:
    """The id of each person to the ids of all who hand in together with them."""
    directory = _directory(people)
    groups = {person.id: {person.id} for person in people}
    for person in people:
        for partner in _named(person, directory, table):
            if partner in groups[person.id]:
                continue

            merged = groups[person.id] | groups[partner]
            # A chain of pairs could make everybody a partner of everybody.
            if len(merged) > MAX_PARTNERS:
                problem = f"more than {MAX_PARTNERS} people would be partners"
                raise table.error(problem, person.line, "check the column with partners")

            # Everybody in the merged group belongs to it from now on.
            groups.update(dict.fromkeys(merged, merged))

    return groups


def _directory(people: Iterable[Person]) -> dict[str, str]:
    """Everything that only one person can be called, to the id of that person."""
    ids: dict[str, set[str]] = defaultdict(set)
    for person in people:
        names = name_forms(person.name)
        names.update(map(form, person.keys()))
        for name in names:
            ids[name].add(person.id)

    return {name: same.pop() for name, same in ids.items() if len(same) == 1}


def _named(person: Person, directory: Mapping[str, str], table: Table) -> Iterator[str]:
    """The ids of the people whom the cells of ``person`` name; a cell can have several."""
    for text in person.partners:
        for part in re.split(r"[;|/]", text):
            for name in _names_in(part, directory):
                found = directory.get(form(name), "")
                if not found:
                    problem = f"nobody, or more than one person, is called `{one_line(name, 80)}`"
                    advice = "write partners as they stand in this file"
                    raise table.error(problem, person.line, advice)

                yield found


def _names_in(text: str, directory: Mapping[str, str]) -> list[str]:
    """The names in ``text``, with a comma or spaces between them only if each part is a name."""
    for names in ([text], text.split(",")):
        if all(form(name) in directory for name in names):
            return names

    return text.replace(",", " ").split()
