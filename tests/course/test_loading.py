"""Loading a course, and the errors about a broken one."""

import re
import time
from datetime import date

import msgspec
import pytest
import yaml

from grader.course import draws, loading, location, records, yaml_reader
from grader.course.draws import draw_numbers
from grader.course.records import (
    Check,
    CodeExercise,
    Limits,
    Question,
    QuizExercise,
    WrongAnswer,
)
from grader.errors import CourseError, GraderError, UsageError

YAML = "exercises/double/exercise.yaml"
CHECKS = "solutions/double/checks.py"
QUIZ_YAML = "exercises/shapes/exercise.yaml"
WRONG_YAML = "solutions/shapes/wrong.yaml"


def put(*path_and_value):
    """A change to a definition: put the last argument at the keys before it."""
    *path, last, value = path_and_value

    def change(spec):
        for key in path:
            spec = spec[key]
        spec[last] = value

    return change


def drop(*path):
    """A change to a definition: remove the key at the end of ``path``."""
    *path, last = path

    def change(spec):
        for key in path:
            spec = spec[key]
        del spec[last]

    return change


def assert_one_sentence(error):
    """The message is one line, without a traceback and without a library's names."""
    message = str(error)
    assert "\n" not in message
    assert not re.search(r"Traceback|msgspec|<(unknown|(byte |unicode )?string)>", message)


def refusal(course, exercise_id, kind=CourseError):
    """The message of the error ``kind`` that loading ``exercise_id`` raises."""
    with pytest.raises(kind) as caught:
        course.load(exercise_id)
    assert caught.value.exit_code == 2
    assert_one_sentence(caught.value)
    return str(caught.value)


def test_code_exercise_loads(course):
    """A complete code exercise becomes a record, with defaults for missing keys."""
    exercise = course.add_code().load("double")
    assert isinstance(exercise.spec, CodeExercise)
    assert [(line.name, line.points) for line in exercise.spec.rubric] == [
        ("value", 2),
        ("gradient", 1),
    ]
    assert exercise.spec.limits == Limits()
    assert (exercise.public / "starter.py").is_file() and (exercise.hidden / "checks.py").is_file()


def test_names_of_python(course):
    """Parameters and packages can have names with capital letters."""

    def change(spec):
        spec["entry"] = ["double(X, idx) -> Tensor"]
        spec["plot"] = {"rows": "X"}
        spec["packages"] = ["PIL"]

    spec = course.add_code(change=change).load("double").spec
    assert (spec.plot.rows, spec.packages) == ("X", ("PIL",))


def test_solution_that_is_not_utf8(course):
    """The error names the file and the line, as for every other file of a course."""
    exercise = course.add_code().load("double")
    (exercise.hidden / "solution.py").write_bytes(b"x = 1\n# caf\xe9\n")
    with pytest.raises(CourseError, match=r"double/solution.py: line 2: not UTF-8; save the file"):
        loading.solution(exercise)


def test_quiz_exercise_loads(course):
    """A complete quiz becomes a record, and so do its misconceptions."""
    exercise = course.add_quiz().load("shapes")
    assert isinstance(exercise.spec, QuizExercise)
    assert exercise.spec.questions[0].draw == {"num": (10, 40), "dim": (2, 9)}
    assert loading.wrong_answers(exercise) == {
        "weight": [WrongAnswer("transposed", "({dim}, {num})", "That table lies on its side.")]
    }


def test_quiz_without_known_wrong_answers_loads(course):
    """A quiz can have no misconceptions, written as `{}`."""
    course.add_quiz().write(WRONG_YAML, "{}\n")
    assert loading.wrong_answers(course.load("shapes")) == {}


@pytest.mark.parametrize("exercise_id", location.exercise_ids(location.default_root()))
def test_default_course_loads(exercise_id):
    """Every exercise that comes with the grader is well-formed."""
    assert loading.load_exercise(location.default_root(), exercise_id).id == exercise_id


