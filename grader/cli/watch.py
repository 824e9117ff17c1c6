"""``grade watch``: the threads, files and examiner behind the state machine of ``study.watch``."""

import importlib
import os
import signal
import threading
import time
from collections import deque
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec
import watchfiles

from grader.cli import quiz_prompt
from grader.cli.watch_screen import Screen
from grader.course.records import Exercise
from grader.errors import ExaminerLostError, GraderError, SubmissionError, UsageError
from grader.examiner.early import early_grade, with_column
from grader.examiner.pool import ExaminerPool
from grader.examiner.protocol import Examine, new_seed
from grader.examiner.settings import Settings
from grader.grades.grade import Grade, for_learner
from grader.study import progress, watch, workspace
from grader.study.watch_events import (
    AskQuestions,
    Draw,
    DrawInputs,
    Effect,
    End,
    Event,
    Failed,
    FileRead,
    Graded,
    HintGiven,
    Keep,
    Prepare,
    ProgressRead,
    QuizAnswered,
    Read,
    ReadProgress,
    Saved,
    SavedFile,
    StartGrading,
    TakeHint,
    Tick,
    Why,
)
from grader.submission.filenames import SUFFIXES, Names
from grader.submission.files import (
    Submission,
    find_submission,
    read_submission,
    spelling_note,
    submission_name,
)
from grader.system import SYSTEM

_STEP: Final = 5
"""Milliseconds without another change after which a save is complete."""
_STUCK_AFTER: Final = 2.0
"""Seconds after which a newer save stops the grading of an older one."""
_HIDDEN: Final = (".", "#")
"""First characters of the files that editors use for themselves."""


def watch_folder(
    folder: Path, exercises: list[Exercise], first: Exercise | None, settings: Settings
) -> int:
    """Watch ``folder`` for the learner of ``settings`` until a key or a signal ends it.

    Starts with the exercise ``first``, or the next that is not passed. Returns 0, or the
    number of the signal.
    """
    with ExaminerPool(settings) as pool, _new_inbox() as inbox:
        pool.warm_up()
        grading = GradingThread(pool, inbox)
        stop = threading.Event()
        threads = [
            threading.Thread(target=_report_saves, args=(folder, inbox, stop), daemon=True),
            threading.Thread(target=grading.run, daemon=True),
        ]
        for thread in threads:
            thread.start()

        # The main thread alone reads keys and draws.
        try:
            return Watcher(folder, exercises, grading, inbox).run(first)
        except KeyboardInterrupt:
            return signal.SIGINT
        finally:
            stop.set()
            grading.stop()
            pool.close()
            for thread in threads:
                thread.join()


class Inbox(Protocol):
    """Where keys, signals and events from other threads arrive."""

    def post(self, event: object) -> None:
        """Add an event, from any thread."""

    def wait(self, seconds: float | None) -> list[Any]:
        """The events since the last time; none if nothing happens for so many seconds."""

    def typing(self) -> AbstractContextManager[None]:
        """Let the learner type whole lines for a while."""


def _new_inbox() -> AbstractContextManager[Inbox]:
    module = importlib.import_module(SYSTEM.keyboard)
    inbox: AbstractContextManager[Inbox] = module.Inbox()
    return inbox


class FilesChanged(msgspec.Struct, frozen=True):
    """Files changed in the watched folder."""

    names: frozenset[str]


def _report_saves(folder: Path, inbox: Inbox, stop: threading.Event) -> None:
    changes = watchfiles.watch(
        folder,
        watch_filter=None,
        step=_STEP,
        debounce=200,
        rust_timeout=0,
        stop_event=stop,
        recursive=False,
    )
    for changed in changes:
        names = frozenset(os.path.basename(path) for _, path in changed)
        inbox.post(FilesChanged(names))


