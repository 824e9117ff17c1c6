"""The report of a class: its content, and its behavior in a real browser."""

import base64
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from selenium.webdriver.common.by import By

from grader.course.assignment import Assignment, Extension
from grader.course.records import Check
from grader.grades.class_results import Attempts, GradedExercise, Identical
from grader.grades.counted import Counted, Handed, Lateness
from grader.grades.due_times import due_times, histogram
from grader.grades.grade import Case, Outcome, grade_from_checks
from grader.grades.items import items
from grader.grades.learner import Learner
from grader.grades.notice import Notice, NoticeKind
from grader.report.html import class_page as page_module
from grader.report.html.class_page import MARKS, WORDS, class_page
from tests.grading import check_result
from tests.report.classes import make_class

HOSTILE = [
    "<script>window.ran = 1</script>",
    "<img src=x onerror=window.ran=1>",
    "\"'><svg onload=window.ran=1>",
    "</title></style></script><script>window.ran=1</script>",
    "<!--<script>",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:window.ran=1",
    "\u202egnp.exe\u2066",
    "nul\0in the middle",
    "\x1b[31mred\x9b2J",
    "x" * 5000,
    "学" * 500,
    "e\u0301" * 3000,
    "\ud800 alone",
    "<a href=javascript:window.ran=1>click</a>",
    "&lt;b&gt; &amp;amp;",
    "]]><b>",
    " ",
]


PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}


class Document(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, source):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def attributes(self, name):
        return [attributes[name] for _, attributes in self.tags if name in attributes]


def hostile_class():
    """A class with hostile text in every place that a learner can write to."""
    plan = [GradedExercise("exercise1", "An embedding", [Check("a", "A", 2), Check("b", "B", 1)])]
    grades = {}
    for text in HOSTILE:
        case = Case(
            call=text, note=text, given={text: text}, compared=text, returned=text, expected=text
        )
        case = msgspec.structs.replace(case, traceback=[text] * 3)
        checks = [
            check_result("a", "A", Outcome.RAISED, 0, 2, text, 0.1, case),
            check_result("b", "B", Outcome.PASSED, 1, 1),
        ]
        graded = grade_from_checks(
            checks,
            exercise="exercise1",
            submission="x",
            learner="x",
            seed=1,
            stdout=text * 3,
            misconception=text,
            explanation=text,
        )
        grades[text] = {"exercise1": msgspec.structs.replace(graded, submission=text, learner=text)}
    return msgspec.structs.replace(
        make_class(2),
        title=HOSTILE[0],
        exercises=plan,
        learners=[Learner(text) for text in HOSTILE],
        grades=grades,
        identical=[Identical("exercise1", HOSTILE)],
        notices=[Notice(text, NoticeKind.NOT_A_SUBMISSION, text) for text in HOSTILE],
    )


@pytest.fixture(scope="module")
def results():
    return make_class()


@pytest.fixture(scope="module")
def document(results):
    return Document(class_page(results))


@pytest.fixture
def show(browser, tmp_path):
    """Open the page of a class as a file in the browser."""

    def opened(results, fragment=""):
        path = tmp_path / "report.html"
        path.write_text(class_page(results), encoding="utf-8")
        browser.get("about:blank")
        browser.get(path.as_uri() + fragment)
        return browser

    yield opened
    for command in ("Emulation.clearDeviceMetricsOverride", "Emulation.setEmulatedMedia"):
        browser.execute_cdp_cmd(command, {})
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def shown(browser, selector):
    return [
        element
        for element in browser.find_elements(By.CSS_SELECTOR, selector)
        if element.is_displayed()
    ]


def test_nothing_is_loaded_from_elsewhere(document):
    """No tag names an address outside the page, and the policy forbids to load any."""
    assert document.attributes("src") == []
    assert all(target.startswith("#") for target in document.attributes("href"))
    policy = next(
        attributes["content"] for _, attributes in document.tags if "http-equiv" in attributes
    )
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_every_learner_has_a_page_and_two_links(results, document):
    """The map and the table of learners link to each learner's own page."""
    pages = [
        attributes["id"] for _, attributes in document.tags if attributes.get("class") == "learner"
    ]
    assert len(pages) == len(set(pages)) == len(results.learners)
    targets = document.attributes("href")
    assert all(targets.count(f"#{anchor}") >= 2 for anchor in pages)