BROKEN_CODE = {
    "unknown key": (put("tittle", "x"), "line 20: unknown key `tittle`; did you mean `title`?"),
    "unknown key inside": (
        put("limits", {"second": 3}),
        "unknown key `second` at `limits`; did you mean `seconds`?",
    ),
    "unknown key in a list": (
        put("rubric", 0, "point", 3),
        "unknown key `point` at `rubric`, item 1; did you mean `points`?",
    ),
    "unknown key like no other": (
        put("xyzzyq", 1),
        "unknown key `xyzzyq`; docs/exercise-format.md",
    ),
    "missing key": (drop("title"), "line 1: key `title` is missing"),
    "missing key inside": (
        drop("rubric", 1, "title"),
        "key `title` is missing at `rubric`, item 2",
    ),
    "missing kind": (drop("kind"), "key `kind` is missing"),
    "unknown kind": (
        put("kind", "essay"),
        "line 2: invalid value 'essay' at `kind`; write code or quiz",
    ),
    "unknown format": (
        put("format", 2),
        "at `format`; this grade reads format 1; update grade to read a newer one",
    ),
    "text for a number": (
        put("rubric", 0, "points", "2"),
        "expected a whole number, got text at `rubric`, item 1, `points`; write 2, without quotes",
    ),
    "number for a text": (put("title", 7), "expected text, got a whole number at `title`"),
    "a word of YAML for a text": (put("title", False), 'at `title`; write "false", in quotes'),
    "a colon in a hint": (
        put("hints", [{"Hint": "look"}]),
        "at `hints`, item 1; put quotes around text that contains a colon",
    ),
    "a misspelled side effect": (
        put("allow", ["mutate_input"]),
        "invalid value 'mutate_input' at `allow`, item 1; did you mean `mutates_input`?",
    ),
    "signatures without quotes": (
        put("entry", ["f(x", "y) -> Tensor", "g(z)"]),
        "a comma splits a signature at `entry`; put quotes around each signature",
    ),
    "a check that needs itself": (
        put("rubric", 1, "needs", ["gradient"]),
        "check `gradient` needs itself; name another check",
    ),
    "a date for a text": (put("title", date(2024, 2, 3)), "at `title`"),
    "a text for a list": (put("entry", "double(x)"), "expected a list, got text at `entry`"),
    "an empty title": (put("title", ""), "at `title`"),
    "zero points": (
        put("rubric", 0, "points", 0),
        "expected a whole number >= 1 at `rubric`, item 1, `points`",
    ),
    "negative points": (
        put("rubric", 0, "points", -3),
        "expected a whole number >= 1 at `rubric`, item 1, `points`",
    ),
    "points beyond measure": (put("rubric", 0, "points", 10**30), "at `rubric`, item 1, `points`"),
    "half points": (put("rubric", 0, "points", 0.5), "at `rubric`, item 1, `points`"),
    "an empty rubric": (put("rubric", []), "at `rubric`"),
    "no entry": (put("entry", []), "at `entry`"),
    "no time": (put("limits", {"seconds": 0}), "at `limits.seconds`"),
    "infinite time": (put("limits", {"seconds": float("inf")}), "at `limits.seconds`"),
    "a check's name with a capital": (
        put("rubric", 0, "check", "Value"),
        "`Value` is not a valid name at `rubric`, item 1, `check`; use lowercase letters, digits",
    ),
    "a check twice": (
        put("rubric", 1, "check", "value"),
        "`value` is twice in `rubric`; rename one",
    ),
    "a check without a function": (
        lambda spec: spec["rubric"].append({"check": "dtype", "title": "The dtype is kept"}),
        "check `dtype` at `rubric` has no function `test_dtype` in solutions/double/checks.py",
    ),
    "a function without a check": (
        drop("rubric", 1),
        "solutions/double/checks.py: line 4: `test_gradient` has no line `check: gradient`",
    ),
    "an entry that is a name": (
        put("entry", ["double"]),
        "`double` at `entry` is not a signature; write it like `name(a, b=None) -> Tensor`",
    ),
    "an entry that is no Python": (
        put("entry", ["double(x y)"]),
        "`double(x y)` at `entry` is not a Python signature",
    ),
    "an entry named by a keyword": (
        put("entry", ["for(x)"]),
        "`for(x)` at `entry` is not a Python signature",
    ),
    "an entry named as what a proxy does": (
        put("entry", ["double(x)", "vjp(x)"]),
        "`vjp` at `entry` is the name of `learner.vjp` in checks; use another name",
    ),
    "an entry with a null byte": (put("entry", ["double(x\0)"]), "at `entry`"),
    "an entry that returns something unheard of": (put("entry", ["double(x) -> Banana"]), "Banana"),
    "forbidden without torch": (
        put("forbidden", ["numpy.dot"]),
        "`numpy.dot` at `forbidden` is neither a dotted torch name nor",
    ),
    "forbidden without a name": (put("forbidden", ["torch"]), "`torch` at `forbidden`"),
    "forbidden with a space": (put("forbidden", ["aten:: add"]), "`aten:: add` at `forbidden`"),
}


