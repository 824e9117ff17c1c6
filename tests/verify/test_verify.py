"""`grade verify`, as an author types it: a course in which each exercise breaks one rule, verified once."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from grader.verify.records import Rule
from tests.grading import SMALL_COURSE, is_dead, run_grade, until

CODE, QUIZ = "double", "sizes"


class Exercise:
    """One copy of an exercise of the small course, to be broken in one place."""

    def __init__(self, root: Path, name: str, original: str) -> None:
        self.root, self.name = root, name
        for side in ("exercises", "solutions"):
            shutil.copytree(SMALL_COURSE / side / original, root / side / name)

    def path(self, file: str) -> Path:
        """``public/FILE`` or ``hidden/FILE``."""
        side, _, rest = file.partition("/")
        return self.root / {"public": "exercises", "hidden": "solutions"}[side] / self.name / rest

    def write(self, file: str, text: str) -> None:
        """Write a file anew."""
        self.path(file).write_text(text)

    def add(self, file: str, text: str) -> None:
        """Add to the end of a file."""
        self.write(file, self.path(file).read_text() + text)

    def replace(self, file: str, old: str, new: str) -> None:
        """Replace what stands in a file."""
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


class Broken:
    """One way to break an exercise, and what has to be said of it."""

    def __init__(self, original: str, rule: str, place: str, *said: str) -> None:
        self.original, self.rule, self.place, self.said = original, rule, place, said
        self.change = None


BROKEN: dict[str, Broken] = {}


def at_load(exercise: Exercise, expression: str) -> None:
    """Have the solution evaluate this when it is loaded: as an annotation, of which no mutants are made."""
    exercise.replace("hidden/solution.py", "def double(x)", f"def double(x: {expression})")


def _command(name: str, place: str) -> str:
    """How an author sees it graded, up to the seed: typed in the course's folder."""
    return f"`grade {name} {place} --course . --seed "


def broken(original: str, rule: str, place: str, *said: str):
    """Register a change of an exercise with the finding that it must give: rule, place, and parts of the sentences."""

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
    "mend it",
)
def checks_not_importable(exercise):
    exercise.write(
        "hidden/checks.py",
        "import nothing_like_it\n" + exercise.path("hidden/checks.py").read_text(),
    )


@broken(CODE, "schema", SPEC + " line 10", "`torch.sofmax` at `forbidden` does not exist")
def forbidden_typo(exercise):
    exercise.spec(forbidden=["torch.sofmax"])


@broken(CODE, "schema", EQUIVALENT + " line 1", "unknown key `becaus`", "did you mean `because`?")
def equivalent_with_unknown_key(exercise):
    exercise.write("hidden/equivalent.yaml", "- {was: a, becomes: b, becaus: c}\n")


@broken(
    CODE,
    "files",
    "exercises/{id}/checks.py",
    "Nothing reads this file.",
    "only exercise.yaml, starter.py here",
)
def stray_in_public(exercise):
    exercise.write("public/checks.py", "")


@broken(CODE, "files", "solutions/{id}/notes.md", "Nothing reads this file.")
def stray_in_hidden(exercise):
    exercise.write("hidden/notes.md", "")


@broken(
    QUIZ,
    "files",
    "solutions/{id}/solution.py",
    "Nothing reads this file.",
    "an exercise of kind quiz has only wrong.yaml",
)
def stray_in_quiz(exercise):
    exercise.write("hidden/solution.py", "")


