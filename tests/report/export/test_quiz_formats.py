"""A quiz for learning platforms: each file is read back with a library of other people."""

import io
import json
import sys
import warnings
import zipfile
from html.parser import HTMLParser
from unittest import mock
from xml.etree import ElementTree

import jupyterquiz
import jupyterquiz.dynamic.display
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from grader.report.export.quiz import make_quiz
from grader.report.export.quiz_formats import FORMATS
from tests.conftest import Course
from tests.grading import SMALL_COURSE

with warnings.catch_warnings(), mock.patch.dict(sys.modules, markdown=mock.MagicMock()):
    # Both are older than the Python of today. pygiftparser can also render questions, with a
    # version of Markdown that needs setuptools.
    warnings.simplefilter("ignore")
    import pygiftparser.parser
    from pyslet.qtiv1 import common, item, section
    from pyslet.qtiv1.xml import QTIDocument

QUESTIONS = {
    "weight": (
        "Shape -> of `nn.Embedding({n}, 3)[0](x)`?\n\n    a = {n}\n",
        "nn.Embedding({n}, 3).weight.shape",
    ),
    "bias": ("Has `{n} ~ a = b` { 1: a } bias, as in $x$ or $$y$$ or \\\\(z\\\\)?", "False"),
    "numbers": ("How many {n} # numbers: <b>& \\\\nabla «ü» 😀 &amp;lt;?", "{n} * 3"),
    "share": ("// Which share of {n} =%50%?", "1 / {n}"),
    "error": ("What does *this* {n} raise?", "raised(lambda: torch.ones({n})[{n}])"),
}
SHOWN = {
    "weight": "Shape -> of nn.Embedding({n}, 3)[0](x)? a = {n}",
    "bias": "Has {n} ~ a = b { 1: a } bias, as in $x$ or $$y$$ or \\(z\\)?",
    "numbers": "How many {n} # numbers: <b>& \\nabla «ü» 😀 &lt;?",
    "share": "// Which share of {n} =%50%?",
    "error": "What does this {n} raise?",
}
"""What a reader sees of each question."""
WRONG = {
    "weight": ("transposed", "(3, {n})", "You turned {n} = {n} `[around](x)` for $3."),
    "bias": ("has_one", "True", "A # linear ~ layer: it = one <i>."),
    "numbers": ("added", "{n} + 3", "You added {n}."),
    "share": ("whole", "{n}", "That is not a share of {n}."),
    "error": ("key", "KeyError", "A table has no keys: *none* of {n}."),
}


@pytest.fixture(scope="module")
def quiz(pool, tmp_path_factory):
    """A quiz with each kind of answer, and characters that mean something in some format."""

    def change(spec):
        spec["questions"] = [
            {"name": name, "ask": ask, "expression": key, "draw": {"n": [4, 5]}, "points": 2}
            for name, (ask, key) in QUESTIONS.items()
        ]

    course = Course(tmp_path_factory.mktemp("course")).add_quiz("shapes", change)
    wrong = {
        name: [dict(zip(("misconception", "expression", "because"), each, strict=True))]
        for name, each in WRONG.items()
    }
    course.write("solutions/shapes/wrong.yaml", json.dumps(wrong))
    with pool.borrow() as examiner:
        return make_quiz(course.load("shapes"), 20, examiner.survey)


def expected(quiz):
    """Name of each variant to its right answers, and its wrong ones with their feedback."""
    return {
        each.name: (
            set(each.answers),
            {answer: wrong.because for wrong in each.wrong for answer in wrong.answers},
        )
        for each in quiz.variants
    }


class Visible(HTMLParser):
    """The text that a reader of HTML sees."""

    def __init__(self):
        super().__init__()
        self.text = ""

    def handle_starttag(self, tag, attrs):
        if tag in ("p", "pre"):
            self.text += " "

    def handle_data(self, data):
        self.text += data


def visible(html):
    """The words of HTML, with single spaces."""
    reader = Visible()
    reader.feed(html)
    return " ".join(reader.text.split())