@pytest.mark.parametrize("case", BROKEN_CODE)
def test_broken_code_exercise(course, case):
    """The error about a broken definition names the file, the place and the next step."""
    change, said = BROKEN_CODE[case]
    message = refusal(course.add_code(change=change), "double")
    assert said in message
    assert message.startswith((f"{YAML}: ", "solutions/double/"))


def test_all_errors_at_once(course):
    """An error has all other errors of the definition, in the order of their lines."""

    def change(spec):
        spec["titel"] = spec.pop("title")
        spec["rubric"][0] |= {"points": "3", "neds": ["value"]}
        spec["rubric"][1]["visible"] = "true"
        spec["limits"] = {"seconds": 0}

    with pytest.raises(CourseError) as caught:
        course.add_code(change=change).load("double")
    errors = [caught.value, *caught.value.also]
    assert [error.line for error in errors] == sorted(error.line for error in errors)
    said = [f"{error.problem}; {error.advice}" for error in errors]
    yes = "expected true or false, got text at `rubric`, item 2, `visible`; write true, "
    seconds = "expected a number > 0.0 at `limits.seconds`; docs/exercise-format.md lists the "
    assert said == [
        "expected a whole number, got text at `rubric`, item 1, `points`; write 3, without quotes",
        "unknown key `neds` at `rubric`, item 1; did you mean `needs`?",
        yes + "without quotes",
        "unknown key `titel`; did you mean `title`?",
        seconds + "allowed values",
    ]


def test_repeated_check_is_one_error(course):
    """A check with another one's name is one error, and not also a check without a function."""
    with pytest.raises(CourseError, match="`value` is twice in `rubric`") as caught:
        course.add_code(change=put("rubric", 1, "check", "value")).load("double")
    assert caught.value.also == ()


BROKEN_QUIZ = {
    "unknown key": (
        put("questions", 0, "expresion", "1"),
        "unknown key `expresion` at `questions`, item 1; did you mean `expression`?",
    ),
    "missing key": (drop("questions", 1, "ask"), "key `ask` is missing at `questions`, item 2"),
    "no questions": (put("questions", []), "at `questions`"),
    "a question twice": (
        put("questions", 1, "name", "weight"),
        "`weight` is twice in `questions`; rename one",
    ),
    "a question named learner": (
        put("questions", 1, "name", "learner"),
        "a question cannot have the name `learner`",
    ),
    "a rubric": (put("rubric", []), "unknown key `rubric`"),
    "a range upside down": (
        put("questions", 0, "draw", "num", [40, 10]),
        "range of `num` at `questions.weight.draw`",
    ),
    "a range of one value for two numbers": (
        put("questions", 0, "draw", {"num": [3, 3], "dim": [3, 3]}),
        "range of `dim` at `questions.weight.draw`",
    ),
    "a range of three ends": (
        put("questions", 0, "draw", "dim", [1, 2, 3]),
        "at `questions`, item 1, `draw",
    ),
    "an undefined number in the question": (
        put("questions", 0, "ask", "{nmu}?"),
        "question `weight` uses {nmu}, which",
    ),
    "an undefined number in the expression": (
        put("questions", 1, "expression", "{num}"),
        "question `has_bias` uses {num}, which",
    ),
}


@pytest.mark.parametrize("case", BROKEN_QUIZ)
def test_broken_quiz(course, case):
    """The error about a broken quiz names the file, the place and the next step."""
    change, said = BROKEN_QUIZ[case]
    message = refusal(course.add_quiz(change=change), "shapes")
    assert said in message
    assert message.startswith(f"{QUIZ_YAML}: ")


