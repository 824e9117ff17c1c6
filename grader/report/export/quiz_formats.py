"""The files of a quiz for learning platforms: Moodle XML, GIFT, QTI 1.2 and jupyterquiz.

Sources: docs.moodle.org, "Moodle XML format" and "GIFT format"; IMS QTI 1.2.1 with the fields
that Canvas adds (instructure/qti, spec/fixtures); github.com/jmshea/jupyterquiz.
"""

import json
from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Final, NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from markdown_it import MarkdownIt

from grader.report.export.autograder import zipped
from grader.report.export.quiz import Quiz, Variant, WrongChoice

_HTML: Final = MarkdownIt("commonmark", {"html": False})
_RIGHT: Final = "Correct."
_OTHER: Final = "That is not what PyTorch gives."
_TRUE_FALSE: Final = "\n\nTrue means yes, and false means no."
_TOLERANCE: Final = 1e-6
"""How much a number that is not whole may differ, relative to it."""


class Format(NamedTuple):
    """A format: how it is written, the ending of its file, and what to do with the file."""

    write: Callable[[Quiz], bytes]
    suffix: str
    then: str


# Moodle XML


def as_moodle_xml(quiz: Quiz) -> bytes:
    """A question bank with a category for each question, from which a quiz draws at random."""
    root = Element("quiz")
    _moodle_category(root, quiz, "")
    description = _moodle_question(root, "description", quiz.title, quiz.statement)
    _moodle_text(description, "generalfeedback", "")
    for name, variants in quiz.questions.items():
        _moodle_category(root, quiz, f"/{name}")
        for variant in variants:
            _moodle_variant(root, variant)

    return _xml(root)


def _moodle_category(root: Element, quiz: Quiz, below: str) -> None:
    category = SubElement(SubElement(root, "question", type="category"), "category")
    SubElement(category, "text").text = f"$course$/{quiz.exercise_id}{below}"


def _moodle_question(root: Element, kind: str, name: str, text: str) -> Element:
    question = SubElement(root, "question", type=kind)
    SubElement(SubElement(question, "name"), "text").text = name
    _moodle_text(question, "questiontext", text)
    return question


def _moodle_text(parent: Element, tag: str, text: str) -> None:
    element = SubElement(parent, tag, format="html")
    SubElement(element, "text").text = _html(text)


def _moodle_variant(root: Element, variant: Variant) -> None:
    kinds = {"yes_or_no": "truefalse", "number": "numerical"}
    kind = kinds.get(variant.kind, "shortanswer")
    text = variant.text
    if kind == "truefalse":
        text += _TRUE_FALSE

    question = _moodle_question(root, kind, variant.name, text)
    _moodle_text(question, "generalfeedback", variant.explanation)
    SubElement(question, "defaultgrade").text = str(variant.points)
    if kind == "shortanswer":
        SubElement(question, "usecase").text = "0"

    for answer in variant.answers:
        _moodle_answer(question, variant, answer, 100, _RIGHT)

    for wrong in variant.wrong:
        for answer in _fitting(variant, wrong):
            _moodle_answer(question, variant, answer, 0, wrong.because)

    # Moodle needs both answers, also without a misconception.
    if kind == "truefalse" and not variant.wrong:
        other = {"yes": "no", "no": "yes"}[variant.answers[0]]
        _moodle_answer(question, variant, other, 0, _OTHER)


def _moodle_answer(
    question: Element, variant: Variant, answer: str, percent: int, feedback: str
) -> None:
    written = answer
    if variant.kind == "yes_or_no":
        written = {"yes": "true", "no": "false"}[answer]
    elif variant.kind != "number":
        # A star stands for any text.
        written = answer.replace("*", "\\*")

    element = SubElement(question, "answer", fraction=str(percent), format="moodle_auto_format")
    SubElement(element, "text").text = written
    if variant.kind == "number":
        SubElement(element, "tolerance").text = _tolerance(answer)

    _moodle_text(element, "feedback", feedback)


# GIFT


