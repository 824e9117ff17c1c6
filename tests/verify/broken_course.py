"""A course for tests of `grade verify`: each exercise breaks one rule in one way."""

import shutil
from collections.abc import Callable
from pathlib import Path

import yaml

from tests.grading import SMALL_COURSE

CODE, QUIZ = "double", "sizes"


class Exercise:
    """A copy of an exercise of the small course, to break in one place."""

    def __init__(self, root: Path, name: str, original: str) -> None:
        self.root, self.name = root, name
        for side in ("exercises", "solutions"):
            shutil.copytree(SMALL_COURSE / side / original, root / side / name)
        if original == CODE:
            # Without it, code that computes nothing would get points, which is a finding.
            for title in ("The input stays as it was", "Text is refused"):
                self.replace("public/exercise.yaml", title, f"{title}, needs: [value]")
        # With yes or no for one point in 32, the quiz does not pay for guessing.
        if original == QUIZ:
            self.replace("public/exercise.yaml", "points: 2", "points: 30")

    def path(self, file: str) -> Path:
        """``public/FILE`` or ``hidden/FILE``."""
        side, _, rest = file.partition("/")
        return self.root / {"public": "exercises", "hidden": "solutions"}[side] / self.name / rest

    def write(self, file: str, text: str) -> None:
        """Replace a whole file."""
        self.path(file).write_text(text)

    def add(self, file: str, text: str) -> None:
        """Append to a file."""
        self.write(file, self.path(file).read_text() + text)

    def replace(self, file: str, old: str, new: str) -> None:
        """Replace a text that the file contains."""
        text = self.path(file).read_text()
        assert old in text, (file, old)
        self.write(file, text.replace(old, new))

    def spec(self, **keys: object) -> None:
        """Set keys of exercise.yaml."""
        file = self.path("public/exercise.yaml")
        file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text()) | keys, sort_keys=False))

    def remove(self, file: str) -> None:
        """Remove a file."""
        self.path(file).unlink()


Change = Callable[[Exercise], object]


class Broken:
    """One way to break an exercise, and the one finding that it must give."""

    def __init__(self, original: str, rule: str, place: str, *said: str) -> None:
        self.original = original
        self.rule = rule
        self.place = place
        self.said = said
        self.change: Change = lambda _: None


BROKEN: dict[str, Broken] = {}


def at_load(exercise: Exercise, expression: str) -> None:
    """Let the solution evaluate this when it loads: as an annotation, which gives no mutants."""
    exercise.replace("hidden/solution.py", "def double(x)", f"def double(x: {expression})")


def _command(name: str, place: str) -> str:
    """The command that grades a file in the folder of the course, up to the seed."""
    return f"`grade {name} {place} --course . --seed "


def broken(original: str, rule: str, place: str, *said: str):
    """Register a change and its finding: rule, place, and parts of the sentences."""

    def register(change):
        BROKEN[change.__name__] = one = Broken(original, rule, place, *said)
        one.change = change
        return change

    return register


SPEC, STARTER = "exercises/{id}/exercise.yaml", "exercises/{id}/starter.py"
SOLUTION, CHECKS = "solutions/{id}/solution.py", "solutions/{id}/checks.py"
WRONG_FILES, WRONG_ANSWERS, EQUIVALENT = (
    f"solutions/{{id}}/{name}" for name in ("wrong", "wrong.yaml", "equivalent.yaml")
)


@broken(CODE, "schema", SPEC + " line 8", "unknown key `hint`", "did you mean `hints`?")
def unknown_key(exercise):
    exercise.replace("public/exercise.yaml", "hints:", "hint:")


@broken(CODE, "schema", "solutions/{id}", "no such folder")
def one_side(exercise):
    shutil.rmtree(exercise.path("hidden/"))