# Each change, and the line that the error has to name.
LINES = {
    "an unknown key": (put("rubric", 1, "point", 3), "point: 3"),
    "a missing key": (drop("rubric", 1, "title"), "- check: gradient"),
    "a wrong type": (put("rubric", 1, "points", "2"), "points: '2'"),
    "a check twice": (put("rubric", 1, "check", "value"), "- check: value"),
    "an entry": (put("entry", ["double(x)", "vjp(x)"]), "- vjp(x)"),
    "a forbidden name": (put("forbidden", ["torch.add", "numpy.dot"]), "- numpy.dot"),
    "a check without a function": (put("rubric", 1, "check", "dtype"), "- check: dtype"),
}
QUIZ_LINES = {
    "an unknown key": (put("questions", 1, "expresion", "1"), "expresion: '1'"),
    "a question twice": (put("questions", 1, "name", "weight"), "- name: weight"),
    "a range": (put("questions", 0, "draw", {"num": [3, 3], "dim": [3, 3]}), "dim:"),
    "a number": (put("questions", 1, "expression", "{num}"), "expression: '{num}'"),
    "a number to try": (put("questions", 1, "try", "print({num})"), "try: print({num})"),
}


@pytest.mark.parametrize(
    ("kind", "case"),
    [*(("code", case) for case in LINES), *(("quiz", case) for case in QUIZ_LINES)],
)
def test_line_of_an_error(course, kind, case):
    """An error names the line of the value that is wrong; of equal lines, the last one."""
    if kind == "code":
        change, text = LINES[case]
        message, path = refusal(course.add_code(change=change), "double"), YAML
    else:
        change, text = QUIZ_LINES[case]
        message, path = refusal(course.add_quiz(change=change), "shapes"), QUIZ_YAML
    lines = (course.root / path).read_text().splitlines()
    number = int(re.match(rf"{path}: line (\d+): ", message)[1])
    assert lines[number - 1].strip() == text
    assert text not in [line.strip() for line in lines[number:]]


BROKEN_WRONG_ANSWERS = {
    "no question of that name": (
        "wieght: []\n",
        "the quiz has no question `wieght`; did you mean `weight`?",
    ),
    "unknown key": (
        "weight:\n- {misconception: a, expression: '1', becuase: b}\n",
        "did you mean `because`?",
    ),
    "missing key": (
        "weight:\n- {misconception: a, expression: '1'}\n",
        "line 2: key `because` is missing at `weight`, item 1",
    ),
    "a list": ("- weight\n", WRONG_YAML),
    "empty": ("", WRONG_YAML),
    "no YAML": ("a: [\n", "line 2"),
    "an undefined number": (
        "weight:\n- {misconception: a, expression: '{size}', because: b}\n",
        "{size}",
    ),
    "an undefined number in the reason": (
        "weight:\n- {misconception: a, expression: '1', because: 'not {size}'}\n",
        "{size}",
    ),
}


@pytest.mark.parametrize("case", BROKEN_WRONG_ANSWERS)
def test_broken_wrong_answers(course, case):
    """Loading a quiz checks its misconceptions."""
    text, said = BROKEN_WRONG_ANSWERS[case]
    course.add_quiz().write(WRONG_YAML, text)
    message = refusal(course, "shapes")
    assert message.startswith(f"{WRONG_YAML}: ")
    assert said in message


@pytest.mark.parametrize(
    "path", ["exercises/double/starter.py", CHECKS, "solutions/double/solution.py"]
)
def test_missing_file(course, path):
    """The error names the missing file of a code exercise."""
    (course.add_code().root / path).unlink()
    assert refusal(course, "double") == f"{path}: missing; an exercise of kind code needs it"


def test_missing_wrong_answers(course):
    """The error names the missing wrong.yaml of a quiz."""
    (course.add_quiz().root / WRONG_YAML).unlink()
    assert refusal(course, "shapes").startswith(f"{WRONG_YAML}: missing")


def test_missing_hidden_side(course):
    """An exercise needs a folder on the solutions side."""
    course.write("exercises/half/exercise.yaml", "format: 1\n")
    assert refusal(course, "half").startswith("solutions/half: no such folder")


