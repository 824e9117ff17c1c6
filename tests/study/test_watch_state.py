"""The state machine of `grade watch`: events in, the next state and effects out, no terminal."""

import re
from pathlib import Path

import pytest
from msgspec import structs

from grader.cli.watch_screen import Screen
from grader.course.loading import load_course
from grader.examiner.protocol import Examine
from grader.grades.grade import Outcome, grade_from_checks
from grader.study import watch
from grader.study.progress import Hint, Standing
from grader.study.watch import update
from grader.study.watch_events import (
    AskQuestions,
    Draw,
    DrawInputs,
    End,
    Failed,
    FileRead,
    Graded,
    HintGiven,
    Keep,
    Key,
    Prepare,
    ProgressRead,
    Purpose,
    QuizAnswered,
    Read,
    ReadProgress,
    Resized,
    Saved,
    SavedFile,
    StartGrading,
    TakeHint,
    Terminated,
    Tick,
    Why,
)
from grader.study.watch_state import GradeReport, Page, Running, ShownHint, State, Statement
from grader.submission.files import Submission
from tests.grading import SMALL_COURSE, check_result

EXERCISES = load_course(SMALL_COURSE)
DOUBLE, SIZES, TARGET = (EXERCISES[name] for name in ("double", "sizes", "target"))
GOOD = Submission("double.py", b"def double(x): return x * 2\n")
BAD = Submission("double.py", b"def double(x): return x\n")
SHOWN = State(DOUBLE, is_introduced=True, page=Page((Statement(DOUBLE),)))
NOW = 100.0


def graded(submission, points, exercise=DOUBLE):
    """The event for a grade of one check of five points."""
    outcome = Outcome.PASSED if points == 5 else Outcome.FAILED
    grade = grade_from_checks(
        [check_result("value", "It doubles", outcome, points, 5)],
        exercise=exercise.id,
        submission=submission.name,
        learner="ada",
        seed=1,
    )
    return Graded(Examine(exercise, submission, "ada", 1), grade)


def standings(*passed):
    """Progress in which the exercises of these ids are passed."""
    return tuple(
        Standing(exercise, passed=exercise.id in passed) for exercise in EXERCISES.values()
    )


def handed_in(submission=BAD, now=NOW):
    """The state after a save whose grading has started."""
    state, effects = update(SHOWN, FileRead(DOUBLE, Why.OWN_FILE_SAVED, submission), now)
    assert effects == [StartGrading(DOUBLE, submission)]
    return state


def shown(submission=BAD, points=2):
    """The state after that save was graded."""
    state, _ = update(handed_in(submission), graded(submission, points), NOW)
    return state


def text(state):
    """All lines of the page."""
    lines = []
    for part in state.page.parts:
        if isinstance(part, list):
            lines += part
        elif isinstance(part, Running):
            lines += part.lines
    return "\n".join(lines)


# The beginning


def test_begin_with_the_starter():
    """The statement is shown, and the checks are loaded before the first save."""
    state, effects = watch.begin(DOUBLE)
    assert effects == [Read(DOUBLE, Why.TURNED_TO)]
    event = FileRead(DOUBLE, Why.TURNED_TO, GOOD, has_first_content=True)
    state, effects = update(state, event, NOW)
    assert (state.page.parts, effects) == ((Statement(DOUBLE),), [Draw(), Prepare(DOUBLE)])


def test_begin_with_work_in_the_file():
    """A file with the learner's work is graded at once."""
    state, _ = watch.begin(DOUBLE)
    state, effects = update(state, FileRead(DOUBLE, Why.TURNED_TO, BAD), NOW)
    assert (state.page.parts, effects) == (
        (Statement(DOUBLE),),
        [Draw(), StartGrading(DOUBLE, BAD)],
    )


# Saves


def test_save_is_graded_and_kept():
    """A save is read, graded, shown and kept."""
    state, effects = update(SHOWN, Saved((SavedFile(DOUBLE),)), NOW)
    assert effects == [Read(DOUBLE, Why.OWN_FILE_SAVED)]
    state, effects = update(state, FileRead(DOUBLE, Why.OWN_FILE_SAVED, BAD), NOW)
    assert effects == [StartGrading(DOUBLE, BAD)]
    event = graded(BAD, 2)
    state, effects = update(state, event, NOW)
    assert state.page.parts == (GradeReport(DOUBLE, event.grade, BAD),)
    assert effects == [Draw(), Keep(event.examine, event.grade)]