@broken(
    CODE,
    "schema",
    CHECKS + " line 1",
    "ModuleNotFoundError: No module named 'nothing_like_it'",
)
def checks_not_importable(exercise):
    exercise.write(
        "hidden/checks.py",
        "import nothing_like_it\n" + exercise.path("hidden/checks.py").read_text(),
    )


@broken(CODE, "schema", CHECKS + " line 2", "SystemExit: this ends Python")
def checks_that_end(exercise):
    checks = exercise.path("hidden/checks.py").read_text()
    exercise.write("hidden/checks.py", "import sys\nsys.exit()\n" + checks)


@broken(CODE, "schema", CHECKS + " line 10", "`test_value`: function uses no argument 'sizes'")
def parametrized_in_vain(exercise):
    exercise.replace("hidden/checks.py", '("size", ', '("sizes", ')


@broken(
    CODE,
    "schema",
    SPEC + " line 10",
    "`torch.sofmax` at `forbidden` does not exist",
    "did you mean `torch.softmax`?",
)
def forbidden_typo(exercise):
    exercise.spec(forbidden=["torch.sofmax"])


@broken(
    CODE,
    "schema",
    SPEC + " line 10",
    "`torch.device` at `forbidden` is a built-in type, whose use the grader cannot refuse",
)
def forbidden_builtin_type(exercise):
    exercise.spec(forbidden=["torch.device"])


@broken(CODE, "schema", EQUIVALENT + " line 1", "unknown key `becaus`", "did you mean `because`?")
def equivalent_with_unknown_key(exercise):
    exercise.write("hidden/equivalent.yaml", "- {was: a, becomes: b, becaus: c}\n")


@broken(
    CODE,
    "files",
    "exercises/{id}/checks.py",
    "The grader does not use this file.",
    "only exercise.yaml, starter.py here",
)
def stray_in_public(exercise):
    exercise.write("public/checks.py", "")


@broken(CODE, "files", SPEC + " line 11", "`torch.add` is twice in `forbidden`.", "Remove one.")
def forbidden_name_twice(exercise):
    exercise.spec(forbidden=["torch.add", "torch.add"])


@broken(CODE, "files", "solutions/{id}/notes.md", "The grader does not use this file.")
def stray_in_hidden(exercise):
    exercise.write("hidden/notes.md", "")


@broken(
    QUIZ,
    "files",
    "solutions/{id}/solution.py",
    "The grader does not use this file.",
    "an exercise of kind quiz has only wrong.yaml",
)
def stray_in_quiz(exercise):
    exercise.write("hidden/solution.py", "")


@broken(
    CODE,
    "files",
    "solutions/{id}/wrong/squared.txt",
    "The grader does not use this file.",
    "rename it to .py",
)
def stray_among_wrong(exercise):
    exercise.write("hidden/wrong/squared.txt", "")


@broken(
    CODE,
    "secrecy",
    SPEC,
    'It shows line 7 of solutions/{id}/solution.py: raise TypeError("not text")',
)
def solution_in_statement(exercise):
    exercise.replace(
        "public/exercise.yaml", "twice `x`.", 'twice `x`. Text: raise  TypeError("not text")'
    )


@broken(
    CODE,
    "secrecy",
    STARTER,
    "of solutions/{id}/checks.py: x = torch.arange(3.0, requires_grad=True)",
)
def check_in_starter(exercise):
    exercise.add("public/starter.py", "\n\n# x = torch.arange(3.0, requires_grad=True)\n")


@broken(CODE, "unfinished", STARTER + " line 11", "fix this Write it, and remove the TODO(author).")
def unfinished(exercise):
    exercise.add("public/starter.py", "\n\n# TODO(author): fix this\n")


@broken(CODE, "statement", SPEC, "It has no `hints`.", "from a nudge to nearly the answer")
def no_hints(exercise):
    exercise.spec(hints=[])


@broken(CODE, "statement", SPEC + " line 16", "Hint 2 is empty.")
def empty_hint(exercise):
    exercise.spec(hints=["Multiply.", " \n"])