BROKEN_CHECKS = {
    "a syntax error": (
        b"def test_value(learner): ...\n\ndef test_gradient(learner) ...\n",
        "line 3",
    ),
    "not UTF-8": (b"x = 'caf\xe9'\n", "solutions/double/checks.py: line "),
    "a null byte": (b"x = 1\0\n", "solutions/double/checks.py: source code string cannot"),
    "a function twice": (
        (
            b"def test_value(learner): ...\ndef test_gradient(learner): ...\n"
            b"def test_value(learner): ...\n"
        ),
        "line 3: `test_value` is defined twice",
    ),
}


@pytest.mark.parametrize("case", BROKEN_CHECKS)
def test_broken_checks(course, case):
    """The error names the line where checks.py cannot be parsed or repeats a function."""
    source, said = BROKEN_CHECKS[case]
    course.add_code().write(CHECKS, source)
    assert said in refusal(course, "double")


BROKEN_YAML = {
    "no YAML": (b"title: [a\nformat: 1\n", "line 2"),
    "a bracket that stays open": (
        b"title: [a,\n  b\n",
        "line 3: did not find expected ',' or ']', in the value that begins on line 1",
    ),
    "a tab": (b"limits:\n\tseconds: 3\n", "line 2"),
    "no space after a colon": (
        b"format: 1\ntitle:x\nkind: code\n",
        "line 2: not `key: value`, with a colon and a space",
    ),
    "a colon in a text": (
        b"title: shapes: of weights\n",
        "line 1: mapping values are not allowed in this context (put quotes around text",
    ),
    "a tab to indent with": (
        b"title: x\nhints:\n\t- look\n",
        "(a tab; indent with spaces); fix the YAML there",
    ),
    "a text that begins with @": (
        b"title: x\nstatement: @home\n",
        "line 2: found character that cannot start any token (put quotes",
    ),
    "a text that begins with {": (
        b"title: {rows} - 1\n",
        "line 1: block sequence entries are not allowed in this context (put quotes around text",
    ),
    "empty": (b"", YAML),
    "a list": (b"- format: 1\n", YAML),
    "two documents": (b"format: 1\n---\nformat: 1\n", "line 2"),
    "not UTF-8": (b"format: 1\ntitle: caf\xe9\n", "line 2: not UTF-8; save the file as UTF-8"),
    "a control character": (
        "kind: é\n\ntitle: \x1b\n".encode(),
        "line 3: the character U+001B is not allowed; remove it",
    ),
    "a key twice": (b"format: 1\ntitle: a\ntitle: b\n", "line 3: key `title` is written twice"),
    "a key twice inside": (
        b"limits:\n  seconds: 1\n  seconds: 2\n",
        "line 3: key `seconds` is written twice",
    ),
    "an alias": (b"title: &a x\nstatement: *a\n", "line 2: YAML aliases"),
    "a list for a key": (b"[a, b]: 1\n", YAML),
    "a mapping for a key": (b"{a: b}: 1\n", YAML),
    "a number for a key": (b"1: 2\n", YAML),
    "a Python object": (b"title: !!python/object/apply:os.getcwd []\n", "line 1"),
    "a date that is none": (b"title: 2024-13-45\n", YAML),
    "a bool that is none": (b"title: !!bool maybe\n", YAML),
    "a timestamp that is none": (b"title: !!timestamp soon\n", YAML),
    "an int that is none": (b"title: !!int ''\n", YAML),
    "a number of 5000 digits": (b"format: " + b"9" * 5000, YAML),
    "too large": (b"# " + b"a" * yaml_reader.MAX_BYTES, "larger than 256 KiB"),
}


@pytest.mark.parametrize("case", BROKEN_YAML)
def test_broken_yaml(course, case):
    """The error about a file that is not plain YAML names the line, if there is one."""
    content, said = BROKEN_YAML[case]
    course.add_code().write(YAML, content)
    message = refusal(course, "double")
    assert message.startswith(f"{YAML}: ")
    assert said in message


NESTED = {
    "aliases of aliases": b"a0: &a0 [x]\n"
    + b"".join(
        b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 12)
    ),
    "brackets": b"a: " + b"[" * 20_000 + b"]" * 20_000,
    "open brackets": b"a: " + b"[" * 40_000,
    "braces": b"{a: " * 10_000,
    "dashes": b"- " * 20_000 + b"a",
    "question marks": b"? " * 20_000 + b"a",
}


