"""The output of ``grade batch``: what it found, its progress, and how the class did."""

import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from grader.course.assignment import Assignment
from grader.grades.class_results import ClassResults, Identical
from grader.grades.counted import Counted, Lateness
from grader.grades.grade import Grade, Outcome
from grader.grades.notice import Notice, NoticeKind
from grader.grades.rules import total, worth
from grader.grades.statistics import exercise_statistics
from grader.submission.class_folder import ClassFolder, Found
from grader.submission.roster import Attendance, described
from grader.text import count, duration, printable, wrapped

SHOWN_FILES: Final = 8
SHOWN_OTHERS: Final = 30
SHOWN_GROUPS: Final = 8
SHOWN_NAMES: Final = 6
SHOWN_ABSENT: Final = 30
_LATENESS: Final = {
    Lateness.LATE: "late",
    Lateness.CLOSED: "after the close",
    Lateness.UNKNOWN: "without a reliable time",
}
_PLAIN_SECONDS: Final = 10.0
"""Seconds between two lines of progress where no terminal can show a bar."""


class Totals:
    """How many submissions of this run passed, failed or could not be graded."""

    def __init__(self) -> None:
        self._numbers: Counter[str] = Counter()

    def add(self, grade: Grade) -> None:
        """Count one more grade."""
        result = "failed"
        if grade.status == "ungraded":
            result = "ungraded"
        elif grade.passed:
            result = "passed"

        self._numbers[result] += 1

    @property
    def number(self) -> int:
        """All grades so far."""
        return self._numbers.total()

    def __str__(self) -> str:
        text = f"{self._numbers['passed']} passed, {self._numbers['failed']} failed"
        if self._numbers["ungraded"]:
            text += f", {self._numbers['ungraded']} not graded"

        return text


class ShownProgress:
    """Progress on a stream: a bar in a terminal, a line every ten seconds elsewhere."""

    def __init__(self, total: int, stream: TextIO) -> None:
        self.totals = Totals()
        self._total = total
        self._stream = stream
        self._started = self._last_line = time.monotonic()
        # Without a terminal, the bar would write its control characters into a log.
        self._bar = Progress(
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[totals]}"),
            console=Console(file=stream, highlight=False, emoji=False),
            transient=True,
            disable=not (stream.isatty() and total),
        )
        # Until the first grade, a terminal shows what takes so long.
        self._task = self._bar.add_task("grading", total=total, rate="loads PyTorch", totals="")
        self._bar.start()

    def close(self) -> None:
        """Remove the bar."""
        self._bar.stop()

    def add(self, grade: Grade) -> None:
        """Show that one more submission is graded."""
        self.totals.add(grade)
        now = time.monotonic()
        number = self.totals.number
        # The first grade may come within the resolution of the clock.
        rate = number / max(now - self._started, 1e-3)
        if not self._bar.disable:
            self._bar.update(
                self._task,
                advance=1,
                rate=f"{rate:.1f}/s",
                totals=str(self.totals),
            )
            return

        # The summary follows the last grade, so that grade needs no line.
        is_due = now - self._last_line >= _PLAIN_SECONDS
        if is_due and number < self._total:
            self._last_line = now
            left = duration((self._total - number) / rate)
            line = f"{number} of {self._total} graded, {rate:.1f}/s, {left} left: {self.totals}"
            self._stream.write(f"{line}\n")
            self._stream.flush()


def folder_lines(
    folder: ClassFolder, *, is_known: bool, kept: Collection[str] = ()
) -> Iterator[str]:
    """What was found, and what was skipped for which reason.

    If the notices of the batch ``is_known``, their number is enough, here and below. ``kept`` are
    the learners with a grade from an earlier folder, who need not be in this one.
    """
    yield f"Layout: {folder.layout}"

    handed_in = [each for each in folder.found if not each.is_absent]
    submissions = count(len(handed_in), "submission")
    learners = count(len(folder.learners), "learner")
    found = f"Found: {submissions} of {learners}"
    numbers = Counter(each.exercise for each in handed_in)
    if numbers:
        # By length first, so that exercise10 comes after exercise9.
        exercises = sorted(numbers, key=lambda name: (len(name), name))
        per_exercise = ", ".join(f"{numbers[name]} {name}" for name in exercises)
        found = f"{found} ({per_exercise})"

    yield from wrapped(found)

    # A roster has a line of its own for those who are absent.
    submitted = {*kept, *(each.learner for each in folder.found)}
    missing = [learner.name for learner in folder.learners if learner.name not in submitted]
    if missing:
        names = _listed(missing)
        yield from wrapped(f"No gradable submission from: {names}")

    if folder.copies:
        pairs = [f"`{copy}` of `{name}`" for copy, name in folder.copies.items()]
        yield from wrapped(
            f"May be a second hand-in of a learner, graded as another one: {_listed(pairs)}. If "
            "so, remove the one that does not count.",
        )

    late = {found.learner for found in folder.found if found.handed.marked_late}
    if late:
        yield from wrapped(f"Marked late by the system: {_listed(sorted(late))}")

    yield from _renamed_lines(folder, is_known=is_known)

    unnamed = [each for each in folder.skipped if each.kind is NoticeKind.NOT_IN_ROSTER]
    if unnamed:
        yield f"Graded under a number instead of a name: {count(len(unnamed), 'submission')}"
        if not is_known:
            yield from _by_reason(unnamed)

    skipped = [each for each in folder.skipped if each not in unnamed]
    if skipped:
        number = count(len(skipped), "file or folder", "files and folders")
        yield f"Skipped: {number}"
        if not is_known:
            yield from _by_reason(skipped)

    # Without any submission, the error says it.
    if folder.found and folder.advice:
        yield from wrapped(f"If these are the wrong learners, {folder.advice}")