@broken(
    CODE, "files", "solutions/{id}/wrong/squared.txt", "Nothing reads this file.", "call it .py"
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


@broken(
    CODE, "unfinished", STARTER + " line 11", "mend this Write it, and remove the TODO(author)."
)
def unfinished(exercise):
    exercise.add("public/starter.py", "\n\n# TODO(author): mend this\n")


@broken(CODE, "statement", SPEC, "It has no `hints`.", "from gentle to plain")
def no_hints(exercise):
    exercise.spec(hints=[])


@broken(CODE, "statement", SPEC + " line 16", "Hint 2 is empty.")
def empty_hint(exercise):
    exercise.spec(hints=["Multiply.", " \n"])


@broken(
    CODE,
    "statement",
    SPEC + " line 4",
    "Its statement does not name `double`.",
    "`double(x) -> Tensor`",
)
def entry_not_named(exercise):
    exercise.spec(statement="Write a function.")


@broken(CODE, "statement", SPEC + " line 4", "A code block of its statement is not closed.")
def open_block(exercise):
    exercise.spec(statement="Write `double(x)`.\n\n```python\nprint(1)\n")


@broken(
    CODE,
    "statement",
    SPEC + " line 4",
    "The link (htps://pytorch.org) of its statement leads nowhere.",
    "https://host/page",
)
def bad_link(exercise):
    exercise.spec(
        statement="Write `double(x)`; see [good](https://pytorch.org/docs), [file](starter.py), [bad](htps://pytorch.org)."
    )


@broken(
    CODE,
    "statement",
    SPEC + " line 4",
    "The Python in its statement does not run: ZeroDivisionError: division by zero",
    "1 / 0",
)
def block_that_raises(exercise):
    exercise.spec(
        statement="Write `double(x)`.\n\n```python\nimport torch\nten = double(5)\n```\n"
        "```sh\nnot python\n```\nThen:\n\n```python\nassert ten == 10\n1 / 0\n```\n"
    )


@broken(CODE, "starter", STARTER, "It passes the check `refuses` as it is.")
def starter_with_points(exercise):
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
    "Let it define every entry",
)
def starter_without_entry(exercise):
    exercise.replace("public/starter.py", "def double", "def twice")


@broken(
    CODE,
    "solution",
    SOLUTION,
    "It does not pass `value`: ",
    "20 was expected",
    _command("{id}", SOLUTION),
)
def solution_fails_with_some_seeds(exercise):
    exercise.replace(
        "hidden/checks.py", "def test_value(learner, size):", "def test_value(learner, rng, size):"
    )
    exercise.replace(
        "hidden/checks.py",
        "    x = torch.arange(float(size))\n    assert_equal(learner.double(x), torch.stack([x, x]).sum(0))",
        "    x = torch.arange(float(size))\n    assert_equal(learner.double(x), torch.stack([x, x]).sum(0))\n"
        "    if int(torch.randint(4, (1,), generator=rng)) == 0:\n"
        "        assert_equal(learner.double(torch.tensor(2)), torch.tensor(20))",
    )


@broken(
    CODE,
    "solution",
    SOLUTION,
    "Within half of the limits, it does not pass `value`: No answer within 0.75 seconds. "
    "Is there a loop that never ends?",
    "Raise `limits`",
)
def solution_too_slow(exercise):
    at_load(exercise, "__import__('time').sleep(1)")


@broken(
    CODE,
    "solution",
    SOLUTION,
    "Within half of the limits, it does not pass `value`: It needed more than the 128 MiB",
    "Raise `limits`",
)
def solution_too_large(exercise):
    at_load(exercise, "bytearray(200 * 2**20)")


@broken(CODE, "solution", SOLUTION, "It prints more than half of what is kept.")
def solution_too_talkative(exercise):
    at_load(exercise, "print('x' * 1500)")