@broken(
    CODE,
    "statement",
    SPEC + " line 4",
    "The statement does not name `double`.",
    "`double(x) -> Tensor`",
)
def entry_not_named(exercise):
    exercise.spec(statement="Write a function.")


@broken(CODE, "statement", SPEC + " line 4", "A code block of the statement is not closed.")
def open_block(exercise):
    exercise.spec(statement="Write `double(x)`.\n\n```python\nprint(1)\n")


@broken(
    CODE,
    "statement",
    SPEC + " line 4",
    "The link (htps://pytorch.org) in the statement leads nowhere.",
    "https://host/page",
)
def bad_link(exercise):
    exercise.spec(
        statement="Write `double(x)`; see [good](https://pytorch.org/docs), [file](starter.py), "
        "[bad](htps://pytorch.org)."
    )


@broken(
    CODE,
    "statement",
    SPEC + " line 4",
    "The Python in the statement does not run: ZeroDivisionError: division by zero",
    "1 / 0",
)
def block_that_raises(exercise):
    exercise.spec(
        statement="Write `double(x)`.\n\n```python\nimport torch\nten = double(5)\n```\n"
        "```sh\nnot python\n```\nThen:\n\n```python\nassert ten == 10\n1 / 0\n```\n"
    )


@broken(CODE, "starter", STARTER, "The unchanged starter passes the check `refuses`.")
def starter_with_points(exercise):
    exercise.replace("public/exercise.yaml", "Text is refused, needs: [value]", "Text is refused")
    exercise.replace(
        "public/starter.py",
        "raise NotImplementedError",
        "if type(x) is str:\n        raise TypeError\n    raise NotImplementedError",
    )


@broken(
    CODE,
    "starter",
    STARTER,
    "starter.py does not define `double(x) -> Tensor`.",
    "Define every entry, and raise NotImplementedError",
)
def starter_without_entry(exercise):
    exercise.replace("public/starter.py", "def double", "def twice")


@broken(CODE, "starter", STARTER + " line 8", "This is not Python: invalid syntax.")
def starter_is_no_python(exercise):
    exercise.replace("public/starter.py", "raise NotImpl", "rais NotImpl")


@broken(CODE, "solution", SOLUTION + " line 8", "This is not Python: invalid syntax.")
def solution_is_no_python(exercise):
    """The mutants in equivalent.yaml, which do not exist then, are no findings."""
    exercise.replace("hidden/solution.py", "return x * 2", "retrun x * 2")
    exercise.write("hidden/equivalent.yaml", "- {was: x * 2, becomes: x, because: No.}\n")


@broken(
    CODE,
    "solution",
    SOLUTION,
    "It does not pass `gradient`: ",
    "expected 20",
    _command("{id}", SOLUTION),
)
def solution_fails_with_some_seeds(exercise):
    exercise.replace(
        "hidden/checks.py", "def test_gradient(learner):", "def test_gradient(learner, rng):"
    )
    # Both misconceptions fail this check with every seed.
    exercise.replace(
        "hidden/checks.py",
        '    assert_close(found, wanted, "the gradient of x")',
        '    assert_close(found, wanted, "the gradient of x")\n'
        "    if int(torch.randint(4, (1,), generator=rng)) == 0:\n"
        "        assert_equal(learner.double(torch.tensor(2)), torch.tensor(20))",
    )


@broken(
    CODE,
    "solution",
    SOLUTION,
    "It does not pass `value` within half of the limits: No answer within",
    "Raise `limits`",
)
def solution_too_slow(exercise):
    exercise.spec(limits={"seconds": 0.5, "total_seconds": 3})
    loop = "    import time\n    while time.process_time() < 0.35:\n        pass\n"
    exercise.replace("hidden/solution.py", "    return x * 2", f"{loop}    return x * 2")


@broken(
    CODE,
    "solution",
    SOLUTION,
    "It does not pass `value` within half of the limits: Your code needs more memory than the 128 MiB",  # noqa: E501
    "Raise `limits`",
)
def solution_too_large(exercise):
    at_load(exercise, "bytearray(200 * 2**20)")