def test_map_has_a_cell_for_every_check(results):
    """The map has as many cells as learners times checks, each with the sign of its outcome."""
    body = re.search(r'<table class="map.*?<tbody>(.*?)</tbody>', class_page(results), re.DOTALL)[1]
    cells = re.findall(r'<td class="(\w)(?: e)?">([^<\n]?)', body)
    checks = sum(len(exercise.checks) for exercise in results.exercises)
    assert len(cells) == len(results.learners) * checks
    expected = [
        check.outcome
        for grades in results.grades.values()
        for grade in grades.values()
        for check in grade.checks
    ]
    assert sorted(cell for cell in cells if cell[0] != "n") == sorted(
        MARKS[outcome] for outcome in expected
    )


def test_every_outcome_has_a_sign_of_its_own():
    """No two outcomes share a sign, so the page does not depend on colors."""
    assert set(MARKS) == set(WORDS) == set(Outcome)
    assert len({sign for _, sign in MARKS.values()}) == len(MARKS)


def test_misconceptions_are_explained(results, document):
    """The page has each misconception with the explanation that the learners read."""
    names = {
        grade.misconception for grades in results.grades.values() for grade in grades.values()
    } - {None}
    assert names
    assert all(name.replace("_", " ") in document.text for name in names)
    assert "print(nn.Linear(10, 3).weight.shape)" in document.text


def test_a_file_that_cannot_be_graded_raised_nothing():
    """A PDF gets a sign of its own, and its learner's page says so once, with the reason."""
    checks = [
        check_result(name, name, Outcome.RAISED, 0, 1, "x.pdf: a binary file")
        for name in ("a", "b")
    ]
    graded = grade_from_checks(checks, exercise="e", submission="x.pdf", learner="ada", seed=1)
    results = msgspec.structs.replace(
        make_class(1),
        exercises=[GradedExercise("e", "E", [check.check for check in checks])],
        learners=[Learner("ada")],
        grades={"ada": {"e": graded}},
    )
    source = class_page(results)
    assert '<td class="r e">#<td class="r">#' in source
    own = Document(source[source.index('<section class="learner"') :]).text
    assert own.count("The file cannot be graded") == 1
    assert "x.pdf: a binary file" in own and "raised an exception" not in own


def test_missing_layers_are_told_loudly(results):
    """If a layer of the sandbox was missing, the page says so first."""
    assert "sandbox was incomplete" not in Document(class_page(results)).text
    name = results.learners[0].name
    grades = {
        exercise: msgspec.structs.replace(grade, isolation={"network": None, "files": "Landlock"})
        for exercise, grade in results.grades[name].items()
    }
    source = class_page(msgspec.structs.replace(results, grades=results.grades | {name: grades}))
    assert (
        source.index("<h1") < source.index("sandbox was incomplete") < source.index('id="glance"')
    )
    assert "network: a submission reaches no other machine" in Document(source).text


def test_ungraded_is_no_zero():
    """An ungraded submission looks different from a failed one, and no total counts it."""
    check = check_result("a", "A", Outcome.UNGRADED, 0, 2, "The grader failed here.")
    graded = grade_from_checks([check], exercise="e", submission="e.py", learner="ada", seed=1)
    results = msgspec.structs.replace(
        make_class(1),
        exercises=[GradedExercise("e", "E", [Check("a", "A", 2)])],
        learners=[Learner("ada")],
        grades={"ada": {"e": graded}},
    )
    text = Document(class_page(results)).text
    assert "not graded because the grader failed" in text
    assert "0 of 0 points" in text


@pytest.mark.parametrize("learners", [0, 1])
def test_small_classes(learners):
    """A class without learners and a class of one have a page."""
    assert "At a glance" in Document(class_page(make_class(learners))).text
    empty = msgspec.structs.replace(make_class(learners), exercises=[], grades={})
    assert "At a glance" in Document(class_page(empty)).text


def test_structure_for_a_screen_reader(results, document):
    """The page has one first heading, scoped table headings, unique ids, labels and a language."""
    tags = [tag for tag, _ in document.tags]
    assert tags.count("main") == 1
    assert tags.count("h1") == 1 + len(results.learners)  # only one of these pages is ever shown
    ids = document.attributes("id")
    assert len(ids) == len(set(ids))
    assert {target.removeprefix("#") for target in document.attributes("href")} <= set(ids)
    for tag, attributes in document.tags:
        if tag == "th":
            assert "scope" in attributes
        if tag == "svg":
            assert attributes.get("aria-label") or attributes.get("aria-hidden") == "true"
        if tag == "section":
            assert attributes["aria-labelledby"] in ids
    assert dict(document.tags)["html"] == {"lang": "en"}