@broken(
    CODE,
    "solution",
    SOLUTION,
    "Graded twice with one seed, it gets two different grades.",
    "Draw every input of checks.py from `rng`",
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
    "whatever is drawn; see `grade",
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
    source = '"""Some."""\ndef double(x):\n    if isinstance(x, str):\n        raise TypeError\n    return '
    exercise.write("hidden/wrong/sometimes.py", source + "x * 2 if x[0] >= -0.2 else x * 3\n")


@broken(
    CODE,
    "wrong",
    "solutions/{id}/wrong/squared_too.py",
    "It is told to be `squared`, which does the same in `value`",
    "Remove one of the two",
)
def wrong_twins(exercise):
    exercise.write(
        "hidden/wrong/squared_too.py",
        '"""Squared."""\ndef double(x):\n    y = x\n    return y * x\n',
    )


@broken(
    CODE,
    "wrong",
    "solutions/{id}/wrong/random.py",
    "It is not recognised in `value`, the check that it misses first",
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
    "a real mistake runs",
)
def wrong_is_no_python(exercise):
    exercise.write("hidden/wrong/half.py", '"""Half."""\ndef double(x:\n')


@broken(
    CODE,
    "wrong",
    "solutions/{id}/wrong/loose.py line 2",
    "'return' outside function",
    "a real mistake runs",
)
def wrong_does_not_compile(exercise):
    exercise.write("hidden/wrong/loose.py", '"""Loose."""\nreturn 3\n')


@broken(
    CODE, "wrong", "solutions/{id}/wrong/tripled.py", "It explains nothing: it has no docstring."
)
def wrong_without_docstring(exercise):
    exercise.write("hidden/wrong/tripled.py", "def double(x):\n    return x * 3\n")


@broken(
    CODE,
    "wrong",
    "solutions/{id}/wrong/squared.py",
    "The check that it misses first is `value`, not `gradient`.",
)
def wrong_caught_by_another(exercise):
    exercise.replace("hidden/wrong/squared.py", '"""\n', '"""\n\n# caught by: gradient\n')


@broken(
    CODE,
    "wrong",
    "solutions/{id}/wrong/squared.py",
    "names `valeu`, which is no check.",
    "Name one of value, gradient",
)
def wrong_caught_by_no_check(exercise):
    exercise.replace("hidden/wrong/squared.py", '"""\n', '"""\n\n# caught by: value, valeu\n')


@broken(CODE, "wrong", WRONG_FILES, "There is no wrong solution, so nothing proves the checks.")
def no_wrong(exercise):
    shutil.rmtree(exercise.path("hidden/wrong"))


@broken(
    CODE,
    "checks",
    CHECKS,
    "`test_idle` fails none of the wrong solutions.",
    "Add the mistake that it is there for",
)
def check_without_wrong(exercise):
    spec = yaml.safe_load(exercise.path("public/exercise.yaml").read_text())
    exercise.spec(rubric=[*spec["rubric"], {"check": "idle", "title": "It is there"}])
    exercise.add(
        "hidden/checks.py",
        "\n\ndef test_idle(learner):\n    assert learner.double(torch.zeros(2)).sum() == 0\n",
    )


@broken(
    CODE,
    "checks",
    CHECKS + " line 14",
    "`test_value` breaks on wrong/text.py instead of judging it: TypeError",
    "let an assert_… pass a value",
)
def check_that_breaks(exercise):
    exercise.spec(entry=["double(x)"])
    exercise.replace(
        "hidden/checks.py",
        "    x = torch.arange(float(size))\n",
        "    x = torch.arange(float(size))\n    assert learner.double(x) * 1.0 is not None\n",
    )
    exercise.write("hidden/wrong/text.py", '"""Text."""\ndef double(x):\n    return "text"\n')


@broken(
    CODE,
    "checks",
    CHECKS + " line 44",
    "NameError: name 'torhc' is not defined",
    "an assert_… pass a value",
)
def slip_in_a_helper(exercise):
    exercise.replace("hidden/checks.py", "torch.arange(float(size))", "numbers(size)")
    exercise.replace(
        "hidden/checks.py", "torch.arange(3.0, requires_grad=True)", "numbers(3).requires_grad_()"
    )
    exercise.add(
        "hidden/checks.py", "\n\ndef numbers(size):\n    return torhc.arange(float(size))\n"
    )


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
    "No mutant of solution.py reads so any more: return 7 → return 8",
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
    "A check does fail what is listed here as equivalent: return x * 2 → return x",
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
    "`seven` of `numbers` is right with n = 7, m = 3.",
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
    "`plus_four` of `numbers` is what `added` is with n = 3, m = 4.",
)
def wrong_answers_alike(exercise):
    exercise.add(
        "hidden/wrong.yaml", "  - {misconception: plus_four, expression: '{n} + 4', because: No.}\n"
    )


@broken(
    QUIZ, "wrong", WRONG_ANSWERS, "There is no known wrong answer to `floats`.", "what to tell them"
)
def question_without_wrong(exercise):
    known = yaml.safe_load(exercise.path("hidden/wrong.yaml").read_text())
    exercise.write(
        "hidden/wrong.yaml", yaml.safe_dump({name: known[name] for name in ("vector", "numbers")})
    )


