"""``grade watch``: every save is graded, by an examiner that stays warm."""

import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import watchfiles
from rich.cells import cell_len

from grader.cli import quiz_prompt
from grader.cli.keyboard import Ended, Inbox, Key, Resized
from grader.course.loading import starter
from grader.course.records import Exercise
from grader.errors import ExaminerLostError, GraderError, SubmissionError, UsageError
from grader.examiner.pool import ExaminerPool
from grader.examiner.protocol import Examine, new_seed
from grader.examiner.settings import Settings
from grader.grades.grade import Grade, for_learner
from grader.report.exercise_page import exercise_page
from grader.report.terminal import grade_page, statement
from grader.study import advice, progress, workspace
from grader.submission.files import (
    SUFFIXES,
    Submission,
    digest,
    find_submission,
    read_submission,
    submission_name,
)

_STEP: Final = 10
"""Milliseconds without another change after which a save is over."""
_SETTLE: Final = 0.2
"""Seconds in which a file that is gone or half written comes back."""
_SAME: Final = 0.5
"""Seconds after which the same text saved again is graded again: before, it is one save that comes as two."""
_STUCK: Final = 2.0
"""Seconds after which a newer save ends the grading of an older one."""
_SLOW: Final = 0.4
"""Seconds after which it is said that grading goes on."""
_STYLE: Final = re.compile(r"\x1b\[[\d;]*m")


Part = Callable[[bool], str]
"""Draws a part of the page; it is told whether the screen is too short for all of it."""


class Saved(msgspec.Struct, frozen=True):
    """Files have changed in the folder."""

    names: frozenset[str]


class Graded(msgspec.Struct, frozen=True):
    """A submission was graded, or could not be."""

    examine: Examine
    grade: Grade | None
    why_not: str = ""


def watch(
    folder: Path, exercises: list[Exercise], first: Exercise | None, settings: Settings
) -> int:
    """Watch ``folder`` for the learner of ``settings`` until a key or a signal ends it.

    Returns 0, or the number of that signal.
    """
    with ExaminerPool(settings) as pool, Inbox() as inbox:
        pool.warm_up()
        screen = Watch(folder, exercises, Grading(pool, inbox), inbox)
        stop = threading.Event()
        threads = [
            threading.Thread(target=_tell_of_saves, args=(folder, inbox, stop), daemon=True),
            threading.Thread(target=screen.grading.run, daemon=True),
        ]
        for thread in threads:
            thread.start()
        try:
            return screen.run(first)
        except KeyboardInterrupt:
            return signal.SIGINT
        finally:
            stop.set()
            screen.grading.stop()
            pool.close()
            for thread in threads:
                thread.join()


def _tell_of_saves(folder: Path, inbox: Inbox, stop: threading.Event) -> None:
    for changes in watchfiles.watch(
        folder,
        watch_filter=None,
        step=_STEP,
        debounce=200,
        rust_timeout=0,
        stop_event=stop,
        recursive=False,
    ):
        inbox.post(Saved(frozenset(os.path.basename(path) for _, path in changes)))