@pytest.mark.parametrize(
    ("why", "later", "is_graded"),
    [
        (Why.OWN_FILE_SAVED, 0.4, False),  # two events of one save
        (Why.OWN_FILE_SAVED, 0.6, True),
        (Why.RETRIED, 0.6, True),
        (Why.OTHER_FILE_SAVED, 0.6, False),  # a file that the submission does not import
    ],
)
def test_the_same_text_again(why, later, is_graded):
    """The same text is graded again if the learner saved it again, and not for other files."""
    _, effects = update(shown(), FileRead(DOUBLE, why, BAD), NOW + later)
    assert effects == ([StartGrading(DOUBLE, BAD)] if is_graded else [])


def test_module_next_to_the_submission():
    """A save of another module is graded if it changes the submission."""
    state, effects = update(shown(), Saved((SavedFile(),)), NOW)
    assert effects == [Read(DOUBLE, Why.OTHER_FILE_SAVED)]
    with_module = Submission("double.py", BAD.source, {"helper.py": b"x = 1\n"})
    _, effects = update(state, FileRead(DOUBLE, Why.OTHER_FILE_SAVED, with_module), NOW)
    assert effects == [StartGrading(DOUBLE, with_module)]


def test_another_exercise_is_saved():
    """A save of another exercise's file turns to that exercise; its untouched starter does not."""
    state, effects = update(shown(), Saved((SavedFile(SIZES),)), NOW)
    assert (state.exercise, effects) == (SIZES, [Read(SIZES, Why.OWN_FILE_SAVED)])
    state, effects = update(shown(), Saved((SavedFile(SIZES, has_first_content=True),)), NOW)
    assert (state.exercise, effects) == (DOUBLE, [Read(DOUBLE, Why.OTHER_FILE_SAVED)])


def test_grade_of_an_exercise_left_meanwhile():
    """After a turn to another exercise, the page neither waits for the grade nor shows it."""
    state, _ = update(handed_in(), Saved((SavedFile(SIZES),)), NOW)
    other, _ = update(handed_in(), ProgressRead(Purpose.NEXT, standings("double")), NOW)
    for left in (state, other):
        assert (left.exercise == DOUBLE, left.wakes_at) == (False, None)
    warm = structs.replace(state, is_warm=True)
    assert update(state, graded(BAD, 2), NOW) == (warm, [])


def test_untouched_starter_is_not_graded():
    """The starter is not graded; after a grade it shows the statement again."""
    event = FileRead(DOUBLE, Why.OWN_FILE_SAVED, GOOD, has_first_content=True)
    assert update(SHOWN, event, NOW) == (SHOWN, [])
    state, effects = update(shown(), event, NOW)
    assert (state.page.parts, effects) == ((Statement(DOUBLE),), [Draw()])
    assert state.graded == ("", "")


def test_missing_file_gets_a_second_chance():
    """A file that is missing for a moment is read again before the page reports it."""
    missing = FileRead(DOUBLE, Why.OWN_FILE_SAVED, problem="double.py is gone")
    state, effects = update(shown(), missing, NOW)
    assert (effects, state.wakes_at) == ([], NOW + watch.RETRY_AFTER)
    assert update(state, Tick(), NOW + 0.1) == (state, [])
    state, effects = update(state, Tick(), NOW + 0.2)
    assert (effects, state.wakes_at) == ([Read(DOUBLE, Why.RETRIED)], None)
    still_missing = FileRead(DOUBLE, Why.RETRIED, problem="double.py is gone")
    state, effects = update(state, still_missing, NOW + 0.2)
    assert (text(state), effects) == ("double.py is gone", [Draw()])


def test_file_that_comes_back_in_time():
    """A file that comes back before the second look is graded, and nothing is reported."""
    missing = FileRead(DOUBLE, Why.OWN_FILE_SAVED, problem="double.py is gone")
    state, _ = update(shown(), missing, NOW)
    state, effects = update(state, FileRead(DOUBLE, Why.OWN_FILE_SAVED, GOOD), NOW + 0.1)
    assert (effects, state.retry_at) == ([StartGrading(DOUBLE, GOOD)], None)


