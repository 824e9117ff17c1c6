"""A grade below a notebook's cell: its content, and how a real browser shows it in any colors."""

import math
import re
from html.parser import HTMLParser

import msgspec
import pytest
from selenium.webdriver.common.by import By

from grader.course.records import CodeExercise, Exercise, Plot
from grader.grades.grade import Case, Numbers, Outcome, View, grade_from_checks
from grader.report.html.heat_map import heat_maps
from grader.report.html.row_plot import row_plot
from grader.report.terminal.first_failure import Place
from grader.study.cell_page import cell_page, hint_page, sheet_page, status_page
from grader.study.progress import Hint, Standing
from tests.grading import check_result
from tests.report.html.test_class_page import HOSTILE

CASE = Case(
    call="lookup(weight, idx)",
    given={"weight": "tensor([[1.0000, 2.0000],\n        [3.0000, 4.0000]])", "idx": "tensor(1)"},
    returned="tensor([[1.0000, 2.0000],\n        [-3.0000, 4.0000]])\nfloat32, shape (2, 2)",
    expected="tensor([[1.0000, 2.0000],\n        [3.0000, 4.0000]])\nfloat32, shape (2, 2)",
    traceback=["cell 3 line 2, in lookup: return weight[0]"],
)
VIEW = View(
    {"weight": Numbers("float32", [2, 2], [1, 2, 3, 4]), "idx": Numbers("int64", [], [1])},
    Numbers("float32", [2, 2], [1, 2, -3, 4]),
    Numbers("float32", [2, 2], [1, 2, 3, 4]),
)
PLOT = Plot("weight", "idx")
CHECKS = [
    check_result(
        "row",
        "Row `i` is the answer",
        Outcome.FAILED,
        0,
        4,
        "Your result is 1 at `[0]`; expected 3.",
        0.1,
        CASE,
    ),
    check_result("shape", "Any shape", Outcome.RAISED, 0, 1, "ValueError: no", 0.1, CASE),
    check_result("dtype", "The dtype is kept", Outcome.PASSED, 2, 2),
    check_result("cuda", "On a GPU too", Outcome.SKIPPED, 0, 1, "no GPU here"),
    check_result("secret", "Not to be told", Outcome.FAILED, 0, 3, visible=False),
    check_result("ours", "Broke down", Outcome.UNGRADED, 0, 1, "the grader failed"),
]
THEMES = {
    "light": ("#fff", "rgba(0,0,0,.87)"),
    "dark": ("#111", "#fff"),
    "VS Code": ("#1f1f1f", "#ccc"),
    "grey": ("#383838", "#d5d5d5"),
}
"""Colours of a page and its text: JupyterLab's two, VS Code's dark one, Colab's dark one."""


CHECKS[0] = msgspec.structs.replace(CHECKS[0], view=VIEW)


def drawn(view):
    """The failed check with these numbers."""
    return msgspec.structs.replace(CHECKS[0], view=view)


def grade(*checks, **fields):
    fields = {
        "exercise": "double",
        "submission": "In [3]",
        "learner": "ada",
        "seed": 7,
        "stdout": "hello\n",
    } | fields
    return grade_from_checks(list(checks or CHECKS), **fields)


LINE = {"check": "value", "title": "It holds", "points": 5}
PUBLIC = {
    "title": "Twice as `much`",
    "statement": "Do it.",
    "entry": ["double(x)"],
    "rubric": [LINE],
}


def exercise(exercise_id="double", **fields):
    spec = msgspec.convert(
        {"format": 1, **PUBLIC, "hints": ["Read `this`.\n\n    like = this"], **fields},
        CodeExercise,
    )
    return Exercise(exercise_id, "/nowhere", spec)


def standings():
    """One exercise of each state."""
    return [
        Standing(exercise("first"), 5, 5, 3, passed=True),
        Standing(exercise("second"), 2, 5, 1, given_up=True),
        Standing(exercise("third"), 0, 5),
        Standing(exercise("fourth")),
    ]


PLACE = Place("double.py line 2, in double", "return x", 7, 1)
KNOWN = {
    "misconception": "one_based",
    "explanation": "You count from `one`.\n\n    like = this\n\nDon't.",
}


class Document(HTMLParser):
    """The tags of a page, and its text without the styles."""

    def __init__(self, source):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(re.sub(r"<style>.*?</style>", "", source, flags=re.DOTALL))

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