def as_gift(quiz: Quiz) -> bytes:
    """The same questions as text. GIFT has no points."""
    blocks = [f"$CATEGORY: $course$/{quiz.exercise_id}"]
    for name, variants in quiz.questions.items():
        blocks.append(f"$CATEGORY: $course$/{quiz.exercise_id}/{name}")
        blocks += map(_gift_variant, variants)

    return ("\n\n".join(blocks) + "\n").encode()


def _gift_variant(variant: Variant) -> str:
    text = variant.text
    if variant.kind == "yes_or_no":
        text += _TRUE_FALSE

    name = _gift(variant.name)
    head = f"::{name}::[html]{_gift_html(text)}"
    general = f"####{_gift_html(variant.explanation)}"
    if variant.kind == "yes_or_no":
        because = _gift_html(_because_wrong(variant))
        word = "TRUE" if variant.answers[0] == "yes" else "FALSE"
        # The feedback on the wrong answer comes first.
        return f"{head} {{{word}#{because}#{_RIGHT}{general}}}"

    start = "{#" if variant.kind == "number" else "{"
    lines = [f"{head} {start}"]
    for answer in variant.answers:
        lines.append(f"={_gift_answer(variant, answer)}#{_RIGHT}")

    for wrong in variant.wrong:
        because = _gift_html(wrong.because)
        for answer in _fitting(variant, wrong):
            lines.append(f"=%0%{_gift_answer(variant, answer)}#{because}")

    return "\n".join([*lines, general, "}"])


def _gift_answer(variant: Variant, answer: str) -> str:
    if variant.kind == "number":
        return f"{answer}:{_tolerance(answer)}"
    return _gift(answer)


def _gift_html(text: str) -> str:
    # Readers differ about an escaped backslash before an n.
    return _gift(_html(text).replace("\\", "&#92;"))


def _gift(text: str) -> str:
    """``text`` with its special characters escaped, on one line."""
    for character in "\\~=#{}:":
        text = text.replace(character, f"\\{character}")

    return text.strip().replace("\n", "\\n")


# QTI 1.2


def as_qti12(quiz: Quiz) -> bytes:
    """A package for Canvas: each question is a group, from which Canvas picks one variant."""
    assessment_id = _ident(quiz.exercise_id)
    root = Element("questestinterop", xmlns="http://www.imsglobal.org/xsd/ims_qtiasiv1p2")
    assessment = SubElement(root, "assessment", ident=assessment_id, title=quiz.title)
    section = SubElement(assessment, "section", ident="root_section")
    for name, variants in quiz.questions.items():
        group = SubElement(section, "section", ident=_ident(quiz.exercise_id, name), title=name)
        selection = SubElement(SubElement(group, "selection_ordering"), "selection")
        SubElement(selection, "selection_number").text = "1"
        extension = SubElement(selection, "selection_extension")
        SubElement(extension, "points_per_item").text = str(variants[0].points)
        for variant in variants:
            _qti_item(group, quiz, variant)

    files = {
        "imsmanifest.xml": _manifest(quiz, assessment_id),
        f"{assessment_id}/{assessment_id}.xml": _xml(root),
    }
    return zipped(files)


def _qti_item(group: Element, quiz: Quiz, variant: Variant) -> None:
    ident = _ident(quiz.exercise_id, variant.name)
    item = SubElement(group, "item", ident=ident, title=variant.name)
    kinds = {"yes_or_no": "true_false_question", "number": "numerical_question"}
    fields = {
        "question_type": kinds.get(variant.kind, "short_answer_question"),
        "points_possible": str(variant.points),
    }
    metadata = SubElement(SubElement(item, "itemmetadata"), "qtimetadata")
    for label, entry in fields.items():
        field = SubElement(metadata, "qtimetadatafield")
        SubElement(field, "fieldlabel").text = label
        SubElement(field, "fieldentry").text = entry

    presentation = SubElement(item, "presentation")
    _qti_text(presentation, variant.text)
    if variant.kind == "yes_or_no":
        _qti_choices(presentation)
    else:
        response = SubElement(
            presentation, "response_str", ident="response1", rcardinality="Single"
        )
        fib = SubElement(response, "render_fib")
        if variant.kind == "number":
            fib.set("fibtype", "Decimal")

        SubElement(fib, "response_label", ident="answer1")

    feedbacks = _qti_conditions(item, variant)
    for number, text in feedbacks.items():
        feedback = SubElement(item, "itemfeedback", ident=number)
        _qti_text(SubElement(feedback, "flow_mat"), text)