def shown(variant):
    """What a reader sees of a question."""
    name, _ = variant.name.split()
    number = 4 if "4" in variant.text else 5
    return SHOWN[name].replace("{n}", str(number))


def plain(markdown):
    """What a reader sees of a wrong answer's explanation above."""
    return markdown.replace("`", "").replace("*", "").replace("\n", " ").strip()


def test_variants_are_those_that_can_be_drawn(quiz):
    """Each question has one variant for each draw, with the key of PyTorch."""
    assert {name: len(variants) for name, variants in quiz.questions.items()} == dict.fromkeys(
        QUESTIONS, 2
    )
    keys = {each.answers[0] for each in quiz.variants}
    assert keys == {"(4, 3)", "(5, 3)", "no", "12", "15", "0.25", "0.2", "IndexError"}
    shape = quiz.questions["weight"][0]
    assert {"(4, 3)", "[4,3]", "4 x 3", "torch.Size([4, 3])"} <= set(shape.answers) or {
        "5 x 3",
        "[5,3]",
    } <= set(shape.answers)


def test_gift_is_read_by_pygiftparser(quiz):
    """Pygiftparser finds each question, its answers, their share of the points, and feedback."""
    text = FORMATS["gift"].write(quiz).decode()
    read = {each.title: each for each in pygiftparser.parser.parseFile(io.StringIO(text))}
    texts = {each.name: each for each in quiz.variants}
    assert read.keys() == texts.keys()
    for name, (right, wrong) in expected(quiz).items():
        question = read[name]
        assert visible(unescaped(question.text)).startswith(shown(texts[name]))
        if texts[name].kind == "yes_or_no":
            assert question.answers.answer is False
            feedback = visible(unescaped(question.answers.feedbackWrong))
            assert feedback in map(plain, wrong.values())
            continue
        # pygiftparser reads none after true or false.
        explained = visible(unescaped(question.generalFeedback))
        assert explained == texts[name].explanation.replace("`", "")
        for answer in question.answers.answers:
            said = str(answer.value) if hasattr(answer, "value") else unescaped(answer.answer)
            said = said.removesuffix(".0")
            assert said in (right if answer.fraction == 100 else wrong)
            if answer.fraction != 100:
                assert visible(unescaped(answer.feedback)) == plain(wrong[said])


def unescaped(text):
    """What pygiftparser leaves as it is written."""
    text = text.replace("\\\\", "\0")
    for character in "~=#{}:":
        text = text.replace(f"\\{character}", character)
    return text.replace("\\n", "\n").replace("\0", "\\").strip()


def test_qti_is_read_by_pyslet(quiz):
    """pyslet, which knows the elements of QTI 1.2.1 and their order, finds each item."""
    package = zipfile.ZipFile(io.BytesIO(FORMATS["qti12"].write(quiz)))
    manifest, assessment = package.namelist()
    resource = ElementTree.fromstring(package.read(manifest)).find(".//{*}resource/{*}file")
    assert resource.get("href") == assessment
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        document = QTIDocument()
        document.read(src=io.BytesIO(package.read(assessment)))
        [root] = document.root.Assessment.SectionMixin
        groups = list(below(root, section.Section))
        items = {each.title: each for each in below(root, item.Item)}
    assert [group.title for group in groups] == list(quiz.questions)
    assert items.keys() == {each.name for each in quiz.variants}
    for variant in quiz.variants:
        right, wrong = expected(quiz)[variant.name]
        conditions = list(below(items[variant.name], item.RespCondition))
        scored = [each for each in conditions if list(below(each, common.SetVar))]
        [condition] = scored
        assert values(condition) == right
        others = set().union(*(values(each) for each in conditions if each is not condition))
        assert others == set(wrong)


def below(element, kind):
    """All elements of a kind below one of pyslet, whose own search has a bug."""
    for name, value in vars(element).items():
        for each in value if isinstance(value, list) else [value]:
            if name in ("parent", "_attrs") or not hasattr(each, "xmlname"):
                continue
            if isinstance(each, kind):
                yield each
            yield from below(each, kind)