def _renamed_lines(folder: ClassFolder, *, is_known: bool) -> Iterator[str]:
    """The submissions of which somebody may have meant another file, or none."""
    # Without any notice, nobody knows whether these are the same as before.
    is_short = is_known and bool(folder.skipped)
    noted = [found for found in folder.found if found.note]
    others = [found for found in noted if found.is_exact]
    renamed = [found for found in noted if not found.is_exact]
    if others:
        yield f"With other code in another file: {count(len(others), 'submission')}"
        if not is_short:
            # Each of these can be a wrong grade.
            yield from _note_lines(others, SHOWN_OTHERS)

    if renamed:
        yield f"Without the exact name: {count(len(renamed), 'submission')}"
        if not is_short:
            yield from _note_lines(renamed, SHOWN_FILES)


def _note_lines(noted: Sequence[Found], most: int) -> Iterator[str]:
    for found in noted[:most]:
        who = f"{found.learner}, {found.exercise}"
        yield from wrapped(f"- {who}: {found.note}", indent=4)

    more = len(noted) - most
    if more > 0:
        yield f"  and {more} more; each learner's page names the file"


def attendance_lines(attendance: Attendance) -> Iterator[str]:
    """Who is in the roster, and what it does not explain."""
    roster = attendance.roster
    columns = []
    for what, titles in roster.columns.items():
        columns.append(f"{what}: {', '.join(titles)}")

    people = count(len(roster.people), "person", "people")
    yield from wrapped(f"Roster: {people} ({'; '.join(columns)})")
    if roster.notices:
        yield from wrapped(f"Left out of the roster: {'; '.join(roster.notices)}")
    if attendance.absent:
        names = _listed(attendance.absent, SHOWN_ABSENT)
        yield from wrapped(f"Handed in nothing, so 0 points: {names}")

    if attendance.shared:
        names = _listed(attendance.shared)
        yield from wrapped(f"With the submission of a partner: {names}")

    if attendance.unknown:
        names = _listed(attendance.unknown, SHOWN_ABSENT)
        yield from wrapped(f"Not in the roster, graded all the same: {names}")

    if attendance.unclear:
        yield from wrapped(
            "Not clear who this is, so nobody was chosen (write the name of the folder in a "
            "column `learner` of the roster):",
        )

    for group in attendance.unclear:
        learners = " and ".join(group.learners)
        people = " or ".join(map(described, group.people))
        yield from wrapped(f"- {learners}: {people}", indent=4)


def missing_lines(missing: Sequence[str]) -> list[str]:
    """Why ``--strict`` ends with 1."""
    return wrapped(f"Missing: {_listed(missing, SHOWN_ABSENT)}")


def unreadable_lines(unreadable: list[Notice], *, is_known: bool) -> Iterator[str]:
    """The submissions that get no points because they cannot be read."""
    if unreadable:
        number = count(len(unreadable), "submission")
        yield f"No points, because the file cannot be graded: {number}"
        if not is_known:
            yield from _by_reason(unreadable)


def system_lines(notices: list[Notice], *, is_known: bool) -> Iterator[str]:
    """The submissions whose code reaches out of the sandbox."""
    if notices:
        number = count(len(notices), "submission")
        yield from wrapped(
            f"Look at the code of {number}: it names functions that no exercise needs. The "
            "sandbox blocks them.",
        )
        if not is_known:
            yield from _by_reason(notices)