@pytest.mark.parametrize("typed", [True, False])
@pytest.mark.parametrize("name", NESTED)
def test_nested_yaml_is_refused_at_once(name, typed):
    """YAML that grows without bound or overflows the stack is refused within half a second."""
    started = time.monotonic()
    with pytest.raises(CourseError) as caught:
        yaml_reader.load(NESTED[name], "bomb.yaml", typed=typed)
    assert time.monotonic() - started < 0.5
    assert_one_sentence(caught.value)


def test_text_loader_keeps_what_was_written():
    """Without types, every scalar stays the text in the file."""
    text = "a: 010\nb: yes\nc: [5, 4]\nd: 2024-02-03\ne:\nf: 1_000\n"
    assert yaml_reader.load(text.encode(), "x", typed=False) == {
        "a": "010",
        "b": "yes",
        "c": ["5", "4"],
        "d": "2024-02-03",
        "e": "",
        "f": "1_000",
    }


def test_unknown_exercise_is_guessed(course):
    """The error about a mistyped id suggests the closest id."""
    assert (
        refusal(course.add_code(), "duoble", UsageError)
        == "there is no exercise `duoble`; did you mean `grade double`?"
    )


def test_unknown_exercise_may_be_a_command(course):
    """The suggestion can also be the name of a command."""
    with pytest.raises(UsageError, match="did you mean `grade verify`"):
        loading.load_exercise(course.add_code().root, "verfy", also_known=["verify"])


@pytest.mark.parametrize(
    "exercise_id", ["zzz", "", "../double", "double/", "/", ".", "double\0", "x" * 5000]
)
def test_unknown_exercise(course, exercise_id):
    """An id that the course does not have is a usage error, never a path."""
    with pytest.raises(UsageError, match="there is no exercise"):
        course.add_code().load(exercise_id)


@pytest.mark.parametrize("exercise_id", ["Double", "1st", "two words", "a-b", "été", "a²"])
def test_id_with_bad_characters(course, exercise_id):
    """The name of an exercise's folder is lower-case letters, digits and _."""
    assert refusal(course.add_code(exercise_id), exercise_id).startswith(
        f"exercises/{exercise_id}: the id must be"
    )


@pytest.mark.parametrize("side", ["exercises", "solutions"])
def test_symlink_out_of_the_course(course, tmp_path, side):
    """A symlink cannot lead from an exercise out of the course."""
    course.add_code()
    outside = (course.root / side / "double").rename(tmp_path / "outside")
    (course.root / side / "double").symlink_to(outside)
    assert refusal(course, "double").startswith(f"{side}/double: leads out of the course")


def test_course_behind_a_symlink(course, tmp_path):
    """The path of the course can contain a symlink."""
    course.add_code()
    (tmp_path / "link").symlink_to(course.root)
    assert loading.load_exercise(tmp_path / "link", "double").root == str(course.root.resolve())


def test_ids_in_natural_order(course):
    """exercise2 comes before exercise10, and a folder without a definition is no exercise."""
    for name in ("exercise10", "exercise2", "exercise1", "warmup"):
        course.add_code(name)
    course.write("exercises/README.md", "")
    (course.root / "exercises" / "empty").mkdir()
    assert location.exercise_ids(course.root) == ["exercise1", "exercise2", "exercise10", "warmup"]


def test_a_folder_that_is_no_course(tmp_path):
    """The error about a folder without exercises/ suggests --course."""
    with pytest.raises(CourseError, match="has no folder exercises/; name one with --course"):
        location.exercise_ids(tmp_path)


ENTRIES = {
    "lookup(weight, idx) -> Tensor": ("lookup", ["weight", "idx"], "Tensor"),
    "linear(x, weight, bias=None)": ("linear", ["x", "weight", "bias"], None),
    "class Embedding(num_embeddings, embedding_dim)": (
        "Embedding",
        ["num_embeddings", "embedding_dim"],
        None,
    ),
    "classify(x) -> int": ("classify", ["x"], "int"),
    "class1(x)": ("class1", ["x"], None),
    "f(a, /, b, *, c)": ("f", ["a", "b", "c"], None),
    "f()": ("f", [], None),
}