@broken(
    QUIZ,
    "solution",
    SPEC + " line 37",
    "The key of `endless`, inf, is not taken as an answer: Your answer `inf` cannot be read",
)
def key_nobody_can_write(exercise):
    questions = yaml.safe_load(exercise.path("public/exercise.yaml").read_text())["questions"]
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
    "schema",
    SPEC + " line 14",
    "question `numbers`: `torch.zeros(3, 9).nummel()` raises AttributeError",
    "mend the expression",
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
    "`vector` do not give the key, (",
    "NameError: name 'layer' is not defined",
)
def lines_to_try_that_raise(exercise):
    _to_try(exercise, "      layer.weight\n")


@broken(
    QUIZ,
    "statement",
    SPEC + " line 9",
    "do not give the key",
    "they end with (2, 3)",
    "end with what gives the key",
)
def lines_to_try_that_show_something_else(exercise):
    _to_try(exercise, "      a = torch.ones(2, 3)\n      a.shape\n")


@broken(QUIZ, "statement", SPEC + " line 9", "`try` of `vector` is not Python (its line 2: ")
def lines_to_try_that_are_no_python(exercise):
    _to_try(exercise, "      a = 1\n      a b\n")


@pytest.fixture(scope="module")
def verified(tmp_path_factory) -> dict[str, object]:
    """The JSON on a course of one exercise for each way to break one, and two that are whole."""
    root = tmp_path_factory.mktemp("course")
    for name, one in BROKEN.items():
        one.change(Exercise(root, name, one.original))
    _hanging(Exercise(root, "hanging", CODE))
    _sampled(Exercise(root, "sampled", QUIZ))
    _plain(Exercise(root, "plain", CODE))
    (root / "exercises" / "readme.txt").touch()
    (root / "exercises" / "empty").mkdir()
    (root / "solutions" / "alone").mkdir()
    result = run_grade("verify", "--format", "json", "--course", str(root), folder=root)
    assert (result.returncode, result.stderr) == (2, "")
    verification = json.loads(result.stdout)
    return verification | {proof["exercise"]: proof for proof in verification["exercises"]}


def _hanging(exercise: Exercise) -> None:
    """A solution whose mutants loop for ever."""
    exercise.spec(limits={"seconds": 1, "total_seconds": 4}, forbidden=[])
    exercise.write(
        "hidden/equivalent.yaml",
        "- {was: 'count, y = 3, x * 0', becomes: 'count, y = 3, 0', because: A number plus a tensor is one.}\n",
    )
    exercise.replace(
        "hidden/solution.py",
        "    return x * 2",
        "    count, y = 3, x * 0\n    while count != 1:\n        count -= 1\n        y = y + x\n    return y",
    )


def _plain(exercise: Exercise) -> None:
    """A statement with links and code that hold, and a hint that gives a line of the solution away."""
    exercise.spec(
        statement="Write `double(x)`, [so](https://pytorch.org/docs#x) or [so](starter.py). `w[i](x)` is no link.\n\n"
        "```python\nimport torch\nten = double(torch.tensor(5))\n```\n\n```sh\nnot python\n```\n\n"
        "    [nor](is this)\n\n```python\nassert ten.item() == 10\n```\n",
        hints=['Try `raise TypeError("not text")`.'],
    )


def _sampled(exercise: Exercise) -> None:
    """A quiz with more numbers to draw than are tried."""
    exercise.replace(
        "public/exercise.yaml", "draw: {n: [3, 9], m: [3, 9]}", "draw: {n: [3, 200], m: [3, 200]}"
    )


@pytest.mark.parametrize("name", BROKEN)
def test_broken_rule_is_told(name, verified):
    """What is broken in this exercise is its one finding: the rule, the place, the problem, the next step."""
    one, proof = BROKEN[name], verified[name]
    findings = proof["findings"]
    assert [(finding["rule"], finding["place"]) for finding in findings] == [
        (one.rule, one.place.format(id=name))
    ]
    text = f"{findings[0]['problem']} {findings[0]['advice']}"
    for said in one.said:
        assert said.replace("{id}", name) in text
    assert findings[0]["advice"]
    assert proof["status"] == ("broken" if one.rule == "schema" else "unproven")


