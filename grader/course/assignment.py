"""An assignment as data: ``assignment.yaml`` says what counts how much, until when, and for whom.

The records below define the format; ``docs/assignments.md`` documents it key by key. Every text
stays as it is written: a number such as ``00417`` names a learner.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from grader.course import yaml_reader
from grader.course.conversion import convert
from grader.course.records import Strict, says
from grader.course.yaml_reader import Document
from grader.errors import CourseError, os_errors_as

PAGE: Final = "docs/assignments.md"
_TIME: Final = "2026-10-15 23:59"
_OVERRIDE: Final = {
    "learner": "ada",
    "exercise": "double",
    "points": 8,
    "reason": "graded by hand",
    "author": "G. Hopper",
}


# Reading a time has a better error than a pattern, which only editors need.
_PATTERN: Final = {"pattern": r"^$|^\d{4}-\d\d-\d\d[ T]\d\d:\d\d"}
Time = Annotated[str, msgspec.Meta(extra_json_schema=_PATTERN)]
_Learner = Annotated[
    str,
    says("The learner, by any name, id or e-mail address that the class knows.", "ada"),
    msgspec.Meta(min_length=1),
]
_Exercise = Annotated[str, says("The id of the exercise.", "double")]
_ExerciseOrAll = Annotated[str, says("The id of the exercise; by default all.", "double")]
_Reason = Annotated[str, says("The reason; the learner reads it.", "illness", min_length=1)]
_Weight = Annotated[float, msgspec.Meta(gt=0, le=1_000_000)]
_Points = Annotated[float, msgspec.Meta(ge=0, le=1_000_000)]
_Percent = Annotated[float, msgspec.Meta(ge=0, le=100)]
_Number = Annotated[int, msgspec.Meta(ge=0, le=100_000)]


class Late(Strict, frozen=True):
    """What late work costs."""

    grace_minutes: Annotated[
        _Number, says("Work that comes so few minutes after the due time is not late.", 15)
    ] = 0
    percent_per_day: Annotated[
        _Percent, says("Percent of the exercise's points that each started day costs.", 10)
    ] = 0
    max_percent: Annotated[_Percent, says("The most that lateness can cost.", 50)] = 100
    free_days: Annotated[
        _Number,
        says("Late days that cost a learner nothing, in all assignments of a gradebook.", 3),
    ] = 0


class Extension(Strict, frozen=True):
    """A later due time for one learner."""

    learner: _Learner
    due: Annotated[Time, says("The due time of this learner.", _TIME)]
    reason: _Reason
    exercise: _ExerciseOrAll = ""
    closes: Annotated[
        Time,
        says("The close time of this learner; by default as for all, or `due` if later.", _TIME),
    ] = ""


class Excuse(Strict, frozen=True):
    """An exercise that does not count for one learner."""

    learner: _Learner
    reason: _Reason
    exercise: _ExerciseOrAll = ""


class Override(Strict, frozen=True):
    """Points or a comment that a person decided; they survive regrading."""

    learner: _Learner
    exercise: _Exercise
    reason: _Reason
    author: Annotated[str, says("Who decided it.", "G. Hopper", min_length=1)]
    points: Annotated[
        _Points | None, says("The points that count, whatever was graded and when.", 8)
    ] = None
    comment: Annotated[str, says("A comment for the learner.", "See me about part 2.")] = ""


class Assignment(Strict, frozen=True, kw_only=True):
    """The content of ``assignment.yaml``. Once read, every time is ISO 8601 with an offset."""

    format: Annotated[Literal[1], says("The version of this format.", 1)]
    title: Annotated[
        str, says("The title, which differs from others in a gradebook.", "Week 1", min_length=1)
    ]
    exercises: Annotated[
        dict[str, _Weight],
        says("The id of each exercise, and its points.", {"double": 10}, min_length=1),
    ]
    due: Annotated[Time, says("Work that comes later is late.", _TIME)]
    time_zone: Annotated[
        str, says("The zone of times without an offset, an IANA name.", "Europe/Berlin")
    ] = ""
    opens: Annotated[Time, says("When learners can start; no points depend on it.", _TIME)] = ""
    closes: Annotated[Time, says("Work that comes later gets no points.", _TIME)] = ""
    points: Annotated[
        _Weight | None,
        says("Points of the whole assignment; `exercises` has weights then.", 100),
    ] = None
    late: Annotated[Late, says("What late work costs.", {"percent_per_day": 10})] = Late()
    drop_lowest: Annotated[_Number, says("How many of the lowest exercises to drop.", 1)] = 0
    trust_file_times: Annotated[
        bool, says("Whether files on this machine have the times of their submission.", "true")
    ] = False
    extensions: Annotated[
        tuple[Extension, ...],
        says("Later due times.", [{"learner": "ada", "due": _TIME, "reason": "illness"}]),
    ] = ()
    excuses: Annotated[
        tuple[Excuse, ...],
        says("What does not count.", [{"learner": "ada", "reason": "illness"}]),
    ] = ()
    overrides: Annotated[
        tuple[Override, ...],
        says("Points or comments that a person decided.", [_OVERRIDE]),
    ] = ()

    def worth(self, exercise: str) -> float:
        """The points that ``exercise`` counts."""
        weight: float = self.exercises[exercise]
        if self.points is None:
            return weight

        # The exercises have weights, and the assignment says what they are worth together.
        weights = self.exercises.values()
        share: float = weight / sum(weights)
        return share * self.points

    def decisions(self) -> Iterator[tuple[str, int, Extension | Excuse | Override]]:
        """Everything about single learners: the key of its list, its place there, the record."""
        lists: dict[str, Sequence[Extension | Excuse | Override]] = {
            "extensions": self.extensions,
            "excuses": self.excuses,
            "overrides": self.overrides,
        }
        for key, records in lists.items():
            for number, record in enumerate(records):
                yield key, number, record


def read_assignment(path: Path, exercise_ids: Collection[str]) -> tuple[Assignment, Document]:
    """Read the assignment at ``path``, and the document that knows the lines of its values.

    Raises ``CourseError`` with the line if the file is broken, or if the course has no exercise
    of that name in ``exercise_ids``.
    """
    document = _read(path)
    # Lax conversion, because every value of the document is a text.
    written: Assignment = convert(document, Assignment, page=PAGE, strict=False)
    _check(written, document, exercise_ids)
    return _with_times(written, document), document


def _read(path: Path) -> Document:
    where = path.name
    advice = "`grade new assignment NAME` writes an example"
    with os_errors_as(CourseError, "cannot be read", path, advice):
        content = path.read_bytes()

    # The reader would need much memory for a file that is no assignment.
    if len(content) > yaml_reader.MAX_BYTES:
        limit = f"{yaml_reader.MAX_BYTES // 1024} KiB"
        raise CourseError(f"larger than {limit}", place=where, advice="shorten it")

    return Document(where, content, yaml_reader.load(content, where, typed=False))


def _check(written: Assignment, document: Document, exercise_ids: Collection[str]) -> None:
    """Check what the types alone cannot say."""
    for exercise in written.exercises:
        if exercise not in exercise_ids:
            raise document.error(
                f"this course has no exercise `{exercise}`",
                "exercises",
                exercise,
                advice=f"choose from {', '.join(exercise_ids)}",
            )

    number = len(written.exercises)
    # Without any exercise left, there would be no total.
    if written.drop_lowest >= number:
        raise document.error(
            f"drops {written.drop_lowest} of {number} exercises",
            "drop_lowest",
            advice="at least one has to stay",
        )

    _check_decisions(written, document)


def _check_decisions(written: Assignment, document: Document) -> None:
    """Check what a person decided about single learners."""
    # The first of several decisions of one kind would hide the others.
    seen: dict[tuple[str, str, str], int] = {}
    for key, number, record in written.decisions():
        if record.exercise and record.exercise not in written.exercises:
            raise document.error(
                f"`{record.exercise}` does not belong to this assignment",
                key,
                number,
                "exercise",
                advice=f"choose from {', '.join(written.exercises)}",
            )

        if isinstance(record, Override) and record.points is None and not record.comment:
            raise document.error(
                "an override without points and comment", key, number, advice="add one of them"
            )

        earlier = seen.setdefault((key, record.learner, record.exercise), number)
        if earlier != number:
            line = document.line(key, earlier)
            raise document.error(
                f"`{record.learner}` has another one on line {line}",
                key,
                number,
                advice="remove one of them",
            )


def _with_times(written: Assignment, document: Document) -> Assignment:
    """The assignment with every time as ISO 8601 with an offset."""
    zone = zone_of(written.time_zone)
    if written.time_zone and zone is None:
        raise document.error(
            f"unknown time zone `{written.time_zone}`",
            "time_zone",
            advice="write an IANA name such as Europe/Berlin; if this machine knows no zones, run "
            f"`pip install tzdata`, or write offsets: {_TIME}+02:00",
        )

    def moment(text: str, *path: str | int) -> str:
        # Some times are optional.
        if not text:
            return ""
        return _moment(text, zone, document, path).isoformat()

    times = {
        "opens": moment(written.opens, "opens"),
        "due": moment(written.due, "due"),
        "closes": moment(written.closes, "closes"),
    }
    _in_order(document, times)
    extensions = []
    for number, each in enumerate(written.extensions):
        place = ("extensions", number)
        due = moment(each.due, *place, "due")
        closes = moment(each.closes, *place, "closes")
        _in_order(document, {"due": due, "closes": closes}, *place)
        if datetime.fromisoformat(due) < datetime.fromisoformat(times["due"]):
            raise document.error(
                f"an extension until `{each.due}`, before everybody's due time",
                *place,
                "due",
                advice="write a later time, or remove the extension",
            )

        extension = msgspec.structs.replace(each, due=due, closes=closes)
        extensions.append(extension)

    return msgspec.structs.replace(written, extensions=tuple(extensions), **times)


def check_times(assignment: Assignment) -> None:
    """Raise ``ValueError`` unless every time is ISO 8601 with an offset, as reading makes it."""
    # A gradebook can contain an assignment that another program wrote.
    required = [assignment.due]
    optional = [assignment.opens, assignment.closes]
    for extension in assignment.extensions:
        required.append(extension.due)
        optional.append(extension.closes)

    for text in [*required, *filter(None, optional)]:
        if datetime.fromisoformat(text).tzinfo is None:
            raise ValueError(f"`{text}` has no offset")


def zone_of(name: str) -> tzinfo | None:
    """The zone with this name; None if it is empty or if this machine does not know it."""
    # A machine without the data of other zones still knows this one.
    if name == "UTC":
        return UTC
    if not name:
        return None

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _moment(
    text: str, zone: tzinfo | None, document: Document, path: tuple[str | int, ...]
) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None

    # A date alone could mean the start or the end of the day.
    if moment is None or len(text) <= len("2026-10-15"):
        raise document.error(f"`{text}` is not a date and a time", *path, advice=f"write {_TIME}")
    if moment.tzinfo is not None:
        return moment
    if zone is None:
        raise document.error(
            f"`{text}` has no time zone", *path, advice="add `time_zone: Europe/Berlin`, or yours"
        )

    local = moment.replace(tzinfo=zone)
    # When clocks change, a local time can occur twice or never.
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        raise document.error(
            f"clocks change at `{text}`, so it occurs twice or never",
            *path,
            advice=f"write another time, or one with its offset: {text}+01:00",
        )

    return local


def _in_order(document: Document, times: dict[str, str], *path: str | int) -> None:
    """Check that each time comes after the one before it."""
    before = ""
    earliest = None
    for name, text in times.items():
        if not text:
            continue

        time = datetime.fromisoformat(text)
        # Equal times are possible: work can be due when the assignment closes.
        if earliest is not None and time < earliest:
            problem = f"`{name}` is before `{before}`"
            raise document.error(problem, *path, name, advice="correct one of them")

        before = name
        earliest = time
