"""Read the people of a class from a CSV file: a column ``learner``, or an export of a system.

The steps, each in a module of its own:

1. ``roster_table`` reads the file as a table.
2. ``roster_columns`` finds out what the columns contain.
3. This module makes a person of each row, and gives everybody an id.
4. ``roster_partners`` finds out who hands in together.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from grader.submission.roster import ADDRESS, Person, Roster, form
from grader.submission.roster_columns import NOT_IN_NAMES, PARTICIPANT, Columns, find_columns
from grader.submission.roster_partners import with_partners
from grader.submission.roster_table import Row, Table, read_table
from grader.submission.roster_titles import STAFF
from grader.text import one_line

_NO_TIME: Final = ("-", "–")


def read_roster(path: Path) -> Roster:
    """Read the people in the CSV file at ``path``.

    Raises ``UsageError``, which names the line, if the file cannot be read or if two of its
    lines cannot be told apart.
    """
    table = read_table(path)
    columns = find_columns(table)
    people, no_learners = _people(table, columns)
    people, remarks = _without_remarks(people)
    people, repeats = _without_repeats(people, table)
    people = _with_ids(people, table)
    if not people:
        raise table.error("no people in it")
    if columns.places["partners"]:
        people = with_partners(people, table)

    return Roster(
        file=table.file,
        people=people,
        columns=columns.titles(table.header),
        notices=[*table.notices, *no_learners, *remarks, *repeats],
    )


def _people(table: Table, columns: Columns) -> tuple[list[Person], list[str]]:
    """The people in the rows, and notices for the rows of somebody who hands in nothing."""
    people = []
    notices = []
    for row in table.rows:
        person = Person(
            id="",
            name=_name(row, columns),
            email=_email(row, columns),
            section=columns.cell(row, "section"),
            learner=columns.cell(row, "learner"),
            number=_number(row, columns),
            ids=_ids(row, columns),
            partners=_partners(row, columns, table),
            submitted=_submitted(row, columns),
            line=row.line,
        )
        role = columns.cell(row, "role")
        if form(role) in STAFF:
            notices.append(f"line {row.line}: {role}, no learner")
        elif not person.keys():
            notices.append(f"line {row.line}: no name, e-mail address or id")
        else:
            people.append(person)

    return people, notices


def _name(row: Row, columns: Columns) -> str:
    if columns.places["name"]:
        return columns.cell(row, "name")

    first = columns.cell(row, "first")
    last = columns.cell(row, "last")
    return f"{first} {last}".strip()


def _email(row: Row, columns: Columns) -> str:
    email = columns.cell(row, "email")
    login = columns.cell(row, "login")
    # Canvas exports no addresses, but a login often is one.
    if not email and ADDRESS.fullmatch(login):
        return login

    return email


def _number(row: Row, columns: Columns) -> str:
    number = columns.cell(row, "number")
    participant = PARTICIPANT.fullmatch(number)
    if participant is None:
        return number

    return participant[2]


def _ids(row: Row, columns: Columns) -> list[str]:
    ids = columns.cells(row, "login", "ids")
    # A worksheet without names has nothing else: ``Participant 17``.
    number = columns.cell(row, "number")
    if number != _number(row, columns):
        ids.append(number)

    return ids


def _partners(row: Row, columns: Columns, table: Table) -> list[str]:
    """What is written about the partners, which can take the cells behind the header too."""
    written = columns.cells(row, "partners")
    width = len(table.titles)
    behind = [cell for cell in row.cells[width:] if cell]
    if behind and columns.places["partners"] != [width - 1]:
        problem = f"{len(row.cells)} cells, and the header has {width}"
        raise table.error(problem, row.line, "put quotes around a cell that contains a comma")

    return written + behind


def _submitted(row: Row, columns: Columns) -> str:
    submitted = columns.cell(row, "submitted")
    if submitted in _NO_TIME:
        return ""

    return submitted


def _without_remarks(people: list[Person]) -> tuple[list[Person], list[str]]:
    """Leave out lines below the list, such as ``Total: 3``, if half of the lines say more.

    Returns the people, and a notice for each other line.
    """
    full = [person for person in people if len(person.keys()) > 1]
    if 2 * len(full) < len(people):
        return people, []

    kept = []
    notices = []
    for person in people:
        if _is_remark(person):
            text = one_line(person.keys()[-1], 80)
            notices.append(f"line {person.line}: `{text}` names nobody")
        else:
            kept.append(person)

    return kept, notices


def _is_remark(person: Person) -> bool:
    """Whether a line has nothing but what no name and no id looks like, or a number as address."""
    keys = person.keys()
    if keys == [person.email, person.name]:
        return person.email.isdecimal()
    if keys == [person.name] and not person.learner:
        return NOT_IN_NAMES.search(person.name) is not None

    return keys == person.ids and " " in keys[0]


def _without_repeats(people: Sequence[Person], table: Table) -> tuple[list[Person], list[str]]:
    """Leave out lines that say the same as an earlier one, and refuse contradictions.

    Returns the people, and a notice for each other line.
    """
    kept: dict[str, Person] = {}
    notices = []
    for person in people:
        everything = " ".join(person.keys())
        key = person.learner or person.number or form(everything)
        earlier = kept.setdefault(key, person)
        if earlier is person:
            continue

        moved = msgspec.structs.replace(earlier, line=person.line)
        if moved != person:
            name = person.learner or person.number or person.name
            problem = f"`{one_line(name, 80)}` is on line {earlier.line} too, with other words"
            raise table.error(problem, person.line, "keep one of the two lines")

        notices.append(f"line {person.line}: the same as line {earlier.line}")

    return list(kept.values()), notices


def _with_ids(people: Sequence[Person], table: Table) -> list[Person]:
    """Give each person an id that nobody else has."""
    count = Counter(form(person.name) for person in people)
    taken: set[str] = set()
    named = []
    for person in people:
        name = person.name
        # Two people with one name need something else.
        if count[form(name)] > 1:
            name = ""

        keys = [person.learner, name, person.email, *person.ids, person.number]
        free = [key for key in keys if key and key not in taken]
        if not free:
            problem = f"nothing tells `{one_line(person.name, 80)}` from another line"
            raise table.error(problem, person.line, "add an id or an e-mail address")

        own = free[0]
        taken.add(own)
        named.append(msgspec.structs.replace(person, id=own))

    return named