@broken(CODE, "solution", SOLUTION, "It prints more than half of the output that the grader keeps.")
def solution_too_talkative(exercise):
    at_load(exercise, "print('x' * 1500)")


@broken(
    CODE,
    "solution",
    SOLUTION,
    "It gets two different grades with the same seed.",
    "Does every `torch.rand…` in checks.py have `generator=rng`?",
)
def solution_that_differs(exercise):
    at_load(exercise, "print(__import__('time').time_ns())")


@broken(
    CODE,
    "wrong",
    "solutions/{id}/wrong/right.py",
    "With seed 1 it passes every check.",
    "see `grade wrong_is_right",
)
def wrong_is_right(exercise):
    exercise.write(
        "hidden/wrong/right.py",
        '"""Wrong."""\n' + exercise.path("hidden/solution.py").read_text().split('"""\n', 1)[1],
    )


@broken(
    CODE,
    "wrong",
    "solutions/{id}/wrong/sometimes.py",
    "With seed 3 it passes every check.",
    "fails it with every seed; see `grade",
)
def wrong_with_some_seeds(exercise):
    exercise.replace(
        "hidden/checks.py", "def test_untouched(learner):", "def test_untouched(learner, rng):"
    )
    exercise.replace(
        "hidden/checks.py",
        "    x = torch.arange(3.0)\n    assert_equal(learner.run(",
        "    x = torch.rand(2, generator=rng) - 0.5\n    assert_equal(learner.double(x), x * 2)\n"
        "    assert_equal(learner.run(",
    )
    exercise.write(
        "hidden/wrong/sometimes.py",
        '"""Some."""\ndef double(x):\n    if isinstance(x, str):\n        raise TypeError\n'
        "    return x * 2 if x[0] >= -0.2 else x * 3\n",
    )


@broken(
    CODE,
    "wrong",
    "solutions/{id}/wrong/squared_too.py",
    "It is not recognized: it gives the same results as `squared` in every check.",
    "Remove one of them",
)
def wrong_twins(exercise):
    exercise.write(
        "hidden/wrong/squared_too.py",
        '"""Squared."""\ndef double(x):\n    y = x\n    return y * x\n',
    )


@broken(
    CODE,
    "wrong",
    "solutions/{id}/wrong/renamed.py",
    "No check could call it: renamed.py does not define `double(x) -> Tensor`.",
    "defines every entry",
)
def wrong_without_entry(exercise):
    exercise.write("hidden/wrong/renamed.py", '"""Renamed."""\ndef twice(x):\n    return x\n')


@broken(
    CODE,
    "wrong",
    "solutions/{id}/wrong/zero.py",
    "No check could call it: ZeroDivisionError: division by zero (zero.py line 2: 1 / 0)",
)
def wrong_that_does_not_load(exercise):
    exercise.write("hidden/wrong/zero.py", '"""Zero."""\n1 / 0\ndef double(x):\n    return x\n')


@broken(
    CODE,
    "wrong",
    "solutions/{id}/wrong/random.py",
    "It is not recognized: in `value`, which fails it first",
)
def wrong_by_chance(exercise):
    exercise.write(
        "hidden/wrong/random.py",
        '"""Chance."""\nimport os\ndef double(x):\n    return x * os.urandom(4)[0] - 7\n',
    )


@broken(
    CODE,
    "wrong",
    "solutions/{id}/wrong/half.py line 2",
    "This is not Python",
    "this code has to run",
)
def wrong_is_no_python(exercise):
    exercise.write("hidden/wrong/half.py", '"""Half."""\ndef double(x:\n')


@broken(
    CODE,
    "wrong",
    "solutions/{id}/wrong/loose.py line 2",
    "'return' outside function",
    "this code has to run",
)
def wrong_does_not_compile(exercise):
    exercise.write("hidden/wrong/loose.py", '"""Loose."""\nreturn 3\n')