def test_slow_grading_is_announced():
    """A grading that takes long says so on one line, with its seconds, until there is a grade."""
    state = handed_in()
    assert state.wakes_at == NOW + watch.SLOW_AFTER
    state, effects = update(state, Tick(), NOW + 0.5)
    assert (text(state), effects) == (watch.LOADING, [Draw(only_last=True)])
    assert state.wakes_at == NOW + 1
    state = structs.replace(state, is_warm=True)
    state, effects = update(state, Tick(), NOW + 9)
    assert text(state).startswith("Grading … 9 s. Does a loop never end?")
    assert effects == [Draw(only_last=True, is_repeated=True)]
    state, _ = update(state, graded(BAD, 2), NOW + 10)
    assert (text(state), state.wakes_at) == ("", None)


def test_grader_that_fails():
    """The page reports why there is no grade; nothing is kept."""
    event = Graded(Examine(DOUBLE, BAD, "ada", 1), None, "the examiner ended")
    state, effects = update(handed_in(), event, NOW)
    assert (text(state), effects) == ("the examiner ended", [Draw()])


# After a pass


def test_pass_continues_with_the_next_exercise():
    """A pass announces the next exercise below the grade, and saves are about that one."""
    state, effects = update(handed_in(GOOD), graded(GOOD, 5), NOW)
    assert effects[-1] == ReadProgress(Purpose.AFTER_PASS)
    state, effects = update(state, ProgressRead(Purpose.AFTER_PASS, standings("double")), NOW)
    assert (state.exercise, effects) == (SIZES, [Read(SIZES, Why.TURNED_TO)])
    sheet = Submission("sizes.yaml", b"vector:\n")
    state, effects = update(state, FileRead(SIZES, Why.TURNED_TO, sheet), NOW)
    assert effects == [Draw(only_last=True), Prepare(SIZES)]
    assert "Next: sizes, Sizes. Its file is sizes.yaml; press n to read" in text(state)
    assert isinstance(state.page.parts[0], GradeReport)
    state, effects = update(state, Key("n"), NOW)
    assert (state.is_introduced, effects) == (True, [Read(SIZES, Why.TURNED_TO)])


def test_pass_of_the_last_exercise():
    """After the last pass the page says that all are passed."""
    read = ProgressRead(Purpose.AFTER_PASS, standings(*EXERCISES))
    state, effects = update(shown(GOOD, 5), read, NOW)
    assert text(state) == "That was the last exercise: you passed all of them."
    assert (state.exercise, effects) == (DOUBLE, [Draw(only_last=True)])


# Keys


def test_key_for_the_next_exercise():
    """Key n turns to the next exercise that is not passed, past the end to the first."""
    assert update(shown(), Key("n"), NOW)[1] == [ReadProgress(Purpose.NEXT)]
    read = ProgressRead(Purpose.NEXT, standings("sizes"))
    state, effects = update(shown(), read, NOW)
    assert (state.exercise, state.is_introduced, effects) == (
        TARGET,
        True,
        [Read(TARGET, Why.TURNED_TO)],
    )
    read = ProgressRead(Purpose.NEXT, standings("sizes", "target", "workers"))
    assert update(shown(), read, NOW)[0].exercise == DOUBLE
    state, effects = update(shown(), ProgressRead(Purpose.NEXT, standings(*EXERCISES)), NOW)
    assert (text(state), effects) == ("You passed every exercise.", [Draw()])


def test_key_for_the_list():
    """Key l replaces the page with the list, and the second time with the page before it."""
    assert update(shown(), Key("l"), NOW)[1] == [ReadProgress(Purpose.LIST)]
    read = ProgressRead(Purpose.LIST, standings("sizes"))
    state, effects = update(shown(), read, NOW)
    assert text(state).startswith("→ double   new") and "  sizes    passed" in text(state)
    assert effects == [Draw()]
    assert "l back" in state.keys
    assert update(state, read, NOW)[0].page == shown().page
    # The statement in between changes nothing about the way back.
    state, _ = update(state, Key("s"), NOW)
    assert "s back" in state.keys
    state, _ = update(state, Key("s"), NOW)
    assert (state.page.parts, state.page.before) == (shown().page.parts, ())


def test_key_for_a_hint():
    """Key h adds the next hint to the page, where it stays after a save until a pass."""
    assert update(shown(), Key("h"), NOW)[1] == [TakeHint(DOUBLE)]
    hint = Hint(1, "Multiply.", 0)
    state, effects = update(shown(), HintGiven(DOUBLE, hint), NOW)
    assert state.page.parts[1:] == (ShownHint(DOUBLE, hint),)
    assert effects == [Draw(only_last=True)]
    state, _ = update(state, HintGiven(DOUBLE, hint), NOW)
    assert len(state.page.parts) == 2
    state, _ = update(state, graded(BAD, 3), NOW)
    assert state.page.parts[1:] == (ShownHint(DOUBLE, hint),)
    assert state.page.parts[0].points_before == 2
    state, _ = update(state, graded(GOOD, 5), NOW)
    assert len(state.page.parts) == 1