def test_every_rule_is_broken_once():
    """There is an exercise above for every rule; the grader's own failures are below."""
    assert {one.rule for one in BROKEN.values()} | {"grader"} == {rule.value for rule in Rule}


def test_files_of_no_exercise(verified):
    """Loose files, folders without a definition and folders on one side only are told for the course as a whole."""
    found = [(finding["rule"], finding["place"]) for finding in verified["findings"]]
    assert found == [
        ("files", f"{place}")
        for place in ("exercises/empty", "exercises/readme.txt", "solutions/alone")
    ]


def test_survivor_shows_its_difference(verified):
    """A mutant that passes is shown as in a diff; those listed with a reason are counted apart."""
    proof = verified["survivor"]
    assert proof["findings"][0]["difference"] == ["-     large = 1000", "+     large = 999"]
    counts = proof["counts"]
    assert counts["mutants_equivalent"] == 5
    assert counts["mutants_caught"] == counts["mutants"] - 6


def test_hanging_mutants_cost_one_limit_each(verified):
    """Mutants that never end are caught by the time of one check, and the exercise is proven."""
    proof = verified["hanging"]
    counts = proof["counts"]
    assert (proof["status"], counts["mutants_caught"]) == ("proven", counts["mutants"] - 1)


def test_some_seeds_are_counted(verified):
    """A solution that fails with some seeds is told with one of them, and how many it passed."""
    counts = verified["solution_fails_with_some_seeds"]["counts"]
    assert 0 < counts["seeds_passed"] < counts["seeds"] == 20


def test_statement_that_holds(verified):
    """Code of a statement runs block after block with the entries at hand, links hold, and a hint may be plain."""
    assert verified["plain"]["findings"] == []


def test_large_draws_are_sampled(verified):
    """Where a question has too many numbers to try, some are tried, and it is said of how many."""
    counts = verified["sampled"]["counts"]
    assert verified["sampled"]["status"] == "proven"
    assert counts["draws"] == 7 + 10_000 + 7
    assert counts["draws_possible"] == 7 + 198 * 197 + 7