def _by_reason(notices: list[Notice]) -> Iterator[str]:
    groups: dict[str, list[Notice]] = defaultdict(list)
    for notice in notices:
        # Without what belongs to one file only, so that files share a reason.
        groups[notice.summary()].append(notice)

    # The most frequent reason is the one that the instructor can do most about.
    for reason, group in sorted(groups.items(), key=lambda item: -len(item[1])):
        # The reason of a single file can be exact, because it is not shared.
        if len(group) == 1:
            yield from wrapped(f"- {group[0].sentence()}", indent=4)
            continue

        names = [printable(notice.file) for notice in group]
        # One more name takes no more room than the words "and 1 more".
        if len(names) > SHOWN_FILES + 1:
            more = len(names) - SHOWN_FILES
            names = [*names[:SHOWN_FILES], f"and {more} more"]

        yield from wrapped(f"- {reason}: {', '.join(names)}", indent=4)


def plan_line(todo: int, unchanged: int, restored: int, left: int, absent: int) -> str:
    """How many submissions this run grades, and how many it does not."""
    parts = {
        "graded before and unchanged": unchanged,
        "same as an earlier graded version": restored,
        "left out by --only": left,
        "without a submission": absent,
    }
    line = f"{todo} to grade"
    for what, number in parts.items():
        if number:
            line += f", {number} {what}"

    return line


def kept_lines(kept: Mapping[str, Sequence[str]], *, forget: bool) -> Iterator[str]:
    """The grades of earlier runs whose files are not in this folder: kept, or forgotten."""
    pairs = []
    for learner, exercises in kept.items():
        pairs += [f"{learner} {exercise}" for exercise in exercises]

    if pairs:
        number = count(len(pairs), "earlier grade")
        action = "Kept"
        how = "; --forget-missing lets them count no more"
        if forget:
            action = "Forgot"
            how = ""

        yield from wrapped(
            f"{action} {number} without a file in this folder: {_listed(pairs)}{how}",
        )


def undone_lines(undone: Sequence[str]) -> Iterator[str]:
    """The grades of earlier runs that end because nobody knows which file is meant."""
    if undone:
        yield from wrapped(
            f"No longer counted, because several files could be meant: {_listed(undone)}. Use the "
            "--pattern of the earlier run again, or give the right file the exact name, which "
            "decides for good.",
        )


def sandbox_warning(isolation: Mapping[str, str | None]) -> list[str]:
    """A warning about missing layers of the sandbox; empty if all are there."""
    missing = [layer for layer, mechanism in isolation.items() if not mechanism]
    if not missing:
        return []

    layers = _listed(missing, len(missing))
    # Of several risks, the greatest one.
    risk = ""
    if "files" in missing:
        risk = "They can read and change your files. "
    elif "processes" in missing:
        risk = "They can see and signal your other programs. "

    return wrapped(
        f"WARNING: the sandbox lacks {layers} here, and the submissions run anyway. "
        f"{risk}Grade other people's code only in a container or a virtual machine that you can "
        "afford to lose. `grade doctor` says what to do; --isolation strict refuses to grade.",
        indent=9,
    )


def summary_lines(results: ClassResults, totals: Totals, seconds: float) -> Iterator[str]:
    """How the class did."""
    if totals.number:
        number = count(totals.number, "submission")
        yield f"Graded {number} in {duration(seconds)}: {totals}"

    for exercise in results.exercises:
        figures = exercise_statistics(results, exercise)
        graded = figures.distribution.count
        mean = (figures.distribution.mean or 0) * exercise.max_points
        line = f"  {exercise.id:<12} {graded:>4} graded, mean {mean:.1f} of {exercise.max_points}"
        if figures.ungraded:
            line += f", {figures.ungraded} not graded"

        yield line

    yield from remark_lines(results)


def remark_lines(results: ClassResults) -> Iterator[str]:
    """What the instructor should know about the assignments and about single submissions."""
    yield from assignment_lines(results)
    yield from _ungraded_lines(results)
    yield from _group_lines(
        "Same code except for names, comments and layout, which may be chance in short code:",
        "-",
        results.identical,
    )
    yield from _group_lines(
        "Answer sheets written for the same name, so one may be a copy:",
        "*",
        results.shared_sheets,
    )
    yield from _other_name_lines(results)


def assignment_lines(results: ClassResults) -> Iterator[str]:
    """What counts in each assignment, and whose time is not known."""
    for assignment in results.assignments:
        known = []
        marks: Counter[str] = Counter()
        for own in results.counted.values():
            points = total(assignment, own).points
            if points is not None:
                known.append(points)

            for counted in own:
                if counted.assignment == assignment.title:
                    marks.update(_marks(counted))

        line = "nothing counts yet"
        if known:
            line = f"mean {statistics.mean(known):.1f} of {worth(assignment):g} points count"

        for what, number in marks.items():
            line += f", {number} {what}"

        title = printable(assignment.title)
        yield from wrapped(f"{title}: {line}")

    generous = list(_generous(results.assignments))
    if generous:
        listed = _listed(generous)
        yield from wrapped(f"Overridden with more points than the exercise has: {listed}")

    unknown = _unknown_times(results)
    for problem, names in unknown.items():
        yield from wrapped(f"No reliable time, so not late ({problem}): {_listed(names)}")

    if unknown:
        yield from wrapped(
            "To set the times, add the column `submitted` to the roster, with times such as "
            "2026-10-17 22:00, or use Moodle's grading worksheet as the roster, and run the batch "
            "again.",
        )