@broken(
    CODE, "wrong", "solutions/{id}/wrong/tripled.py", "It has no docstring, so it explains nothing."
)
def wrong_without_docstring(exercise):
    exercise.write("hidden/wrong/tripled.py", "def double(x):\n    return x * 3\n")


@broken(
    CODE,
    "wrong",
    "solutions/{id}/wrong/squared.py",
    "The first check that fails it is `value`, not `gradient`.",
)
def wrong_caught_by_another(exercise):
    exercise.replace("hidden/wrong/squared.py", '"""\n', '"""\n\n# caught by: gradient\n')


@broken(
    CODE,
    "wrong",
    "solutions/{id}/wrong/squared.py",
    "names `valeu`, which is not a check.",
    "Name one of value, gradient",
)
def wrong_caught_by_no_check(exercise):
    exercise.replace("hidden/wrong/squared.py", '"""\n', '"""\n\n# caught by: value, valeu\n')


@broken(CODE, "wrong", WRONG_FILES, "There is no misconception, so nothing proves the checks.")
def no_wrong(exercise):
    shutil.rmtree(exercise.path("hidden/wrong"))


@broken(
    CODE,
    "checks",
    CHECKS,
    "`test_idle` fails no misconception.",
    "Add the misconception that it should catch",
)
def check_without_wrong(exercise):
    spec = yaml.safe_load(exercise.path("public/exercise.yaml").read_text())
    # It does not count in the misconceptions that fail `value`, and yet catches none of them.
    idle = {"check": "idle", "title": "It is there", "needs": ["value"]}
    exercise.spec(rubric=[*spec["rubric"], idle])
    exercise.add(
        "hidden/checks.py",
        "\n\ndef test_idle(learner):\n"
        "    assert_equal(learner.double(torch.zeros(2)), torch.zeros(2))\n",
    )


def _lenient(exercise: Exercise, ending: str) -> None:
    """Add a check that misconceptions fail, and that does ``ending`` if a call raises."""
    spec = yaml.safe_load(exercise.path("public/exercise.yaml").read_text())
    lenient = {"check": "lenient", "title": "It is lenient", "needs": ["value"]}
    exercise.spec(rubric=[*spec["rubric"], lenient])
    exercise.add(
        "hidden/checks.py",
        "\n\ndef test_lenient(learner):\n"
        "    try:\n        found = learner.double(torch.ones(2))\n"
        f"    except Exception:\n        {ending}\n"
        "    assert_equal(found, torch.full((2,), 2.0))\n",
    )


@broken(CODE, "checks", CHECKS, "`test_lenient` holds for the starter, whose functions only raise")
def check_that_accepts_errors(exercise):
    _lenient(exercise, "return")


@broken(CODE, "checks", CHECKS, "`test_lenient` judges nothing: it is skipped (not now).")
def check_that_is_skipped(exercise):
    _lenient(exercise, "pytest.skip('not now')")


@broken(
    CODE,
    "checks",
    CHECKS + " line 13",
    "`test_value` breaks on wrong/text.py instead of judging it: TypeError",
    "let an assert_… accept a value",
)
def check_that_breaks(exercise):
    exercise.spec(entry=["double(x)"])
    exercise.replace(
        "hidden/checks.py",
        "    x = torch.arange(float(size))\n",
        "    x = torch.arange(float(size))\n    assert learner.double(x) * 1.0 is not None, 'no'\n",
    )
    exercise.write("hidden/wrong/text.py", '"""Text."""\ndef double(x):\n    return "text"\n')


@broken(
    CODE,
    "checks",
    CHECKS + " line 43",
    "NameError: name 'torhc' is not defined",
    "Fix that line of the check.",
)
def slip_in_a_helper(exercise):
    exercise.replace("hidden/checks.py", "torch.arange(float(size))", "numbers(size)")
    exercise.replace(
        "hidden/checks.py", "torch.arange(3.0, requires_grad=True)", "numbers(3).requires_grad_()"
    )
    exercise.add(
        "hidden/checks.py", "\n\ndef numbers(size):\n    return torhc.arange(float(size))\n"
    )