class Grading:
    """The thread that grades: always the last submission, never two at once."""

    def __init__(self, pool: ExaminerPool, inbox: Inbox) -> None:
        self.pool = pool
        self._inbox = inbox
        self._changed = threading.Condition()
        self._wanted: Examine | None = None
        self._to_prepare: Examine | None = None
        self._since: float | None = None
        self._stopped = False

    def hand_in(self, examine: Examine) -> None:
        """Grade this next, and end an older grading that seems stuck."""
        with self._changed:
            self._wanted = examine
            if self._since is not None and time.monotonic() - self._since > _STUCK:
                self.pool.kill()
            self._changed.notify()

    def prepare(self, examine: Examine) -> None:
        """Grade this while there is nothing else to do, and tell nobody: the next of its kind is graded sooner."""
        with self._changed:
            self._to_prepare = examine
            self._changed.notify()

    def stop(self) -> None:
        """End the thread, once its pool is closed."""
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def run(self) -> None:
        """Grade what is handed in, until it is stopped."""
        while (following := self._next()) is not None:
            examine, is_told = following
            outcome = self._grade(examine)
            with self._changed:
                self._since = None
                if outcome is not None and is_told and not self._stopped:
                    self._inbox.post(outcome)

    def _is_last(self) -> bool:
        return self._wanted is None and not self._stopped

    def _next(self) -> tuple[Examine, bool] | None:
        """What to grade, and whether anyone waits for it; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._wanted or self._to_prepare or self._stopped)
            self._since = time.monotonic()
            if self._stopped:
                return None
            if self._wanted is not None:
                wanted, self._wanted = self._wanted, None
                return wanted, True
            prepared, self._to_prepare = self._to_prepare, None
            assert prepared is not None
            return prepared, False

    def _grade(self, examine: Examine) -> Graded | None:
        """What became of it; None where a newer one is waiting instead."""
        try:
            with self.pool.borrow() as examiner:
                grade = examiner.grade(examine, is_wanted=self._is_last)
            return Graded(examine, for_learner(grade))
        except ExaminerLostError as error:
            return Graded(examine, None, str(error)) if self._is_last() else None
        except (GraderError, OSError) as error:
            return Graded(examine, None, str(error))


class Watch:
    """What is on the screen, and what is done about each event."""

    def __init__(
        self, folder: Path, exercises: list[Exercise], grading: Grading, inbox: Inbox
    ) -> None:
        self.grading = grading
        self._folder = folder
        self._learner = grading.pool.settings.learner
        self._exercises = {exercise.id: exercise for exercise in exercises}
        self._inbox = inbox
        self._workspace = progress.Workspace(folder)
        self._current = exercises[0]
        self._seeds: dict[str, int] = {}
        self._introduced = False
        self._parts: list[Part] = []
        self._turned = 0
        self._graded: tuple[str, str] = ("", "")
        self._graded_at = 0.0
        self._slow_at: float | None = None
        self._retry_at: float | None = None
        self._plain = not sys.stdout.isatty() or os.environ.get("TERM") == "dumb"

    def run(self, first: Exercise | None) -> int:
        """Watch until someone has enough: 0, or the signal that ended it."""
        if first is None:
            following = progress.next_standing(self._standings())
            first = following.exercise if following else self._current
        self._turn_to(first)
        while True:
            for event in self._inbox.wait(self._patience()):
                if isinstance(event, Ended):
                    return event.signal
                if isinstance(event, Key):
                    if event.character in ("q", "\x04"):
                        return 0
                    self._pressed(event.character)
                elif isinstance(event, Resized):
                    self._turned = 0
                    self._draw()
                elif isinstance(event, Saved):
                    self._saved(event.names)
                elif isinstance(event, Graded):
                    self._show_grade(event)
            self._look_at_the_clock()

    # events

    def _pressed(self, key: str) -> None:
        actions = {
            "h": self._hint,
            "n": self._next,
            "l": self._list,
            "r": self._again,
            "a": self._answer,
            " ": self._turn_over,
        }
        if key in actions:
            try:
                actions[key]()
            except GraderError as error:
                self._add(_told(error))

    def _saved(self, names: Iterable[str]) -> None:
        """Grade what was saved: the exercise that a file is named after, or the one that imports it."""
        names = [name for name in names if name.endswith(SUFFIXES) and name[0] not in ".#"]
        own = False
        for name in names:
            exercise = self._exercises.get(Path(name).stem)
            path = find_submission(exercise, self._folder) if exercise else None
            if exercise is None or exercise == self._current:
                own = own or exercise is not None
            elif path == self._folder / name and not self._is_untouched(exercise, path):
                self._current, self._introduced, own = exercise, True, True
        path = find_submission(self._current, self._folder)
        if path is not None and self._is_untouched(self._current, path):
            if self._graded[0] == self._current.id:  # it was begun again
                self._graded = ("", "")
                self._show(lambda _: _statement(self._current, self._learner))
        elif names:
            self._hand_in(again=own)

    def _show_grade(self, event: Graded) -> None:
        exercise, grade = event.examine.exercise, event.grade
        if exercise != self._current:
            return
        self._graded_at, self._slow_at = time.monotonic(), None
        if grade is None:
            self._show(_told(event.why_not))
            return
        self._show(lambda is_short: _page(exercise, grade, is_short=is_short))
        notice = self._keep(event.examine, grade)
        if grade.passed:
            try:
                self._move_on(exercise)
            except GraderError as error:
                self._add(_told(error))
        if notice:
            self._add(_told(notice))

    def _look_at_the_clock(self) -> None:
        if self._retry_at is not None and time.monotonic() >= self._retry_at:
            self._retry_at = None
            self._hand_in(again=True, or_say=True)
        if self._slow_at is not None and time.monotonic() >= self._slow_at:
            self._slow_at = None
            self._add(lambda _: "Grading …\n")

    def _patience(self) -> float | None:
        """How long nothing has to happen before something is said."""
        times = [at for at in (self._retry_at, self._slow_at) if at is not None]
        return max(0.0, min(times) - time.monotonic()) if times else None

    # keys

    def _hint(self) -> None:
        given = progress.hint(self._workspace, self._current)
        self._add(
            lambda _: _lines(
                advice.hint(self._current, given, advice.after_hint(self._current, given))
            )
        )

    def _list(self) -> None:
        standings = self._standings()
        self._show(lambda _: _lines(advice.listing(standings)))

    def _again(self) -> None:
        self._begun(self._current)
        self._graded = ("", "")
        self._seeds.pop(self._current.id, None)
        self._hand_in(again=True)

    def _next(self) -> None:
        if self._introduced:
            following = progress.next_standing(self._standings(), self._current.id)
            if following is None:
                self._show(lambda _: "All exercises are passed.\n")
                return
            self._current = following.exercise
        self._turn_to(self._current)

    def _answer(self) -> None:
        """Ask a quiz's questions here."""
        if self._current.spec.runs_code:
            return
        path = self._begun(self._current)
        if not quiz_prompt.is_possible(self._current, path):
            raise UsageError(f"{path.name}: answer in the file itself, and save it")
        with self.grading.pool.borrow() as examiner, self._inbox.typing():
            if not self._plain:
                sys.stdout.write("\x1b[2J\x1b[H")
            names = quiz_prompt.missed_questions(examiner, self._current, path)
            quiz_prompt.sit(examiner, self._current, path, names, "The key a")
        self._again()

    def _turn_over(self) -> None:
        """Show what did not fit on the screen, and after the end the beginning again."""
        self._turned += 1
        self._draw()

    # the exercise

    def _turn_to(self, exercise: Exercise) -> None:
        """Show what ``exercise`` asks for while nothing is written for it, else its grade."""
        self._current, self._introduced = exercise, True
        path = self._begun(exercise)
        self._show(lambda _: _statement(exercise, self._learner))
        if self._is_untouched(exercise, path):
            self._prepare(exercise)
        else:
            self._again()

    def _prepare(self, exercise: Exercise) -> None:
        """Have the checks ready and known mistakes run, before there is anything to grade."""
        if exercise.spec.runs_code:
            untouched = Submission(submission_name(exercise), starter(exercise).encode())
            self.grading.prepare(Examine(exercise, untouched, self._learner, self._seed(exercise)))

    def _seed(self, exercise: Exercise) -> int:
        """The same inputs from save to save, so that two pages can be compared and known mistakes run once."""
        return self._seeds.setdefault(exercise.id, new_seed())

    def _move_on(self, passed: Exercise) -> None:
        """After a pass: saves are about the next exercise from now on."""
        following = progress.next_standing(self._standings(), passed.id)
        if following is None:
            self._add(lambda _: "That was the last one: all exercises are passed.\n")
            return
        self._current, self._introduced = following.exercise, False
        path, title = self._begun(following.exercise), following.exercise.spec.title
        self._prepare(following.exercise)
        self._add(
            lambda _: _lines(
                advice.wrapped(
                    f"Next: {following.exercise.id}, {title}. Its file is {path.name}; "
                    "press n to read what it asks for."
                )
            )
        )

    def _begun(self, exercise: Exercise) -> Path:
        path = find_submission(exercise, self._folder)
        return path or workspace.start(exercise, self._folder, self._learner)

    def _is_untouched(self, exercise: Exercise, path: Path) -> bool:
        """Whether ``path`` is as it was begun: of that there is nothing to say."""
        try:
            # Of a pipe or a device there is no end.
            return (
                path.is_file()
                and path.read_bytes() == workspace.beginning(exercise, self._learner).encode()
            )
        except OSError:
            return False  # gone just now, or not to be read: grading tells

    def _hand_in(self, *, again: bool, or_say: bool = False) -> None:
        """Have the current exercise's file graded: where it has not changed, only if ``again``, and not at once."""
        exercise = self._current
        try:
            path = find_submission(exercise, self._folder)
            if path is None:
                name = submission_name(exercise)
                raise SubmissionError(
                    f"{name} is gone: save it again, or press r, which begins it anew"
                )
            submission = read_submission(exercise, path)
        except SubmissionError as error:
            if or_say:
                self._show(_told(error))
            else:
                self._retry_at = time.monotonic() + _SETTLE
            return
        self._retry_at = None
        content = (exercise.id, digest(submission))
        if content == self._graded and not (again and time.monotonic() - self._graded_at > _SAME):
            return
        self._graded, self._graded_at = content, time.monotonic()
        self._slow_at = self._graded_at + _SLOW
        self.grading.hand_in(Examine(exercise, submission, self._learner, self._seed(exercise)))

    def _keep(self, examine: Examine, grade: Grade) -> str:
        """Keep a grade; why it could not be kept."""
        try:
            progress.record(self._workspace, examine.exercise, examine.submission, grade)
        except (GraderError, OSError) as error:
            return f"This grade is not kept as progress: {error}"
        return ""

    def _standings(self) -> list[progress.Standing]:
        return progress.standings(self._workspace, self._exercises.values())

    # the screen

    def _show(self, part: Part) -> None:
        self._parts, self._turned = [part], 0
        self._draw()

    def _add(self, part: Part) -> None:
        self._parts, self._turned = [*self._parts, part], 0
        if self._plain:
            _write(f"\n{part(False)}")
        else:
            self._draw()

    def _draw(self) -> None:
        """Write the whole page at once: what is known, and what can be done."""
        page = "\n".join(part(False) for part in self._parts)
        if self._plain:
            _write(f"{page}\n{self._footer()}")
            return
        screen = os.get_terminal_size(sys.stdout.fileno())
        place = ""
        if (
            screen.columns and screen.lines
        ):  # a terminal made by a program may not know how large it is
            page, place = self._fitted(page, screen)
        _write(f"\x1b[2J\x1b[H{page}\n{self._footer(place)}")

    def _fitted(self, page: str, screen: os.terminal_size) -> tuple[str, str]:
        """``page``, or of one that is too long for the screen the part to be shown; and which part that is."""
        # An empty line stands above the footer, and the cursor below it.
        room = (
            screen.lines
            - 2
            - sum(_height(line, screen.columns) for line in self._footer().splitlines())
        )
        if len(_screens(page, screen.columns, room)) <= 1:
            return page, ""
        # What was added last is what was asked for last.
        turned = [*self._parts[:0:-1], self._parts[0]]
        screens = _screens("\n".join(part(True) for part in turned), screen.columns, room)
        number = self._turned % len(screens)
        return screens[number], f"   part {number + 1} of {len(screens)}, space for more"

    def _footer(self, place: str = "") -> str:
        keys = ["h hint", "n next", "l list", "r run again", "q quit"]
        if not self._current.spec.runs_code:
            keys.insert(0, "a answer here")
        path = find_submission(self._current, self._folder)
        name = path.name if path else self._current.id
        now = f"{datetime.now():%H:%M:%S}"  # noqa: DTZ005 - the clock on their wall
        return f"{now}  watching {name}{place}\n{'   '.join(keys)}\n"