@pytest.fixture
def show(browser, tmp_path):
    """Open pages in a document of these colors and this width; return the browser."""

    def opened(*pages, paper="#fff", ink="#000", width=800, scheme="light"):
        path = tmp_path / "page.html"
        style = f"background:{paper};color:{ink};font-family:sans-serif"
        head = "<!doctype html><html lang=en><meta charset=utf-8>"
        path.write_text(f"{head}<body style='{style}'>{''.join(pages)}")
        browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
        )
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        browser.get("about:blank")
        browser.get(path.as_uri())
        return browser

    yield opened
    for command in ("Emulation.clearDeviceMetricsOverride", "Emulation.setEmulatedMedia"):
        browser.execute_cdp_cmd(command, {})


def test_what_stands_there():
    """The page has everything that the terminal's page has, with the verdict first."""
    text = Document(
        cell_page(
            grade(**KNOWN, notes=["Written for ada."]),
            "Twice as much",
            ["A `notice`."],
            place=PLACE,
            hints=["Look.", "Look again."],
        )
    ).text
    places = [
        text.index(part)
        for part in (
            "double",
            "Twice as much",
            "Not graded: the grader failed",
            "Row i is the answer",
            "double.py line 2, in double",
            "return x",
            "Your result is 1 at [0]; expected 3.",
            "A notice.",
            "Why:",
            "You count from one.",
            "lookup(weight, idx)",
            "weight =",
            "tensor([[1.0000, 2.0000],\n        [3.0000, 4.0000]])",
            "you returned",
            "expected\n\n12",
            "difference",
            "Hint 1 of 2",
            "Hint 2 of 2",
            "All checks",
            "0/4",
            "2/2",
            "0 of 1 hidden check passed",
            "ValueError: no",
            "Written for ada.",
            "hello",
            "Repeat with %%grade double --seed 7",
        )
    ]
    assert places == sorted(places)
    assert "Not to be told" not in text


def maps(returned, expected=VIEW.expected):
    """The heat maps of these two values."""
    return heat_maps(drawn(View({}, returned, expected)))


def test_rows_are_points(show):
    """Each row is a point with its number; rows that an argument names are filled."""
    plot = row_plot(CHECKS[0], PLOT)
    assert plot.title == "The rows of weight; filled: those in idx"
    first, second = plot.points
    assert (first.is_marked, second.is_marked) == (False, True)
    # Both axes have one scale, and go up and to the right.
    across, up = second.x - first.x, first.y - second.y
    assert across == pytest.approx(up, abs=0.3) and across > 20
    assert first.told == "row 0: 1, 2"
    same = {"weight": Numbers("float32", [2, 3], [1, 2, 0, 1, 2, 0])}
    same_rows = row_plot(drawn(View(same, None, None)), PLOT)
    assert [point.label for point in same_rows.points] == ["0, 1"]
    assert row_plot(CHECKS[0], Plot("idx")) is None and row_plot(CHECKS[0], None) is None
    browser = show(cell_page(grade(CHECKS[0]), "T", [], plot=PLOT), paper="#111", ink="#fff")
    hollow, filled = browser.find_elements(By.CSS_SELECTOR, ".grade-plot circle")
    assert hollow.value_of_css_property("fill") == "none"
    # The ink of a dark page.
    assert filled.value_of_css_property("fill") == "rgb(255, 255, 255)"


def test_heat_maps(show):
    """Each number has a shade and both values below the pointer; a frame marks what differs."""
    mine, theirs, gap = heat_maps(CHECKS[0])
    assert [cell.text for row in gap.matrices[0].rows for cell in row] == ["0", "0", "-6", "0"]
    assert [cell.differs for row in mine.matrices[0].rows for cell in row] == [0, 0, 1, 0]
    assert theirs.matrices[0].rows[1][1].shade > theirs.matrices[0].rows[0][0].shade > 0
    vector = Numbers("float32", [2], [1, math.nan])
    assert [shown.label for shown in maps(vector)] == ["you returned", "expected"]
    cube = Numbers("bool", [2, 1, 2], [1, 0, 1, 1])
    deep = maps(cube, cube)[0]
    assert [matrix.place for matrix in deep.matrices] == ["[0]", "[1]"]
    assert [cell.text for cell in deep.matrices[0].rows[0]] == ["True", "False"]
    for other in (None, Numbers("float32", [], [1.0]), Numbers("float32", [0], [])):
        assert maps(other) == []
    browser = show(cell_page(grade(), "T", [], hints=["Look.", "Look again."]))
    cell = browser.find_element(By.CSS_SELECTOR, ".grade-map .grade-differs")
    assert cell.get_attribute("title") == "[1, 0]: yours -3, expected 3"
    assert cell.value_of_css_property("border-top-style") == "solid"
    hint = browser.find_element(By.CSS_SELECTOR, ".grade-hint > p")
    assert not hint.is_displayed()
    browser.find_element(By.CSS_SELECTOR, ".grade-hint > summary").click()
    assert hint.is_displayed() and hint.text == "Look."