@broken(CODE, "checks", CHECKS + " line 13", "This `assert` has no message")
def silent_assert(exercise):
    old = "assert_equal(learner.double(x), torch.stack([x, x]).sum(0))"
    new = "assert learner.double(x).equal(torch.stack([x, x]).sum(0))"
    exercise.replace("hidden/checks.py", old, new)


@broken(
    CODE,
    "checks",
    SPEC + " line 10",
    "`torch.clamp` is forbidden, but `x.clamp(…)` does the same.",
    'Add "aten::clamp".',
)
def open_method(exercise):
    exercise.spec(forbidden=["torch.clamp", "torch.clip", "torch.Tensor.clip"])


@broken(CODE, "files", "exercises/{id}", "`grade status` is a command", "Rename both")
def status(exercise):
    exercise.add("public/starter.py", "")


@broken(
    CODE,
    "mutants",
    SOLUTION + " line 8",
    "With this change it still passes every check (off by one):",
    "list it with the reason in equivalent.yaml",
)
def survivor(exercise):
    exercise.replace(
        "hidden/solution.py",
        "    return x * 2",
        "    large = 1000\n    return x * 2 if x.numel() < large else x + x",
    )
    exercise.write(
        "hidden/equivalent.yaml",
        "".join(
            f"- {{was: '{was}', becomes: '{becomes}', because: No check has so large an input.}}\n"
            for was, becomes in [
                ("large = 1000", "large = 1001"),
                (
                    "return x * 2 if x.numel() < large else x + x",
                    "return x * 2 if x.numel() <= large else x + x",
                ),
                ("return x * 2 if x.numel() < large else x + x", "return x * 2"),
                (
                    "return x * 2 if x.numel() < large else x + x",
                    "return x * 2 if x.numel() < large else x",
                ),
                (
                    "return  x * 2 if x.numel() < large else x + x",
                    "return x * 2 if x.numel() < large else x - x",
                ),
            ]
        ),
    )


@broken(
    CODE,
    "mutants",
    EQUIVALENT,
    "solution.py no longer has this mutant: return 7 → return 8",
    "Remove the entry",
)
def stale_equivalent(exercise):
    exercise.write(
        "hidden/equivalent.yaml", "- {was: return 7, becomes: return 8, because: It was so once.}\n"
    )


@broken(
    CODE,
    "mutants",
    EQUIVALENT,
    "A check fails this mutant, so it is not equivalent: return x * 2 → return x",
    "Remove the entry.",
)
def caught_equivalent(exercise):
    exercise.write(
        "hidden/equivalent.yaml", "- {was: return x * 2, becomes: return x, because: No.}\n"
    )


@broken(
    QUIZ,
    "wrong",
    WRONG_ANSWERS + " line 10",
    "`seven` of `numbers` is the correct answer for n = 7, m = 3.",
    "so that the answers always differ",
)
def wrong_answer_is_right(exercise):
    exercise.replace(
        "hidden/wrong.yaml",
        "numbers:\n",
        "numbers:\n  - {misconception: seven, expression: '7 * {m}', because: No.}\n",
    )


@broken(
    QUIZ,
    "wrong",
    WRONG_ANSWERS + " line 13",
    "`commuted` of `numbers` is the same as `added` for n = 3, m = 4.",
)
def wrong_answers_alike(exercise):
    exercise.add(
        "hidden/wrong.yaml",
        "  - {misconception: commuted, expression: '{m} + {n}', because: No.}\n",
    )


