"""Compare a folder of submissions with a roster, so that everybody gets a result."""

import filecmp
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

import msgspec

from grader.course.records import Exercise
from grader.errors import SubmissionError, UnreadableError, UsageError
from grader.examiner.tasks import unreadable_digest
from grader.files import read_regular
from grader.grades.gradebook import Gradebook
from grader.grades.learner import Learner
from grader.submission import archives, choice, work
from grader.submission.class_folder import ClassFolder, Found
from grader.submission.filenames import split
from grader.submission.files import MAX_BYTES, submission_name
from grader.submission.layouts import learner_name, short_digest
from grader.submission.learner_file import File
from grader.submission.roster import Attendance, Matches, Person, Roster, match, without_number
from grader.text import printable

_UNCLEAR: Final = UnreadableError(
    "nobody knows which submission is yours", advice="ask your instructor"
)


def take_attendance(
    folder: ClassFolder,
    roster: Roster,
    exercises: Mapping[str, Exercise],
    gradebook: Gradebook,
    assigned: Collection[str],
) -> tuple[ClassFolder, Attendance]:
    """Return ``folder`` with a result for everybody in ``roster``, and what the roster says.

    Somebody without a submission gets one for each assigned exercise, with the reason in place
    of a file. If nothing says what is ``assigned``, an exercise is if half of those who handed in
    anything did it. A grade from an earlier folder stays. Raises ``UsageError`` if the roster
    fits nobody.
    """
    folder = _without_roster(folder, roster)
    present = [learner for learner in folder.learners if folder.owned.get(learner.name)]
    matches = match(roster.people, present)
    # A roster of another class would make everybody absent.
    if present and not matches.people and not matches.unclear:
        some = [learner.name for learner in present[:3]]
        raise UsageError(
            f"nobody in it handed in anything: the submissions are those of {', '.join(some)}",
            place=roster.file,
            advice="name the roster of this class, or write these names in a column `learner`",
        )

    seats = _Seats(folder, roster, matches, gradebook)
    seats.share_between_partners(exercises)
    seats.fill(exercises, assigned)
    attendance = Attendance(
        roster=roster,
        absent=seats.absent(),
        unknown=matches.unknown,
        unclear=matches.unclear,
        shared=seats.shared,
        submitted=seats.submitted(),
        settled=seats.settled(gradebook),
    )
    return seats.folder(), attendance