def test_all_passed():
    """After a pass, the page has the rubric and the verdict, and no failures."""
    source = cell_page(grade(CHECKS[2], stdout=""), "T", [])
    text = Document(source).text
    assert "All checks passed: 2 of 2 points" in text and "✓" in text
    assert "grade-failure" not in source.partition("</style>")[2] and "printed" not in text


@pytest.mark.parametrize("text", HOSTILE)
def test_everything_is_escaped(text):
    """Text of a learner stays text: no tag, no attribute, no control character."""
    case = Case(
        call=text,
        note=text,
        given={text: text},
        compared=text,
        returned=text,
        expected=text,
        traceback=[text],
    )
    check = check_result("a", "A", Outcome.RAISED, 0, 2, text, 0.1, case)
    fields = {"stdout": text * 3, "misconception": text, "explanation": text}
    hostile = msgspec.structs.replace(
        grade(check, **fields), notes=[text], submission=text, learner=text
    )
    plain = cell_page(
        grade(msgspec.structs.replace(check, case=CASE, message="m"), **KNOWN), "T", []
    )
    source = cell_page(hostile, "T", [])
    ours = {name for _, attributes in Document(plain).tags for name in attributes}
    assert {tag for tag, _ in Document(source).tags} <= {tag for tag, _ in Document(plain).tags}
    assert {name for _, attributes in Document(source).tags for name in attributes} <= ours
    assert all(character.isprintable() or character == "\n" for character in source)
    assert {tag for tag, _ in Document(sheet_page(text, text)).tags} <= {
        "div",
        "p",
        "code",
        "details",
        "summary",
        "pre",
    }
    hinted = Document(hint_page(exercise(title=text, hints=[text]), Hint(1, text, 0, (text, text))))
    stood = Document(status_page([Standing(exercise(title=text), 1, 2)], [text]))
    assert {tag for tag, _ in hinted.tags} <= {"div", "p", "b", "code", "pre"}
    assert {tag for tag, _ in stood.tags} <= {tag for tag, _ in Document(plain).tags} | {"ul", "li"}
    assert {name for _, attributes in (*hinted.tags, *stood.tags) for name in attributes} <= ours


def test_where_one_is():
    """A row for each exercise with state, attempts and points; then totals and next steps."""
    text = Document(status_page(standings(), ["A note."])).text
    rows = re.findall(r"(passed|given up|started|new)(\w+) Twice as much(.*)", text)
    assert rows == [
        ("passed", "first", "3 attempts5/5"),
        ("given up", "second", "1 attempt2/5"),
        ("started", "third", "0/5"),
        ("new", "fourth", ""),
    ]
    assert (
        "1 of 4 passed, 4 attempts" in text
        and "Next: third Twice as much" in text
        and "A note." in text
    )
    done = Document(status_page(standings()[:1], [])).text
    assert (
        "You passed every exercise. %grade solution EXERCISE shows a solution" in done
        and "Next" not in done
    )


def test_a_hint():
    """The misconception of the last attempt comes before the hint, the number left after it."""
    source = hint_page(
        exercise(),
        Hint(1, "Read `this`.\n\n    like = this", 0, ("one_based", "From `one`.")),
    )
    text = Document(source).text
    places = [
        text.index(part)
        for part in (
            "Before the hint",
            "From one.",
            "Hint 1 of 1",
            "Read this.",
            "This was the last hint.",
        )
    ]
    assert places == sorted(places) and "<pre><code>like = this\n</code></pre>" in source
    assert "Before" not in Document(hint_page(exercise(), Hint(1, "Read.", 0))).text


def test_it_is_a_guest():
    """The page has no script, loads nothing, has no heading, and styles only its own element."""
    source = cell_page(grade(**KNOWN), "T", ["notice"])
    assert {tag for tag, _ in Document(source).tags}.isdisjoint(
        {"script", "link", "img", "h1", "h2", "h3", "h4", "a"}
    )
    assert not re.search(r"url\(|@import|http", source)
    style = re.search(r"<style>(.*?)</style>", source, re.DOTALL)[1]
    selectors = [
        one
        for rule in re.findall(r"([^{}]+)\{[^{}]*\}", re.sub(r"@container[^{]*\{", "", style))
        for one in rule.split(",")
    ]
    assert selectors and all(one.strip().startswith(".grade-cell") for one in selectors)