def values(condition):
    """The answers that a condition compares with."""
    return {each.get_value() for each in below(condition, common.VarEqual)}


def test_moodle_xml(quiz):
    """Each question has its category, type, points, answers and feedback."""
    root = ElementTree.fromstring(FORMATS["moodle-xml"].write(quiz))
    categories = [each.findtext("category/text") for each in root.iter("question")]
    assert [each for each in categories if each] == [
        "$course$/shapes",
        *(f"$course$/shapes/{name}" for name in quiz.questions),
    ]
    read = {each.findtext("name/text"): each for each in root.iter("question")}
    kinds = {"yes_or_no": "truefalse", "number": "numerical"}
    for variant in quiz.variants:
        question = read[variant.name]
        right, wrong = expected(quiz)[variant.name]
        assert question.get("type") == kinds.get(variant.kind, "shortanswer")
        assert question.find("questiontext").get("format") == "html"
        assert visible(question.findtext("questiontext/text")).startswith(shown(variant))
        assert question.findtext("defaultgrade") == "2"
        words = {"true": "yes", "false": "no"}
        for answer in question.iter("answer"):
            said = answer.findtext("text").replace("\\*", "*")
            said = words.get(said, said)
            if answer.get("fraction") == "100":
                assert said in right
            else:
                assert visible(answer.findtext("feedback/text")) == plain(wrong[said])


def test_jupyterquiz(quiz, browser, tmp_path, monkeypatch):
    """In a browser, jupyterquiz shows each question, and answers what a learner types."""
    path = tmp_path / "quiz.json"
    path.write_bytes(FORMATS["jupyterquiz"].write(quiz))
    # It gives the notebook some HTML, then the script that fills it.
    displayed = []
    monkeypatch.setattr(jupyterquiz.dynamic.display, "display", displayed.append)
    jupyterquiz.display_quiz(str(path), shuffle_answers=False)
    html, script = (each.data for each in displayed)
    page = tmp_path / "page.html"
    page.write_text(f"<!doctype html><meta charset='utf-8'>{html}")
    browser.get(page.as_uri())
    browser.execute_script(f"(0, eval)({json.dumps(script)})")

    wrapped = browser.find_elements(By.CLASS_NAME, "Quiz")
    for variant, element in zip(quiz.variants, wrapped, strict=True):
        assert " ".join(element.text.split()).startswith(shown(variant))
        if not variant.name.endswith("01"):
            continue
        right, wrong = expected(quiz)[variant.name]
        for answer in right:
            assert answered(element, answer) == "Correct."
        for answer, because in wrong.items():
            assert answered(element, answer) == plain(because)
        if variant.kind != "yes_or_no":
            other = answered(element, "77")
            assert other.startswith("That is not what PyTorch gives. See for yourself: ")
            assert (
                "correct"
                not in element.find_element(By.CLASS_NAME, "Feedback")
                .get_attribute("class")
                .split()
            )


def answered(element, answer):
    """Type an answer, or choose it; return the feedback that appears."""
    fields = element.find_elements(By.TAG_NAME, "input")
    if fields and fields[0].get_attribute("type") == "text":
        fields[0].send_keys(answer, Keys.ENTER)
    else:
        labels = element.find_elements(By.TAG_NAME, "label")
        [label] = [each for each in labels if each.text == answer]
        label.click()
    feedback = element.find_element(By.CLASS_NAME, "Feedback")
    return " ".join(feedback.text.split())


def test_command(run_here, tmp_path):
    """`grade export quiz` writes the file, and refuses an exercise of kind code."""
    course = ("--course", str(SMALL_COURSE))
    words = ("export", "quiz", "sizes", "--format", "gift", "--variants", "2", *course)
    result = run_here(*words, folder=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("Wrote sizes.gift.txt: ")
    assert (tmp_path / "sizes.gift.txt").is_file()
    words = ("export", "quiz", "double", "--format", "gift", *course)
    result = run_here(*words, folder=tmp_path)
    assert (result.returncode, result.stderr) == (
        2,
        "grade: double is not a quiz; name a quiz; `grade list` shows the exercises\n",
    )