def _screens(page: str, columns: int, room: int) -> list[str]:
    """``page`` cut into as many as have ``room``, in lines; none begins with an empty line."""
    screens: list[str] = []
    left = 0
    for line in page.splitlines():
        height = _height(line, columns)
        if height > left:
            if not line.strip():
                continue
            screens.append("")
            left = room
        screens[-1] += f"{line}\n"
        left -= height
    return screens


def _height(line: str, columns: int) -> int:
    """How many lines of the terminal it takes."""
    return max(1, -(-cell_len(_STYLE.sub("", line)) // columns))


def _page(exercise: Exercise, grade: Grade, *, is_short: bool) -> str:
    page = grade_page.verdict_first if is_short else grade_page.page
    return grade_page.as_text(page(grade, exercise.spec.title), sys.stdout)


def _statement(exercise: Exercise, learner: str) -> str:
    what = exercise.spec.content
    then = f"Write your {what} in {submission_name(exercise)} and save it."
    return grade_page.as_text(statement.page(exercise_page(exercise, learner, then)), sys.stdout)


def _told(what: Any) -> Part:
    return lambda _: _lines(advice.wrapped(str(what)))


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _write(text: str) -> None:
    """Write all of ``text``; a terminal may take it in parts."""
    sys.stdout.write(text)
    sys.stdout.flush()