class GradingThread:
    """The thread that grades: always the latest submission, and never two at once."""

    def __init__(self, pool: ExaminerPool, inbox: Inbox) -> None:
        self.pool = pool
        # The main thread sleeps in this inbox, so a result wakes it.
        self._inbox = inbox
        self._changed = threading.Condition()
        self._wanted: Examine | None = None
        self._to_prepare: Examine | None = None
        self._busy_since: float | None = None
        self._stopped = False
        self._is_warm = False

    def grade(self, examine: Examine) -> None:
        """Grade this next; stop an older grading that seems stuck."""
        with self._changed:
            self._wanted = examine
            since = self._busy_since
            is_stuck = since is not None and time.monotonic() - since > _STUCK_AFTER
            if is_stuck:
                # Killing is fast; a submission may ignore any request to stop.
                self.pool.kill()

            self._changed.notify()

    def prepare(self, examine: Examine) -> None:
        """Grade this while idle, and report nothing: the next grading of its kind is faster."""
        with self._changed:
            self._to_prepare = examine
            self._changed.notify()

    def stop(self) -> None:
        """Stop after the current grading; closing the pool ends that too."""
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def run(self) -> None:
        """Grade one submission after another until ``stop``."""
        while True:
            with self._changed:
                self._busy_since = None
                self._changed.wait_for(lambda: self._wanted or self._to_prepare or self._stopped)
                if self._stopped:
                    return

                is_reported = self._wanted is not None
                examine = self._wanted or self._to_prepare
                if is_reported:
                    self._wanted = None
                else:
                    self._to_prepare = None

                self._busy_since = time.monotonic()

            assert examine is not None
            graded = self._grade(examine)
            if graded is not None and is_reported and not self._stopped:
                self._inbox.post(graded)

    def _is_latest(self) -> bool:
        # Without the lock: an outdated answer only costs one more grading.
        return self._wanted is None and not self._stopped

    def _grade(self, examine: Examine) -> Graded | None:
        """The result; None if a newer submission waits instead."""
        try:
            # Until the first grade the examiner may load torch, which a file that cannot run
            # need not wait for.
            grade = None if self._is_warm else early_grade(examine)
            if grade is None:
                with self.pool.borrow() as examiner:
                    grade = examiner.grade(examine, is_wanted=self._is_latest)

                self._is_warm = True
                grade = with_column(examine, grade)
        except (GraderError, OSError) as error:
            # The examiner was killed to make way for a newer submission.
            if isinstance(error, ExaminerLostError) and not self._is_latest():
                return None
            return Graded(examine, None, str(error))

        return Graded(examine, for_learner(grade))