def _marks(counted: Counted) -> Iterator[str]:
    """What is special about the points that count."""
    if counted.is_excused:
        yield "excused"
    elif counted.is_overridden:
        yield "overridden"
    elif counted.lateness in (Lateness.LATE, Lateness.CLOSED, Lateness.UNKNOWN):
        yield _LATENESS[counted.lateness]

    if counted.is_dropped:
        yield "dropped"


def _generous(assignments: Iterable[Assignment]) -> Iterator[str]:
    """The overrides with more points than the exercise counts: a bonus, or a mistake."""
    for assignment in assignments:
        for override in assignment.overrides:
            possible = assignment.worth(override.exercise)
            if override.points is not None and override.points > possible:
                points = f"{override.points:g} of {possible:g}"
                yield f"{override.learner} {override.exercise} ({points})"


def _unknown_times(results: ClassResults) -> dict[str, list[str]]:
    """Why the time of submissions is not known, to learner and exercise of each."""
    problems: dict[str, list[str]] = defaultdict(list)
    for learner, own in results.counted.items():
        for counted in own:
            if counted.lateness is Lateness.UNKNOWN:
                problem = printable(counted.handed.problem)
                problems[problem].append(f"{learner} {counted.exercise}")

    return problems


def incomplete_lines(results: ClassResults) -> Iterator[str]:
    """Why the exit code is 3."""
    names = []
    for submissions in _ungraded(results).values():
        names += submissions

    if not names:
        for notice in results.notices:
            if notice.kind is NoticeKind.UNREADABLE:
                names.append(printable(notice.file))

    yield from wrapped(
        f"{count(len(names), 'submission')} could not be read or graded ({_listed(names)}): no "
        "zero, so the exit code is 3. Remove the reason, and the same command tries again.",
    )


def _ungraded(results: ClassResults) -> dict[str, list[str]]:
    """Why the grader failed, to the submissions that have no grade for this reason."""
    submissions: dict[str, list[str]] = defaultdict(list)
    for learner, grades in results.grades.items():
        for exercise_id, grade in grades.items():
            if grade.status == "ungraded":
                reason = _why_ungraded(grade)
                submissions[reason].append(f"{learner}/{exercise_id}")

    return submissions


def _ungraded_lines(results: ClassResults) -> Iterator[str]:
    submissions = _ungraded(results)
    # A broken machine gives many reasons; the first ones show what is wrong.
    for reason in list(submissions)[:SHOWN_GROUPS]:
        names = _listed(submissions[reason])
        yield from wrapped(f"Not graded (not a zero): {names}: {reason}")


def _why_ungraded(grade: Grade) -> str:
    for check in grade.checks:
        if check.outcome in (Outcome.UNGRADED, Outcome.SKIPPED):
            return check.message

    return "the grader failed"


def _other_name_lines(results: ClassResults) -> Iterator[str]:
    """The answer sheets with a name that is none of their learner's."""
    others = []
    for learner in results.learners:
        known = {learner.name, *learner.keys}
        for exercise in results.exercises:
            grade = results.grade(learner.name, exercise.id)
            if grade is not None and grade.sheet_learner and grade.sheet_learner not in known:
                others.append(f"{learner.name} ({exercise.id} names {grade.sheet_learner})")

    if others:
        yield from wrapped(
            f"Answer sheets with another name, which changes nothing: {_listed(others)}"
        )


def _group_lines(title: str, mark: str, groups: Sequence[Identical]) -> Iterator[str]:
    # Without a group there is nothing to look into, so the title would only alarm.
    if groups:
        yield title

    for group in groups[:SHOWN_GROUPS]:
        line = f"{mark} {group.exercise}: {_listed(group.learners)}"
        if group.percent < 100:
            line += f", {group.percent} % of the smaller one"
        if group.together > 1:
            who = ""
            if len(group.learners) > 2:
                who = "two of them "

            line += f" ({who}in {group.together} exercises)"

        yield from wrapped(line, indent=4)

    more = len(groups) - SHOWN_GROUPS
    if more > 0:
        yield f"  and {more} more groups"


def _listed(names: Iterable[str], most: int = SHOWN_NAMES) -> str:
    """``ada, bob and cy``; of many names the first ones, and how many more there are."""
    listed = list(names)

    more = len(listed) - most
    if more > 0:
        listed = [*listed[:most], f"{more} more"]

    *first, last = listed
    if not first:
        return last

    return f"{', '.join(first)} and {last}"