def _qti_text(parent: Element, text: str) -> None:
    material = SubElement(parent, "material")
    SubElement(material, "mattext", texttype="text/html").text = _html(text)


def _qti_choices(presentation: Element) -> None:
    response = SubElement(presentation, "response_lid", ident="response1", rcardinality="Single")
    choices = SubElement(response, "render_choice")
    for ident, word in (("yes", "Yes"), ("no", "No")):
        label = SubElement(choices, "response_label", ident=ident)
        material = SubElement(label, "material")
        SubElement(material, "mattext", texttype="text/plain").text = word


def _qti_conditions(item: Element, variant: Variant) -> dict[str, str]:
    """Add what each answer means; return the texts that are shown, by their ids."""
    processing = SubElement(item, "resprocessing")
    outcomes = SubElement(processing, "outcomes")
    SubElement(outcomes, "decvar", maxvalue="100", minvalue="0", varname="SCORE", vartype="Decimal")
    feedbacks = {"general_fb": variant.explanation}
    shown = SubElement(processing, "respcondition", {"continue": "Yes"})
    SubElement(SubElement(shown, "conditionvar"), "other")
    SubElement(shown, "displayfeedback", feedbacktype="Response", linkrefid="general_fb")

    for number, wrong in enumerate(variant.wrong, 1):
        answers = _fitting(variant, wrong)
        if not answers:
            continue

        ident = f"wrong{number}_fb"
        feedbacks[ident] = wrong.because
        condition = SubElement(processing, "respcondition", {"continue": "Yes"})
        _qti_answers(SubElement(condition, "conditionvar"), variant, answers)
        SubElement(condition, "displayfeedback", feedbacktype="Response", linkrefid=ident)

    right = SubElement(processing, "respcondition", {"continue": "No"})
    _qti_answers(SubElement(right, "conditionvar"), variant, variant.answers)
    SubElement(right, "setvar", action="Set", varname="SCORE").text = "100"
    return feedbacks


def _qti_answers(condition: Element, variant: Variant, answers: list[str]) -> None:
    if variant.kind != "number":
        for answer in answers:
            SubElement(condition, "varequal", respident="response1").text = answer

        return

    for answer in answers:
        value = float(answer)
        tolerance = float(_tolerance(answer))
        either = SubElement(condition, "or")
        SubElement(either, "varequal", respident="response1").text = answer
        both = SubElement(either, "and")
        SubElement(both, "vargte", respident="response1").text = repr(value - tolerance)
        SubElement(both, "varlte", respident="response1").text = repr(value + tolerance)


def _manifest(quiz: Quiz, assessment_id: str) -> bytes:
    root = Element(
        "manifest",
        identifier=_ident(quiz.exercise_id, "manifest"),
        xmlns="http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1",
    )
    metadata = SubElement(root, "metadata")
    SubElement(metadata, "schema").text = "IMS Content"
    SubElement(metadata, "schemaversion").text = "1.1.3"
    SubElement(root, "organizations")
    resource = SubElement(
        SubElement(root, "resources"),
        "resource",
        identifier=assessment_id,
        type="imsqti_xmlv1p2",
    )
    SubElement(resource, "file", href=f"{assessment_id}/{assessment_id}.xml")
    return _xml(root)


def _ident(*parts: str) -> str:
    """An identifier that is the same each time, so that an import replaces the earlier one."""
    digest = blake2b("/".join(parts).encode(), digest_size=16)
    return f"i{digest.hexdigest()}"


# jupyterquiz