class _Seats:
    """The people of a roster, with the submissions of each."""

    def __init__(
        self, folder: ClassFolder, roster: Roster, matches: Matches, gradebook: Gradebook
    ) -> None:
        self._folder = folder
        self._people = roster.people
        self._matches = matches
        self._latest = gradebook.latest_keys()
        self._unclear: set[str] = set()
        for group in matches.unclear:
            self._unclear.update(person.id for person in group.people)

        # Some systems create a folder for everybody, with or without a submission.
        empty = [learner for learner in folder.learners if not folder.owned.get(learner.name)]
        # An empty folder shows a name, and nothing else.
        self._empty = match(roster.people, empty).people
        self._names = self._named(gradebook)
        self._learners = {learner.name: learner for learner in folder.learners}
        """By the names in the folder."""
        self._in_folder = _names_by_id(matches.people)
        self._found = self._submissions()
        """The id of a person and the exercise to the submission."""
        self._strays = self._assigned_strays()
        self.shared: list[str] = []

    def _submissions(self) -> dict[str, dict[str, Found]]:
        """The submissions of everybody in the roster, under the names of the gradebook."""
        by_person: dict[str, dict[str, Found]] = defaultdict(dict)
        for found in self._folder.found:
            person = self._matches.people.get(found.learner)
            # The report lists the submissions of people who are not in the roster.
            if person is None:
                continue

            name = self._names[person.id]
            renamed = msgspec.structs.replace(found, learner=name)
            by_person[person.id][found.exercise] = renamed

        return by_person

    def _named(self, gradebook: Gradebook) -> dict[str, str]:
        """The id of each person to the name in the gradebook, which stays once it is there."""
        graded = [without_number(learner) for learner in gradebook.learners()]
        known = _names_by_id(match(self._people, graded).people)
        in_folder = _names_by_id(self._empty) | _names_by_id(self._matches.people)
        # These learners keep their names, although nobody knows who they are.
        taken = set(self._matches.unknown)
        for group in self._matches.unclear:
            taken.update(group.learners)

        names = {}
        for person in self._people:
            own = person.learner
            if not own:
                # A system's roster has no name that is better than the one in its downloads.
                own = in_folder.get(person.id, person.id)

            name = known.get(person.id) or learner_name(own)
            if name in taken:
                name = f"{name}~{short_digest(person.id)}"

            taken.add(name)
            names[person.id] = name

        return names

    def _assigned_strays(self) -> dict[str, list[File]]:
        """The id of each person without a folder to the files that have their name."""
        by_name: dict[str, list[File]] = defaultdict(list)
        for file in self._folder.strays:
            stem, _ = split(file.name)
            if archives.is_archive(file.name):
                stem = archives.stem(file.name)

            by_name[stem].append(file)

        owners = [Learner(name) for name in by_name]
        # Only people without a folder: the others have their files already.
        fits = match(self._matches.missing, owners).people
        return {person.id: by_name[name] for name, person in fits.items()}

    def share_between_partners(self, exercises: Mapping[str, Exercise]) -> None:
        """Give everybody without work for an exercise the work of a partner."""
        for person in self._people:
            if not person.partners or person.id in self._unclear:
                continue

            for exercise in exercises.values():
                own = self._found[person.id].get(exercise.id)
                if own is None or not _is_work(exercise, own):
                    self._take_from_partner(person, exercise)

    def _take_from_partner(self, person: Person, exercise: Exercise) -> None:
        works = []
        for partner in person.partners:
            found = self._found[partner].get(exercise.id)
            # A partner can have taken it from another one.
            if found is not None and _is_work(exercise, found):
                works.append(found)

        if not works:
            return

        first, *others = works
        name = self._names[person.id]
        # Partners may each hand in the same file.
        if all(_is_same(first.path, other.path) for other in others):
            author = first.drawn_for or first.learner
            # Only a quiz has numbers, which are those of one of the partners.
            drawn_for = ""
            if not exercise.spec.runs_code:
                drawn_for = author

            taken = msgspec.structs.replace(first, learner=name, drawn_for=drawn_for)
            self.shared.append(f"{name} ({exercise.id} of {author})")
        else:
            problem = UnreadableError(
                "your partners handed in different files", advice="ask your instructor"
            )
            taken = _without_file(name, exercise, problem)

        self._found[person.id][exercise.id] = taken

    def fill(self, exercises: Mapping[str, Exercise], assigned: Collection[str]) -> None:
        """Give a result to everybody who handed in nothing for an assigned exercise."""
        # Without an assignment, the class itself shows what it was asked to do.
        assigned = assigned or self._assigned()
        for person in self._people:
            for exercise in exercises.values():
                if exercise.id in assigned and exercise.id not in self._found[person.id]:
                    self._add_missing(person, exercise)

    def _assigned(self) -> set[str]:
        """The exercises that at least half of those who handed in anything did."""
        by_others: dict[str, dict[str, Found]] = defaultdict(dict)
        for found in self._folder.found:
            if found.learner not in self._matches.people:
                by_others[found.learner][found.exercise] = found

        handed_in = [founds for founds in self._found.values() if founds]
        handed_in += by_others.values()
        if not handed_in:
            return {found.exercise for found in self._folder.found}

        numbers: Counter[str] = Counter()
        for founds in handed_in:
            numbers.update(founds.keys())

        half = len(handed_in) / 2
        return {exercise for exercise, number in numbers.items() if number >= half}

    def _add_missing(self, person: Person, exercise: Exercise) -> None:
        found = self._missing(person, exercise)
        key, status = self._latest.get((found.learner, exercise.id), (None, ""))
        # A folder with the late submissions only must not take away the others' grades.
        if key is not None and status == "graded":
            own = [_nothing(exercise)]
            if found.problem is not None:
                own.append(found.problem)
            # An earlier version gave any file as the reason.
            if files := self._files(person):
                own.append(choice.missing(exercise, files))
            if key.submission not in map(unreadable_digest, own):
                return

        self._found[person.id][exercise.id] = found

    def _missing(self, person: Person, exercise: Exercise) -> Found:
        """What somebody gets in place of a submission, with the reason."""
        name = self._names[person.id]
        if person.id in self._unclear:
            return _without_file(name, exercise, _UNCLEAR)

        files = self._reasons(person, exercise)
        # Files that are no submission say more than that nothing was handed in.
        if not files:
            return _without_file(name, exercise, _nothing(exercise))

        file = files[0]
        return Found(
            learner=name,
            exercise=exercise.id,
            file=file.whole,
            include_helpers=True,
            path=file.path,
            problem=choice.missing(exercise, files),
        )

    def _reasons(self, person: Person, exercise: Exercise) -> list[File]:
        """The files of somebody that are for no other exercise."""
        in_folder = self._in_folder.get(person.id, "")
        spare = self._folder.spare.get(in_folder)
        if spare is None:
            return self._strays.get(person.id, [])

        return spare.get(exercise.id, []) + spare.get("", [])

    def _files(self, person: Person) -> list[File]:
        in_folder = self._in_folder.get(person.id, "")
        return self._folder.owned.get(in_folder) or self._strays.get(person.id, [])

    def absent(self) -> list[str]:
        """The names of those who handed in nothing, and whose submission is not unclear."""
        names = []
        for person in self._people:
            founds = self._found[person.id].values()
            is_absent = founds and all(found.is_absent for found in founds)
            # A submission that cannot be assigned was handed in all the same.
            is_unclear = any(isinstance(found.problem, UnreadableError) for found in founds)
            if is_absent and not is_unclear:
                names.append(self._names[person.id])

        return names

    def settled(self, gradebook: Gradebook) -> list[tuple[str, str]]:
        """What waited under another name for the decision that the roster contains now."""
        waiting = unreadable_digest(_UNCLEAR)
        current = set(self._names.values())
        settled = []
        for learner in gradebook.learners():
            if learner.name in current:
                continue

            person = match(self._people, [without_number(learner)]).people.get(learner.name)
            if person is None or person.id in self._unclear:
                continue

            # The person has another result now.
            for exercise in self._found[person.id]:
                key, _ = self._latest.get((learner.name, exercise), (None, ""))
                if key is not None and key.submission == waiting:
                    settled.append((learner.name, exercise))

        return settled

    def submitted(self) -> dict[str, str]:
        """When somebody handed in, as the roster writes it."""
        times = {}
        for person in self._people:
            if person.submitted:
                name = self._names[person.id]
                times[name] = person.submitted

        return times

    def folder(self) -> ClassFolder:
        """The folder with the names of the gradebook, and the results that were added."""
        learners = [self._learner(person) for person in self._people]
        found: list[Found] = []
        for of_person in self._found.values():
            found += of_person.values()

        # Submissions of nobody in the roster, and of several people, stay as they are.
        listed = {*self._matches.people, *self._empty}
        learners += [each for each in self._folder.learners if each.name not in listed]
        found += [each for each in self._folder.found if each.learner not in listed]
        return msgspec.structs.replace(self._folder, learners=learners, found=found)

    def _learner(self, person: Person) -> Learner:
        name = self._names[person.id]
        in_folder = self._in_folder.get(person.id, "")
        keys = [in_folder, *person.keys()]
        if in_folder:
            keys += self._learners[in_folder].keys

        # An export of another system can have any of these names.
        others = [printable(key) for key in keys if key and key != name]
        return Learner(
            name=name,
            keys=list(dict.fromkeys(others)),
            person=person.name or person.id,
            email=person.email,
            section=person.section,
            partners=[self._names[partner] for partner in person.partners],
        )