@broken(
    QUIZ,
    "wrong",
    WRONG_ANSWERS + " line 13",
    "`pair` of `numbers`, (1, 2), is not recognized: wrong_answer_of_another_kind.yaml line 2: ",
)
def wrong_answer_of_another_kind(exercise):
    exercise.add(
        "hidden/wrong.yaml", "  - {misconception: pair, expression: '(1, 2)', because: No.}\n"
    )


@broken(QUIZ, "wrong", WRONG_ANSWERS, "`floats` has no misconception.", "what to tell the learner")
def question_without_wrong(exercise):
    known = yaml.safe_load(exercise.path("hidden/wrong.yaml").read_text())
    exercise.write(
        "hidden/wrong.yaml", yaml.safe_dump({name: known[name] for name in ("vector", "numbers")})
    )


@broken(
    QUIZ,
    "solution",
    SPEC + " line 37",
    "The key of `endless`, inf, is not accepted: key_nobody_can_write.yaml line 2: `inf` cannot",
)
def key_nobody_can_write(exercise):
    questions = yaml.safe_load(exercise.path("public/exercise.yaml").read_text())["questions"]
    # More points elsewhere: its answer is the same for everybody.
    questions[1]["points"] = 60
    exercise.spec(
        questions=[
            *questions,
            {"name": "endless", "ask": "How much?", "expression": "float('inf')"},
        ]
    )
    exercise.add(
        "hidden/wrong.yaml", "endless:\n  - {misconception: one, expression: '1.0', because: No.}\n"
    )


@broken(
    QUIZ,
    "guessing",
    SPEC,
    "One fixed sheet earns 1.7 of 8 points on average, most of them at `floats`, `numbers`, ",
    "in place of yes or no",
)
def yes_or_no_counts_too_much(exercise):
    exercise.replace("public/exercise.yaml", "points: 30", "points: 6")


@broken(
    QUIZ,
    "schema",
    SPEC + " line 14",
    "question `numbers`: `torch.zeros(3, 9).nummel()` raises AttributeError",
)
def expression_that_raises(exercise):
    exercise.replace("public/exercise.yaml", ".numel()", ".nummel()")


def _to_try(exercise, lines):
    exercise.replace(
        "public/exercise.yaml",
        "questions:\n  - name: vector\n",
        "questions:\n  - name: vector\n    try: |\n" + lines,
    )


@broken(
    QUIZ,
    "statement",
    SPEC + " line 9",
    "`try` of `vector` does not give the key, (",
    "NameError: name 'layer' is not defined",
)
def lines_to_try_that_raise(exercise):
    _to_try(exercise, "      layer.weight\n")


@broken(
    QUIZ,
    "statement",
    SPEC + " line 9",
    "does not give the key",
    "): they end with (2, 3)",
    "the last of which gives the key",
)
def lines_to_try_that_show_something_else(exercise):
    _to_try(exercise, "      a = torch.ones(2, 3)\n      a.shape\n")


@broken(QUIZ, "statement", SPEC + " line 9", "`try` of `vector` is not Python (its line 2: ")
def lines_to_try_that_are_no_python(exercise):
    _to_try(exercise, "      a = 1\n      a b\n")


def hanging(exercise: Exercise) -> None:
    """A solution whose mutants loop forever."""
    exercise.spec(limits={"seconds": 0.25, "total_seconds": 2}, forbidden=[])
    exercise.write(
        "hidden/equivalent.yaml",
        "- was: count, y = 3, x * 0\n  becomes: count, y = 3, 0\n"
        "  because: A number plus a tensor is a tensor.\n",
    )
    exercise.replace(
        "hidden/solution.py",
        "    return x * 2",
        "    count, y = 3, x * 0\n    while count != 1:\n        count -= 1\n        y = y + x\n"
        "    return y",
    )


def plain(exercise: Exercise) -> None:
    """Valid links and code in the statement, and a hint that shows a line of the solution."""
    exercise.spec(
        statement="Write `double(x)`, [so](https://pytorch.org/docs#x) or [so](starter.py). "
        "`w[i](x)` is no link.\n\n"
        "```python\nimport torch\nten = double(torch.tensor(5))\n```\n\n```sh\nnot python\n```\n\n"
        "    [nor](is this)\n\n```python\nassert ten.item() == 10\n```\n",
        hints=['Try `raise TypeError("not text")`.'],
    )


