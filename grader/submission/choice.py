"""Choose the file to grade among everything that one learner handed in.

Every command uses this choice. ``candidates`` finds out which files may be for an exercise, and
``ranking`` which of several counts.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

import msgspec

from grader.course.records import Exercise
from grader.errors import SubmissionError
from grader.submission.candidates import Candidate, find_candidates
from grader.submission.filenames import Names
from grader.submission.files import submission_name
from grader.submission.learner_file import File, fits, listed, names_of, problem_of
from grader.submission.ranking import rank
from grader.text import printable

# How Canvas and Moodle name what learners type into them.
_TYPED: Final = frozenset({"text.html", "link.html", "onlinetext.html"})


class Choice(msgspec.Struct, frozen=True):
    """The decision for one exercise."""

    file: File
    """The file to grade; if there is a ``problem``, the file that the problem is about."""
    others: list[File] = []
    """The other files for the exercise, in the order of the ranking."""
    is_exact: bool = True
    """Whether the file has the exact name, at the top of the learner's folder."""
    problem: SubmissionError | None = None
    """Why nothing can be graded."""
    is_undecided: bool = False
    """Whether the problem is that several different files could be meant."""
    different: list[File] = []
    """The ``others`` with other work, unless they are from an earlier attempt."""

    def note(self) -> str:
        """The sentence that says which file was graded.

        Empty if its name is exact, and no other file has other work for the exercise.
        """
        if self.problem is not None:
            return ""

        others = self.others
        end = "."
        if self.is_exact:
            # The learner may have meant one of these to count.
            others = self.different
            end = ", with other code."
            if not others:
                return ""

        graded, *found = names_of([self.file, *others])
        note = f"Graded `{graded}`"
        if found:
            note += f"; also found {listed(found)}"

        return f"{note}{end}"


class Chosen(msgspec.Struct, frozen=True):
    """The decisions for everything that one learner handed in."""

    choices: dict[str, Choice]
    """Exercise id to the decision; without the exercises for which there is no file."""
    reasons: list[tuple[File, SubmissionError]]
    """Each file that is for no exercise, with the reason."""


class Chooser:
    """Chooses among files for the exercises of a course."""

    def __init__(self, exercises: Mapping[str, Exercise]) -> None:
        self.exercises = exercises
        self.names = Names(exercises)

    def spare(
        self, files: Iterable[File], choices: Mapping[str, Choice]
    ) -> Iterator[tuple[str, File]]:
        """The ``files`` that count for nothing, and may be why an exercise has no submission.

        Each with the exercise that its name means, or with an empty text.
        """
        used = set()
        has_work = False
        for decision in choices.values():
            used |= {file.path for file in (decision.file, *decision.others)}
            has_work = has_work or decision.problem is None

        for file in files:
            if file.path in used:
                continue

            named = self.names.of_file(file.name)
            if named is not None:
                yield named.exercise, file
            # Beside work, other files are its modules, unless nobody can look into them.
            elif not has_work or problem_of(file) is not None:
                yield "", file

    def choose(self, files: Iterable[File], likely: Collection[str]) -> Chosen:
        """Decide for each exercise which of a learner's ``files`` to grade.

        ``likely`` are the exercises that the class hands in. They decide if several ask for
        the same function, and no name says which one is meant.
        """
        candidates = find_candidates(files, self.exercises, self.names, likely)
        reasons = candidates.reasons
        choices = {}
        for exercise_id, own in candidates.by_exercise.items():
            choices[exercise_id] = _decide(self.exercises[exercise_id], own)
            for candidate in own:
                reasons.pop(candidate.file.path, None)

        for exercise_id, (file, error) in candidates.refused.items():
            if exercise_id not in choices:
                choices[exercise_id] = Choice(file, problem=error)

        return Chosen(choices, list(reasons.values()))


def choose_one(exercise: Exercise, files: Iterable[File], others: Iterable[str]) -> Choice:
    """Decide which of ``files`` to grade for ``exercise``.

    If no file has its name or defines what it asks for, the only file of a suitable kind
    counts. ``others`` are the ids of the other exercises, whose files don't count. Raises
    ``SubmissionError`` if there is no file to grade.
    """
    files = list(files)
    names = Names({exercise.id, *others})
    candidates = find_candidates(files, {exercise.id: exercise}, names)
    own = candidates.by_exercise.get(exercise.id)
    if own is not None:
        choice = _decide(exercise, own)
        if choice.problem is not None:
            raise choice.problem

        return choice

    if exercise.id in candidates.refused:
        _, error = candidates.refused[exercise.id]
        raise error

    unnamed = [file for file in candidates.unnamed if fits(exercise, file)]
    if len(unnamed) == 1:
        return Choice(unnamed[0], is_exact=False)

    raise missing(exercise, files)


def missing(exercise: Exercise, files: Iterable[File]) -> SubmissionError:
    """The error for a learner who handed in ``files``, none of them for ``exercise``."""
    # The learner did not write what is hidden.
    files = [file for file in files if file.error or not file.label.startswith(".")]
    # A file that cannot be opened may be the one that was meant.
    for file in files:
        error = problem_of(file)
        if error is not None:
            place = printable(file.name)
            return SubmissionError(error.problem, place=place, advice=error.advice)

    name = submission_name(exercise)
    if files and all(file.name in _TYPED for file in files):
        return SubmissionError(
            "text or a link was handed in, and no file", advice=f"hand in {name}"
        )

    labels = [file.label for file in files]
    found = listed(labels, mark="") or "no file at all"
    return SubmissionError(
        f"no {name} was handed in: there is {found}", advice=f"name your file {name}"
    )


def _decide(exercise: Exercise, candidates: list[Candidate]) -> Choice:
    """The best of ``candidates``, or the problem that several are equally good."""
    if len(candidates) == 1:
        (only,) = candidates
        # One file alone does not have to be read.
        return Choice(only.file, is_exact=only.is_exact_at_top)

    ranking = rank(exercise, candidates)
    file = ranking.best.file
    is_exact = ranking.best.is_exact_at_top
    if not ranking.equal:
        return Choice(file, ranking.others, is_exact, different=ranking.different)

    several = listed(names_of([file, *ranking.equal]))
    problem = SubmissionError(
        f"several different files could be your {exercise.id}: {several}",
        advice=f"hand in one of them, named {submission_name(exercise)}",
    )
    return Choice(file, ranking.others, is_exact, problem, is_undecided=True)