def _without_roster(folder: ClassFolder, roster: Roster) -> ClassFolder:
    """The folder without the roster itself, which instructors put beside the learners."""
    path = Path(roster.file).resolve()
    # Several names can lead to one file.
    own = {name for name, file in folder.paths.items() if file.resolve() == path}
    if not own:
        return folder

    skipped = [notice for notice in folder.skipped if notice.file not in own]
    strays = [file for file in folder.strays if file.whole not in own]
    return msgspec.structs.replace(folder, skipped=skipped, strays=strays)


def _names_by_id(people: Mapping[str, Person]) -> dict[str, str]:
    return {person.id: name for name, person in people.items()}


def _without_file(name: str, exercise: Exercise, problem: SubmissionError) -> Found:
    return Found(
        learner=name,
        exercise=exercise.id,
        file="",
        include_helpers=False,
        path=Path(),
        problem=problem,
        is_absent=True,
    )


def _nothing(exercise: Exercise) -> SubmissionError:
    advice = f"hand in {submission_name(exercise)}"
    return SubmissionError("nothing was handed in", advice=advice)


def _is_work(exercise: Exercise, found: Found) -> bool:
    """Whether a submission is more than a starter or a file that cannot be graded."""
    if found.problem is not None:
        return False

    try:
        content = read_regular(found.path, MAX_BYTES)
    except OSError:
        return True

    # Nobody writes that much into a starter.
    return len(content) > MAX_BYTES or work.has_work(exercise, content)


def _is_same(first: Path, second: Path) -> bool:
    try:
        return filecmp.cmp(first, second, shallow=False)
    except OSError:
        return False