def test_for_a_screen_reader(show):
    """The grade has a label, the rubric is a table with headers, and words name every outcome."""
    browser = show(cell_page(grade(**KNOWN), "T", []))
    group = browser.find_element(By.CSS_SELECTOR, "[role=group]")
    assert group.accessible_name == "The grade of double"
    headers = browser.find_elements(By.CSS_SELECTOR, "thead th[scope=col]")
    assert [header.get_attribute("textContent") for header in headers] == [
        "Outcome",
        "Check",
        "Points",
    ]
    browser.find_elements(By.CSS_SELECTOR, ".grade-cell > details > summary")[0].click()
    rows = browser.find_elements(By.CSS_SELECTOR, ".grade-rubric tbody tr")
    words = [row.find_element(By.CSS_SELECTOR, "td").text.split()[-1] for row in rows]
    assert words == ["failed", "raised", "passed", "skipped", "ungraded", "hidden"]
    assert all(row.find_elements(By.CSS_SELECTOR, "th[scope=row]") for row in rows)
    assert all(
        sign.get_attribute("aria-hidden")
        for sign in browser.find_elements(By.CSS_SELECTOR, ".grade-rubric tbody td span")
    )


CONTRASTS = """
const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
const seen = (colors) => {
  for (const color of colors) { canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1) }
  return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3) };
const linear = (v) => v / 255 <= .04045 ? v / 255 / 12.92 : ((v / 255 + .055) / 1.055) ** 2.4;
const light = (colors) => {
  const [r, g, b] = seen(colors).map(linear);
  return .2126 * r + .7152 * g + .0722 * b };
const papers = (one) =>
  one ? [...papers(one.parentElement), getComputedStyle(one).backgroundColor] : [];
const isText = (node) => node.nodeType === 3 && node.data.trim();
return [...document.querySelectorAll(".grade-cell *")]
  .filter((one) => one.tagName !== "STYLE" && [...one.childNodes].some(isText))
  .map((one) => {
    const behind = papers(one), paper = light(behind);
    const ink = light([...behind, getComputedStyle(one).color]);
    const contrast = (Math.max(paper, ink) + .05) / (Math.min(paper, ink) + .05);
    return [contrast, one.className + ": " + one.textContent] });
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("theme", THEMES)
def test_contrast(show, theme, scheme):
    """On a page of any color, every word has the contrast 4.5 that WCAG 2.2 requires."""
    paper, ink = THEMES[theme]
    pages = (
        cell_page(grade(**KNOWN), "T", ["notice"], plot=PLOT),
        cell_page(grade(*CHECKS[:3]), "T", []),
        cell_page(grade(CHECKS[2]), "T", [], ["Next: `this`"]),
        status_page(standings(), ["A `note`."]),
        hint_page(
            exercise(),
            Hint(1, "Read `this`.\n\n    like = this", 0, ("one_based", "From `one`.")),
        ),
    )
    browser = show(*pages, paper=paper, ink=ink, scheme=scheme)
    contrasts = browser.execute_script(CONTRASTS)
    assert len(contrasts) > 50
    assert [one for one in contrasts if one[0] < 4.5] == []


@pytest.mark.parametrize("width", [280, 390, 1200])
def test_narrow_screen(show, width):
    """The page fits the width of a phone; only a wide value scrolls by itself."""
    long = msgspec.structs.replace(CASE, returned="x" * 400, call="c" * 400)
    titled = msgspec.structs.replace(CHECKS[0].check, title="t" * 300)
    check = msgspec.structs.replace(CHECKS[0], check=titled, message="m" * 400, case=long)
    wide = exercise(title="T" * 200, hints=["h" * 400])
    others = (
        status_page([Standing(wide, 1, 2)], ["n" * 200]),
        hint_page(wide, Hint(1, "h" * 400, 0)),
    )
    page = cell_page(grade(check, misconception="n" * 200, explanation="e" * 300), "T" * 200, [])
    browser = show(page, *others, width=width)
    assert browser.execute_script(
        "return document.documentElement.scrollWidth <= window.innerWidth"
    )
    label, value = browser.find_elements(By.CSS_SELECTOR, ".grade-case > *")[:2]
    assert (label.rect["y"] < value.rect["y"] - 10) == (width < 500)