def sampled(exercise: Exercise) -> None:
    """A quiz with more draws than the grader tries."""
    exercise.replace(
        "public/exercise.yaml", "draw: {n: [3, 9], m: [3, 9]}", "draw: {n: [3, 200], m: [3, 200]}"
    )


@broken(
    "double",
    "nothing",
    CHECKS,
    "Code that always returns zeros gets 1 of 5 points",
    "It passes `untouched`.",
)
def points_for_nothing(exercise):
    """A check that holds for any result."""
    exercise.replace(
        "public/exercise.yaml",
        "untouched, title: The input stays as it was, needs: [value]",
        "untouched, title: The input stays as it was",
    )


@broken(
    "double",
    "outsiders",
    "solutions/{id}/outsiders/wrong/detached.py",
    "It is wrong, but it passes value.",
)
def outsider_passes(exercise):
    """A wrong submission that passes a check in its first line."""
    exercise.path("hidden/outsiders/wrong").mkdir(parents=True)
    exercise.write(
        "hidden/outsiders/wrong/detached.py",
        "# fails: gradient, value: no gradient\n" + exercise.path("hidden/solution.py").read_text(),
    )
    exercise.replace("hidden/outsiders/wrong/detached.py", "x * 2", "x.detach() * 2")


@broken(
    "double",
    "outsiders",
    "solutions/{id}/outsiders/right/tripled.py",
    "It is right, but it does not pass value, gradient, untouched, refuses.",
)
def outsider_fails(exercise):
    """A right submission that loses points."""
    exercise.path("hidden/outsiders/right").mkdir(parents=True)
    exercise.write(
        "hidden/outsiders/right/tripled.py", exercise.path("hidden/solution.py").read_text()
    )
    exercise.replace("hidden/outsiders/right/tripled.py", "x * 2", "x * 3")


@broken(
    "double",
    "outsiders",
    "solutions/{id}/outsiders/wrong/unnamed.py line 1",
    "It does not name the checks that must fail.",
)
def outsider_without_checks(exercise):
    """A wrong submission whose first line names no check."""
    exercise.path("hidden/outsiders/wrong").mkdir(parents=True)
    exercise.write("hidden/outsiders/wrong/unnamed.py", "# fails: everything\n")


@broken(
    "double",
    "outsiders",
    "solutions/{id}/outsiders/wrong/misspelled.py line 1",
    "It names `valeu`, and there is no such check.",
)
def outsider_with_unknown_check(exercise):
    """A wrong submission whose first line names a check that does not exist."""
    exercise.path("hidden/outsiders/wrong").mkdir(parents=True)
    exercise.write("hidden/outsiders/wrong/misspelled.py", "# fails: valeu: everything\n")


def _not_utf8(exercise, file):
    path = exercise.path(file)
    path.write_bytes(path.read_bytes() + "# fertig für heute\n".encode("latin-1"))


@broken(CODE, "schema", SOLUTION + " line 9", "not UTF-8", "save the file as UTF-8")
def solution_not_utf8(exercise):
    _not_utf8(exercise, "hidden/solution.py")


@broken(CODE, "wrong", "solutions/{id}/wrong/squared.py", "not UTF-8")
def misconception_not_utf8(exercise):
    _not_utf8(exercise, "hidden/wrong/squared.py")


@broken(CODE, "schema", "solutions/{id}/outsiders/wrong/squared.py line 1", "not UTF-8")
def outsider_not_utf8(exercise):
    exercise.path("hidden/outsiders/wrong").mkdir(parents=True)
    exercise.write("hidden/outsiders/wrong/squared.py", "")
    _not_utf8(exercise, "hidden/outsiders/wrong/squared.py")