def test_key_for_the_statement():
    """Key s shows the statement, and the second time the page before it."""
    before = shown()
    state, effects = update(before, Key("s"), NOW)
    assert (state.page.parts, effects) == ((Statement(DOUBLE),), [Draw()])
    after_grade, _ = update(state, graded(GOOD, 5), NOW)
    assert after_grade.page.before == ()
    state, _ = update(state, Key("s"), NOW)
    assert state.page == before.page
    # There is no way back from the statement that the watch began with.
    begun = State(DOUBLE, page=Page((Statement(DOUBLE),)))
    state, _ = update(begun, Key("s"), NOW)
    assert (state.page.parts, state.page.before) == (begun.page.parts, ())


def test_key_to_run_again():
    """Key r grades again with other inputs, even the untouched starter."""
    state, effects = update(shown(), Key("r"), NOW)
    assert effects == [DrawInputs(DOUBLE), Read(DOUBLE, Why.REQUESTED)]
    event = FileRead(DOUBLE, Why.REQUESTED, BAD, has_first_content=True)
    assert update(state, event, NOW)[1] == [StartGrading(DOUBLE, BAD)]


def test_key_to_answer():
    """Key a asks the questions of a quiz, then grades; code has no such key."""
    state = State(SIZES, is_introduced=True)
    assert "a answer here" in state.keys and "a answer here" not in SHOWN.keys
    assert update(state, Key("a"), NOW) == (state, [AskQuestions(SIZES)])
    _, effects = update(state, QuizAnswered(), NOW)
    assert effects == [DrawInputs(SIZES), Read(SIZES, Why.REQUESTED)]


def test_every_key_is_documented():
    """The table of docs/self-study.md lists the keys on the screen, and no others."""
    page = Path(__file__).parents[2].joinpath("docs", "self-study.md").read_text()
    table = page.partition("| key | action |")[2].partition("\n\n")[0]
    documented = re.findall(r"^\| `(\w)`", table, re.MULTILINE)
    # A page of several parts says what these two do.
    on_screen = ["b", *(key[0] for key in (*SHOWN.keys, *State(SIZES).keys))]
    assert sorted(documented) == sorted(set(on_screen))
    assert "| space |" in table


def test_keys_that_mean_nothing():
    """Any other key lists the keys once, and changes nothing else."""
    state, effects = update(SHOWN, Key("x"), NOW)
    assert effects == [Draw(only_last=True)] and state.page.parts[:-1] == SHOWN.page.parts
    assert text(state).startswith("Keys: h hint, s show,")
    # Only a quiz can be answered here.
    assert update(state, Key("a"), NOW)[0] == state


def test_columns_stay_columns(tmp_path, capsys):
    """On a narrower terminal, rows of a list are cut, and sentences are wrapped again."""
    row = "  exercise1   new  -/20  " + "title " * 20
    words = "word " * 20
    state = State(DOUBLE, page=Page(([row, words],)))
    Screen(tmp_path, "ada").draw(state, only_last=True)
    cut, first, second = capsys.readouterr().out.strip("\n").splitlines()
    assert cut.startswith("  exercise1   new  -/20") and cut.endswith("…") and len(cut) <= 80
    assert f"{first} {second}" == words.strip()


@pytest.mark.parametrize("event", [Key("q"), Key("\x04"), Terminated(15)], ids=repr)
def test_end(event):
    """Keys q and Ctrl-D leave with 0, a signal with its number."""
    assert update(SHOWN, event, NOW) == (SHOWN, [End(getattr(event, "signal", 0))])


# The screen


def test_space_turns_the_page_until_it_changes():
    """Space turns to the next part; another size or an addition shows the first part again."""
    state, effects = update(SHOWN, Key(" "), NOW)
    assert (state.page.turned, effects) == (1, [Draw()])
    assert update(state, Resized(), NOW) == (SHOWN, [Draw()])
    assert update(state, Failed("no hints"), NOW)[0].page.turned == 0


def test_effect_that_fails():
    """What cannot be done is reported below the page, which stays."""
    state, effects = update(shown(), Failed("double has no hints"), NOW)
    assert (text(state), effects) == ("double has no hints", [Draw(only_last=True)])
    assert isinstance(state.page.parts[0], GradeReport)