def colors(block):
    return dict(re.findall(r"--([\w-]+):(#[0-9a-f]{3,6})", block))


def luminance(color):
    digits = color[1:] if len(color) == 7 else "".join(digit * 2 for digit in color[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1, 2], ids=["light", "dark", "print"])
def test_contrast(theme):
    """All text has a contrast of at least 4.5 to 1 (WCAG 2 AA), in light, dark and print."""
    style = (Path(page_module.__file__).parents[1] / "templates" / "class.css").read_text()
    found = [colors(block) for block in re.findall(r":root\{[^}]*\}", style)]
    palette = found[0] | found[theme]
    pairs = [(f"{kind}-ink", kind) for kind in "pfrbsu"]
    pairs += [
        (text, ground) for text in ("ink", "soft", "link") for ground in ("paper", "panel", "told")
    ]
    pairs += [("ink", "alarm"), ("alarm-rule", "paper"), ("f", "paper")]
    low = {pair: round(contrast(*(palette[name] for name in pair)), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in low.items() if ratio < 4.5} == {}


def test_a_large_class_stays_small():
    """300 learners with 12 exercises fit into a page of a few megabytes."""
    assert len(class_page(make_class(300, 12)).encode()) < 8_000_000


def test_hostile_text_is_text():
    """Hostile text adds no tag to the page, and no attribute that runs."""
    document = Document(class_page(hostile_class()))
    tags = [tag for tag, _ in document.tags]
    assert tags.count("script") == tags.count("style") == tags.count("title") - tags.count("g") == 1
    assert {"img", "iframe", "object", "form", "base", "link"}.isdisjoint(tags)
    assert not [
        name for _, attributes in document.tags for name in attributes if name.startswith("on")
    ]
    assert all(target.startswith("#") for target in document.attributes("href"))
    assert "<img src=x onerror=window.ran=1>" in document.text
    assert not set(document.text) & set("\0\x1b\x9b\u202e\u2066\ud800")


def test_hostile_text_in_a_browser(show):
    """In a browser, hostile text does not run, and does not make the page wider than a phone."""
    browser = show(hostile_class())
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
    assert browser.execute_script("return window.ran") is None
    assert browser.execute_script("return document.scripts.length") == 1
    assert browser.title == f"{HOSTILE[0]}: class report"
    for anchor in ["", *(f"#l{number}" for number in range(1, len(HOSTILE) + 1))]:
        browser.execute_script("location.hash = arguments[0]", anchor)
        assert (
            browser.execute_script("return document.documentElement.scrollWidth") <= PHONE["width"]
        ), anchor
    assert browser.execute_script("return window.ran") is None
    assert browser.get_log("browser") == []


def test_policy_holds_in_the_browser(show, results):
    """The policy stops an injected script, and everything that it would load."""
    browser = show(results)
    refused = browser.execute_async_script("""
        const done = arguments[0], seen = [];
        document.addEventListener("securitypolicyviolation", (event) => {
            seen.push(event.effectiveDirective);
            if (seen.length === 3) done([...seen, String(window.ran)]);
        });
        const script = document.createElement("script");
        script.textContent = "window.ran = 1";
        document.body.append(script);
        document.body.setAttribute("onclick", "window.ran = 1");
        document.body.click();
        new Image().src = "https://example.org/pixel.png";
    """)
    assert sorted(refused) == ["img-src", "script-src-attr", "script-src-elem", "undefined"]
    browser.get_log("browser")  # the refusals


def test_one_click_to_a_learner_and_back(show, results):
    """A link shows only the learner's page; the link back shows the class."""
    browser = show(results)
    link = browser.find_element(By.CSS_SELECTOR, ".people tbody a")
    name = link.text
    link.click()
    assert [element.text for element in shown(browser, ".learner h1")] == [name]
    assert shown(browser, "#class") == []
    shown(browser, ".learner nav a")[0].click()
    assert shown(browser, ".learner") == []
    assert len(shown(browser, "#class h1")) == 1


def test_find_a_learner(show, results):
    """Search keeps the learners whose name contains the text, in both tables, and counts them."""
    browser = show(results)
    field = browser.find_element(By.CSS_SELECTOR, "#learners .find")
    field.send_keys("R00")
    assert {row.text.split()[0] for row in shown(browser, ".people tbody tr")} == {
        f"learner00{n}" for n in range(1, 10)
    }
    assert len(shown(browser, ".map tbody tr")) == 9
    assert browser.find_element(By.CSS_SELECTOR, "#learners .found").text == "9 learners"
    field.clear()
    field.send_keys("nobody")
    assert shown(browser, ".people tbody tr") == []


def column(browser, table, place):
    return browser.execute_script(
        f"return [...document.querySelectorAll('{table} tbody tr')].map(row => row.cells[{place}].textContent.trim())"  # noqa: E501
    )


def test_sort(show, results):
    """A click on a heading sorts the table, a second click reverses it; screen readers hear it."""
    browser = show(results)
    heading = browser.find_element(By.CSS_SELECTOR, ".people thead th:nth-child(3)")
    heading.find_element(By.TAG_NAME, "button").click()
    shares = [int(share.split()[0]) for share in column(browser, ".people", 2)]
    assert shares == sorted(shares, reverse=True)
    assert heading.get_attribute("aria-sort") == "descending"
    heading.find_element(By.TAG_NAME, "button").click()
    assert [int(share.split()[0]) for share in column(browser, ".people", 2)] == sorted(shares)
    browser.find_element(By.CSS_SELECTOR, ".people thead th:nth-child(1) button").click()
    assert column(browser, ".people", 0) == [learner.name for learner in results.learners]


def test_those_who_missed_a_check_come_first(show, results):
    """A click on a column of the map sorts the learners who missed that check to the top."""
    browser = show(results)
    browser.find_element(
        By.CSS_SELECTOR, ".map thead tr:nth-child(2) th:nth-child(4) button"
    ).click()
    signs = column(browser, ".map", 3)
    ranks = ["×!tmcf?–·".index(sign) if sign else 99 for sign in signs]
    assert ranks == sorted(ranks)
    assert "×" in signs


def test_a_cell_of_the_map_can_be_read(show, results):
    """The pointer on a cell shows the learner, the outcome and the title of the check."""
    browser = show(results)
    browser.execute_script(
        "document.querySelector('.map tbody td:nth-child(3)').dispatchEvent(new Event('pointerover', {bubbles: true}))"  # noqa: E501
    )
    said = browser.find_element(By.ID, "readout").text
    assert re.fullmatch(
        r"learner\d{3}: [\w ]+\. exercise1: Idea 1 of exercise 1 holds\. Missed by \d+ of \d+", said
    )


def test_without_scripts(show, results):
    """Without scripts, the content and the links work, and there are no dead controls."""
    browser = show(results)
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    browser.refresh()
    assert shown(browser, "input, th button, #readout") == []
    assert len(shown(browser, ".map tbody tr")) == len(results.learners)
    browser.find_element(By.CSS_SELECTOR, ".people tbody a").click()
    assert len(shown(browser, ".learner")) == 1


@pytest.mark.parametrize("fragment", ["", "#l1"])
def test_phone(show, results, fragment):
    """On a phone, only the tables scroll sideways, not the page."""
    browser = show(results, fragment)
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
    assert browser.execute_script("return document.documentElement.scrollWidth") == PHONE["width"]


def test_dark(show, results):
    """On a dark system, the page is dark."""
    browser = show(results)
    grounds = []
    for scheme in ("light", "dark"):
        feature = {"name": "prefers-color-scheme", "value": scheme}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        grounds.append(
            browser.execute_script("return getComputedStyle(document.body).backgroundColor")
        )
    assert grounds == ["rgb(255, 255, 255)", "rgb(17, 22, 28)"]


def test_print(show, results):
    """Printed, the page is the class without controls, or one learner's page."""
    browser = show(results)
    whole = base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", {})["data"])
    assert whole.startswith(b"%PDF")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert shown(browser, "nav, input, #readout, summary") == []
    assert len(shown(browser, "h2")) >= 5
    browser.execute_script("location.hash = '#l2'")
    assert len(shown(browser, ".learner")) == 1
    assert shown(browser, "#class") == []


# Figures


def term_class():
    """A class of 24 with an assignment, attempts, weak isolation and hostile names of checks."""
    results = make_class(24, 2, 14, seed=3)
    [first, *_] = results.learners
    by_exercise = results.grades[first.name]
    weak = msgspec.structs.replace(by_exercise["exercise1"], isolation={"files": None})
    assignment = Assignment(
        format=1,
        title="Week <1>",
        exercises={"exercise1": 10},
        due="2026-11-20T12:00:00+00:00",
        extensions=(Extension(learner=first.name, due="2026-11-21T12:00:00+00:00", reason="ill"),),
    )
    counted = {}
    for number, learner in enumerate(results.learners):
        at = datetime(2026, 11, 20, 12, tzinfo=UTC) + timedelta(hours=number * 3 - 60)
        # The learner with an extension comes after the due time of all others.
        if learner is first:
            at = datetime(2026, 11, 21, 11, tzinfo=UTC)
        counted[learner.name] = [
            Counted(
                assignment="Week <1>",
                exercise="exercise1",
                raw=1,
                max_points=1,
                possible=1,
                points=1,
                lateness=Lateness.ON_TIME,
                handed=Handed(None if number == 1 else at),
                reason="",
            )
        ]
    return msgspec.structs.replace(
        results,
        grades=results.grades | {first.name: by_exercise | {"exercise1": weak}},
        attempts={first.name: {"exercise1": Attempts(3, 2, 9)}},
        assignments=[assignment],
        counted=counted,
        notices=[Notice("ada/x.py", kind, f"because of {kind.value}") for kind in NoticeKind],
    )


def test_points_that_count():
    """The table of learners has the points that count; the figures say that they are others."""
    results = term_class()
    second = results.learners[1]
    excused = msgspec.structs.replace(results.counted[second.name][0], is_excused=True, points=None)
    counted = results.counted | {second.name: [excused]}
    page = class_page(msgspec.structs.replace(results, counted=counted))
    table = page[page.index('class="people"') :].partition("</table>")[0]
    assert 'title="the points that count">Week &lt;1&gt;' in table
    assert table.count('data-v="10.0">10<span class="of">/10</span>') == 23
    assert table.count("nothing counts") == 1
    assert "The figures are about the graded points." in page
    assert "The figures are about" not in class_page(make_class(2, 1, 2, seed=1))


def test_times_against_the_due_time():
    """A histogram has a border at the due time, which an extension moves; unknown times count."""
    [times] = due_times(term_class())
    # Hours after the due time: -54, -51, …, 9 for 22 learners, and -1 with the extension.
    assert (times.early, times.late, times.unknown) == (20, 3, 1)
    assert (times.hours, times.first, sum(times.bins)) == (6, -10, 23)
    on_the_border = histogram("", [0.0, -6.0, 0.1, 1000.0], 0)
    assert (on_the_border.early, on_the_border.late) == (2, 2)
    assert len(on_the_border.bins) <= 17


def test_figures_on_the_page():
    """The page shows signs, plots, attempts, weak isolation and each kind of notice in words."""
    results = term_class()
    document = Document(class_page(results))
    text = " ".join(document.text.split())
    [item, *_] = [each for each in items(results) if each.check is not None]
    labels = document.attributes("aria-label")
    share = round(100 * item.passed / item.attempted)
    assert any(f"Share that passed: 1 check_1: {share} %; 2 check_2" in label for label in labels)
    assert any(label.startswith("Submissions by time: up to ") for label in labels)
    assert "20 in time, 3 after the due time, 1 without a known time" in text
    assert "3 attempts: the first 2, the best 9 points" in text
    assert "Weak isolation: graded without files, processes, network" in text
    assert "Look at these" in text and "±" in text
    for heading in ("Not graded", "No points, because", "Uses of the system", "that were not used"):
        assert text.count(heading) >= 1
    assert Document(class_page(make_class(3))).text.count("these figures mean little") == 1


@pytest.mark.parametrize("width", [360, 1280])
def test_plots_in_a_browser(show, width):
    """Plots fit the screen, their text is large enough to read, and bars differ without color."""
    browser = show(term_class())
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    assert browser.execute_script("return document.documentElement.scrollWidth") == width
    sizes = browser.execute_script("""
        return [...document.querySelectorAll(".plots svg")].map(svg => {
            const box = svg.getBoundingClientRect();
            const text = [...svg.querySelectorAll("text")].map(
                label => label.getBoundingClientRect().height);
            return [box.left, box.right, Math.min(...text)];
        })
    """)
    assert len(sizes) == 3
    for left, right, smallest in sizes:
        assert 0 <= left < right <= width
        assert smallest >= 9
    fills = browser.execute_script("""
        const fill = (name) => getComputedStyle(document.querySelector(name)).fill;
        return [fill(".due .v"), fill(".due .late"), fill(".checkplot .t")];
    """)
    assert fills[1].startswith("url(") and fills[2] == "none" and fills[0].startswith("rgb")
    assert browser.get_log("browser") == []