@pytest.mark.parametrize("signature", ENTRIES)
def test_entries(course, signature):
    """Parsing a signature gives the name, the parameters and the return type."""
    spec = course.add_code(change=put("entry", [signature])).load("double").spec
    [entry] = spec.entries
    assert (entry.name, entry.parameters, entry.returns) == ENTRIES[signature]
    assert entry.signature == signature


def test_ranges_apart_may_be_narrow(course):
    """A range can have one value if no other number can take it."""
    exercise = course.add_quiz(
        change=put("questions", 0, "draw", {"num": [10, 10], "dim": [3, 3]})
    ).load("shapes")
    assert draw_numbers("shapes", exercise.spec.questions[0], "ada") == {"num": 10, "dim": 3}


QUESTION = Question(
    name="weight", ask="?", expression="1", draw={"a": (1, 4), "b": (2, 5), "c": (1, 3)}
)
LEARNERS = ["ada", "Grace Hopper", "", "学生", "a\nb", "\udcff"]


@pytest.mark.parametrize("learner", LEARNERS, ids=ascii)
def test_drawn_numbers_are_in_range_and_differ(learner):
    """The numbers are in their ranges, with both ends, and all differ."""
    numbers = draw_numbers("shapes", QUESTION, learner)
    assert list(numbers) == list(QUESTION.draw)
    assert all(low <= numbers[name] <= high for name, (low, high) in QUESTION.draw.items())
    assert len(set(numbers.values())) == len(numbers)


def test_drawn_numbers_stay_the_same():
    """A learner gets the same numbers on every machine and in every version."""
    assert (
        draw_numbers("shapes", QUESTION, "ada")
        == draw_numbers("shapes", QUESTION, "ada")
        == {"a": 2, "b": 5, "c": 1}
    )


def test_drawn_numbers_depend_on_who_and_what():
    """Another learner, question or exercise gets other numbers."""
    wide = Question(name="weight", ask="?", expression="1", draw={"a": (1, 300), "b": (1, 300)})
    other = msgspec.structs.replace(wide, name="bias")
    drawn = [draw_numbers("shapes", wide, f"learner{n}") for n in range(20)]
    drawn += [draw_numbers("shapes", other, "learner0"), draw_numbers("sizes", wide, "learner0")]
    assert len({tuple(numbers.items()) for numbers in drawn}) == len(drawn)


def test_every_value_of_a_range_is_drawn():
    """Every number of a range can be drawn, with both ends."""
    narrow = Question(name="weight", ask="?", expression="1", draw={"a": (1, 3)})
    assert {draw_numbers("shapes", narrow, str(n))["a"] for n in range(100)} == {1, 2, 3}


def test_other_braces_stay():
    """Only `{name}` stands for a number; sets and dictionaries stay as they are."""
    assert draws.fill("len({1: 2}) + {a} + len({})", {"a": 7}) == "len({1: 2}) + 7 + len({})"


@pytest.mark.parametrize(
    "kind",
    [CodeExercise, QuizExercise, Check, Question, Limits],
    ids=lambda kind: kind.__name__,
)
def test_schema_has_every_key(kind):
    """The JSON Schema lists exactly the keys of each record, and refuses others."""
    definition = records.schema()["$defs"][kind.__name__]
    tagged = {"kind"} if kind in (CodeExercise, QuizExercise) else set()
    assert set(definition["properties"]) == set(kind.__struct_encode_fields__) | tagged
    assert definition["additionalProperties"] is False


def test_truncated_definition(course):
    """A definition cut off at any line either loads or raises a CourseError."""
    text = yaml.safe_dump(yaml.safe_load((course.add_code().root / YAML).read_text()))
    outcomes = set()
    for end in range(len(text.splitlines()) - 1):
        course.write(YAML, "\n".join(text.splitlines()[:end]))
        try:
            course.load("double")
        except GraderError as error:
            outcomes.add(type(error))
    assert outcomes == {CourseError}


def test_question_to_nobody_in_particular(quiz):
    """Tables of a class show a question with the names of its numbers, not with braces."""
    [question, *_] = quiz.spec.questions
    [check, *_] = quiz.spec.checks
    assert question.draw and "{" in question.ask
    assert check.title == question.ask.replace("{", "").replace("}", "")