def test_whole_course(tmp_path):
    """A proven course: exit code 0, one line an exercise, plain text, no wider than 80 columns."""
    for name in (CODE, QUIZ):
        Exercise(tmp_path, name, name)
    result = run_grade("verify", "--course", str(tmp_path), folder=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert [" ".join(line.split()) for line in lines[2:4]] == [
        "double 20/20 2/2 8/8 – ✓ proven",
        "sizes – 3/3 – 56/56 ✓ proven",
    ]
    assert "2 of 2 exercises proven · 8 of 8 mutants caught" in lines[-1]
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in result.stdout


def test_one_exercise_on_a_page(tmp_path):
    """Of one exercise that is not proven: exit code 1, the place, the difference and the next step."""
    exercise = Exercise(tmp_path, "survivor", CODE)
    survivor(exercise)
    (tmp_path / "exercises" / "readme.txt").touch()
    result = run_grade(
        "verify", "survivor", "--course", str(tmp_path), "--output", "page", folder=tmp_path
    )
    assert (result.returncode, result.stdout) == (1, "")
    page = (tmp_path / "page").read_text()
    assert "✗ 1 finding" in page
    assert "mutants  solutions/survivor/solution.py line 8" in page
    assert (
        "      -     large = 1000\n      +     large = 999\n    Next: Let a check fail it" in page
    )
    assert "5 equivalent" in page
    assert "readme.txt" not in page


def test_examiner_that_dies(tmp_path):
    """Checks that end the examiner leave their exercise ungraded, exit code 3; the others are proven all the same."""
    fatal = Exercise(tmp_path, "fatal", CODE)
    fatal.write(
        "hidden/checks.py", "import os\nos._exit(7)\n" + fatal.path("hidden/checks.py").read_text()
    )
    Exercise(tmp_path, "whole", QUIZ)
    result = run_grade(
        "verify", "--format", "json", "--jobs", "1", "--course", str(tmp_path), folder=tmp_path
    )
    assert result.returncode == 3
    statuses = {
        proof["exercise"]: proof["status"] for proof in json.loads(result.stdout)["exercises"]
    }
    assert statuses == {"fatal": "ungraded", "whole": "proven"}
    finding = json.loads(result.stdout)["exercises"][0]["findings"][0]
    assert finding["rule"] == "grader"
    assert "the examiner ended (exit status 7)" in finding["problem"]


@pytest.mark.parametrize("kind", ["code", "quiz"])
def test_new_exercise(kind, tmp_path):
    """`grade new` writes an exercise that is proven but for what its author has yet to write."""
    course = ("--course", str(tmp_path))
    written = run_grade("new", "softmax", "--kind", kind, *course, folder=tmp_path)
    assert (written.returncode, written.stderr) == (0, "")
    files = [line.removeprefix("Wrote ") for line in written.stdout.splitlines()[:-1]]
    assert "exercises/softmax/exercise.yaml" in files
    first = run_grade("verify", "--format", "json", *course, folder=tmp_path)
    findings = json.loads(first.stdout)["exercises"][0]["findings"]
    assert first.returncode == 1
    assert {finding["rule"] for finding in findings} == {"unfinished"}
    assert {finding["place"].partition(" line ")[0] for finding in findings} == set(files)
    for file in files:
        path = tmp_path / file
        path.write_text(path.read_text().replace("TODO(author)", "Done"))
    assert run_grade("verify", *course, folder=tmp_path).returncode == 0


def test_new_makes_no_course_by_a_slip(tmp_path):
    """A course that is not there is not made: its name may be a slip."""
    result = run_grade("new", "softmax", "--course", "not/there", folder=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert "not/there: no such folder; for a new course, make an empty folder first" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_new_never_overwrites(tmp_path):
    """An exercise that is there stays as it is, and an id has to be one."""
    exercise = Exercise(tmp_path, "double", CODE)
    before = exercise.path("public/exercise.yaml").read_text()
    for name, sentence in (
        ("double", "already exists; choose another id"),
        ("Two words", "is not a valid id"),
    ):
        result = run_grade("new", name, "--course", str(tmp_path), folder=tmp_path)
        assert result.returncode == 2
        assert sentence in result.stderr
    assert exercise.path("public/exercise.yaml").read_text() == before


def test_interrupt_leaves_nothing(tmp_path):
    """Ctrl-C ends a verification with exit code 130, and with it its examiners."""
    mark = tmp_path / "pid"
    exercise = Exercise(tmp_path, "double", CODE)
    slow = f"import os, time\nopen({str(mark)!r}, 'w').write(f'{{os.getpid()}} ')\ntime.sleep(60)\n"
    exercise.write("hidden/checks.py", slow + exercise.path("hidden/checks.py").read_text())
    command = [Path(sys.executable).parent / "grade", "verify", "--course", str(tmp_path)]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        until(lambda: mark.exists() and mark.read_text().endswith(" "))
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 130
        assert process.stderr.read() == "grade: interrupted; nothing was graded\n"
    until(lambda: is_dead(int(mark.read_text())))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nothing"], "there is no exercise `nothing`"),
        (["--course", "nowhere"], "not a course"),
        (
            ["--course", "empty"],
            "a course without exercises; `grade new NAME --course empty` writes one",
        ),
        (["--jobs", "0"], "'--jobs'"),
        (["double", "--output", "no/where"], "cannot be written"),
    ],
    ids=" ".join,
)
def test_wrong_usage(words, sentence, tmp_path):
    """What cannot be done is told in a sentence, with exit code 2."""
    (tmp_path / "empty" / "exercises").mkdir(parents=True)
    result = run_grade("verify", *words, folder=tmp_path, GRADE_COURSE=str(SMALL_COURSE))
    assert (result.returncode, result.stdout) == (2, "")
    assert sentence in result.stderr