def as_jupyterquiz(quiz: Quiz) -> bytes:
    """The list of questions that ``display_quiz`` of jupyterquiz takes."""
    questions = [_jupyter_question(variant) for variant in quiz.variants]
    # jupyterquiz opens the file in the encoding of the machine, which can be another one.
    return (json.dumps(questions, indent=1) + "\n").encode("ascii")


def _jupyter_question(variant: Variant) -> dict[str, object]:
    question = {"question": _jupyter_html(variant.text)}
    if variant.kind == "yes_or_no":
        because = _jupyter_html(_because_wrong(variant))
        choices = []
        for word in ("yes", "no"):
            is_right = word == variant.answers[0]
            feedback = _RIGHT if is_right else because
            choices.append({"answer": word, "correct": is_right, "feedback": feedback})

        return {**question, "type": "multiple_choice", "answers": choices}

    answers = []
    for answer in variant.answers:
        answers.append(_jupyter_answer(variant, answer, _RIGHT, correct=True))

    for wrong in variant.wrong:
        because = _jupyter_html(wrong.because)
        for answer in _fitting(variant, wrong):
            answers.append(_jupyter_answer(variant, answer, because, correct=False))

    shown = _jupyter_html(variant.explanation)
    answers.append({"type": "default", "feedback": f"{_OTHER} {shown}"})
    kind = "numeric" if variant.kind == "number" else "string"
    return {**question, "type": kind, "answers": answers}


def _jupyter_answer(
    variant: Variant, answer: str, feedback: str, *, correct: bool
) -> dict[str, object]:
    said = {"correct": correct, "feedback": feedback}
    if variant.kind != "number":
        return {"answer": answer, **said}

    value = float(answer)
    if value.is_integer():
        return {"type": "value", "value": int(value), **said}

    tolerance = float(_tolerance(answer))
    return {"type": "range", "range": [value - tolerance, value + tolerance], **said}


def _jupyter_html(text: str) -> str:
    """``text`` as HTML in which jupyterquiz finds no formula and no link of its own."""
    return _html(text).replace("$", "&#36;").replace("[", "&#91;")


# All formats


def _html(text: str) -> str:
    """Markdown as HTML, because the platforms read Markdown in different ways."""
    rendered: str = _HTML.render(text)
    return rendered.strip()


def _because_wrong(variant: Variant) -> str:
    """The feedback on the wrong answer to a question with two answers."""
    if not variant.wrong:
        return _OTHER

    return variant.wrong[0].because


def _fitting(variant: Variant, wrong: WrongChoice) -> list[str]:
    """The wrong answers that can be given: no word to a question for a number, for example."""
    if variant.kind == "number":
        return [answer for answer in wrong.answers if _is_number(answer)]
    if variant.kind == "yes_or_no":
        return [answer for answer in wrong.answers if answer in ("yes", "no")]

    return wrong.answers


def _is_number(answer: str) -> bool:
    try:
        float(answer)
    except ValueError:
        return False

    return True


def _tolerance(answer: str) -> str:
    value = float(answer)
    if value.is_integer():
        return "0"

    return f"{abs(value) * _TOLERANCE:.10f}"


def _xml(root: Element) -> bytes:
    ElementTree.indent(root)
    content: bytes = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    return content + b"\n"


FORMATS: Final[Mapping[str, Format]] = {
    "moodle-xml": Format(
        as_moodle_xml,
        ".xml",
        "Import it in Moodle: Question bank, Import, Moodle XML. Then add a random question from "
        "each category to a quiz.",
    ),
    "gift": Format(
        as_gift,
        ".gift.txt",
        "Import it in Moodle: Question bank, Import, GIFT. GIFT has no points: set them in the "
        "quiz.",
    ),
    "qti12": Format(
        as_qti12, ".zip", "Import it in Canvas: Settings, Import Course Content, QTI .zip file."
    ),
    "jupyterquiz": Format(
        as_jupyterquiz,
        ".json",
        'In a notebook: `from jupyterquiz import display_quiz; display_quiz("FILE")`. The file '
        "contains the answers.",
    ),
}
"""Name of each format."""