class Watcher:
    """Passes events to the state machine, and carries out the effects that it asks for."""

    def __init__(
        self, folder: Path, exercises: list[Exercise], grading: GradingThread, inbox: Inbox
    ) -> None:
        self._folder = folder
        # A file is the submission for the exercise that it is named after.
        self._exercises = {exercise.id: exercise for exercise in exercises}
        self._names = Names(self._exercises)
        self._grading = grading
        self._inbox = inbox
        self._learner = grading.pool.settings.learner
        self._workspace = progress.Workspace(folder)
        self._screen = Screen(folder, self._learner)
        # The same inputs from save to save: grades can be compared, and misconceptions run once.
        self._seeds: dict[str, int] = {}

    def run(self, first: Exercise | None) -> int:
        """Watch until the learner leaves: 0, or the number of the signal that ended it."""
        if first is None:
            standings = self._standings()
            # With every exercise passed, start with the first one.
            following = progress.next_standing(standings) or standings[0]
            first = following.exercise

        state, effects = watch.begin(first)
        # The results of effects come before anything new from outside.
        events: deque[Event] = deque()
        while True:
            for effect in effects:
                if isinstance(effect, End):
                    return effect.signal
                if isinstance(effect, Draw):
                    self._screen.draw(
                        state, only_last=effect.only_last, is_repeated=effect.is_repeated
                    )
                else:
                    events.extend(self._carry_out(effect))

            if not events:
                events.extend(self._wait(state.wakes_at))

            now = time.monotonic()
            state, effects = watch.update(state, events.popleft(), now)

    def _wait(self, until: float | None) -> list[Event]:
        """Wait for the next events, at most until the time ``until``."""
        seconds = None
        if until is not None:
            seconds = max(0.0, until - time.monotonic())

        events: list[Event] = []
        for event in self._inbox.wait(seconds):
            if isinstance(event, FilesChanged):
                events += self._saved(event.names)
            else:
                events.append(event)

        # Always add a tick, so that a stream of saves cannot delay what is due.
        return [*events, Tick()]

    def _carry_out(self, effect: Effect) -> list[Event]:
        """Carry out ``effect`` and return the resulting events."""
        try:
            match effect:
                case Read(exercise, why):
                    return [self._read(exercise, why)]
                case DrawInputs(exercise):
                    self._seeds.pop(exercise.id, None)
                case StartGrading(exercise, submission):
                    examine = self._examine(exercise, submission)
                    self._grading.grade(examine)
                case Prepare(exercise):
                    self._prepare(exercise)
                case Keep(examine, grade):
                    self._keep(examine, grade)
                case ReadProgress(purpose):
                    standings = tuple(self._standings())
                    return [ProgressRead(purpose, standings)]
                case TakeHint(exercise):
                    given = progress.hint(self._workspace, exercise)
                    return [HintGiven(exercise, given)]
                case AskQuestions(exercise):
                    self._ask(exercise)
                    return [QuizAnswered()]
        except GraderError as error:
            return [Failed(str(error))]

        return []

    def _saved(self, names: frozenset[str]) -> list[Event]:
        """The event for the files of these names, if any of them can matter."""
        # Other files are not part of any submission.
        files = [
            self._saved_file(name)
            for name in names
            if name.endswith(SUFFIXES) and not name.startswith(_HIDDEN)
        ]
        return [Saved(tuple(files))] if files else []

    def _saved_file(self, name: str) -> SavedFile:
        path = self._folder / name
        named = self._names.of_file(name)
        if named is None:
            return SavedFile()

        exercise = self._exercises[named.exercise]
        # Next to double.py, a double.ipynb is not the submission.
        if find_submission(exercise, self._folder) != path:
            return SavedFile()

        has_first_content = workspace.has_first_content(exercise, path, self._learner)
        return SavedFile(exercise, has_first_content)

    def _find_or_start(self, exercise: Exercise) -> Path:
        folder = self._folder
        path = find_submission(exercise, folder)
        # Never over a file that exists: start refuses that.
        return path or workspace.start(exercise, folder, self._learner)

    def _read(self, exercise: Exercise, why: Why) -> FileRead:
        # In both cases the learner expects the file to exist.
        if why in (Why.TURNED_TO, Why.REQUESTED):
            path: Path | None = self._find_or_start(exercise)
        else:
            path = find_submission(exercise, self._folder)

        if path is None:
            # Editors that replace a file leave such a moment; a second look decides.
            name = submission_name(exercise)
            problem = f"{name} is gone: save it again, or press r to create it again"
            return FileRead(exercise, why, problem=problem)

        try:
            submission = read_submission(exercise, path)
        except SubmissionError as error:
            return FileRead(exercise, why, problem=str(error))

        note = spelling_note(exercise, path)
        submission = submission.with_note(note)
        has_first_content = workspace.has_first_content(exercise, path, self._learner)
        return FileRead(exercise, why, submission, has_first_content)

    def _examine(self, exercise: Exercise, submission: Submission) -> Examine:
        # Drawn once for each exercise, until the learner asks for other inputs.
        seed = self._seeds.setdefault(exercise.id, new_seed())
        attempts = progress.attempts_after(self._workspace, exercise, submission)
        return Examine(
            exercise,
            submission,
            self._learner,
            seed,
            attempts=attempts,
            small_example=True,
            own=True,
        )

    def _prepare(self, exercise: Exercise) -> None:
        # A quiz runs no code that would have to be loaded.
        if not exercise.spec.runs_code:
            return

        starter = workspace.beginning(exercise, self._learner)
        name = submission_name(exercise)
        submission = Submission(name, starter.encode())
        examine = self._examine(exercise, submission)
        self._grading.prepare(examine)

    def _keep(self, examine: Examine, grade: Grade) -> None:
        try:
            progress.record(self._workspace, examine.exercise, examine.submission, grade)
        except (GraderError, OSError) as error:
            # The page still shows the grade; this sentence comes below it.
            raise UsageError(f"This grade is not kept as progress: {error}") from None

    def _ask(self, exercise: Exercise) -> None:
        """Ask the questions of a quiz that are not answered correctly yet."""
        path = self._find_or_start(exercise)
        # A quiz in a notebook has no sheet to write answers into.
        if not quiz_prompt.is_possible(exercise, path):
            raise UsageError(f"{path.name}: answer in the file itself, and save it")

        pool = self._grading.pool
        with pool.borrow() as examiner, self._inbox.typing():
            self._screen.clear()
            quiz = quiz_prompt.QuizPrompt(examiner, exercise, path, self._learner)
            missed = quiz.missed()
            # The command that grades the exercise cannot be typed here.
            quiz.ask(missed, how_to_continue="Press a")

    def _standings(self) -> list[progress.Standing]:
        # Read anew each time: another command may be at work in this folder.
        exercises = self._exercises.values()
        return progress.standings(self._workspace, exercises)
